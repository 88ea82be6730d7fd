# csnas, tiny: the same bytes one candidate after the other and side by side; nothing of it is made again.
. tests/pipelines/tiny.sh
csnas() {
	make csnas RESULTS="$RESULTS" BUILTIN_IMAGES=64:32:32 C=4 L=3 ROUNDS=1 K=2 TOP=1 FINAL_SEEDS=2 EPOCHS=1 FRACTION=1 BATCH=16 \
		CALIBRATION_IMAGES=16 RETRAIN_BATCH=16 RETRAIN_EPOCHS=0.5 "$@" >"$SCRATCH/out" 2>&1 || { cat "$SCRATCH/out"; fail "make csnas $*"; }
}
one=csnas-shapes10        # the name of a run that is given none
csnas
csnas RUN=two -j2
[[ $(ls "$RESULTS") == "$one"$'\n'two ]] || fail "runs are $(ls "$RESULTS"), expected $one and two"
same_files $one two
before=$(made $one)
csnas
[[ $(made $one) == "$before" ]] || fail "a second make csnas made something again"
status=$(make status RESULTS="$RESULTS" RUN=two) || fail "make status"
[[ $(tail -n 1 <<<"$status") == *" 0 stale, 0 missing" ]] || fail "status of a run of csnas speaks of another pipeline: $status"
