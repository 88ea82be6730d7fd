#!/bin/bash
# Files that others wrote: whole by every checksum, but not what a stage expects.
. "$(dirname "$0")/lib.sh"
need nas-space nas-inspect
python=/usr/bin/python3
"$python" -c 'import h5py' 2>/dev/null || skip "python3-h5py is not installed"
here=$(dirname "$0") out=$T/out
mkdir -p "$out"
forge() { "$python" "$here/forge.py" "$1" "$T/$1.h5" || { echo "FAIL: forge.py $1"; exit 1; }; }
space() { echo "$BIN/nas-space --quiet --space macro --width 0.25 --out $out/space.h5 --dataset"; }

for kind in plain shape type extra missing schema whole; do forge $kind; done
works "a whole file, forged well" $(space) "$T/whole.h5"
rm -f "$out"/*
refuses "no user block" 65 "plain.h5: .*written by another program" "$out" $(space) "$T/plain.h5"
refuses "images of rank 3" 65 "shape.h5:/images: .*3.*expected 4" "$out" $(space) "$T/shape.h5"
refuses "images of float64" 65 "type.h5:/images: .*f64" "$out" $(space) "$T/type.h5"
refuses "a dataset too many" 65 "extra.h5:/surprise" "$out" $(space) "$T/extra.h5"
refuses "a dataset too few" 65 "missing.h5:/split" "$out" $(space) "$T/missing.h5"
refuses "an unknown schema" 65 "schema.h5: .*nothing" "$out" $(space) "$T/schema.h5"
refuses "nas-inspect, images of rank 3" 65 "shape.h5:/images" "$out" "$BIN/nas-inspect" "$T/shape.h5"
finish
