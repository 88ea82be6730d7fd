# What the tests of the executables share.  To be sourced:  . "$(dirname "$0")/lib.sh"
#
#   BIN   the folder with nas-*; default build/release/bin
#   T     a scratch folder, removed at the end
#
# A test calls `ok` or `bad` once per thing it looks at, and `finish` last: status 0, or 1 with one
# line per failure.  Status 77: skipped, with the reason.
set -uo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BIN=$(cd "${BIN:-$root/build/release/bin}" 2>/dev/null && pwd) || { echo "no executables: make MODE=release"; exit 77; }
T=$(mktemp -d "${SCRATCH:-${TMPDIR:-/tmp}}/nasmill-test.XXXXXX")
cleanup=()
at_end() { local c; for c in "${cleanup[@]+"${cleanup[@]}"}"; do eval "$c"; done; rm -rf "$T"; }
trap at_end EXIT
trap 'exit 143' TERM INT HUP

passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAIL: $*"; }
skip() { echo "skipped: $*"; exit 77; }
finish() { echo "$(basename "$0"): $passed passed, $failed failed"; [ "$failed" = 0 ]; exit; }

# count ROW FAULT HOW RUNS: what this test has done so far, for make reliability-report (see tests/reliability.h)
count() {
	local report=$root/build/reliability/$(basename "$0" .sh).tsv
	mkdir -p "${report%/*}"
	[ -s "$report" ] && [ -n "${counted-}" ] || printf 'row\tfault\thow\truns\tviolations\tseed\n' >"$report"
	counted=yes
	printf '%s\t%s\t%s\t%s\t%s\t0\n' "$1" "$2" "$3" "$4" "$failed" >>"$report"
}

# need nas-x ...: skips the test when an executable is not built
need() { local x; for x; do [ -x "$BIN/$x" ] || skip "$x is not built"; done; }
stages() { (cd "$BIN" && ls nas-*); }

# The status that a command ends with; a minute is more than any bad input may take.
# Output in $T/stdout and $T/stderr.
status_of() {
	timeout 60 "$@" </dev/null >"$T/stdout" 2>"$T/stderr"
	status=$?
}

# Files and temporary files below a folder, one a line, in $REPLY.  (Here and below nothing is started that bash can
# do: a test refuses hundreds of times.)
listing() {
	local path
	REPLY=
	shopt -s globstar dotglob nullglob
	for path in "$1"/**; do [ ! -f "$path" ] || REPLY+=$path$'\n'; done
	shopt -u globstar dotglob nullglob
}

# said PATTERN...: each PATTERN (extended regular expression) is in some line of the array stderr
said() {
	local pattern line found
	for pattern; do
		found=
		for line in "${stderr[@]}"; do [[ $line =~ $pattern ]] && found=yes; done
		[[ $found ]] || return 1
	done
}

# refuses WHAT STATUS PATTERN FOLDER COMMAND...
# The command ends with STATUS, says one line on stderr that begins with its name and matches
# PATTERN (extended), prints nothing else, and leaves FOLDER as it was.  LIST=1: a list of images follows,
# one an indented line, and a last line that says what to do.
refuses() {
	local what=$1 want=$2 pattern=$3 folder=$4 before stderr text lines
	shift 4
	listing "$folder"; before=$REPLY
	status_of "$@"
	listing "$folder"
	mapfile -t stderr <"$T/stderr"
	IFS= read -r -d '' text <"$T/stderr" || true
	lines=${text//[!$'\n']/}        # ends of lines: a last line without one does not count
	if [ "$status" != "$want" ]; then
		bad "$what: status $status, expected $want: $(head -c 400 "$T/stderr")"
	elif [ ${#lines} != $((${LIST:+2} + 1)) ]; then
		bad "$what: ${#lines} lines on stderr, expected $((${LIST:+2} + 1)): $(head -c 400 "$T/stderr")"
	elif ! said "^${1##*/}: " "$pattern"; then
		bad "$what: the message lacks /$pattern/: $(head -c 400 "$T/stderr")"
	elif [ -s "$T/stdout" ]; then
		bad "$what: something on stdout: $(head -c 200 "$T/stdout")"
	elif [ "$before" != "$REPLY" ]; then
		bad "$what: files left behind: $(diff <(echo "$before") <(echo "$REPLY") | grep '^[<>]' | tr '\n' ' ')"
	else
		ok
	fi
}

# works WHAT COMMAND...: status 0
works() {
	local what=$1
	shift
	status_of "$@"
	if [ "$status" = 0 ]; then ok; else bad "$what: status $status: $(head -c 400 "$T/stderr")"; fi
}

# little-endian numbers
u16() { printf "\\x$(printf %02x $(($1 & 255)))\\x$(printf %02x $(($1 >> 8 & 255)))"; }
u32() { u16 $(($1 & 65535)); u16 $(($1 >> 16)); }

# N bytes that look like nothing in particular and differ by seed
noise() { local n=$1 seed=$2; yes "pixels $seed $((seed * 7919 % 104729))" | head -c "$n"; }

# tiff FILE WIDTH HEIGHT SEED: 8-bit RGB, one strip, no compression
tiff() {
	local file=$1 w=$2 h=$3 seed=$4 n=$((3 * $2 * $3)) tag
	{
		printf 'II*\0'; u32 $((8 + n + n % 2))
		noise "$n" "$seed"; [ $((n % 2)) = 0 ] || printf '\0'
		u16 9
		for tag in "256 4 1 $w" "257 4 1 $h" "258 3 1 8" "259 3 1 1" "262 3 1 2" "273 4 1 8" "277 3 1 3" "278 4 1 $h" \
		           "279 4 1 $n"; do
			set -- $tag
			u16 "$1"; u16 "$2"; u32 "$3"; u32 "$4"
		done
		u32 0
	} >"$file"
}

