# search: contrastive supernet, label-free TPE search with shared weights, shrinking, selection, retraining.
#
#   images -> dataset.h5 + labels.h5 -> space.h5
#   rounds: [ weights.h5 where a phase starts ] -> candidates.h5 -> scores-II.h5 -> history.h5 (-> shrunk space.h5)
#   round-final: the TOP best again on the whole validation split -> history.h5 -> selection.h5
#   model.h5 (-02 ... for an ensemble) -> metrics.h5 -> report/
#
# A phase is a stretch of rounds that share weights: the first one, and one after each shrink.  labels.h5 goes
# to retraining and testing; to the search only when OBJECTIVE=crossentropy or EVAL_LABELS=1.
#
# Measured on two cores (Zen 3, AVX2; two-thread sgemm 118 to 165 GFLOP/s) with another two-thread training beside it:
#   make search DATA=$CIFAR SPACE=macro MAX_MACS=60M      real CIFAR-10, 8 rounds of 16, two shrinks, 72 min of wall
#   found 22110210: 59,335,168 multiply-adds, 1,293,098 parameters; 8 epochs of retraining: test top-1 84.19 %, ECE 0.017

# ---- data
$(call var,SIZE,0,side or HxW that every image is brought to; 0: as they are)
$(call var,FIT,crop,how: crop, pad or stretch)
$(call var,SPLIT,auto,train:valid:test in percent; auto: 80:10:10, or 90:10 where the data bring a test set)
$(call var,SKIP_BAD,0,go on without up to so many images that cannot be read)
$(call var,BUILTIN_IMAGES,8000:1000:1000,images in train:valid:test of shapes10)
$(call var,DATA_SEED,1,seed of the order and the split of the images, and of shapes10)
# ---- space and caps
$(call var,SPACE,macro,search space)
$(call var,WIDTH,auto,multiplier of all widths; auto: 0.25 for shapes10, else 1)
$(call var,CLASSES,10,outputs of the classifier that costs count; 0: none)
$(call var,MAX_MACS,60M,most multiply-adds of a network; 0: no limit)
$(call var,MAX_PARAMS,2M,most parameters of a network; 0: no limit)
# ---- search
$(call var,SEED,1,seed of everything but the data)
$(call var,ROUNDS,8,rounds of propose, evaluate and record)
$(call var,K,16,new candidates in a round)
$(call var,STRATEGY,tpe,who proposes: tpe, regularized-evolution, random or list)
$(call var,PROFILE,default,settings of tpe: default, csnas or csnas-intended)
$(call var,LIST,,text file of architectures, one a line, for STRATEGY=list)
$(call var,SHARDS,1,runs of nas-evaluate that share the candidates of a round; more than 1 for make -j)
$(call var,SHRINK_EVERY,3,shrink the space after so many rounds and train on; 0: never)
$(call var,DROP,4,choices that a shrink switches off, over all decisions)
$(call var,KEEP,2,choices that stay on in each decision)
$(call var,DIVERSITY,0.2,weight of diversity against quality when shrinking)
$(call var,RESCORE,16,best earlier trials that are scored again when a phase starts)
# ---- supernet
$(call var,OBJECTIVE,ntxent,what the supernet is trained for: ntxent (no labels) or crossentropy)
$(call var,REGIME,single,training step: single (one path) or fair)
$(call var,EPOCHS,auto,passes over the images in the first phase; auto: 6 for shapes10, else 3)
$(call var,PHASE_EPOCHS,auto,passes after a shrink; auto: 2 for shapes10, else 0.5)
$(call var,BATCH,64,images in a step)
$(call var,LR,0.05,learning rate of the supernet)
$(call var,AUGMENT,auto,augmentations or a preset: none, crop, contrast or contrast-noup)
$(call var,TEMPERATURE,0.5,temperature of the contrastive loss)
# ---- scores
$(call var,SCORE_IMAGES,512,validation images that a candidate is scored on; 0: all)
$(call var,CALIBRATION_IMAGES,512,training images that recalibrate batch-norm for each candidate)
$(call var,EVAL_LABELS,0,1: give labels to nas-evaluate, which adds loss and top-1)
# ---- selection and retraining
$(call var,TOP,10,best trials that are scored again on the whole validation split)
$(call var,PICK,best,best, pareto, or ensemble:N)
$(call var,RETRAIN_EPOCHS,auto,passes over the images when retraining; auto: 12 for shapes10, else 8)
$(call var,RETRAIN_IMAGES,0,retrain on so many images; 0: all)
$(call var,RETRAIN_BATCH,64,images in a step when retraining)
$(call var,RETRAIN_LR,0.1,learning rate when retraining)
$(call var,RETRAIN_AUGMENT,auto,augmentations when retraining)

auto       = $(if $(filter auto,$($1)),$2,$($1))
builtin   := $(filter shapes10,$(DATA))
rounds    := $(shell seq -f %02.0f $(ROUNDS))
shards    := $(shell seq -f %02.0f $(SHARDS))
members   := $(shell seq -f %02.0f $(or $(patsubst ensemble:%,%,$(filter ensemble:%,$(PICK))),1))
search-labels := $(if $(filter crossentropy,$(OBJECTIVE)),labels=$R/labels.h5)
score-labels  := $(if $(search-labels)$(filter 1,$(EVAL_LABELS)),labels=$R/labels.h5)
caps      := --max-macs $(MAX_MACS) --max-params $(MAX_PARAMS)

