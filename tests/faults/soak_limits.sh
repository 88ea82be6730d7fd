# Hostile surroundings: little memory, few files, a read-only folder, no HOME, no terminal, other locales, closed
# streams, umask 077, a narrow pipe, long names, clocks that are wrong.  Right bytes, or refused with a message.
. tests/faults/smallest.sh
runs=0
tsv limits
trap 'result 22 "hostile surroundings" "limits, locales, closed streams, names, clocks" $runs $(($? ? 1 : 0)) -' EXIT
in_run whole >"$SCRATCH/out" 2>&1 || { cat "$SCRATCH/out"; fail "the unbroken run"; }
R=$RESULTS/whole

# right WHAT COMMAND...: the inner make of run $WHAT gives the bytes of the unbroken run
right() {
	local what=$1; shift
	"$@" >"$SCRATCH/out" 2>&1 || { cat "$SCRATCH/out"; fail "$what"; }
	same_files whole "$what"; runs=$((runs + 1)); rm -rf "${RESULTS:?}/$what"
}
export -f in_run; export BIN RESULTS; printf -v words '%q ' "${tiny[@]}"

right nohome env -u HOME bash -c "tiny=($words); in_run nohome"
right noterm env -u TERM bash -c "tiny=($words); in_run noterm"
right umask bash -c "umask 077; tiny=($words); in_run umask"
right narrow bash -c "set -o pipefail; tiny=($words); in_run narrow 2>&1 | python3 -c '
import fcntl, sys, time
fcntl.fcntl(0, 1031, 4096)      # F_SETPIPE_SZ
while sys.stdin.buffer.read(512): time.sleep(0.001)'"
right silent bash -c "tiny=($words); in_run silent 2>&-"

# ---- locales with a decimal comma, and one where the capital of i is no I; made where they are not installed
for locale in de_DE.UTF-8 tr_TR.UTF-8; do
	mkdir -p "$SCRATCH/locales"
	if localedef -i ${locale%.*} -f UTF-8 "$SCRATCH/locales/$locale" 2>/dev/null; then
		right ${locale%.*} env -u LC_ALL LOCPATH="$SCRATCH/locales" LANG=$locale bash -c "tiny=($words); in_run ${locale%.*}"
		out=$(env -u LC_ALL LOCPATH="$SCRATCH/locales" LANG=$locale "$BIN/nas-inspect" "$R/history.h5" | grep -cE '[0-9],[0-9]+ ' || true)
		runs=$((runs + 1))
	else
		echo "locale $locale cannot be made here: passed over"
	fi
done

# ---- standard output closed or full: a status, not a silence
for stage in "nas-inspect $R/history.h5" "nas-space --help" "nas-space --dataset $R/dataset.h5 --recipe --out x.h5" "nas-inspect --schemas"; do
	for how in '>&-' '>/dev/full'; do
		status=0; bash -c "$BIN/$stage $how" 2>"$SCRATCH/err" || status=$?
		[[ $status == 74 && $(wc -l <"$SCRATCH/err") == 1 ]] || fail "$stage $how: status $status: $(cat "$SCRATCH/err")"
		runs=$((runs + 1))
	done
done

# ---- a stage under limits: right bytes, or a status of sysexits, a message, and the older file untouched
limited() {	# WHAT STATUSES COMMAND...: in a shell whose limits $LIMIT sets
	local what=$1 allowed=$2 status=0; shift 2
	rm -rf "$SCRATCH/w"; mkdir -p "$SCRATCH/w"; echo older >"$SCRATCH/w/out.h5"
	# (through a pipe: a limit of file sizes would hold for the message too)
	timeout 60 bash -c "$LIMIT; exec \"\$@\"" - "$@" 2>&1 | cat >"$SCRATCH/out" || status=$?
	runs=$((runs + 1))
	if [[ $status == 0 ]]; then
		[[ $(cat "$SCRATCH/w/out.h5" | head -c 5) != older ]] || fail "$what: status 0 without a file"
		right=$((right + 1))
	else
		[[ " $allowed " == *" $status "* ]] || fail "$what: $LIMIT: status $status: $(tail -n 3 "$SCRATCH/out")"
		grep -q '^nas-[a-z]*: .' "$SCRATCH/out" || fail "$what: $LIMIT: no message: $(cat "$SCRATCH/out")"
		[[ $(cat "$SCRATCH/w/out.h5") == older ]] || fail "$what: $LIMIT: the older file is gone"
	fi
	[[ -z $(find "$SCRATCH/w" -name '.*.tmp.*') ]] || fail "$what: $LIMIT: a temporary file is left"
}
space=("$BIN/nas-space" --quiet --dataset "$R/dataset.h5" --space macro --width 0.25 --out "$SCRATCH/w/out.h5")
train=("$BIN/nas-pretrain" --quiet --dataset "$R/dataset.h5" --space "$R/space.h5" --batch 8 --epochs 0.5 --threads 2 --out "$SCRATCH/w/out.h5")
right=0
for files in 4 5 6 8 16; do LIMIT="ulimit -n $files"; limited "few files" "66 70 74" "${space[@]}"; done
((right >= 1)) || fail "16 open files are not enough"
# The loader itself needs a few MiB: below them nothing of ours runs yet (status 127).
right=0 step=${SOAK:+1}; step=${step:-8}
for ((mib = 16; mib <= 96; mib += step)); do
	LIMIT="ulimit -v $((mib * 1024))"
	"${SHELL:-bash}" -c "$LIMIT; $BIN/nas-space --help" >/dev/null 2>&1 || continue
	limited "$mib MiB" "70" "${space[@]}"
	limited "$mib MiB" "70" "${train[@]}"
done
((right >= 2)) || fail "96 MiB are not enough"
for blocks in 0 1 8 16; do LIMIT="ulimit -f $blocks"; limited "$blocks KiB of file" "74" "${space[@]}"; done

# ---- a folder that is read-only (for root too, where a mount is possible)
mkdir -p "$SCRATCH/ro"
if mount -t tmpfs -o ro none "$SCRATCH/ro" 2>/dev/null; then
	status=0; make search "${tiny[@]}" RESULTS="$SCRATCH/ro" RUN=a >"$SCRATCH/out" 2>&1 || status=$?
	umount "$SCRATCH/ro"
	[[ $status == 2 ]] && grep -q "^nas-lock: $SCRATCH/ro/a.* Read-only file system" "$SCRATCH/out" || fail "read-only: status $status: $(cat "$SCRATCH/out")"
	runs=$((runs + 1))
fi

# ---- long names: a path that just fits works, one that does not is refused
long=$(printf 'n%.0s' $(seq 200))
right "$long" in_run "$long"
status=0; make search "${tiny[@]}" RUN="$long$long" >"$SCRATCH/out" 2>&1 || status=$?
[[ $status == 2 ]] && grep -q 'File name too long' "$SCRATCH/out" || fail "a name of 400 letters: status $status: $(cat "$SCRATCH/out")"
runs=$((runs + 1))

# ---- clocks: files from the future and from long ago change nothing
find "$R" -name '*.h5' | head -n 6 | xargs touch -d '2050-01-01'
find "$R" -name '*.h5' | tail -n 6 | xargs touch -d '1975-01-01'
[[ -z $(would_make RUN=whole) ]] || fail "clocks make stale: $(would_make RUN=whole)"
runs=$((runs + 1))
