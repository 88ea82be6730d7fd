# Names that Make cannot carry, variables that do not exist or are empty, and values that a stage refuses: one message,
# nothing done.
. tests/pipelines/tiny.sh

refused() {	# TEXT, arguments of make
	local text=$1 output status=0; shift
	output=$(make search "${tiny[@]}" "$@" 2>&1) || status=$?
	[[ $status == 2 ]] || fail "make $* returned $status, expected 2: $output"
	grep -qF -- "$text" <<<"$output" || fail "make $*: expected '$text' in: $output"
	[[ $(grep -c '\*\*\*' <<<"$output") == 1 ]] || fail "make $*: more than one message: $output"
	[[ ! -d $RESULTS ]] || fail "make $* left $(find "$RESULTS")"
}
newline=$'\n'
for bad in 'a b' "a${newline}b" 'a$$b' 'a#b' 'a%b' 'a:b' 'a;b' "a'b" 'a"b'; do
	refused 'cannot carry' RUN="$bad"
	refused 'cannot carry' DATA="/tmp/$bad"
done
refused 'cannot carry' RUN=a/b
for bad in 'a;touch pwned' 'a$$(touch pwned)' '$(shell touch pwned)' 'a`touch pwned`' 'a|touch pwned' 'a&touch pwned' 'a>pwned' \
	   "a'touch pwned'" 'a"b' 'a\b' 'a#b' "a${newline}touch pwned"; do
	for name in SPACE AUGMENT K PICK MAX_MACS SEED; do refused 'holds a character that the shell would act on' $name="$bad"; done
	refused 'holds a character' LIST="$bad"
done
refused 'cannot carry' LIST='a b'
[[ ! -e pwned ]] || fail "something in a value was executed"
refused 'does not begin with' RUN=..
refused 'there is no variable ROUDNS; did you mean ROUNDS?' ROUDNS=3
refused 'there is no variable retrain_lr; did you mean RETRAIN_LR?' retrain_lr=3

# A value that makes no sense is found before anything has run, whichever stage it is for.
late() {
	local text=$1 output status=0; shift
	output=$(make search "${tiny[@]}" "$@" 2>&1) || status=$?
	[[ $status == 2 ]] || fail "make $* returned $status, expected 2: $output"
	grep -qF -- "$text" <<<"$output" || fail "make $*: expected '$text' in: $output"
	[[ -z $(find "$RESULTS" -name '*.h5') ]] || fail "make $* ran stages"
}
late 'WIDTH is given and empty: leave it out for its default (auto), or give it a value' WIDTH=
late 'lr' RETRAIN_LR=fast
late 'regime' REGIME=unheard

# A stage that fails: Make returns 2 and its last line names the stage and its status.
status=0; output=$(make search "${tiny[@]}" DATA=/nonexistent/images 2>&1) || status=$?
[[ $status == 2 ]] || fail "make returned $status, expected 2"
tail -n 1 <<<"$output" | grep -q 'nas-ingest ended with status 66' || fail "last line of: $output"
