# INT, TERM, HUP, QUIT, PIPE and KILL, to a stage, to the process group and to make alone: a long stage writes a
# checkpoint and leaves, its status is the signal's, it says how to go on, and the same command ends with the bytes
# of an unbroken run.  Orphans of a killed make hold the lock, and the next make names them.
. tests/faults/smallest.sh
patience=20          # seconds that leaving may take here; 2 on a quiet machine, and the time is printed
runs=0 slowest=0
tsv signals
trap 'result 17 signals "INT TERM HUP QUIT PIPE KILL to a stage, the group, make" $runs $(($? ? 1 : 0)) -' EXIT
cd "$SCRATCH"
"$BIN/nas-ingest" --quiet --data shapes10 --builtin-images 64:16:8 --size 8 --out dataset.h5 --labels-out labels.h5
"$BIN/nas-space" --quiet --dataset dataset.h5 --width 0.25 --out space.h5
cd - >/dev/null
# (what a shell starts in the background ignores INT and QUIT, and a stage respects that)
default=(env --default-signal=INT,QUIT,HUP,TERM,PIPE)
train() { exec "${default[@]}" "$BIN/nas-pretrain" --dataset "$SCRATCH/dataset.h5" --space "$SCRATCH/space.h5" --batch 8 --epochs 40 --threads 2 --out "$@"; }
took() { awk -v a="$1" -v b="$EPOCHREALTIME" -v s="$slowest" 'BEGIN { d = b - a; print (d > s ? d : s) }'; }
until_file() { local i; for i in $(seq 600); do [[ -s $1 ]] && return; sleep 0.02; done; fail "$1 does not appear"; }
training() { local i; for i in $(seq 600); do grep -q ' train step=' "$1" 2>/dev/null && return; sleep 0.02; done; fail "no training in $1"; }

# ---- to a stage
(train "$SCRATCH/whole.h5" --quiet)
for signal in INT TERM HUP QUIT PIPE; do
	rm -f "$SCRATCH"/s.*
	(train "$SCRATCH/s.h5" --log "$SCRATCH/s.log") >"$SCRATCH/s.out" 2>&1 &
	pid=$!; training "$SCRATCH/s.log"
	begin=$EPOCHREALTIME status=0
	kill -$signal $pid
	wait $pid 2>/dev/null || status=$?
	slowest=$(took "$begin")
	runs=$((runs + 1))
	if [[ $signal == PIPE ]]; then
		[[ $status == 0 ]] || fail "PIPE: status $status"
	elif [[ $status == 0 ]]; then
		echo "$signal came when the stage had ended"
	else
		[[ $status == $((128 + $(kill -l $signal))) ]] || fail "$signal: status $status: $(cat "$SCRATCH/s.out")"
		[[ ! -e $SCRATCH/s.h5 ]] || fail "$signal: the result is there"
		if [[ $signal != QUIT ]]; then
			[[ -s $SCRATCH/s.h5.0.ckpt ]] || fail "$signal: no checkpoint"
			grep -q 'the same command goes on from here' "$SCRATCH/s.out" || fail "$signal: no word on how to go on: $(cat "$SCRATCH/s.out")"
		fi
		[[ -z $(find "$SCRATCH" -maxdepth 1 -name '.*.tmp.*') ]] || fail "$signal leaves a temporary file"
		(train "$SCRATCH/s.h5" --quiet)
	fi
	cmp "$SCRATCH/whole.h5" "$SCRATCH/s.h5" || fail "$signal: other bytes"
	[[ -z $(find "$SCRATCH" -maxdepth 1 -name 's.h5.*') ]] || fail "$signal: a checkpoint is left"
done

# ---- to make, to the group of a whole search
in_run whole >"$SCRATCH/out" 2>&1 || { cat "$SCRATCH/out"; fail "the unbroken run"; }
start() {	# the search with a pretraining that takes long, in a process group of its own
	setsid "${default[@]}" "$BIN/nas-lock" "$RESULTS/broken" -- make -f pipelines/engine.mk BIN="$BIN" PIPELINE=search search "${tiny[@]}" RUN=broken \
		EPOCHS=5000 >"$SCRATCH/out" 2>&1 &
	make=$!
	training "$RESULTS/broken/log/round-01-weights.log"
}
free() { "$BIN/nas-lock" "$RESULTS/broken" -- true 2>"$SCRATCH/busy"; }
gone() { local i; for i in $(seq $((patience * 20))); do free && return; sleep 0.05; done; fail "$1: something runs on: $(cat "$SCRATCH/busy")"; }
for signal in INT TERM ${SOAK:+HUP QUIT}; do
	for to in group make; do
		[[ $signal$to == INTmake || $signal$to == QUITmake || $signal$to == HUPmake ]] && continue   # a terminal sends these to the group
		rm -rf "$RESULTS/broken"
		start
		begin=$EPOCHREALTIME
		if [[ $to == group ]]; then kill -$signal -- -$make; else kill -$signal $make; fi
		wait $make 2>/dev/null && fail "make survives $signal"
		gone "$signal to $to"; slowest=$(took "$begin"); runs=$((runs + 1))
		in_run broken >"$SCRATCH/out" 2>&1 || { cat "$SCRATCH/out"; fail "after $signal to $to"; }
		same_files whole broken
		[[ -z $(find "$RESULTS/broken" -name '.*.tmp.*' -o -name '*.ckpt') ]] || fail "$signal to $to leaves $(find "$RESULTS/broken" -name '.*.tmp.*' -o -name '*.ckpt')"
	done
done
echo "the slowest left after $slowest s"

# ---- only make is killed: the next one is refused with the names of what still works
rm -rf "$RESULTS/broken"
start
kill -KILL $make; wait $make 2>/dev/null || true
status=0; in_run broken >"$SCRATCH/next" 2>&1 || status=$?
[[ $status == 75 ]] || fail "an orphan does not keep the next make away: status $status"
grep -qE "process $make .*is gone, but what it started still works: .*process [0-9]+ \(nas-(run|pretrain)\)" "$SCRATCH/next" || fail "not named: $(cat "$SCRATCH/next")"
orphan=$(grep -oE 'process [0-9]+ \(nas-pretrain\)' "$SCRATCH/next" | grep -oE '[0-9]+')
kill -TERM "$orphan"; gone "an orphan"
runs=$((runs + 1))
in_run broken >"$SCRATCH/out" 2>&1 || { cat "$SCRATCH/out"; fail "after an orphan"; }
same_files whole broken
