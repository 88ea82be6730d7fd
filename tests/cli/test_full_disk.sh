#!/bin/bash
# A disk that is full: status 74, one line that says so, no file and no temporary file.
. "$(dirname "$0")/lib.sh"
run=$T/run small=$T/small
tiny_run "$run"
mkdir -p "$small"
q="--quiet --threads 2" r=$run
big() { # a few hundred kilobytes at least
	echo "$BIN/nas-ingest $q --data shapes10 --builtin-images 160:40:40 --seed 1 --labels-out $1/labels.h5 --out $1/dataset.h5"
}

# A limit on the size of files acts like a full disk and needs no rights.  labels.h5 is small and fits well before
# dataset.h5 does: neither is there without the other.
for k in 1 4 100 300; do
	status_of bash -c "ulimit -f $k; exec $(big "$small")"
	[ $status = 74 ] && ok || bad "files of at most $k KiB: status $status, expected 74: $(head -c 300 "$T/stderr")"
	[ "$(wc -l <"$T/stderr")" = 1 ] && ok || bad "files of at most $k KiB: not one line: $(head -c 300 "$T/stderr")"
	listing "$small"
	[ -z "$REPLY" ] && ok || bad "files of at most $k KiB: left behind: $REPLY"
	rm -f "$small"/*
done

# a log that cannot be written is given up, the work is not
works "the log on a full device" $(big "$small") --log /dev/full
rm -f "$small"/*
# what belongs beside metrics.h5 is there before it
refuses "the latency on a full device" 74 "/dev/full" "$small" "$BIN/nas-test" $q --dataset $r/dataset.h5 --labels $r/labels.h5 \
	--model $r/model.h5 --out $small/metrics.h5 --latency-out /dev/full
refuses "the output is a device" 74 "/dev/full" "$small" "$BIN/nas-space" $q --dataset $r/dataset.h5 --space macro --width 0.25 --out /dev/full

mount -t tmpfs -o size=64k none "$small" 2>/dev/null || { echo "no right to mount: the rest is skipped"; finish; }
cleanup+=("umount $small")
on_full_disk() { # WHAT COMMAND...
	local what=$1
	shift
	refuses "$what on a full disk" 74 "disk is full" "$small" "$@"
}
status_of $(big "$small")
[ $status = 74 ] && grep -q "disk is full" "$T/stderr" && ok || bad "nas-ingest on a full disk: status $status: $(cat "$T/stderr")"
listing "$small"
[ -z "$REPLY" ] && ok || bad "nas-ingest on a full disk: left behind: $REPLY"
on_full_disk nas-pretrain "$BIN/nas-pretrain" $q --dataset $r/dataset.h5 --space $r/space.h5 --epochs 0.2 --batch 16 --out $small/w.h5
on_full_disk nas-retrain "$BIN/nas-retrain" $q --dataset $r/dataset.h5 --labels $r/labels.h5 --selection $r/selection.h5 \
	--epochs 0.1 --batch 16 --calibration-images 16 --out $small/m.h5
# now with hardly a page left
head -c 100000 /dev/zero >"$small/filler" 2>/dev/null
on_full_disk nas-space "$BIN/nas-space" $q --dataset $r/dataset.h5 --space macro --width 0.25 --out $small/s.h5
on_full_disk nas-propose "$BIN/nas-propose" $q --space $r/space.h5 --strategy random --k 4 --round 1 --phase 1 --out $small/c.h5
on_full_disk nas-evaluate "$BIN/nas-evaluate" $q --dataset $r/dataset.h5 --space $r/space.h5 --weights $r/round-01/weights.h5 \
	--candidates $r/round-01/candidates.h5 --calibration-images 16 --images 16 --batch 8 --out $small/e.h5
on_full_disk nas-record "$BIN/nas-record" $q --space $r/space.h5 --candidates $r/round-01/candidates.h5 --scores $r/round-01/scores-01.h5 --out $small/h.h5
on_full_disk nas-shrink "$BIN/nas-shrink" $q --space $r/space.h5 --history $r/history.h5 --drop 1 --keep 2 --out $small/s.h5
on_full_disk nas-select "$BIN/nas-select" $q --space $r/round-02/space.h5 --history $r/history.h5 --out $small/sel.h5
on_full_disk nas-test "$BIN/nas-test" $q --dataset $r/dataset.h5 --labels $r/labels.h5 --model $r/model.h5 --out $small/m.h5
on_full_disk nas-report "$BIN/nas-report" $q --run $r --out $small/report
finish
