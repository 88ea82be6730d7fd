# Every call of every program fails once, a few of each kind (SOAK=1: each up to the CALLS-th): see inject.py.  The
# programs under test have libhdf5 as a library of its own, so that its allocations are told from ours.
. tests/faults/smallest.sh
every_pipeline whole
would_run probe >"$SCRATCH/commands"
python3 tests/pipelines/tiffs.py "$SCRATCH/images" 12 ant bee
mkdir -p "$SCRATCH/jobs" build/reliability
python3 tests/faults/inject.py --bin "${BIN%/release/bin}/shared/bin" --shim "$SHIM" --run "$RESULTS/whole" --probe "$RESULTS/probe" --commands "$SCRATCH/commands" \
	--images "$SCRATCH/images" --scratch "$SCRATCH/jobs" --results build/reliability/inject.tsv \
	$([[ ${SOAK-} ]] && echo --limit "${SOAK_CALLS:-300}" --moments "${SOAK_MOMENTS:-20}" || echo --sample 500 --moments 1)
