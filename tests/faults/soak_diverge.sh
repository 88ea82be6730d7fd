# Training that goes wrong: a learning rate that is much too high.  The stage stops and names step, path and rate;
# with --on-divergence retry it goes on with half of it, with the same bits for every number of threads and however
# often it is interrupted; candidates scored with exploded weights are failed trials, not a failed run.
. tests/faults/smallest.sh
interrupts=$(how_often 6 200) RANDOM=6
cd "$SCRATCH"
"$BIN/nas-ingest" --quiet --data shapes10 --builtin-images 64:16:8 --size 8 --out dataset.h5 --labels-out labels.h5
"$BIN/nas-space" --quiet --dataset dataset.h5 --width 0.25 --out space.h5
"$BIN/nas-propose" --quiet --space space.h5 --strategy random --k 4 --out candidates.h5
train() {	# OUT OPTION...
	exec "$BIN/nas-pretrain" --dataset dataset.h5 --space space.h5 --labels labels.h5 --objective crossentropy --batch 8 --epochs 4 \
		--clip 0 --lr 1000 --log log --out "$@"
}
message='training diverged on path [0-2]{8} with learning rate [0-9.e+]+: step [0-9]+: the loss (is not finite|has exploded) \('

# ---- stop: nothing is written, what was there stays
echo older >w.h5
status=0; (train w.h5 --quiet) 2>out || status=$?
[[ $status == 65 ]] || fail "status $status, expected 65: $(cat out)"
[[ $(wc -l <out) == 1 ]] && grep -qE "^nas-pretrain: $message" out || fail "the message: $(cat out)"
[[ $(cat w.h5) == older && -z $(find . -name '*.ckpt' -o -name '.*.tmp.*') ]] || fail "files: $(ls -A)"

# ---- retry: the same bits for 1, 2 and 3 threads
for threads in 1 2 3; do (train r$threads.h5 --quiet --on-divergence retry --threads $threads) 2>out || fail "retry: $(cat out)"; done
cmp r1.h5 r2.h5 && cmp r1.h5 r3.h5 || fail "threads change what a retry gives"
halvings=$(grep -c ' retry step=' log)
((halvings >= 3 * 3)) || fail "only $halvings retries: the rate is not too high"
grep -qE " retry step=[0-9]+ halvings=2 rate=[0-9.e+]+: $message" log || fail "the log does not tell: $(grep retry log | head -n 3)"
[[ -z $(find . -name '*.ckpt') ]] || fail "checkpoints are left"

# ---- and interrupted, by TERM (which leaves a checkpoint) and KILL in turn
begin=$EPOCHREALTIME; (train t.h5 --quiet --on-divergence retry --threads 2); span=$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
done=0
for ((i = 0; i < interrupts; i++)); do
	(train k.h5 --quiet --on-divergence retry --threads 2) 2>/dev/null &
	pid=$!
	sleep "$(awk -v r=$RANDOM -v s="$span" 'BEGIN { print r / 32768 * s }')"
	kill -$( ((i % 4 == 3)) && echo KILL || echo TERM) $pid 2>/dev/null || true
	if wait $pid 2>/dev/null; then cmp r1.h5 k.h5 || fail "interrupted $i times: other bytes"; done=$((done + 1)); rm k.h5; fi
done
(train k.h5 --quiet --on-divergence retry) && cmp r1.h5 k.h5 || fail "interrupted: other bytes"
[[ -z $(find . -name '*.ckpt' -o -name '.*.tmp.*') ]] || fail "files are left: $(ls -A)"
echo "$interrupts interrupts, $((done + 1)) runs to the end"

# ---- a rate that no halving saves
status=0; (train w.h5 --quiet --on-divergence retry --lr 1000000 --momentum 1) 2>out || status=$?
[[ $status == 65 ]] && grep -qE "$message" out || fail "status $status: $(cat out)"
[[ $(grep -c 'halvings=10 ' log) == 1 && $(cat w.h5) == older ]] || fail "ten halvings: $(grep -c retry log)"
rm -f ./*.ckpt

# ---- exploded weights: every candidate fails, the stage does not; selection says what is wrong
python=/usr/bin/python3
"$python" -c 'import h5py' 2>/dev/null || { echo "python3-h5py is not installed: no exploded weights"; exit 0; }
"$BIN/nas-pretrain" --quiet --dataset dataset.h5 --space space.h5 --batch 8 --epochs 0.125 --warmup 0 --lr 0.05 --out exploded.h5
"$python" "$OLDPWD/tests/faults/explode.py" exploded.h5 1e30
"$BIN/nas-evaluate" --dataset dataset.h5 --space space.h5 --weights exploded.h5 --candidates candidates.h5 --calibration-images 8 --batch 8 \
	--out scores.h5 2>out || fail "exploded weights end nas-evaluate: $(cat out)"
"$BIN/nas-record" --space space.h5 --candidates candidates.h5 --scores scores.h5 --out history.h5 2>out || fail "nas-record: $(cat out)"
grep -q 'trials=4 failed=4' out || fail "failed trials are not recorded: $(cat out)"
status=0; "$BIN/nas-select" --space space.h5 --history history.h5 --out selection.h5 2>out || status=$?
[[ $status == 65 || $status == 78 ]] && [[ $(wc -l <out) == 1 ]] || fail "nas-select of failed trials: status $status: $(cat out)"
"$BIN/nas-propose" --quiet --space space.h5 --history history.h5 --strategy tpe --k 2 --round 2 --out next.h5 || fail "nas-propose after failed trials"
