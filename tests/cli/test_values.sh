#!/bin/bash
# Values that are allowed by every format and still make trouble: not finite, too many, all the same, none left.
. "$(dirname "$0")/lib.sh"
need nas-ingest nas-space nas-pretrain nas-propose nas-record nas-shrink nas-select nas-report
python=/usr/bin/python3 here=$(dirname "$0") out=$T/out
"$python" -c 'import h5py' 2>/dev/null || skip "python3-h5py is not installed"
mkdir -p "$out"
forge() { "$python" "$here/forge_history.py" "$@" "$T/history.h5" "$T/candidates.h5" "$T/scores.h5" || exit 1; }
ingest() { echo "$BIN/nas-ingest --quiet --threads 2 --out $out/dataset.h5 --labels-out $out/labels.h5 --data"; }
search() { echo "$BIN/$1 --space $T/space.h5 --history $T/history.h5 --out $out/x.h5"; }

stage ingest --data shapes10 --builtin-images 40:8:8 --out "$T/dataset.h5" --labels-out "$T/labels.h5"
stage space --dataset "$T/dataset.h5" --space macro --width 0.25 --out "$T/space.h5"

edit() { "$python" "$here/edit.py" "$@" || exit 1; }
forge 40
cp "$T/space.h5" "$T/whole.h5"
edit "$T/space.h5" /mask 1
works "a file that was edited with care" $(search nas-propose) --quiet --strategy random --k 2 --round 9 --phase 5
rm -f "$out"/*
for verb in "nas-propose --strategy random --k 2 --round 9 --phase 5" "nas-shrink --drop 1" nas-select; do
	cp "$T/whole.h5" "$T/space.h5"
	edit "$T/space.h5" /mask 0 3
	refuses "$verb, a mask that leaves no choice" 65 "space.h5:/mask: " "$out" $(search ${verb%% *}) ${verb#"${verb%% *}"}
	edit "$T/space.h5" /mask 7
	refuses "$verb, a mask of sevens" 65 "space.h5:/mask: " "$out" $(search ${verb%% *}) ${verb#"${verb%% *}"}
done
cp "$T/whole.h5" "$T/space.h5"
cp "$T/labels.h5" "$T/wrong.h5"
edit "$T/wrong.h5" /label 99 5
refuses "a label out of range" 65 "wrong.h5:/label: 99 at 5, expected -1 to 9" "$out" "$BIN/nas-pretrain" --quiet --threads 1 \
	--dataset "$T/dataset.h5" --space "$T/space.h5" --labels "$T/wrong.h5" --objective crossentropy --epochs 0.1 --batch 8 --out "$out/x.h5"

# scores that are no numbers
for value in nan inf -inf; do
	forge 40 "$value"
	for verb in "nas-propose --strategy tpe --k 2 --round 9 --phase 5" "nas-shrink --drop 1" nas-select; do
		refuses "$verb, a score of $value" 65 "history.h5:/score: trial 5 is done, but its score is no finite number" "$out" \
			$(search ${verb%% *}) ${verb#"${verb%% *}"}
	done
	refuses "nas-record, a score of $value" 65 "history.h5:/score: trial 5" "$out" "$BIN/nas-record" --space "$T/space.h5" \
		--history "$T/history.h5" --candidates "$T/candidates.h5" --scores "$T/scores.h5" --out "$out/x.h5"
done

# a million trials (a tenth of that when not soaking): seconds of processor time and memory are bounded
n=${SOAK:+1000000}
n=${n:-100000}
forge $n
frugal() {	# WHAT COMMAND...: it works, in 30 s of processor time and 2 GiB
	local what=$1 used
	shift
	works "$what" bash -c 'ulimit -t 30; [ -n "$1" ] || ulimit -v 4194304; shift; exec "$@"' - "${SANITIZED-}" "$@"
	echo "$what: $(stat -c %s "$out/x.h5") bytes"
	rm -f "$out"/*
}
for strategy in $("$BIN/nas-propose" --help | sed -n "s/^ *--strategy WORD .*: \(.*\) \[.*/\1/p" | tr -d ,); do
	[ "$strategy" = list ] && continue
	frugal "nas-propose --strategy $strategy, $n trials" $(search nas-propose) --quiet --strategy $strategy --k 16 --round 9 --phase 5
done
frugal "nas-shrink, $n trials" $(search nas-shrink) --quiet --drop 2 --keep 2
frugal "nas-select, $n trials" $(search nas-select) --quiet --pick best
frugal "nas-select --pick pareto, $n trials" $(search nas-select) --quiet --pick pareto
frugal "nas-record, $n trials" "$BIN/nas-record" --quiet --space "$T/space.h5" --history "$T/history.h5" --candidates "$T/candidates.h5" \
	--scores "$T/scores.h5" --out "$out/x.h5"

# images: all alike, one, none of a class, a million pixels wide
mkdir -p "$T/alike/a" "$T/alike/b" "$T/gap/a" "$T/gap/none" "$T/gap/z" "$T/wide"
for i in $(seq 20); do tiff "$T/alike/$([ $((i % 2)) = 0 ] && echo a || echo b)/$i.tif" 16 16 1; done
works "images that are all alike" $(ingest) "$T/alike"
works "a search space for them" "$BIN/nas-space" --quiet --dataset "$out/dataset.h5" --space macro --width 0.25 --out "$out/space.h5"
works "training on them" "$BIN/nas-pretrain" --quiet --threads 1 --dataset "$out/dataset.h5" --space "$out/space.h5" --epochs 1 --batch 8 --out "$out/w.h5"
rm -f "$out"/*
for i in $(seq 20); do tiff "$T/gap/$([ $((i % 2)) = 0 ] && echo a || echo z)/$i.tif" 16 16 "$i"; done
works "a class folder without an image" $(ingest) "$T/gap"
"$BIN/nas-inspect" "$out/labels.h5" | grep -q 'class_name.*(class 2)' && ok || bad "an empty class folder is a class: $("$BIN/nas-inspect" "$out/labels.h5" | grep class)"
rm -f "$out"/*
tiff "$T/wide/1.tif" 1000000 1 1
LIST=1 refuses "an image a million pixels wide" 65 "1.tif: 1 rows x 1000000 columns, expected 1 to 65536" "$out" $(ingest) "$T/wide"
count 9 "values: NaN and infinite scores, $n trials, images alike or too wide, an empty class" "stages" $passed
finish
