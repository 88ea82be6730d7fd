#!/bin/bash
# nas-evaluate --weights scratch: the same scores alone, in shards and for every thread count; a candidate whose
# training diverges is a failed trial and not a failed run; successive halving leaves the best one.
. "$(dirname "$0")/lib.sh"
need nas-ingest nas-space nas-propose nas-evaluate nas-inspect

"$BIN/nas-ingest" --quiet --data shapes10 --builtin-images 64:16:1 --out $T/d.h5 --labels-out $T/l.h5 || bad "nas-ingest"
"$BIN/nas-space" --quiet --dataset $T/d.h5 --space macro --width 0.25 --out $T/s.h5 || bad "nas-space"
"$BIN/nas-propose" --quiet --space $T/s.h5 --strategy random --k 4 --out $T/c.h5 || bad "nas-propose"
scratch=("$BIN/nas-evaluate" --quiet --dataset $T/d.h5 --space $T/s.h5 --weights scratch --candidates $T/c.h5
	--calibration-images 32 --batch 16 --fraction 0.5 --epochs 1)
# the numbers of a dataset of a file, one line
numbers() { "$BIN/nas-inspect" "$1" | grep -A1 "^  $2 " | tail -1; }

works "scoring from scratch" "${scratch[@]}" --threads 1 --out $T/one.h5
"${scratch[@]}" --threads 3 --out $T/three.h5 && cmp $T/one.h5 $T/three.h5 && ok || bad "three threads give other bytes than one"
"${scratch[@]}" --shard 2 --shards 4 --out $T/second.h5
[ "$(numbers $T/one.h5 /score | awk '{ print $2 }')" = "$(numbers $T/second.h5 /score | awk '{ print $1 }')" ] && ok ||
	bad "a candidate alone has another score: $(numbers $T/one.h5 /score), $(numbers $T/second.h5 /score)"
# the mean of two seeds, each as it is alone; the views are those of --seed
works "two seeds" "${scratch[@]}" --shard 2 --shards 4 --repeats 2 --out $T/mean.h5
numbers $T/mean.h5 /score >$T/mean
"${scratch[@]}" --shard 2 --shards 4 --repeats 1 --out $T/a.h5
[ "$(numbers $T/a.h5 /score)" != "$(cat $T/mean)" ] && ok || bad "the second seed changes nothing: $(cat $T/mean)"
works "a diverging training" "${scratch[@]}" --lr 1000000 --clip 0 --epochs 10 --out $T/diverged.h5
[ "$(numbers $T/diverged.h5 /status)" = "      2 2 2 2" ] && ok || bad "not all failed: $(numbers $T/diverged.h5 /status)"
works "halving" "${scratch[@]}" --halving 2 --out $T/halved.h5
left=$(numbers $T/halved.h5 /score | tr ' ' '\n' | grep -v -e nan -e '^$')
[ "$(wc -w <<<"$left")" = 1 ] && ok || bad "halving left not one: $left"
numbers $T/one.h5 /score | grep -qF -- " $left" && ok || bad "the last rung is no full training: $left, $(numbers $T/one.h5 /score)"
refuses "an objective that needs labels" 64 "labels: not given" $T/none "${scratch[@]}" --objective crossentropy --out $T/x.h5
works "an objective that needs labels, with them" "${scratch[@]}" --objective crossentropy --labels $T/l.h5 --out $T/labelled.h5
[ "$(numbers $T/labelled.h5 /status)" = "      1 1 1 1" ] && ok || bad "trained with labels: $(numbers $T/labelled.h5 /status)"
finish
