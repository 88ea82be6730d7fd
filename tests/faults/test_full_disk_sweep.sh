# A disk that fills up while a stage writes: a small file system of its own, with less room than the stage needs, in
# steps from nothing to just enough.  Status 74, one line that says so, the older file untouched, nothing temporary
# left; with enough room the right bytes.  (Other faults of a full disk: tests/cli/test_full_disk.sh.)
. tests/faults/smallest.sh
disk=$SCRATCH/disk pages=4096
mkdir -p "$disk"
mount -t tmpfs -o size=64k none "$disk" 2>/dev/null || { echo "skipped: no right to mount"; exit 77; }
trap 'umount "$disk"; result 4 "disk full" "file systems of every size below the need, every stage that writes a file" $runs $(($? ? 1 : 0)) -' EXIT
runs=0 refused=0 right=0 steps=$(how_often 4 32)
tsv full_disk
in_run whole >"$SCRATCH/out" 2>&1 || { cat "$SCRATCH/out"; fail "the unbroken run"; }
make -n search "${tiny[@]}" RUN=probe | grep 'nas-run [^ ]*nas-' >"$SCRATCH/commands"

# A stage's command with its inputs in the finished run and its first output on the disk; a stage once.
declare -A seen
while read -r line; do
	words=($line); words=("${words[@]:1}"); verb=${words[0]##*/}
	[[ -z ${seen[$verb]-} ]] || continue
	seen[$verb]=yes
	command=("$BIN/$verb") out=
	for ((w = 1; w < ${#words[@]}; w++)); do
		word=${words[w]//\'/}
		case ${words[w - 1]} in
		--out) out=${word#"$RESULTS/probe/"}; word=$disk/out.h5 ;;
		--log) word=$SCRATCH/log ;;
		--stamp | --*-out) word=$SCRATCH/${word##*/} ;;
		esac
		command+=("${word/#"$RESULTS/probe"/"$RESULTS/whole"}")
	done
	[[ $out == *.h5 ]] || continue                   # a report is a folder of files
	need=$((($(stat -c %s "$RESULTS/whole/$out") + pages - 1) / pages))
	for ((s = 0; s <= steps; s++)); do
		room=$((s * need / steps))
		rm -f "$disk"/*; rm -f "$disk"/.[!.]*
		mount -o remount,size=$(((need + 16) * pages)) "$disk"
		echo older >"$disk/out.h5"
		# tmpfs counts pages: one for the older file, `room` for the new one, the rest is taken
		head -c $(((need + 15 - room) * pages)) /dev/zero >"$disk/filler"
		status=0; "${command[@]}" >"$SCRATCH/stdout" 2>"$SCRATCH/stderr" || status=$?
		runs=$((runs + 1))
		if [[ $status == 0 ]]; then
			((room >= need)) || fail "$verb: status 0 with room for $room of $need pages"
			cmp "$disk/out.h5" "$RESULTS/whole/$out" || fail "$verb: other bytes after a full disk"
			right=$((right + 1))
		else
			((room < need)) || fail "$verb: status $status with room for all: $(cat "$SCRATCH/stderr")"
			[[ $status == 74 ]] && grep -qE "^$verb: $disk/out.h5: .*disk is full" "$SCRATCH/stderr" ||
				fail "$verb, $room of $need pages: status $status: $(cat "$SCRATCH/stderr")"
			[[ $(cat "$disk/out.h5") == older ]] || fail "$verb, $room of $need pages: the older file is gone"
			refused=$((refused + 1))
		fi
		[[ $(ls -A "$disk" | xargs) == "filler out.h5" ]] || fail "$verb, $room of $need pages: left: $(ls -A "$disk" | xargs)"
	done
done <"$SCRATCH/commands"
((${#seen[@]} >= 10)) || fail "only ${#seen[@]} stages"
echo "$runs runs of ${#seen[@]} stages: $refused refused, $right right"
