#!/bin/bash
# nas-pretrain and nas-retrain: earlier weights, members of a selection, options that do not go together.
. "$(dirname "$0")/lib.sh"
run=$T/run out=$T/out
BATCH=8 tiny_run "$run"
mkdir -p "$out"
pretrain() { echo "$BIN/nas-pretrain --quiet --threads 2 --dataset $run/dataset.h5 --space ${SPACE:-$run/space.h5} --batch 8 --images 16 --out $out/w.h5"; }
retrain() { echo "$BIN/nas-retrain --quiet --threads 2 --dataset $run/dataset.h5 --batch 8 --images 16 --calibration-images 16 --out $out/m.h5"; }
# what two files of weights differ in
unequal() { "$BIN/nas-inspect" --diff "$1" "$2" | grep -oE '^/param/[^:]*' | sort; }

# --weights: no step more, and the parameters are the earlier ones; after a step they are not
works "no more steps" $(pretrain) --weights "$run/round-01/weights.h5" --epochs 0 --seed 7
[ -z "$(unequal "$run/round-01/weights.h5" "$out/w.h5")" ] && ok || bad "--weights: parameters of their own: $(unequal "$run/round-01/weights.h5" "$out/w.h5" | head -3)"
works "afresh" $(pretrain) --epochs 0 --seed 7
[ -n "$(unequal "$run/round-01/weights.h5" "$out/w.h5")" ] && ok || bad "another seed begins with the same parameters"
works "one more step" $(pretrain) --weights "$run/round-01/weights.h5" --epochs 0.5 --seed 7
[ -n "$(unequal "$run/round-01/weights.h5" "$out/w.h5")" ] && ok || bad "a step changes nothing"
# another objective: its head starts afresh, the rest goes on
works "another objective" $(pretrain) --weights "$run/round-01/weights.h5" --objective crossentropy --labels "$run/labels.h5" --epochs 0
[ -n "$(unequal "$run/round-01/weights.h5" "$out/w.h5")" ] && ! unequal "$run/round-01/weights.h5" "$out/w.h5" | grep -v '^/param/head/\(ntxent\|crossentropy\)/' &&
	ok || bad "another objective: more than its head differs"
"$BIN/nas-space" --quiet --dataset "$run/dataset.h5" --space macro --width 0.5 --out "$T/wide.h5"
rm -f "$out"/*
refuses "weights of another width" 65 "weights.h5:/param/" "$out" $(SPACE=$T/wide.h5 pretrain) --weights "$run/round-01/weights.h5"
refuses "no weights but a space" 65 "space.h5: .*expected weights" "$out" $(pretrain) --weights "$run/space.h5"

# which network
refuses "a member beyond the last" 64 "--member: 2, expected 1 .. 1: that many networks are in .*selection.h5" "$out" \
	$(retrain) --labels "$run/labels.h5" --selection "$run/selection.h5" --member 2
refuses "member 0" 64 "--member: 0 is out of range; allowed: 1 to" "$out" $(retrain) --selection "$run/selection.h5" --member 0
refuses "no network" 64 "which network" "$out" $(retrain)
refuses "two networks" 64 "which network" "$out" $(retrain) --selection "$run/selection.h5" --space "$run/space.h5" --arch 11111111
refuses "a code that is none" 65 'architecture "1111111": 7 characters, expected 8' "$out" $(retrain) --space "$run/space.h5" --arch 1111111

# more warm-up than epochs: asked for, it is refused; a stage's own gives way
refuses "more warm-up than epochs" 64 "--warmup: 2 epochs, expected at most --epochs \(1\)" "$out" $(pretrain) --epochs 1 --warmup 2
refuses "more warm-up than epochs, retraining" 64 "--warmup: 2 epochs, expected at most --epochs \(1\)" "$out" \
	$(retrain) --selection "$run/selection.h5" --labels "$run/labels.h5" --epochs 1 --warmup 2
works "fewer epochs than the warm-up of nas-retrain" $(retrain) --selection "$run/selection.h5" --labels "$run/labels.h5" --epochs 0.1

# without labels: an encoder, tested by its loss
works "an encoder" $(retrain) --selection "$run/selection.h5" --epochs 0.5
"$BIN/nas-inspect" "$out/m.h5" >"$T/encoder"
grep -q '^  classes = 0 ' "$T/encoder" && grep -q '^  objective = ntxent ' "$T/encoder" && ok || bad "not an encoder: $(grep '^  [a-z]* =' "$T/encoder")"
works "testing an encoder" "$BIN/nas-test" --quiet --dataset "$run/dataset.h5" --model "$out/m.h5" --batch 8 --out "$out/metrics.h5"
"$BIN/nas-inspect" "$out/metrics.h5" >"$T/metrics"
grep -q '^  /loss ' "$T/metrics" && ! grep -q '^  /top1 ' "$T/metrics" && ok || bad "metrics of an encoder: $(grep '^  /' "$T/metrics")"
finish
