# Every benchmark runs through on small shapes and writes the tables that it names.
#
# Nothing is measured here: the numbers of small shapes mean nothing.
set -uo pipefail
export LC_ALL=C
programs=$(cd "${BIN:-build/release/bin}/../tests/bench" 2>/dev/null && ls -d "$PWD"/bench_*) ||
	{ echo "no benchmarks: make MODE=release benches"; exit 77; }
T=$(mktemp -d "${SCRATCH:-${TMPDIR:-/tmp}}/nasmill-bench.XXXXXX")
trap 'rm -rf "$T"' EXIT
failed=0
bad() { failed=1; echo "FAIL: $*"; }

# Tiny peers: what bench_peers reads of a script, with the rates of each variant known.  That of darts wants the
# parameters of its network (a count by PyTorch).
mkdir "$T/fake"; echo >"$T/fake/torch.py"
cat >"$T/peer.py" <<'END'
import sys
rate = 2e-3 if "--channels-last" in sys.argv else 1e-3
for paths in ("uniform", "22222222", "11111111"):
    for mode in ("train", "infer"):
        print(f"torch paths={paths} mode={mode} batch=8 images_per_s={rate}", flush=True)
END
sed -e 's/("uniform", .*)/("darts",)/' -e '/^rate/i\
if sys.argv[sys.argv.index("--params") + 1] != "246106": sys.exit(1)' "$T/peer.py" >"$T/darts.py"

for program in $programs; do
	[[ $program == *.o || $program == *.d ]] && continue
	name=$(basename "$program"); name=${name#bench_}
	options=()
	[ "$name" = search ] && options=(--bin "${BIN:-build/release/bin}")
	[ "$name" = peers ] && options=(--peer "$T/peer.py" --darts "$T/darts.py" --python python3)
	PYTHONPATH=$T/fake "$program" --tiny --repeats 1 --out "$T/out" "${options[@]}" >"$T/log" 2>&1 ||
		{ bad "$name ended with status $?: $(tail -n 3 "$T/log")"; continue; }
	[ "$name" = peers ] && grep -q '^skipped' "$T/log" && continue
	[ -s "$T/out/$name.tsv" ] || bad "$name wrote no $name.tsv"
	if [ "$name" = peers ] && [ "$(grep -c '^peer_ratio .*channels-last' "$T/log")" != 8 ]; then
		bad "bench_peers did not name channels-last the best of its peers eight times: $(grep ^peer_ratio "$T/log")"
	fi
done

# Each line of a table has as many fields as its first, and there are some.
for table in "$T"/out/*.tsv; do
	awk -F'\t' -v f="$(basename "$table")" 'NR == 1 { n = NF } NF != n || /\t\t/ { print f ":" NR ": " NF " fields, expected " n; bad = 1 }
		END { if (NR < 2) print f ": no rows"; exit bad || NR < 2 }' "$table" || failed=1
done
[ "$(ls "$T/out" | grep -vc '\.tsv$')" = 0 ] || bad "left behind: $(ls "$T/out" | grep -v '\.tsv$')"
"${programs%%$'\n'*}" --no-such-option >"$T/log" 2>&1
[ $? = 64 ] || bad "an unknown option is not refused with status 64"
exit $failed
