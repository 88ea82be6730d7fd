# Sourced by the tests of faults: the smallest runs of every pipeline (milliseconds a stage), below $SCRATCH.
. tests/pipelines/tiny.sh
printf '%s\n' 21100220 22010211 >"$SCRATCH/list.txt"
tiny=(RESULTS="$RESULTS" BUILTIN_IMAGES=24:8:8 SIZE=8 WIDTH=0.25 BATCH=8 ROUNDS=2 K=3 SHRINK_EVERY=1 DROP=2 RESCORE=2 TOP=3
      EPOCHS=0.7 PHASE_EPOCHS=0.3 SCORE_IMAGES=8 CALIBRATION_IMAGES=8 RETRAIN_EPOCHS=0.5 RETRAIN_BATCH=8
      STUDY_NETWORKS=1 STUDY_EPOCHS=0.5 STUDY_IMAGES=8 N=4 LIST="$SCRATCH/list.txt" TRUTH_EPOCHS=0.5 TRUTH_IMAGES=8)
BIN=${BIN:-$PWD/build/release/bin} SHIM=$PWD/build/release/faults.so
[[ -e $SHIM ]] || { echo "skipped: no $SHIM (make check builds it)"; exit 77; }

# every_pipeline RUN: the run with all that any pipeline makes in it; would_run RUN: the commands for a new one
every_pipeline() {
	local p
	for p in $(make -s print VAR=pipelines); do
		make "$p" "${tiny[@]}" RUN="$1" >"$SCRATCH/make.out" 2>&1 || { cat "$SCRATCH/make.out"; fail "make $p"; }
	done
}
would_run() { local p; for p in $(make -s print VAR=pipelines); do make -n "$p" "${tiny[@]}" RUN="$1"; done; }

# in_run RUN ARGUMENT ...: the inner make of a search, as the outer one starts it, without its look at the build
in_run() {
	local run=$1; shift
	"$BIN/nas-lock" "$RESULTS/$run" -- make -f pipelines/engine.mk BIN="$BIN" PIPELINE=search search "${tiny[@]}" RUN="$run" "$@"
}

# how_often CHECK SOAK: a count for `make check`, and for `make soak` with its 1,000 kills (SOAK_KILLS; others in proportion)
how_often() { [[ ${SOAK-} ]] && echo $((($2 * ${SOAK_KILLS:-1000} + 999) / 1000)) || echo "$1"; }

# tsv NAME: the table that `make reliability-report` reads; then result ROW FAULT HOW RUNS VIOLATIONS SEED per line
tsv() {
	mkdir -p build/reliability
	table=$PWD/build/reliability/$1.tsv
	printf 'row\tfault\thow\truns\tviolations\tseed\n' >$table
}
result() { local IFS=$'\t'; echo "$*" >>$table; }
