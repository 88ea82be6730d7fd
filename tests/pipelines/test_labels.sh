# The search does not see labels: other labels, or none, change no byte up to selection.h5.  And what is
# remade when an image, a name or a time changes.
. tests/pipelines/tiny.sh
images() { python3 tests/pipelines/tiffs.py "$@"; }
images "$SCRATCH/true" 120 ant bee cat
images "$SCRATCH/permuted" 120 cat ant bee wasp
images "$SCRATCH/unlabelled" 120
for set in true permuted unlabelled; do search RUN=$set DATA="$SCRATCH/$set"; done
searched=$(cd "$RESULTS/true" && find . -name '*.h5' | grep -Ev '^./(labels|model|metrics).h5$')
[[ $(wc -w <<<"$searched") -ge 12 ]] || fail "too few files: $searched"
for set in permuted unlabelled; do
	for f in $searched; do cmp "$RESULTS/true/$f" "$RESULTS/$set/$f" || fail "labels change $f"; done
	cmp -s "$RESULTS/true/labels.h5" "$RESULTS/$set/labels.h5" && fail "the labels are the same"
done
# without labels the end is an encoder, tested by its loss
[[ $(h5dump -a classes "$RESULTS/unlabelled/model.h5" | sed -n 's/^ *(0): //p') == 0 ]] || fail "no encoder"
[[ $(h5dump -n "$RESULTS/unlabelled/metrics.h5" | grep -oE '/(loss|top1)$') == /loss ]] || fail "an encoder with a top-1, or without a loss"
grep -qx 'test_top1: n/a' "$RESULTS/unlabelled/report/summary.txt" || fail "summary: $(cat "$RESULTS/unlabelled/report/summary.txt")"
make status RUN=unlabelled RESULTS="$RESULTS" | tail -n 1 | grep -q ', 0 stale, 0 missing$' || fail "make status does not remember DATA"

images "$SCRATCH/mine" 120
search RUN=mine DATA="$SCRATCH/mine"
touch "$SCRATCH/mine/7.tif"
[[ -z $(would_make RUN=mine DATA="$SCRATCH/mine") ]] || fail "touching an image makes stale: $(would_make RUN=mine DATA="$SCRATCH/mine")"
before=$(made mine)
mv "$SCRATCH/mine/7.tif" "$SCRATCH/mine/a name with ; # % \$ \" and ' is no name that Make sees.tif"
search RUN=mine DATA="$SCRATCH/mine"
remade=$(comm -13 <(echo "$before") <(made mine) | cut -d' ' -f1 | xargs)
[[ $remade == 'dataset.h5 labels.h5 metrics.h5 model.h5 report/recipe.txt' ]] || fail "another name of an image remakes $remade"
printf '\x55' | dd of="$SCRATCH/mine/11.tif" bs=1 seek=1000 conv=notrunc 2>/dev/null
before=$(made mine)
search RUN=mine DATA="$SCRATCH/mine"
kept=$(comm -12 <(echo "$before") <(made mine))
[[ -z $kept ]] || fail "another pixel leaves $kept"
