#!/bin/bash
# What all stages share: forms of options, --recipe, --log, --quiet, a dry run.
. "$(dirname "$0")/lib.sh"
need nas-ingest nas-space nas-shrink nas-propose
run=$T/run out=$T/out
mkdir -p "$run" "$out"
stage ingest --data shapes10 --builtin-images 16:8:8 --seed 1 --out "$run/dataset.h5" --labels-out "$run/labels.h5"
space="$BIN/nas-space --quiet --dataset $run/dataset.h5"

# --name VALUE and --name=VALUE are the same; a later value wins
works "two words" $space --space macro --width 0.25 --out "$out/words.h5"
works "one word" $space --space=macro --width=0.25 "--out=$out/word.h5"
works "a value again" $space --space macro --width 7 --width 0.25 --out "$out/again.h5"
for f in word again; do cmp "$out/words.h5" "$out/$f.h5" >"$T/cmp" && ok || bad "$f.h5 is another file: $(cat "$T/cmp")"; done
refuses "an input twice" 64 "--dataset is given twice" "$out" $space --dataset "$run/dataset.h5" --out "$out/x.h5"
refuses "an input without a name" 64 "--dataset: the file name is empty" "$out" "$BIN/nas-space" --dataset= --out "$out/x.h5"
refuses "an input left out" 64 "--dataset FILE is missing \(dataset.h5" "$out" "$BIN/nas-space" --out "$out/x.h5"
refuses "the output left out" 64 "--out FILE is missing \(space.h5" "$out" $space
refuses "half a name" 64 "unknown option --wid" "$out" $space --wid 1 --out "$out/x.h5"
refuses "a word" 64 'unexpected argument "macro"' "$out" $space macro --out "$out/x.h5"

# --recipe needs no output, writes none, and says what the file would hold
works "--recipe" $space --space macro --width 0.25 --recipe
cp "$T/stdout" "$T/recipe"
[ -s "$T/stderr" ] && bad "--recipe: something on stderr" || ok
"$BIN/nas-inspect" "$out/words.h5" | sed -n '/^  made by:/,/^  [^ ]/ { s/^      //p }' >"$T/kept"
diff "$T/recipe" "$T/kept" >"$T/diff" && ok || bad "--recipe and the recipe in the file differ: $(cat "$T/diff")"
works "--recipe with options that change no result" $space --space macro --width 0.25 --threads 3 --log "$T/none.log" --out "$out/y.h5" --recipe
cmp "$T/stdout" "$T/recipe" && [ ! -e "$T/none.log" ] && [ ! -e "$out/y.h5" ] && ok || bad "--recipe: threads, paths or a log count"
works "another value" $space --space macro --width 0.5 --recipe
[ "$(diff "$T/recipe" "$T/stdout" | grep -c '^>')" = 1 ] && ok || bad "--recipe: another width is not one other line"

# --help, wherever it stands
works "--help behind others" $space --out "$out/x.h5" --help
grep -q "^usage: nas-space --dataset FILE --out space.h5" "$T/stdout" && [ ! -e "$out/x.h5" ] && ok || bad "--help: $(head -3 "$T/stdout")"
for d in "width TEXT .*macro: multiplier of all widths.*\[auto\]" "space WORD .*: .*macro.*\[macro\]" "threads N"; do
	grep -qE -- "--$d" "$T/stdout" && ok || bad "--help lacks /--$d/"
done

# the log: one event a line, appended, options and their values first; nothing on the terminal
works "a log" $space --width 0.25 --out "$out/z.h5" --log "$T/log"
works "a log again" $space --width 0.25 --out "$out/z.h5" --log "$T/log"
[ -s "$T/stderr" ] && bad "--quiet: something on stderr: $(cat "$T/stderr")" || ok
[ "$(grep -c ' start stage=nas-space .*width="0.25"' "$T/log") $(grep -c ' end seconds=' "$T/log")" = "2 2" ] && ok || bad "the log: $(cat "$T/log")"

# a dry run needs no --out and writes nothing
stage propose --space "$out/words.h5" --strategy random --k 4 --out "$run/candidates.h5"
history() { # scores from nowhere: nas-record wants a file of nas-evaluate
	stage pretrain --dataset "$run/dataset.h5" --space "$out/words.h5" --epochs 0 --batch 8 --out "$run/weights.h5"
	stage evaluate --dataset "$run/dataset.h5" --space "$out/words.h5" --weights "$run/weights.h5" --candidates "$run/candidates.h5" \
		--calibration-images 8 --images 8 --batch 8 --out "$run/scores.h5" --log "$run/scores.log"
	stage record --space "$out/words.h5" --candidates "$run/candidates.h5" --scores "$run/scores.h5" --out "$run/history.h5"
}
history
[ "$(grep -c ' score trial=[0-3] images=8 score=' "$run/scores.log")" = 4 ] && ok || bad "nas-evaluate: not 4 scores of 8 images: $(cat "$run/scores.log")"
listing "$T"; before=$REPLY
works "a dry run" "$BIN/nas-shrink" --quiet --space "$out/words.h5" --history "$run/history.h5" --drop 3 --dry-run
[ "$(head -1 "$T/stdout")" = "$(printf 'decision\tchoice\ttrials\tquality\tdiversity\tmerit\toff')" ] && ok || bad "a dry run: $(head -2 "$T/stdout")"
[ "$(awk -F'\t' 'NR > 1 { n++; off += $7 } END { print n, off }' "$T/stdout")" = "24 3" ] && ok || bad "a dry run: not 3 of 24 choices off"
listing "$T"
[ "$before" = "$REPLY" ] && ok || bad "a dry run wrote a file"
refuses "no dry run, no output" 64 "--out FILE is missing" "$out" "$BIN/nas-shrink" --quiet --space "$out/words.h5" --history "$run/history.h5"
refuses "round 0" 64 "--round: 0 is out of range; allowed: 1 to" "$out" "$BIN/nas-propose" --space "$out/words.h5" --round 0 --out "$out/x.h5"
finish
