#!/bin/sh
# Table of a study: code, cost, test top-1 and calibration of each network, best first, and the found one's place.
#   study.sh NAS-INSPECT FOLDER ...      FOLDER/metrics.h5; the first folder is the found network's
set -eu
sh "${0%/*}/metrics.sh" "$@" | sort -t '	' -k5,5gr | awk -F '\t' '
	BEGIN { printf "%-12s %-20s %12s %10s %10s %10s\n", "network", "code", "macs", "params", "test_top1", "test_ece" }
	{ printf "%-12s %-20s %12s %10s %10.4f %10.4f\n", $1, $2, $3, $4, $5, $6; if ($1 == "found") { place = NR; found = $5 } else other[++n] = $5 }
	END {
		median = n % 2 ? other[(n + 1) / 2] : (other[n / 2] + other[n / 2 + 1]) / 2
		printf "the found network is number %d of %d; median of the others %.4f, found %.4f\n", place, NR, median, found
	}'
