# What is remade: what an option or an image decides, no more; and `make -n` says so before.
. tests/pipelines/tiny.sh

# $1: what is expected to be remade; the rest: the changed variables
remakes() {
	local expected=$1 said before after did; shift
	expected=$(xargs -n1 <<<"$expected" | sort | xargs)
	said=$(would_make "$@" | xargs)
	[[ $said == "$expected" ]] || fail "make -n $* would make '$said', expected '$expected'"
	before=$(made "$run")
	search "$@"
	after=$(made "$run")
	did=$(comm -13 <(echo "$before") <(echo "$after") | cut -d' ' -f1 | sort | xargs)
	[[ $did == "$expected" ]] || fail "make $* made '$did', expected '$expected'"
	[[ -z $(would_make "$@") ]] || fail "after make $* something is still stale: $(would_make "$@")"
}

tail_end='metrics.h5 model.h5 report/recipe.txt'
later='history.h5 metrics.h5 model.h5 report/recipe.txt round-02/candidates.h5 round-02/history.h5 round-02/scores-01.h5 round-02/space.h5 round-02/weights.h5 round-final/candidates.h5 round-final/scores-01.h5 selection.h5'
run=search-shapes10
search

remakes ''
find "$RESULTS" -type f -exec touch -d '2001-01-01' {} +
remakes ''
find "$RESULTS" -name '*.h5' | head -n 7 | xargs touch -d '2040-01-01'
remakes ''
remakes '' THREADS=1
remakes '' SKIP_BAD=3
remakes "$tail_end" RETRAIN_LR=0.05
grep -q 'model.h5: option lr: 0.05 there, 0.1 now' <<<"$(make explain "${tiny[@]}")" || fail "explain does not name the option"
remakes "$tail_end selection.h5" RETRAIN_LR=0.05 PICK=pareto
remakes "$later" DIVERSITY=0.7
remakes "round-01/candidates.h5 round-01/history.h5 round-01/scores-01.h5 $later" DIVERSITY=0.7 K=4
rm "$RESULTS/$run/metrics.h5"
remakes 'metrics.h5 report/recipe.txt' DIVERSITY=0.7 K=4
make status RUN=$run RESULTS="$RESULTS" | tail -n 1 | grep -q ' 0 stale, 0 missing$' || fail "status: $(make status RUN=$run RESULTS="$RESULTS")"

# Another instruction set remakes nothing; status tells apart what it made, and takes the one that the run had last.
if grep -q avx2 /proc/cpuinfo; then
	remakes '' DIVERSITY=0.7 K=4 ISA=baseline
	rm "$RESULTS/$run/model.h5"
	remakes "$tail_end" DIVERSITY=0.7 K=4 ISA=baseline
	others() { make status RUN=$run RESULTS="$RESULTS" "$@" | sed -n "s,^$RESULTS/$run/\(.*\)\.h5 *fresh .*  by another engine: .* kernels-[0-9].*,\1,p" | sort | xargs; }
	[[ $(others ISA=) == model ]] || fail "by another engine than the best: $(others ISA=)"
	[[ $(others) == 'round-01/scores-01 round-01/weights round-02/scores-01 round-02/weights round-final/scores-01' ]] ||
		fail "by another engine than baseline: $(others)"
fi

# Fewer rounds: what the last one left is called unused, and the report does not count it.
search DIVERSITY=0.7 K=4 ROUNDS=1
status=$(make status RUN=$run RESULTS="$RESULTS")
tail -n 1 <<<"$status" | grep -q ' 0 stale, 0 missing, 5 unused: ' || fail "status with an unused round: $status"
[[ $(grep -c '/round-02/.*  unused ' <<<"$status") == 5 ]] || fail "status does not name the files of round 2: $status"
grep -q '^space .*; no shrink$' "$RESULTS/$run/report/summary.txt" || fail "the report counts the unused round: $(cat "$RESULTS/$run/report/summary.txt")"
cut -f2 "$RESULTS/$run/report/curves.tsv" | grep round-02 && fail "the report draws the unused round"
true
