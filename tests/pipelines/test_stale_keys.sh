# Every variable of a search, one after another: `make explain` tells exactly the files that it
# decides, and names the option (test_stale.sh: what it tells is what `make -n` shows and `make` does).
# What a variable decides first is the table below; what follows from it is worked out here from the picture
# in pipelines/search.mk, without asking nas-stale.
. tests/pipelines/tiny.sh
search

# VARIABLE=VALUE  first file that it decides ("-": none)  option that explain names
table='
SIZE=24                   dataset.h5              size
FIT=pad                   dataset.h5              fit
SPLIT=70:20:10            dataset.h5              split
BUILTIN_IMAGES=160:48:32  dataset.h5              builtin-images
DATA_SEED=2               dataset.h5              seed
SKIP_BAD=3                -
THREADS=1                 -
LAUNCH=env                -
WIDTH=0.5                 space.h5                width
CLASSES=0                 space.h5                classes
SEED=2                    round-01                seed
OBJECTIVE=crossentropy    round-01/weights.h5     objective
REGIME=fair               round-01/weights.h5     regime
EPOCHS=0.6                round-01/weights.h5     epochs
BATCH=24                  round-01/weights.h5     batch
LR=0.04                   round-01/weights.h5     lr
AUGMENT=crop              round-01/weights.h5     augment
TEMPERATURE=0.4           round-01/weights.h5     temperature
ON_DIVERGENCE=retry       round-01/weights.h5     on-divergence
MAX_MACS=50M              round-01/candidates.h5  max-macs
MAX_PARAMS=3M             round-01/candidates.h5  max-params
K=4                       round-01/candidates.h5  k
STRATEGY=random           round-01/candidates.h5  strategy
SCORE_IMAGES=40           round-01/scores-01.h5   images
SCORE_OBJECTIVE=alignuniform round-01/scores-01.h5 objective
SCORE_TEMPERATURE=0.2     round-01/scores-01.h5   temperature
CALIBRATION_IMAGES=40     round-01/scores-01.h5   calibration-images
EVAL_LABELS=1             round-01/scores-01.h5   input
DROP=3                    round-02/space.h5       drop
KEEP=1                    round-02/space.h5       keep
DIVERSITY=0.7             round-02/space.h5       diversity
PHASE_EPOCHS=0.4          round-02/weights.h5     epochs
RESCORE=1                 round-02/candidates.h5  rescore
TOP=2                     round-final/candidates.h5  k
PICK=pareto               selection.h5            pick
RETRAIN_WIDTH=0.5         model.h5                width
RETRAIN_DROP_PATH=0.1     model.h5                drop-path
RETRAIN_AUXILIARY=0.1     model.h5                auxiliary
RETRAIN_EPOCHS=0.6        model.h5                epochs
RETRAIN_IMAGES=64         model.h5                images
RETRAIN_BATCH=24          model.h5                batch
RETRAIN_LR=0.05           model.h5                lr
RETRAIN_AUGMENT=none      model.h5                augment
'
# These name a run or change which files there are; test_names, test_stale, test_determinism and others see to them.
elsewhere=' DATA RUN RESULTS PIPELINE V ISA SPACE LIST ROUNDS SHARDS SHRINK_EVERY PROFILE '
# Options of other spaces than macro.
elsewhere+='C L NODES CELL_OUTPUT ENCODING OPERATIONS NETWORK RETRAIN_C RETRAIN_L RETRAIN_NETWORK '

order='dataset.h5 space.h5 round-01/weights.h5 round-01/candidates.h5 round-01/scores-01.h5 round-01/history.h5 round-02/space.h5
	round-02/weights.h5 round-02/candidates.h5 round-02/scores-01.h5 round-02/history.h5 round-final/candidates.h5
	round-final/scores-01.h5 history.h5 selection.h5 model.h5 metrics.h5 report/recipe.txt'
# FIRST: the files that follow from it.  The pipeline is a chain, but for weights, which candidates do not see.
follows() {
	local f on= first=$1
	[[ $first = round-01 ]] && first=round-01/weights.h5
	for f in $order; do
		[[ $f = "$first" ]] && on=yes
		[[ $f = "${1%/weights.h5}/candidates.h5" && $1 = */weights.h5 ]] && continue
		[[ -z $on ]] || echo "$f"
	done
}
runs=0 violations=0
wrong() { violations=$((violations + 1)); echo "$*"; }
while read -r setting first option; do
	[[ -n $setting ]] || continue
	runs=$((runs + 1))
	expected=$([[ $first = - ]] || follows "$first" | sort | xargs)
	why=$(make explain "${tiny[@]}" "$setting")
	said=$(sed -n "/labels.h5:/d; s,^$RESULTS/[^/]*/\([^:]*\): .*,\1,p" <<<"$why" | sort | xargs)
	[[ $said = "$expected" ]] || { wrong "$setting would make '$said', expected '$expected'"; continue; }
	[[ $first = - ]] && continue
	[[ $first = round-01 ]] && first=round-01/weights.h5
	grep -Eq "/$first: (option $option: .* now$|input )" <<<"$why" || wrong "$setting: explain does not say why: $(head -n 2 <<<"$why")"
done <<<"$table"

for v in $(awk -v names=1 -f pipelines/help.awk pipelines/engine.mk pipelines/names.mk pipelines/supernet.mk pipelines/finish.mk pipelines/search.mk); do
	[[ $table = *$'\n'$v=* || $elsewhere = *" $v "* ]] || wrong "$v is a new variable: say in $0 what it decides"
done
mkdir -p build/reliability
printf 'row\tfault\thow\truns\tviolations\tseed\n14\tone variable changed, all variables in turn\tmake explain against the dependences\t%s\t%s\t0\n' \
	$runs $violations >build/reliability/stale-keys.tsv
[[ $violations = 0 ]] || fail "$violations of $runs"
