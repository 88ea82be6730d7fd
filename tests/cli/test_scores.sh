#!/bin/bash
# nas-evaluate --objective and --temperature: shared weights scored by another loss than they were trained for.
. "$(dirname "$0")/lib.sh"
run=$T/run out=$T/out
BATCH=8 tiny_run "$run"
mkdir -p "$out"
evaluate() { echo "$BIN/nas-evaluate --quiet --threads 2 --dataset $run/dataset.h5 --space $run/space.h5 --weights $run/round-01/weights.h5 \
	--candidates $run/round-01/candidates.h5 --calibration-images 16 --images 16 --batch 8 --out $out/s.h5 $*"; }
scores() { h5dump -y -m %.17g -d /score "$out/s.h5" | tr -cd '0-9.,e\n-' | grep '[0-9]\.'; }

works "as trained" $(evaluate); trained=$(scores)
works "named" $(evaluate --objective ntxent --temperature 0.5)
[ "$(scores)" = "$trained" ] && ok || bad "the objective of the weights, named: other scores"
works "colder" $(evaluate --temperature 0.1)
[ "$(scores)" != "$trained" ] && ok || bad "--temperature changes no score"
works "another loss" $(evaluate --objective alignuniform); aligned=$(scores)
[ -n "$aligned" ] && [ "$aligned" != "$trained" ] && ok || bad "--objective changes no score"
works "another loss, colder" $(evaluate --objective alignuniform --temperature 0.1)
[ "$(scores)" = "$aligned" ] && ok || bad "a loss without a temperature depends on it"
h5dump -a /objective "$out/s.h5" | grep -q '"alignuniform"' && ok || bad "the file does not name the objective that scored"
rm -f "$out"/*
refuses "labels wanted" 64 "--objective: crossentropy cannot score networks that were trained for ntxent" "$out" $(evaluate --objective crossentropy)
refuses "a bank wanted" 64 "--objective: infonce cannot score networks that were trained for ntxent" "$out" $(evaluate --objective infonce)
finish