$(call run,ingest,$R/dataset.h5 labels=$R/labels.h5,, --data $(call value.of,$(DATA)) --size $(SIZE) --fit $(FIT) --split $(SPLIT) \
  --builtin-images $(BUILTIN_IMAGES) --seed $(DATA_SEED) --skip-bad $(SKIP_BAD) --stamp $R/ingest.stamp)
$(call run,space,$R/space.h5,dataset=$R/dataset.h5,--space $(SPACE) --width $(call auto,WIDTH,$(if $(builtin),0.25,1)) --classes $(CLASSES))

# The state that goes from round to round: space, weights and history in force, number of the phase.
space     := $R/space.h5
weights   :=
history   :=
phase     := 0
let        = $(eval $1 := $2)

# $1 folder, $2 epochs: a phase begins
train = $(call let,phase,$(shell echo $$(($(phase) + 1))))$(call run,pretrain,$1/weights.h5,\
  dataset=$R/dataset.h5 space=$(space) $(search-labels) $(weights:%=weights=%),\
  --objective $(OBJECTIVE) --regime $(REGIME) --epochs $2 --batch $(BATCH) --lr $(LR) --augment $(call value.of,$(AUGMENT)) \
  --temperature $(TEMPERATURE) --phase $(phase) --seed $(SEED))$(call let,weights,$1/weights.h5)

# $1 folder
shrink = $(call run,shrink,$1/space.h5,space=$(space) history=$(history),\
  --drop $(DROP) --keep $(KEEP) --diversity $(DIVERSITY))$(call let,space,$1/space.h5)

# $1 folder, $2 images (0: all), $3 history to write, $4 phase, $5 options of nas-propose
ask = $(call run,propose,$1/candidates.h5,space=$(space) $(history:%=history=%) $(if $(filter list,$(STRATEGY)),$(LIST:%=list=%)),\
  $5 --phase $4 $(caps) --seed $(SEED))
score = $(foreach i,$(shards),$(call run,evaluate,$1/scores-$i.h5,\
  dataset=$R/dataset.h5 space=$(space) weights=$(weights) candidates=$1/candidates.h5 $(score-labels),\
  --shard $(call plain,$i) --shards $(SHARDS) --calibration-images $(CALIBRATION_IMAGES) --images $2 --batch $(BATCH) \
  --augment $(call value.of,$(AUGMENT)) --seed $(SEED),$(SHARDS)))
tell = $(call run,record,$3,space=$(space) candidates=$1/candidates.h5 $(shards:%=scores=$1/scores-%.h5) \
  $(history:%=history=%),)$(call let,history,$3)
ask-and-tell = $(call ask,$1,$2,$3,$4,$5)$(call score,$1,$2)$(call tell,$1,$2,$3)

# $1 number of the round in two digits.  Each round after a shrink starts a phase.
plain  = $(patsubst 0%,%,$1)
shrunk = $(filter $(if $(filter-out 0,$(SHRINK_EVERY)),$(shell \
  seq -f %02.0f $$(($(SHRINK_EVERY) + 1)) $(SHRINK_EVERY) $(ROUNDS))),$1)
round  = $(if $(filter 01,$1),$(call train,$R/round-01,$(call auto,EPOCHS,$(if $(builtin),6,3))))$(if $(call shrunk,$1),$(call \
  shrink,$R/round-$1)$(call train,$R/round-$1,$(call auto,PHASE_EPOCHS,$(if $(builtin),2,0.5))))$(call ask-and-tell,$R/round-$1,$(SCORE_IMAGES),\
  $R/round-$1/history.h5,$(phase),\
  --strategy $(STRATEGY) --profile $(PROFILE) --k $K --round $(call plain,$1) --rescore $(if $(call shrunk,$1),$(RESCORE),0))
$(strip $(foreach r,$(rounds),$(call round,$r)))

$(call ask-and-tell,$R/round-final,0,$R/history.h5,$(shell echo $$(($(phase) + 1))),\
  --strategy best --k $(TOP) --round $(shell echo $$(($(ROUNDS) + 1))) --rescore 0)
$(call run,select,$R/selection.h5,space=$(space) history=$(history),--pick $(PICK) $(caps))

model = $R/model$(if $(filter-out 01,$1),-$1).h5
$(foreach m,$(members),$(call run,retrain,$(call model,$m),dataset=$R/dataset.h5 labels=$R/labels.h5 selection=$R/selection.h5,\
  --member $(call plain,$m) --epochs $(call auto,RETRAIN_EPOCHS,$(if $(builtin),12,8)) --images $(RETRAIN_IMAGES) \
  --batch $(RETRAIN_BATCH) --lr $(RETRAIN_LR) --augment $(call value.of,$(RETRAIN_AUGMENT)) --seed $(SEED),$(words $(members))))
$(call run,test,$R/metrics.h5,dataset=$R/dataset.h5 labels=$R/labels.h5 $(foreach m,$(members),model=$(call model,$m)),\
  --latency-out $R/measured/latency.tsv)
$(call run,report,$R/report/recipe.txt,$(runs),--run $R --out $R/report)
