# Killed with SIGKILL at 20 random moments and restarted: the bytes of an unbroken run.
. tests/pipelines/tiny.sh
search RUN=whole
begin=$EPOCHREALTIME
search RUN=timed
span=$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')

kills=0 tries=0 RANDOM=20
while ((kills < 20 && tries < 60)); do
	tries=$((tries + 1))
	setsid make search "${tiny[@]}" RUN=broken >"$SCRATCH/broken.out" 2>&1 &
	group=$!
	sleep "$(awk -v r=$RANDOM -v s="$span" 'BEGIN { print 0.15 + r / 32768 * s / 3 }')"
	if kill_group $group; then
		kills=$((kills + 1))
	else	# it was done already: compare, and begin again
		wait $group || { cat "$SCRATCH/broken.out"; fail "a restarted search failed"; }
		same_files whole broken
		rm -rf "$RESULTS/broken"
	fi
done
[[ $kills == 20 ]] || fail "only $kills kills in $tries tries"
search RUN=broken
same_files whole broken
[[ -z $(find "$RESULTS/broken" -name '.*.tmp.*') ]] || fail "temporary files left: $(find "$RESULTS/broken" -name '.*.tmp.*')"

# SIGTERM to make alone reaches the stage: nothing runs on, and the same command goes on.
rm -rf "$RESULTS/broken"
make search "${tiny[@]}" RUN=broken EPOCHS=500 >"$SCRATCH/term.out" 2>&1 &
outer=$!
for i in $(seq 200); do [[ -s $RESULTS/broken/log/round-01-weights.log ]] && break; sleep 0.05; done
sleep 0.5
kill -TERM $outer
wait $outer 2>/dev/null && fail "make survived SIGTERM"
"$BIN/nas-lock" "$RESULTS/broken" -- true || fail "something runs on after SIGTERM: $(cat "$SCRATCH/term.out")"
[[ -n $(find "$RESULTS/broken/round-01" -name '*.ckpt') ]] || fail "no checkpoint after SIGTERM: $(cat "$SCRATCH/term.out")"
search RUN=broken
same_files whole broken
