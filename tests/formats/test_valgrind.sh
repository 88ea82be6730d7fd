#!/bin/bash
# No error and no leak of ours: one tiny run of each executable under valgrind.  Memory that libhdf5 and
# BLIS keep until exit is still reachable and no leak.  valgrind knows AVX2, not AVX-512.
. "$(dirname "$0")/../cli/lib.sh"
command -v valgrind >/dev/null || skip "valgrind is not installed"
grep -q avx2 /proc/cpuinfo && export ISA=avx2 || export ISA=baseline
ldd "$BIN/nas-inspect" 2>/dev/null | grep -q asan && skip "executables with ASan do not run under valgrind"

# The search for leaks reads all that is mapped, and nas-ingest maps as much as there is memory.
ulimit -v 800000
valgrind="valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect --show-leak-kinds=definite,indirect --log-file=$T/valgrind.%p"
run=$T/run
# times of a hundred images at valgrind's pace say nothing
WRAP=$valgrind LATENCY= THREADS=2 SPLIT=40:8:8 BATCH=2 LIMIT=2 K=2 tiny_run "$run"
under() { # WHAT COMMAND...
	local what=$1 want=$2
	shift 2
	timeout 300 $valgrind "$@" </dev/null >"$T/stdout" 2>"$T/stderr"
	status=$?
	[ $status = "$want" ] && ok || bad "$what under valgrind: status $status, expected $want: $(cat "$T"/valgrind.* | head -c 1500)"
}
under nas-inspect 0 "$BIN/nas-inspect" "$run/history.h5"
under "nas-inspect --verify" 0 "$BIN/nas-inspect" --verify "$run/model.h5" "$run/dataset.h5"
under nas-report 0 "$BIN/nas-report" --quiet --run "$run" --out "$run/report"
[ -x "$BIN/nas-lock" ] && under nas-lock 0 "$BIN/nas-lock" "$run" -- true
head -c 3000 "$run/history.h5" >"$T/cut.h5"
under "nas-inspect of a file cut off" 65 "$BIN/nas-inspect" "$T/cut.h5"
under "an unknown option" 64 "$BIN/nas-propose" --no-such-option
: >"$T/zero.h5"
under "an empty input" 65 "$BIN/nas-select" --quiet --space "$T/zero.h5" --history "$T/zero.h5" --out "$T/selection.h5"
ok   # tiny_run ended the test if a stage failed
[ "$(cat "$T"/valgrind.* | wc -c)" = 0 ] && ok || bad "valgrind says: $(cat "$T"/valgrind.* | head -c 2000)"
finish
