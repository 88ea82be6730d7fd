# Same seed, same bytes: for every number of threads, with make -j, under another name.
. tests/pipelines/tiny.sh
shards=(SHARDS=2 PICK=ensemble:2)
search RUN=one "${shards[@]}" THREADS=1
search RUN=two "${shards[@]}" THREADS=2 -j1
search RUN=three "${shards[@]}" THREADS=3
search RUN=jobs "${shards[@]}" -j4
for run in two three jobs; do same_files one $run; done

# ... and another seed gives others
search RUN=seed "${shards[@]}" SEED=2
cmp -s "$RESULTS/one/round-01/weights.h5" "$RESULTS/seed/round-01/weights.h5" && fail "SEED changes nothing"

make verify RUN=one "${tiny[@]}" "${shards[@]}" >"$SCRATCH/verify" || { cat "$SCRATCH/verify"; fail "make verify"; }
# one flipped bit is found, named, and remade to the same bytes
python3 - "$RESULTS/two/round-01/history.h5" <<'PY'
import os, sys
with open(sys.argv[1], "r+b") as f:
    f.seek(os.path.getsize(sys.argv[1]) // 2)
    b = f.read(1)[0]
    f.seek(-1, 1)
    f.write(bytes([b ^ 4]))
PY
status=0; output=$(make verify RUN=two 2>&1 "${tiny[@]}") || status=$?
[[ $status == 2 ]] || fail "make verify of a damaged run returned $status"
grep -q '^BAD .*/two/round-01/history.h5' <<<"$output" || fail "verify does not name the damaged file: $output"
