# Readers and writers of files: each call by which nas-space reads and writes files fails once, and the program is killed
# at each (every k); so do the first reads of images by nas-ingest.  See inject.py; `make soak` does that to all programs
# (soak_inject.sh).
. tests/faults/smallest.sh
in_run whole >"$SCRATCH/out" 2>&1 || { cat "$SCRATCH/out"; fail "the unbroken run"; }
make -n search "${tiny[@]}" RUN=probe >"$SCRATCH/commands"
python3 tests/pipelines/tiffs.py "$SCRATCH/images" 12 ant bee
mkdir -p "$SCRATCH/jobs" build/reliability
inject() {
	python3 tests/faults/inject.py --bin "$BIN" --shim "$SHIM" --run "$RESULTS/whole" --probe "$RESULTS/probe" --commands "$SCRATCH/commands" \
		--images "$SCRATCH/images" --scratch "$SCRATCH/jobs" "$@"
}
inject --only space --kinds read,write,fsync,rename --results build/reliability/writer.tsv
inject --only ingest.tiff --kinds read --limit 60 --one-way --results build/reliability/reader.tsv
