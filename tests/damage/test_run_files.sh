#!/bin/bash
# Every bit of the first 64 KiB, and random ones behind them, of every file of a real (tiny) run.  Hours of files
# are as safe as their reader; the examples that test_flips makes by itself are checked in every `make check`.
[ -n "${SOAK-}" ] || { echo "only when soaking"; exit 77; }
. "$(dirname "$0")/../cli/lib.sh"
flips=$root/build/debug/tests/damage/test_flips
[ -x "$flips" ] || skip "$flips is not built"
SPLIT=40:8:8 BATCH=8 LIMIT=8 tiny_run "$T/run"
cd "$root" || exit 1                 # where the report belongs
if "$flips" $(find "$T/run" -name '*.h5' | sort); then ok; else bad "test_flips on the files of a run"; fi
finish