# cifar10 FOLDER RECORDS TEST-RECORDS: a small CIFAR-10 binary folder, every record another image
cifar10() {
	local folder=$1 i
	mkdir -p "$folder"
	for ((i = 0; i < $2; i++)); do u16 $((i % 10)) | head -c 1; noise 3072 "$i"; done >"$folder/data_batch_1.bin"
	for ((i = 0; i < $3; i++)); do u16 $((i % 10)) | head -c 1; noise 3072 $((1000 + i)); done >"$folder/test_batch.bin"
}

# flip FILE OFFSET: turns one bit over
flip() {
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	printf -v byte '\\x%02x' $((byte ^ 16))
	printf "$byte" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# stage VERB OPTION...: one stage of the tiny run; ends the test when it fails
stage() {
	local verb=$1
	shift
	${WRAP:-} "$BIN/nas-$verb" --quiet --threads "${THREADS:-2}" "$@" </dev/null >"$T/stage.out" 2>"$T/stage.err" ||
		{ echo "FAIL: nas-$verb $*: status $?: $(head -c 2000 "$T/stage.err")"; exit 1; }
}

# tiny_run FOLDER: a whole run in seconds: built-in images, a narrow space, a few steps, one shrink.
# SPLIT, BATCH, LIMIT (images to calibrate and score with) and K (candidates) make it smaller still.
tiny_run() {
	local r=$1 batch=${BATCH:-16} limit=${LIMIT:-32} k=${K:-6} tiny_training
	need nas-ingest nas-space nas-pretrain nas-propose nas-evaluate nas-record nas-shrink nas-select nas-retrain nas-test
	mkdir -p "$r/round-01" "$r/round-02" "$r/round-final" "$r/measured" "$r/log"
	tiny_training="--images $((2 * batch)) --epochs 1 --batch $batch --lr 0.05"
	stage ingest --data shapes10 --builtin-images "${SPLIT:-160:40:40}" --seed 1 --out "$r/dataset.h5" --labels-out "$r/labels.h5" --log "$r/log/ingest.log"
	stage space --dataset "$r/dataset.h5" --space macro --width 0.25 --classes 10 --out "$r/space.h5" --log "$r/log/space.log"
	stage pretrain --dataset "$r/dataset.h5" --space "$r/space.h5" $tiny_training --phase 1 --seed 1 \
		--out "$r/round-01/weights.h5" --log "$r/log/round-01-weights.log"
	stage propose --space "$r/space.h5" --strategy random --k "$k" --round 1 --phase 1 --seed 1 --out "$r/round-01/candidates.h5"
	stage evaluate --dataset "$r/dataset.h5" --space "$r/space.h5" --weights "$r/round-01/weights.h5" \
		--candidates "$r/round-01/candidates.h5" --shard 1 --shards 1 --calibration-images "$limit" --images "$limit" --batch "$batch" --seed 1 \
		--out "$r/round-01/scores-01.h5" --log "$r/log/round-01-scores-01.log"
	stage record --space "$r/space.h5" --candidates "$r/round-01/candidates.h5" --scores "$r/round-01/scores-01.h5" \
		--out "$r/round-01/history.h5"
	stage shrink --space "$r/space.h5" --history "$r/round-01/history.h5" --shrinker marginal --drop 2 --keep 2 \
		--out "$r/round-02/space.h5"
	stage pretrain --dataset "$r/dataset.h5" --space "$r/round-02/space.h5" --weights "$r/round-01/weights.h5" $tiny_training \
		--phase 2 --seed 1 --out "$r/round-02/weights.h5" --log "$r/log/round-02-weights.log"
	stage propose --space "$r/round-02/space.h5" --history "$r/round-01/history.h5" --strategy tpe --k $((k - 1)) --rescore 1 --round 2 \
		--phase 2 --seed 1 --out "$r/round-02/candidates.h5"
	stage evaluate --dataset "$r/dataset.h5" --space "$r/round-02/space.h5" --weights "$r/round-02/weights.h5" \
		--candidates "$r/round-02/candidates.h5" --labels "$r/labels.h5" --shard 1 --shards 1 --calibration-images "$limit" --images "$limit" \
		--batch "$batch" --seed 1 --out "$r/round-02/scores-01.h5"
	stage record --space "$r/round-02/space.h5" --history "$r/round-01/history.h5" --candidates "$r/round-02/candidates.h5" \
		--scores "$r/round-02/scores-01.h5" --out "$r/history.h5"
	cp "$r/history.h5" "$r/round-02/history.h5"
	stage select --space "$r/round-02/space.h5" --history "$r/history.h5" --pick best --out "$r/selection.h5"
	stage retrain --dataset "$r/dataset.h5" --labels "$r/labels.h5" --selection "$r/selection.h5" $tiny_training \
		--calibration-images "$limit" --seed 1 --out "$r/model.h5" --log "$r/log/model.log"
	stage test --dataset "$r/dataset.h5" --labels "$r/labels.h5" --model "$r/model.h5" --out "$r/metrics.h5" \
		${LATENCY---latency-out "$r/measured/latency.tsv"} --log "$r/log/metrics.log"
}
