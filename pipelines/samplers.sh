#!/bin/sh
# Table of study-samplers: best score of each run, mean and standard error of each strategy.
#   samplers.sh NAS-INSPECT FOLDER/STRATEGY-SEED/round-N/history.h5 ...
set -eu
inspect=$1; shift
for file; do
	run=${file%/round-*}
	"$inspect" "$file" | awk -v run="${run##*/}" '
		/^  \// { field = $1; next }
		field == "/score" {     # "min A mean B max C", or a few numbers
			best = "nan"
			for (i = $1 == "min" ? 6 : 1; i <= NF; i++)
				if ($i != "nan" && (best == "nan" || $i > best)) best = $i
			print run "\t" best
			field = ""
		}'
done | awk -F '\t' '
	{ print; strategy = $1; sub(/-[0-9]+$/, "", strategy); n[strategy]++; sum[strategy] += $2; squares[strategy] += $2 * $2 }
	END {
		for (s in n) {
			mean = sum[s] / n[s]; spread = n[s] > 1 ? sqrt((squares[s] - n[s] * mean * mean) / (n[s] - 1) / n[s]) : 0
			if (spread != spread) spread = 0
			printf "mean %-24s %.5f +- %.5f\n", s, mean, spread
		}
	}'
