#!/usr/bin/env bash
# Runs tests and counts.  Last line: "N passed, N failed, N skipped"; status 1 when one failed.
#
#   run.sh 'debug test programs' 'release test programs' 'scripts'
#
# A CMocka program reports each of its tests (TAP; a skipped one is "not ok ... # SKIP"); one that dies counts
# one failure more.  A script is one test: status 0 passed, 77 skipped, anything else failed.  Scripts run from the top of the tree and find
#   $BIN      programs made with MODE=release          $BIN_DEBUG   the same with sanitizers
#   $SCRATCH  an empty folder of their own, removed when the script passed
set -uo pipefail
cd "$(dirname "$0")/.."
export BIN=$PWD/build/release/bin BIN_DEBUG=$PWD/build/debug/bin
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 CMOCKA_MESSAGE_OUTPUT=TAP LC_ALL=C.UTF-8
unset MAKEFLAGS MAKEOVERRIDES MFLAGS MAKELEVEL
logs=build/check
rm -rf $logs; mkdir -p $logs

one() {	# PATH: runs one test, leaves its counts in a file, prints one line and, on failure, the log
	local test=$1 name=${1#build/} begin=$EPOCHREALTIME status passed=0 failed=0 skipped=0
	local log=$logs/${name//\//.}
	if [[ $test == *.sh ]]; then
		export SCRATCH=$PWD/$log.scratch; mkdir -p "$SCRATCH"
		bash "$test" >"$log" 2>&1 </dev/null; status=$?
		case $status in 0) passed=1 ;; 77) skipped=1 ;; *) failed=1 ;; esac
		[[ $failed = 0 ]] && rm -rf "$SCRATCH"
	else
		"$test" >"$log" 2>&1 </dev/null; status=$?
		skipped=$(grep -cE '^(not )?ok .*# SKIP' "$log"); failed=$(grep '^not ok ' "$log" | grep -vc '# SKIP')
		passed=$(grep '^ok ' "$log" | grep -vc '# SKIP')
		# died, or a fixture failed, or there was nothing in it
		[[ $failed = 0 && ( $status != 0 || $((passed + skipped)) = 0 ) ]] && failed=1
	fi
	echo "$passed $failed $skipped" >"$log.count"
	printf '  %-4s  %4d  %6.1f s  %s\n' "$([[ $failed = 0 ]] && { [[ $passed = 0 ]] && echo skip || echo ok; } || echo FAIL)" \
		$((passed + failed + skipped)) "$(bc_seconds "$begin")" "$name"
	[[ $failed = 0 ]] || { sed 's/^/        /' "$log" | tail -n 60; echo "        ($test ended with status $status)"; }
}
bc_seconds() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'; }
export -f one bc_seconds; export logs

printf '%s\n' $1 $2 $3 | xargs -r -P"$(nproc)" -I{} bash -c 'one {}'
awk '{ p += $1; f += $2; s += $3 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 || NR == 0 }' $logs/*.count
