#!/usr/bin/env bash
# Training and scoring give the same bytes for 1, 2 and 3 threads; killed and resumed, or stopped and resumed,
# training gives the bytes of an unbroken run; scores do not depend on shards, nor on how many candidates are
# evaluated together.
set -eu
: "${BIN:?folder of the programs}" "${SCRATCH:?empty folder}"
cd "$SCRATCH"
"$BIN/nas-ingest" --quiet --data shapes10 --builtin-images 160:40:40 --out dataset.h5 --labels-out labels.h5
"$BIN/nas-space" --quiet --dataset dataset.h5 --width 0.25 --classes 10 --out space.h5
"$BIN/nas-propose" --quiet --space space.h5 --strategy random --k 3 --out candidates.h5

start() {       # OUT OPTIONS...: in a subshell, whose process it becomes, so that a signal reaches it
	out=$1; shift
	exec "$BIN/nas-pretrain" --quiet --dataset dataset.h5 --space space.h5 --batch 16 --epochs 3 --warmup 1 \
		--average 0.9 --checkpoint-seconds 1 --out "$out" "$@"
}
pretrain() { ( start "$@" ); }
evaluate() {    # OUT OPTIONS...
	out=$1; shift
	"$BIN/nas-evaluate" --quiet --dataset dataset.h5 --space space.h5 --weights w1.h5 --candidates candidates.h5 \
		--labels labels.h5 --calibration-images 40 --batch 16 --out "$out" "$@"
}
same() { cmp "$1" "$2" || { echo "$3" >&2; exit 1; }; }

for t in 1 2 3; do
	pretrain w$t.h5 --threads $t
	evaluate s$t.h5 --threads $t
	"$BIN/nas-pretrain" --quiet --dataset dataset.h5 --space space.h5 --labels labels.h5 --objective crossentropy \
		--regime fair --batch 16 --epochs 0.5 --optimizer adam --lr 0.001 --out f$t.h5 --threads $t
	"$BIN/nas-retrain" --quiet --dataset dataset.h5 --labels labels.h5 --space space.h5 --arch 20122110 --batch 16 \
		--epochs 1 --calibration-images 64 --out m$t.h5 --threads $t
	"$BIN/nas-test" --quiet --dataset dataset.h5 --labels labels.h5 --model m$t.h5 --out t$t.h5 --threads $t
done
for t in 2 3; do
	for f in w s f m t; do same ${f}1.h5 $f$t.h5 "$f: $t threads give other bytes than one"; done
done

# Shards: h5dump of the third candidate alone equals its row in the whole.
evaluate third.h5 --shard 3 --shards 3
if command -v h5dump >/dev/null; then
	h5dump -y -m %.17g -d /score -s 2 -c 1 s1.h5 | tr -d ' ' | grep '^-[0-9.]*$' >whole.txt
	h5dump -y -m %.17g -d /score third.h5 | tr -d ' ' | grep '^-[0-9.]*$' >shard.txt
	same whole.txt shard.txt "the score of a candidate depends on its shard"
fi

# Candidates that share their common layers score as each by itself.
for n in 1 2; do
	evaluate together$n.h5 --together $n --threads $n
	same s1.h5 together$n.h5 "scores depend on how many candidates are evaluated together ($n)"
done

# SIGKILL, a random moment after each new checkpoint: started again until it ends.
rings() { ls -i k.h5.*.ckpt 2>/dev/null || :; }
long="--epochs 30"
pretrain whole.h5 $long
kills=0 ended=
while [ -z "$ended" ]; do
	before=$(rings)
	start k.h5 $long --threads 2 &
	pid=$!
	while kill -0 $pid 2>/dev/null && [ "$(rings)" = "$before" ]; do sleep 0.02; done
	sleep 0.$((RANDOM % 5))
	if kill -KILL $pid 2>/dev/null; then kills=$((kills + 1)); fi
	wait $pid 2>/dev/null && ended=yes
	[ $kills -lt 100 ] || { echo "no progress between kills" >&2; exit 1; }
done
[ $kills -gt 0 ] || { echo "the run was too short to be killed" >&2; exit 1; }
same whole.h5 k.h5 "killed and resumed differs from unbroken"

# SIGTERM: a checkpoint is written, the status is the signal's, and the rest gives the same bytes; also where the loss
# remembers images between steps.
stopped() {     # WHOLE OPTIONS...
	whole=$1; shift
	start g.h5 "$@" --threads 2 &
	pid=$!
	sleep 0.7
	kill -TERM $pid 2>/dev/null || :
	status=0
	wait $pid || status=$?
	case $status in
	0)	;;      # had ended already
	143)	[ -e g.h5.0.ckpt ] || { echo "stopped without a checkpoint" >&2; exit 1; }
		[ ! -e g.h5 ] || { echo "stopped, but the result is there" >&2; exit 1; }
		pretrain g.h5 "$@" ;;
	*)	echo "SIGTERM: status $status, expected 143" >&2; exit 1 ;;
	esac
	same "$whole" g.h5 "stopped and resumed differs from unbroken: $*"
	[ ! -e g.h5.0.ckpt ] && [ ! -e g.h5.1.ckpt ] || { echo "checkpoints are left behind" >&2; exit 1; }
	rm g.h5
}
stopped whole.h5 $long
bank="--objective infonce --temperature 0.07 --embedding 32 --epochs 20"
pretrain bank.h5 $bank --threads 1
stopped bank.h5 $bank
