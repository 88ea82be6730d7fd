# Two makes on one run: the second is refused with the owner's pid; looking is allowed.
. tests/pipelines/tiny.sh
mkdir -p "$RESULTS/busy"
"$BIN/nas-lock" "$RESULTS/busy" -- sleep 60 &
owner=$!
trap 'kill $owner' EXIT
for i in $(seq 50); do [[ -s $RESULTS/busy/.lock ]] && break; sleep 0.1; done

status=0; output=$(make search RUN=busy "${tiny[@]}" 2>&1) || status=$?
[[ $status == 2 ]] || fail "make returned $status, expected 2"
grep -q "in use by process $owner on $(hostname) since" <<<"$output" || fail "no owner in: $output"
tail -n 1 <<<"$output" | grep -q 'nas-lock ended with status 75' || fail "last line of: $output"
status=0; "$BIN/nas-lock" "$RESULTS/busy" -- true 2>/dev/null || status=$?
[[ $status == 75 ]] || fail "nas-lock returned $status, expected 75"

make status RUN=busy "${tiny[@]}" >/dev/null || fail "status needs no lock"
make -n search RUN=busy "${tiny[@]}" >/dev/null || fail "make -n needs no lock"

# The lock lives as long as its last child, and no longer.
orphan=$("$BIN/nas-lock" "$RESULTS/orphan" -- bash -c 'sleep 60 >/dev/null & echo $!')
trap 'kill $owner $orphan 2>/dev/null || true' EXIT
status=0; output=$("$BIN/nas-lock" "$RESULTS/orphan" -- true 2>&1) || status=$?
[[ $status == 75 ]] || fail "a child that outlives its make keeps the lock; found status $status"
grep -q "which is gone, but what it started still works: process $orphan (sleep)" <<<"$output" || fail "the message does not name the orphan: $output"
kill $orphan
for i in $(seq 50); do "$BIN/nas-lock" "$RESULTS/orphan" -- true 2>/dev/null && exit; sleep 0.1; done
fail "a lock without an owner"
