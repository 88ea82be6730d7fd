#!/usr/bin/env bash
# kill.sh N SEED: a search is killed with SIGKILL, its whole process group, N times at random moments, and started
# again, with -j1 and -j4 in turn; whenever it comes to its end, every byte is that of an unbroken run.
# The moments are uniform over the time of a whole run, the restarts included.  Needs SCRATCH, an empty folder.
cd "$(dirname "$0")/../.."
. tests/faults/smallest.sh
wanted=$1 RANDOM=$2
tiny+=(SHARDS=2)
in_run whole >"$SCRATCH/whole.out" 2>&1 || { cat "$SCRATCH/whole.out"; fail "the unbroken run"; }
begin=$EPOCHREALTIME
in_run timed >"$SCRATCH/whole.out" 2>&1
span=$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
same_files whole timed
rm -rf "$RESULTS/timed"

kills=0 tries=0 compared=0; declare -A hit
while ((kills < wanted)); do
	((++tries <= 20 * wanted + 100)) || fail "only $kills kills in $tries tries"
	jobs=$((tries % 2 ? 1 : 4))
	setsid "$BIN/nas-lock" "$RESULTS/broken" -- make -j$jobs -f pipelines/engine.mk BIN="$BIN" PIPELINE=search search "${tiny[@]}" \
		RUN=broken >"$SCRATCH/broken.out" 2>&1 &
	group=$!
	sleep "$(awk -v r=$RANDOM -v s="$span" 'BEGIN { print r / 32768 * s }')"
	at=$(ps -o comm= -g $group 2>/dev/null | grep -o 'nas-.*' | grep -v nas-run | head -n 1 || true)
	if kill_group $group; then
		kills=$((kills + 1)); ((kills % 100)) || echo "$kills kills, $compared runs compared"
		hit[${at:-make}]=$((${hit[${at:-make}]-0} + 1))
	else	# it was done already: compare, and begin again
		wait $group || { cat "$SCRATCH/broken.out"; fail "a restarted search failed after $kills kills"; }
		same_files whole broken; compared=$((compared + 1))
		[[ -z $(find "$RESULTS/broken" -name '.*.tmp.*' -o -name '*.ckpt') ]] || fail "left: $(find "$RESULTS/broken" -name '.*.tmp.*' -o -name '*.ckpt')"
		rm -rf "$RESULTS/broken"
	fi
done
in_run broken >"$SCRATCH/broken.out" 2>&1 || { cat "$SCRATCH/broken.out"; fail "the last restart"; }
same_files whole broken
[[ -z $(find "$RESULTS/broken" -name '.*.tmp.*' -o -name '*.ckpt') ]] || fail "files are left"
echo "$kills kills, $((compared + 1)) runs came to their end, each identical to the unbroken one; killed:"
for at in "${!hit[@]}"; do echo "  ${hit[$at]} ${at}"; done | sort -rn
