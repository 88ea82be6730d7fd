#!/bin/sh
# One line per tested network: name of its folder, code, multiply-adds, parameters, test top-1, ECE; tab-separated.
#   metrics.sh NAS-INSPECT FOLDER ...      reads FOLDER/metrics.h5
set -eu
inspect=$1; shift
for folder; do
	"$inspect" "$folder/metrics.h5" | awk -v name="${folder##*/}" '
		/^  \// { field = $1; next }
		field != "" { gsub(/[" ]/, ""); value[field] = $0; field = "" }
		END { printf "%s\t%s\t%s\t%s\t%s\t%s\n", name, value["/code"], value["/macs"], value["/params"], value["/top1"], value["/ece"] }'
done
