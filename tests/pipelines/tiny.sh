# Sourced by the tests of pipelines: a whole search in seconds, below $SCRATCH.
set -euo pipefail
RESULTS=$SCRATCH/results
tiny=(RESULTS="$RESULTS" BUILTIN_IMAGES=160:48:48 WIDTH=0.25 BATCH=16 ROUNDS=2 K=3 SHRINK_EVERY=1 DROP=2 RESCORE=2 TOP=3
      EPOCHS=0.5 PHASE_EPOCHS=0.3 SCORE_IMAGES=32 CALIBRATION_IMAGES=32 RETRAIN_EPOCHS=0.5 RETRAIN_BATCH=16)

fail() { echo "FAILED: $*"; exit 1; }
search() { make search "${tiny[@]}" "$@" >"$SCRATCH/make.out" 2>&1 || { cat "$SCRATCH/make.out"; fail "make search $*"; }; }

# kill_group GROUP: SIGKILL to a process group, and no return before the last of it has let go of its files (a zombie
# has), for 2 seconds; status 1 when nothing of it was there.
kill_group() {
	local i
	kill -KILL -- -$1 2>/dev/null || return 1
	wait $1 2>/dev/null || true
	for ((i = 0; i < 200; i++)); do
		ps -e -o pgid=,stat= | awk -v g="$1" '$1 == g && $2 !~ /^[ZX]/ { on = 1 } END { exit on }' && return
		sleep 0.01
	done
	fail "processes of group $1 outlive SIGKILL: $(ps -e -o pgid=,pid=,stat=,comm= | awk -v g="$1" '$1 == g')"
}

# What `make -n` says it would make: paths below the run, sorted.
would_make() {
	make -n search "${tiny[@]}" "$@" | sed -n 's/.*nas-run .* --out \([^ ]*\) .*/\1/p' | sed "s,^$RESULTS/[^/]*/,,; s,^report$,report/recipe.txt," | sort
}
# Files of a run that are results, with their inode and when it changed: of a file that is made again one differs (the
# number of an inode may be given out again).
made() { (cd "$RESULTS/$1" && find . \( -name '*.h5' -o -path ./report/recipe.txt \) -printf '%P %i %C@\n' | sort); }
same_files() {	# RUN RUN: every .h5 of the first is in the second, byte for byte, and none more
	local files; files=$(cd "$RESULTS/$1" && find . -name '*.h5' | sort)
	[[ $files == "$(cd "$RESULTS/$2" && find . -name '*.h5' | sort)" ]] || fail "$1 and $2 have different files"
	[[ -n $files ]] || fail "$1 has no files"
	for f in $files; do cmp "$RESULTS/$1/$f" "$RESULTS/$2/$f" || fail "$f differs between $1 and $2"; done
}
