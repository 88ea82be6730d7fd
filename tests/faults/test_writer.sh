# The writer of files: each call by which nas-space reads and writes files fails once, and the program is killed at each (every
# k): see inject.py.  `make soak` does that to all programs (soak_inject.sh).
. tests/faults/smallest.sh
in_run whole >"$SCRATCH/out" 2>&1 || { cat "$SCRATCH/out"; fail "the unbroken run"; }
make -n search "${tiny[@]}" RUN=probe >"$SCRATCH/commands"
mkdir -p "$SCRATCH/jobs" build/reliability
python3 tests/faults/inject.py --bin "$BIN" --shim "$SHIM" --run "$RESULTS/whole" --probe "$RESULTS/probe" --commands "$SCRATCH/commands" \
	--scratch "$SCRATCH/jobs" --only space --kinds read,write,fsync,rename --results build/reliability/writer.tsv
