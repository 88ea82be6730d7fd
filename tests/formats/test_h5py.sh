#!/bin/bash
# h5py reads every dataset and attribute of every file of a run, and finds what was written.
. "$(dirname "$0")/../cli/lib.sh"
python=/usr/bin/python3
"$python" -c 'import h5py' 2>/dev/null || skip "python3-h5py is not installed"
run=$T/run
tiny_run "$run"
works "reading all files" "$python" "$(dirname "$0")/read_run.py" "$run"
cat "$T/stdout"
finish
