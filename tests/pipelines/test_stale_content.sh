# Content decides, not clocks and names: images exchanged under the same time and size, all times equal or far
# off, programs built again, an option there and back.
. tests/pipelines/tiny.sh
images=$SCRATCH/images
python3 tests/pipelines/tiffs.py "$images" 120
set=(RUN=mine DATA="$images")
run=$RESULTS/mine
search "${set[@]}"
everything=$(cd "$run" && find . -name '*.h5' -printf '%P\n' -o -path ./report/recipe.txt -printf '%P\n' | sort | xargs)
runs=0 violations=0

# WHAT EXPECTED [PATTERN]: what `make -n` would make, and a line of `make explain`
expect() {
	local said why
	said=$(would_make "${set[@]}" | xargs) why=$(make explain "${tiny[@]}" "${set[@]}")
	runs=$((runs + 1))
	if [[ $said != "$2" ]]; then
		violations=$((violations + 1)); echo "$1: would make '$said', expected '$2'"
	elif ! grep -Eq -- "${3:-^everything is up to date}" <<<"$why"; then
		violations=$((violations + 1)); echo "$1: explain lacks '${3:-}': $why"
	fi
}
all=${everything/labels.h5 /}            # nas-ingest writes labels.h5 with dataset.h5: --out names the first

expect 'nothing changed' ''
find "$run" "$images" -exec touch -d '2026-01-01 00:00:00' {} +
expect 'all times equal' ''
find "$run" -exec touch -d '2001-01-01' {} +
find "$images" -exec touch -d '2040-01-01' {} +
expect 'the clock was set back: images are newer than results, and than now' ''
find "$run" -exec touch -d '2040-01-01' {} +
expect 'results from the future' ''

# an image for another of the same size and time: a new inode
cp -p "$images/5.tif" "$SCRATCH/5.tif"
cp "$images/6.tif" "$images/5.new"
touch -r "$SCRATCH/5.tif" "$images/5.new"
mv "$images/5.new" "$images/5.tif"
[[ $(stat -c '%s %y' "$images/5.tif") == "$(stat -c '%s %y' "$SCRATCH/5.tif")" ]] || fail "the exchange shows"
expect 'an image exchanged for another of its size and time' "$all" '^[^ ]*dataset.h5: input data: its content changed'
cp -p "$SCRATCH/5.tif" "$images/5.tif"
expect 'and back' ''

# the same inode, written in place, its time put back: only ctime tells
sleep 0.05
printf 'X' | dd of="$images/9.tif" bs=1 seek=2001 conv=notrunc status=none
touch -r "$images/8.tif" "$images/9.tif"
expect 'a pixel changed in place under the old time' "$all" '^[^ ]*dataset.h5: input data: its content changed'
python3 tests/pipelines/tiffs.py "$SCRATCH/again" 120
cp "$SCRATCH/again/9.tif" "$images/9.tif"
expect 'and back' ''

# other bytes, same programs
mkdir "$SCRATCH/bin"
cp build/release/bin/nas-* "$SCRATCH/bin"
for program in "$SCRATCH"/bin/*; do echo >>"$program"; done
[[ -z $(make -n -f pipelines/engine.mk BIN="$SCRATCH/bin" search "${tiny[@]}" "${set[@]}" | grep nas-run) ]] ||
	fail "programs that were built again make something stale"
runs=$((runs + 1))

# an option there and back: only what it decides is made, and in the end every byte is as before
cp -r "$run" "$SCRATCH/first"
set+=(RETRAIN_LR=0.05)
expect 'another learning rate' 'metrics.h5 model.h5 report/recipe.txt' '^[^ ]*model.h5: option lr: 0.1 there, 0.05 now'
search "${set[@]}"
expect 'remade' ''
cmp -s "$run/model.h5" "$SCRATCH/first/model.h5" && fail "the learning rate changes nothing"
unset 'set[-1]'
expect 'the first learning rate again' 'metrics.h5 model.h5 report/recipe.txt' '^[^ ]*model.h5: option lr: 0.05 there, 0.1 now'
search "${set[@]}"
for f in $everything; do cmp "$run/$f" "$SCRATCH/first/$f" || fail "$f is not as before"; done

# the result of one run under the name of another's: its chain does not lead there
cp "$run/selection.h5" "$SCRATCH/mine.h5"
python3 - "$run/selection.h5" <<'P'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[-1] ^= 1
open(sys.argv[1], "wb").write(data)
P
make verify "${tiny[@]}" "${set[@]}" >"$SCRATCH/verify" 2>&1 && fail "verify passes a damaged file"
grep -q '^BAD .*selection.h5: .*it is damaged; delete it and run make again' "$SCRATCH/verify" || { cat "$SCRATCH/verify"; fail "verify does not say what is damaged"; }
search RUN=other DATA="$images" SEED=2
cp "$RESULTS/other/selection.h5" "$run/selection.h5"
make verify "${tiny[@]}" "${set[@]}" >"$SCRATCH/verify" 2>&1 && fail "verify passes a file of another run"
grep -q '^BAD .*selection.h5: made from other inputs: input history' "$SCRATCH/verify" || { cat "$SCRATCH/verify"; fail "verify does not tell a file of another run"; }
expect 'a file of another run' 'metrics.h5 model.h5 report/recipe.txt selection.h5' '^[^ ]*selection.h5: input history: its content changed'
cp "$SCRATCH/mine.h5" "$run/selection.h5"
expect 'the right file again' ''

mkdir -p build/reliability
printf 'row\tfault\thow\truns\tviolations\tseed\n13\ttimes equal, in the future, set back; images exchanged under one time and size; programs built again; options there and back\tmake -n, make explain and a remake\t%s\t%s\t0\n' \
	$runs $violations >build/reliability/stale-content.tsv
[[ $violations = 0 ]] || fail "$violations of $runs"
