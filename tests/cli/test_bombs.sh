#!/bin/bash
# TIFF files of a few hundred bytes that ask for gigabytes, for millions of pages, or lead in circles: each is
# refused by name, in seconds of processor time and little memory.
. "$(dirname "$0")/lib.sh"
need nas-ingest
out=$T/out
mkdir -p "$out"
/usr/bin/python3 "$(dirname "$0")/bombs.py" "$T/bombs" || skip "no python3"
for folder in "$T"/bombs/*; do
	kind=${folder##*/}
	(ulimit -t 20; /usr/bin/time -f '%M' -o "$T/memory" "$BIN/nas-ingest" --quiet --threads 1 --out "$out/d.h5" --labels-out "$out/l.h5" --data "$folder") \
		>"$T/stdout" 2>"$T/stderr" </dev/null
	status=$?
	most=$(tail -n 1 "$T/memory")
	listing "$out"
	if [ $status != 65 ] || ! grep -q "^  $kind.tif.*: " "$T/stderr"; then
		bad "$kind: status $status: $(head -c 300 "$T/stderr")"
	elif [ -n "$REPLY" ]; then
		bad "$kind: left $REPLY"
	elif [ "$most" -gt 262144 ]; then
		bad "$kind: took $most KiB"
	else
		ok
	fi
	rm -f "$out"/*
done
count 8 "TIFF files that ask for too much or lead in circles" "nas-ingest" $((passed + failed))
finish
