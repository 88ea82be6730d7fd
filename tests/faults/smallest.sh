# Sourced by the tests of faults: the smallest runs of every pipeline (milliseconds a stage), below $SCRATCH.
. tests/pipelines/tiny.sh
printf '%s\n' 21100220 22010211 >"$SCRATCH/list.txt"
tiny=(RESULTS="$RESULTS" BUILTIN_IMAGES=24:8:8 SIZE=8 WIDTH=0.25 BATCH=8 ROUNDS=2 K=3 SHRINK_EVERY=1 DROP=2 RESCORE=2 TOP=3
      EPOCHS=0.7 PHASE_EPOCHS=0.3 SCORE_IMAGES=8 CALIBRATION_IMAGES=8 RETRAIN_EPOCHS=0.5 RETRAIN_BATCH=8
      STUDY_NETWORKS=1 STUDY_EPOCHS=0.5 STUDY_IMAGES=8 N=4 LIST="$SCRATCH/list.txt" TRUTH_EPOCHS=0.5 TRUTH_IMAGES=8)
BIN=${BIN:-$PWD/build/release/bin} SHIM=$PWD/build/release/faults.so
[[ -e $SHIM ]] || { echo "skipped: no $SHIM (make check builds it)"; exit 77; }

# each_pipeline FOLDER [-n]: every pipeline, in a run of its own name below $RESULTS/FOLDER; -n: only the commands
each_pipeline() {
	local p cells
	for p in $(make -s print VAR=pipelines); do
		case $p in csnas | study-samplers | study-signal) cells="WIDTH=auto C=4 L=3 FRACTION=1 FINAL_SEEDS=1 RETRAIN_AUXILIARY=0" ;; *) cells= ;; esac
		make ${2-} "$p" "${tiny[@]}" $cells RESULTS="$RESULTS/$1" RUN="$p" || fail "make $p"
	done
}

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
