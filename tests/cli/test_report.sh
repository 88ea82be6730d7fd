#!/bin/bash
# nas-report: the summary's names, the tables, the pictures; runs that are unfinished or none.
. "$(dirname "$0")/lib.sh"
need nas-report
run=$T/run rep=$T/run/report
tiny_run "$run"

# the first lines are these names, with values
names="architecture test_top1 test_ece score macs params latency_ms seconds"
value() { sed -n "s/^$1: //p" "$rep/summary.txt"; }
fits() { [ "$(wc -l <"$rep/summary.txt")" -le 24 ] && [ "$(awk 'length > 80' "$rep/summary.txt" | wc -l)" = 0 ]; }
named() { [ "$(head -8 "$rep/summary.txt" | cut -d: -f1 | tr '\n' ' ')" = "$names " ]; }

works "a finished run" "$BIN/nas-report" --quiet --run "$run" --out "$rep"
named && ok || bad "the first eight lines of summary.txt: $(head -8 "$rep/summary.txt")"
fits && ok || bad "summary.txt does not fit 80 x 24"
grep -q ": n/a" "$rep/summary.txt" && bad "n/a in a finished run with labels: $(grep n/a "$rep/summary.txt" | tr '\n' ' ')" || ok
grep -q "10^3.8 codes; 10^.* after 1 shrink$" "$rep/summary.txt" && ok || bad "the shrink is not told: $(grep ^space "$rep/summary.txt")"
for t in trials rounds curves survival selection metrics confusion calibration; do
	[ -s "$rep/$t.tsv" ] && ok || bad "no $t.tsv"
	[ "$(awk -F'\t' '{ print NF }' "$rep/$t.tsv" | sort -u | wc -l)" = 1 ] && ok || bad "$t.tsv: rows of different lengths"
done
# 6 new trials, then 1 again and 5 new ones, in two phases
[ "$(awk -F'\t' 'NR > 1 { print $4 }' "$rep/trials.tsv" | sort | uniq -c | tr -s ' \n' ' ')" = " 6 1 6 2 " ] && ok ||
	bad "trials.tsv: not 6 trials in each of 2 phases"
[ "$(cut -f6,12 "$rep/trials.tsv" | awk '$2 == 1 { print $1 }')" = "$(value architecture)" ] && ok ||
	bad "trials.tsv does not mark $(value architecture) as member 1"
[ "$(awk -F'\t' 'NR > 1 { n += $7 == 0 } END { print n }' "$rep/survival.tsv")" = 2 ] && ok || bad "survival.tsv: not two choices off"
[ "$(awk -F'\t' 'NR > 1 { for (i = 2; i <= NF; i++) n += $i } END { print n }' "$rep/confusion.tsv")" = 40 ] && ok ||
	bad "confusion.tsv does not hold the 40 test images"
# best, mean and sd of the second phase against the trials, in awk
awk -F'\t' 'FNR == 1 { next }
	FILENAME ~ /trials/ && $4 == 2 { n++; sum += $7; squares += $7 * $7; best = n == 1 || $7 > best ? $7 : best }
	FILENAME ~ /rounds/ && $2 == 2 { b = $7; m = $8; s = $9 }
	END { mean = sum / n; sd = sqrt((squares - n * mean * mean) / (n - 1)); e = 1e-6
	      exit !(n == 6 && b - best < e && best - b < e && m - mean < e && mean - m < e && s - sd < 1e-5 && sd - s < 1e-5) }' \
	"$rep/trials.tsv" "$rep/rounds.tsv" && ok || bad "rounds.tsv disagrees with trials.tsv"
if command -v gnuplot >/dev/null; then
	for p in score-cost progress curves survival; do
		tail -c 20 "$rep/$p.svg" 2>/dev/null | grep -q "</svg>" && ok || bad "no whole $p.svg"
		said=$(cd "$rep" && gnuplot -d "$p.gp" 2>&1 >/dev/null | grep -v "degree sign")
		[ -z "$said" ] && ok || bad "gnuplot on $p.gp: $said"
	done
fi
cp -r "$rep" "$T/before"
works "the report again" "$BIN/nas-report" --quiet --run "$run" --out "$rep"
diff -r "$T/before" "$rep" >"$T/difference" && ok || bad "the same run, another report: $(head -3 "$T/difference")"

# without gnuplot: scripts, no pictures, one line that says so
mkdir -p "$T/no-gnuplot"
works "no gnuplot" env PATH="$T/no-gnuplot" "$BIN/nas-report" --quiet --run "$run" --out "$rep"
[ -e "$rep/curves.gp" ] && ! ls "$rep"/*.svg >/dev/null 2>&1 && ok || bad "no gnuplot: scripts or pictures are not as expected"
[ "$(grep -c "gnuplot is not installed" "$rep/summary.txt")" = 1 ] && fits && ok || bad "summary.txt does not say that gnuplot is missing"
mkdir -p "$T/bad-gnuplot"
printf '#!/bin/sh\nexit 3\n' >"$T/bad-gnuplot/gnuplot"
chmod +x "$T/bad-gnuplot/gnuplot"
rm -rf "$rep"
status_of env PATH="$T/bad-gnuplot:/bin:/usr/bin" "$BIN/nas-report" --quiet --run "$run" --out "$rep"
[ $status = 70 ] && grep -q "gnuplot failed (status 3)" "$T/stderr" && ok || bad "gnuplot fails: status $status: $(cat "$T/stderr")"
[ -z "$(find "$rep" -name '*.tmp.*')" ] && [ ! -e "$rep/recipe.txt" ] && ok || bad "gnuplot fails: files left behind"

# ever less of the run
shorter() { # WHAT FILE... : removes files, reports, checks names
	local what=$1
	shift
	rm -rf "${@/#/$run/}"
	works "$what" "$BIN/nas-report" --quiet --run "$run" --out "$rep"
	named && fits && ok || bad "$what: summary.txt: $(cat "$rep/summary.txt")"
	grep -q "unfinished" "$rep/summary.txt" && ok || bad "$what: is not called unfinished"
}
shorter "not tested" metrics.h5 measured
[ "$(value test_top1) $(value latency_ms)" = "n/a n/a" ] && [ ! -e "$rep/metrics.tsv" ] && ok || bad "not tested: results remain"
shorter "not retrained" model.h5
shorter "not selected" selection.h5
[ "$(value architecture) $(value score) $(value macs)" = "n/a n/a n/a" ] && ok || bad "not selected: values remain"
shorter "in round 2" history.h5 round-02/history.h5
[ "$(wc -l <"$rep/trials.tsv")" = 7 ] && ok || bad "in round 2: not the 6 trials of round 1"
shorter "no trial yet" round-02 round-01/history.h5 round-01/scores-01.h5
[ ! -e "$rep/trials.tsv" ] && [ ! -e "$rep/score-cost.svg" ] && ok || bad "no trial yet: an old table remains"
shorter "only images" round-01 round-02 space.h5 log
[ "$(value seconds)" = n/a ] && ok || bad "no log, but seconds: $(value seconds)"
rm "$run/dataset.h5"
refuses "a folder that is no run" 66 "run: no run" "$run" "$BIN/nas-report" --quiet --run "$run" --out "$T/none"
refuses "a folder that does not exist" 66 "nowhere" "$T/none" "$BIN/nas-report" --quiet --run "$T/nowhere" --out "$T/none"
echo "no file of ours" >"$run/space.h5"
refuses "a damaged file in the run" 65 "space.h5" "$T/none" "$BIN/nas-report" --quiet --run "$run" --out "$T/none"
finish
