# Every call of every program fails once, a few of each kind (SOAK=1: each up to the CALLS-th): see inject.py.
. tests/faults/smallest.sh
each_pipeline whole >"$SCRATCH/out" 2>&1 || { cat "$SCRATCH/out"; exit 1; }
each_pipeline probe -n >"$SCRATCH/commands"
python3 tests/pipelines/tiffs.py "$SCRATCH/images" 12 ant bee
mkdir -p "$SCRATCH/jobs" build/reliability
if [[ ${SOAK-} ]]; then
	which=(--limit "${SOAK_CALLS:-300}" --moments "${SOAK_MOMENTS:-20}" --seed "${SOAK_SEED:-1}")
	[[ ${SOAK_WAYS:-1} == all ]] || which+=(--one-way)
else
	which=(--sample 500 --moments 1)
fi
python3 tests/faults/inject.py --bin "$BIN" --shim "$SHIM" --run "$RESULTS/whole" --probe "$RESULTS/probe" --commands "$SCRATCH/commands" \
	--images "$SCRATCH/images" --scratch "$SCRATCH/jobs" --results build/reliability/inject.tsv "${which[@]}"
