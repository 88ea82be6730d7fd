#!/usr/bin/env bash
# Runs fuzz targets, as many at once as there are processors; one line each, status 1 when one found something.
#
#   run.sh SECONDS 'TARGET ...'
#
# PATIENCE=N: an input that takes N seconds is a finding (20; more where others stop this machine's clock).
# What a target learnt stays in build/fuzz/corpus/; an input that it stumbled over in build/fuzz/found/.
set -uo pipefail
cd "$(dirname "$0")/../.."
# libhdf5 1.10.8 forgets some memory when a damaged file makes it give up; programs give up with it
export LSAN_OPTIONS=suppressions=tests/fuzz/leaks.txt:print_suppressions=0
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 LC_ALL=C.UTF-8
export seconds=$1
mkdir -p build/fuzz/log build/fuzz/found build/reliability
printf 'row\tfault\thow\truns\tviolations\tseed\n' >build/reliability/fuzz.tsv

one() {	# TARGET
	local name=${1##*/fuzz_} seeds status runs bad=0
	local corpus=build/fuzz/corpus/$name log=build/fuzz/log/$name.log
	mkdir -p "$corpus"
	seeds=tests/fuzz/seeds/$name
	"$1" -max_total_time="$seconds" -timeout="${PATIENCE:-20}" -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 -seed=1 \
		-artifact_prefix=build/fuzz/found/"$name"- "$corpus" $([[ -d $seeds ]] && echo "$seeds") >"$log" 2>&1 </dev/null
	status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	[[ $status = 0 && ${runs:-0} -gt 0 ]] || bad=1
	printf '10\tinputs of target %s, %s s\tlibFuzzer with address and undefined-behaviour sanitizers\t%s\t%s\t1\n' \
		"$name" "$seconds" "${runs:-0}" $bad >>build/reliability/fuzz.tsv
	printf '  %-5s %10s runs  %s\n' "$([[ $bad = 0 ]] && echo ok || echo FOUND)" "${runs:-0}" "$name"
	[[ $bad = 0 ]] || grep -E 'ERROR|runtime error|SUMMARY|^tests/fuzz|^    #[0-9]' "$log" | head -n 15
	return $bad
}
export -f one
printf '%s\n' $2 | xargs -r -P"$(nproc)" -I{} bash -c 'one {}'
