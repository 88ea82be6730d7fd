# The ranking studies, tiny: known values of three networks, made once; ranks of some networks and of the known ones.
. tests/pipelines/tiny.sh
printf '11111111\n10000000  # a small one\n22100210\n' >"$SCRATCH/list.txt"
small="BUILTIN_IMAGES=64:32:32 WIDTH=0.25 SCORE_IMAGES=32 CALIBRATION_IMAGES=32 BATCH=16 RETRAIN_BATCH=16 RUN=study"
make study-truth RESULTS="$SCRATCH/results" $small LIST="$SCRATCH/list.txt" TRUTH_EPOCHS=1 TRUTH_IMAGES=32 >"$SCRATCH/truth.tsv" 2>"$SCRATCH/err" ||
	fail "study-truth: $(tail -3 "$SCRATCH/err")"
[[ $(wc -l <"$SCRATCH/truth.tsv") == 3 ]] || fail "study-truth printed $(wc -l <"$SCRATCH/truth.tsv") lines, expected 3"
grep -qP '^11111111\t[01](\.\d+)?$' "$SCRATCH/truth.tsv" || fail "no value of 11111111: $(cat "$SCRATCH/truth.tsv")"
# by hand, so that they differ and one agrees with nothing
printf '11111111\t0.3\n10000000\t0.1\n22100210\t0.2\n' >"$SCRATCH/truth.tsv"
make study-ranking RESULTS="$SCRATCH/results" $small N=6 EPOCHS=1 TRUTH="$SCRATCH/truth.tsv" >"$SCRATCH/table" 2>"$SCRATCH/err" ||
	fail "study-ranking: $(tail -3 "$SCRATCH/err")"
r=$SCRATCH/results/study/ntxent
[[ $(wc -l <"$r/scores.tsv") == 6 && $(wc -l <"$r/known/scores.tsv") == 3 ]] || fail "not one score for each network"
grep -qP '^score\tmacs\tall\t6\t' "$SCRATCH/table" || fail "no comparison with multiply-adds: $(cat "$SCRATCH/table")"
# depths 8, 1, 5 order the values as 0.3, 0.1, 0.2 do
grep -qP '^depth\tvalue\tall\t3\t1\t' "$SCRATCH/table" || fail "depth against known values: $(cat "$SCRATCH/table")"
"$BIN/nas-inspect" --verify "$r/ranking.h5" "$r/known/ranking.h5" >/dev/null || fail "ranking.h5 does not verify"

# Tests of single networks as known values, each network once.
rank() { "$BIN/nas-rank" --quiet --space "$SCRATCH/results/study/space.h5" --scores "$r/known/history.h5" --out "$SCRATCH/x.h5" "$@"; }
metrics() { echo "--metrics $SCRATCH/results/study/$1/metrics.h5"; }
rank $(metrics 11111111) $(metrics 10000000) || fail "nas-rank with two tests"
status=0; error=$(rank $(metrics 11111111) $(metrics 10000000) $(metrics 11111111) 2>&1) || status=$?
[[ $status == 65 && $error == *'11111111/metrics.h5: the network "11111111" once more'* ]] || fail "a network tested twice: $status, $error"
