#!/bin/bash
# Every stage with every one of its inputs damaged, missing, or of another kind: status 65 or 66, one
# line that names the file, no output, nothing left behind.
. "$(dirname "$0")/lib.sh"
run=$T/run out=$T/out broken=$T/broken
tiny_run "$run"
mkdir -p "$out"

# each_input COMMAND...: replaces each input (.h5 that is no output) by each damage
each_input() {
	local args=("$@") i kind role want bad_args
	works "${1##*/} with whole files" "${args[@]}"
	rm -rf "${out:?}"/*
	for ((i = 2; i < ${#args[@]}; i++)); do
		role=${args[i - 1]#--}
		case $role in out | labels-out) continue ;; esac
		case ${args[i]} in *.h5) ;; *) continue ;; esac
		rm -rf "$broken"
		for kind in $(python3 "$root/tests/cli/damage.py" "${args[i]}" "$run/metrics.h5" "$broken"); do
			want=65
			[ $kind = missing ] && want=66
			bad_args=("${args[@]}")
			bad_args[i]=$broken/$kind.h5
			refuses "${1##*/} --$role, $kind" $want "$kind\.h5" "$out" "${bad_args[@]}"
		done
		# the recipe needs the header only, but not a file that is none
		bad_args[i]=$broken/zero.h5
		refuses "${1##*/} --recipe --$role, zero" 65 "zero\.h5" "$out" "${bad_args[@]}" --recipe
	done
}

q="--quiet --threads 1"
r=$run
each_input "$BIN/nas-space" $q --dataset $r/dataset.h5 --space macro --width 0.25 --out $out/x.h5
each_input "$BIN/nas-pretrain" $q --dataset $r/dataset.h5 --space $r/space.h5 --weights $r/round-01/weights.h5 \
	--epochs 0.1 --batch 8 --phase 2 --out $out/x.h5
each_input "$BIN/nas-pretrain" $q --dataset $r/dataset.h5 --space $r/space.h5 --labels $r/labels.h5 --objective crossentropy \
	--epochs 0.1 --batch 8 --out $out/x.h5
each_input "$BIN/nas-propose" $q --space $r/space.h5 --history $r/history.h5 --strategy random --k 2 --round 3 --phase 3 --out $out/x.h5
each_input "$BIN/nas-evaluate" $q --dataset $r/dataset.h5 --space $r/space.h5 --weights $r/round-01/weights.h5 --labels $r/labels.h5 \
	--candidates $r/round-01/candidates.h5 --calibration-images 16 --images 16 --batch 8 --out $out/x.h5
each_input "$BIN/nas-record" $q --space $r/round-02/space.h5 --history $r/round-01/history.h5 --candidates $r/round-02/candidates.h5 \
	--scores $r/round-02/scores-01.h5 --out $out/x.h5
each_input "$BIN/nas-shrink" $q --space $r/space.h5 --history $r/history.h5 --drop 1 --keep 2 --out $out/x.h5
each_input "$BIN/nas-select" $q --space $r/round-02/space.h5 --history $r/history.h5 --out $out/x.h5
each_input "$BIN/nas-rank" $q --space $r/round-02/space.h5 --scores $r/history.h5 --against $r/history.h5 --samples 10 --out $out/x.h5
each_input "$BIN/nas-retrain" $q --dataset $r/dataset.h5 --labels $r/labels.h5 --selection $r/selection.h5 --epochs 0.1 --batch 8 \
	--calibration-images 16 --out $out/x.h5

each_input "$BIN/nas-test" $q --dataset $r/dataset.h5 --labels $r/labels.h5 --model $r/model.h5 --out $out/x.h5

finish
