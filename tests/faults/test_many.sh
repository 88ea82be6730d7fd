# Many at once: makes on one run, makes on runs that share images, more jobs than processors, a file system without
# locks.  Each is right or refused with one message; nothing is ever mixed.
. tests/faults/smallest.sh
makes=$(how_often 2 20) rounds=$(how_often 1 50)
runs=0
tsv many
trap 'result 11 "many at once" "makes on one run, on runs with the same images, -j16, no locks" $runs $(($? ? 1 : 0)) -' EXIT
python3 tests/pipelines/tiffs.py "$SCRATCH/images" 40 ant bee
tiny+=(DATA="$SCRATCH/images" SHARDS=2)
in_run whole >"$SCRATCH/out" 2>&1 || { cat "$SCRATCH/out"; fail "the unbroken run"; }

# ---- makes that start at the same moment on one run: one works, the others are refused within a second of looking
for ((i = 0; i < rounds; i++)); do
	rm -rf "$RESULTS/one"; pids=()
	for m in 1 2 3 4; do in_run one >"$SCRATCH/one.$m" 2>&1 & pids+=($!); done
	worked=0
	for m in 1 2 3 4; do
		status=0; wait "${pids[m - 1]}" || status=$?
		if [[ $status == 0 ]]; then worked=$((worked + 1))
		elif [[ $status == 75 ]]; then
			[[ $(wc -l <"$SCRATCH/one.$m") == 1 ]] && grep -q 'is in use by process' "$SCRATCH/one.$m" || fail "refused with $(cat "$SCRATCH/one.$m")"
		else fail "status $status: $(cat "$SCRATCH/one.$m")"; fi
		runs=$((runs + 1))
	done
	((worked >= 1)) || fail "nobody worked"
	same_files whole one
done

# ---- makes on runs of their own that share the images, all beside one another
pids=()
for ((m = 0; m < makes; m++)); do make search "${tiny[@]}" RUN="side$m" >"$SCRATCH/side.$m" 2>&1 & pids+=($!); done
for ((m = 0; m < makes; m++)); do wait "${pids[m]}" || { cat "$SCRATCH/side.$m"; fail "run $m"; }; same_files whole "side$m"; runs=$((runs + 1)); done

# ---- more jobs than processors: right, and the threads of what runs side by side are no more than the processors
in_run jobs -j16 SHARDS=2 >"$SCRATCH/out" 2>&1 || { cat "$SCRATCH/out"; fail "-j16"; }
same_files whole jobs; runs=$((runs + 1))
cpus=$(nproc)
for pair in '1 4' '2 1' '2 4' '16 1' '16 4'; do
	jobs=${pair% *} shards=${pair#* }
	said=$(make -n search -j$jobs "${tiny[@]}" RUN=probe SHARDS=$shards | sed -n 's/.*nas-evaluate .*--threads \([0-9]*\).*/\1/p' | sort -u)
	side=$((jobs < shards ? jobs : shards))
	want=$((side < cpus ? cpus / side : 1))
	[[ $said == "$want" ]] || fail "-j$jobs, $shards shards, $cpus processors: --threads $said, expected $want"
done

# ---- a file system without locks: refused with one message, before anything is written
status=0
LD_PRELOAD=$SHIM FAULT_PROGRAM=nas-lock FAULT_CALL=flock FAULT_AT=1 FAULT_HOW=ENOLCK in_run nolocks >"$SCRATCH/out" 2>&1 || status=$?
[[ $status == 74 && $(wc -l <"$SCRATCH/out") == 1 ]] && grep -q 'cannot lock: No locks available; a run needs a file system with locks' "$SCRATCH/out" ||
	fail "without locks: status $status: $(cat "$SCRATCH/out")"
[[ -z $(find "$RESULTS/nolocks" -type f ! -name .lock) ]] || fail "without locks: something was written"
runs=$((runs + 1))

# ---- a lock dies with its owner, however that ends
for signal in KILL TERM; do
	"$BIN/nas-lock" "$RESULTS/dies" -- sleep 60 & owner=$!
	for i in $(seq 200); do [[ -s $RESULTS/dies/.lock ]] && break; sleep 0.02; done
	kill -$signal $owner; wait $owner 2>/dev/null || true
	"$BIN/nas-lock" "$RESULTS/dies" -- true || fail "a lock outlives its owner's SIG$signal"
	runs=$((runs + 1))
done
