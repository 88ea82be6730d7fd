# Every fuzz target for some seconds, with what it learnt so far.  Longer: make fuzz MINUTES=10.
set -euo pipefail
clang=$(command -v clang) || { echo "clang is not installed"; exit 77; }
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n > 9; }' >"$SCRATCH/try.c"
"$clang" -fsanitize=fuzzer,address -o "$SCRATCH/try" "$SCRATCH/try.c" 2>/dev/null || { echo "this clang has no libFuzzer"; exit 77; }
PATIENCE=300 make fuzz MINUTES=0.05      # this machine may have other work to do
