#!/bin/bash
# nas-propose: a profile sets the defaults of the options after it, wherever it stands; an option given still wins.
. "$(dirname "$0")/lib.sh"
need nas-ingest nas-space nas-propose

"$BIN/nas-ingest" --quiet --data shapes10 --builtin-images 8:1:1 --out $T/d.h5 --labels-out $T/l.h5 || bad "nas-ingest"
"$BIN/nas-space" --quiet --dataset $T/d.h5 --space macro --width 0.25 --out $T/s.h5 || bad "nas-space"
# option VALUE ARGUMENT...: the recipe of that command line records option=VALUE
records() {
	local want=$1
	shift
	"$BIN/nas-propose" --space $T/s.h5 --recipe --out $T/c.h5 "$@" | grep -qE -- "$want" && ok || bad "$*: the recipe lacks $want"
}
records 'candidates.24$' --profile default
records 'mode.multivariate$' --seed 2
records 'mode.independent$' --seed 2 --profile csnas
records 'repeat.allow$' --profile=csnas
records 'good-share.0.25$' --profile csnas
records 'good-share.0\.2$' --profile csnas-intended
records 'candidates.0$' --profile csnas-intended
records 'candidates.7$' --candidates 7 --profile csnas-intended
refuses "a profile that does not exist" 64 'profile: "cnas" is unknown; there are: default, csnas' $T/none \
	"$BIN/nas-propose" --space $T/s.h5 --out $T/c.h5 --profile cnas
refuses "a prior of a choice that is not there" 64 'choice prior "mb9=2": space macro has no choice' $T/none \
	"$BIN/nas-propose" --quiet --space $T/s.h5 --out $T/c.h5 --choice-prior mb9=2
works "a prior of choices" "$BIN/nas-propose" --quiet --log $T/log --space $T/s.h5 --out $T/c.h5 --choice-prior identity=100000 --k 4
grep -q "code=00000000 " $T/log && ok || bad "with nearly all weight on identity no network is all identities"
finish
