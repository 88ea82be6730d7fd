#!/bin/bash
# Files that others wrote: whole by every checksum, valid HDF5, but not what a stage expects.
. "$(dirname "$0")/lib.sh"
need nas-space nas-pretrain nas-inspect
python=/usr/bin/python3
"$python" -c 'import h5py' 2>/dev/null || skip "python3-h5py is not installed"
here=$(dirname "$0") out=$T/out
mkdir -p "$out"
space() { echo "$BIN/nas-space --quiet --space macro --width 0.25 --out $out/space.h5 --dataset"; }
forge() { "$python" "$here/forge.py" "$1" "$T/$1.h5" || { echo "FAIL: forge.py $1"; exit 1; }; }

forge whole
works "a whole file, forged well" $(space) "$T/whole.h5"
mv "$out/space.h5" "$T"
runs=0
while IFS=$'\t' read -r kind pattern; do
	[ -n "$pattern" ] || continue
	forge "$kind"
	runs=$((runs + 2))
	case $kind in
	nan | nansd | infmean | order)      # in the values: nas-space does not look at them
		works "nas-inspect, $kind" "$BIN/nas-inspect" --verify "$T/$kind.h5" ;;
	*)
		refuses "nas-inspect, $kind" 65 "$pattern" "$out" "$BIN/nas-inspect" "$T/$kind.h5" ;;
	esac
	refuses "nas-pretrain, $kind" 65 "$pattern" "$out" "$BIN/nas-pretrain" --quiet --threads 1 --space "$T/space.h5" --epochs 0.1 \
		--batch 4 --out "$out/x.h5" --dataset "$T/$kind.h5"
	rm "$T/$kind.h5"
done < <("$python" "$here/forge.py" --kinds)
count 7c "valid HDF5 of others, right digest: wrong type, rank or unit, too large, links, loops, NaN" "nas-inspect and nas-pretrain" $runs
finish
