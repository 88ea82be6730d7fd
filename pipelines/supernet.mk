# What pipelines with a supernet share: images, space, caps; training the supernet; ask, score and tell.
# Not a pipeline itself.

$(call var,SEED,1,seed of everything but the data)
# ---- data
$(call var,SIZE,0,side or HxW that every image is brought to; 0: as they are)
$(call var,FIT,crop,how: crop, pad or stretch)
$(call var,SPLIT,auto,train:valid:test in percent; auto: 80:10:10, or 90:10 where the data bring a test set)
$(call var,SKIP_BAD,0,go on without up to so many images that cannot be read)
$(call var,BUILTIN_IMAGES,8000:1000:1000,images in train:valid:test of shapes10)
$(call var,DATA_SEED,1,seed of the order and the split of the images, and of shapes10)
# ---- space and caps
$(call var,SPACE,macro,search space)
$(call var,WIDTH,auto,macro: multiplier of all widths; auto: 0.25 for shapes10, else 1)
$(call var,C,auto,darts and nasbench201: width of the first cells; auto: 8 for shapes10, else 16)
$(call var,L,auto,darts: cells; auto: 3 for shapes10, else 8; nasbench201: cells of each of three stages; auto: 1, else 5)
$(call var,NODES,auto,darts: nodes of a cell, 4 or 5; auto: 4)
$(call var,CELL_OUTPUT,auto,darts: nodes in the output of a cell: last-four or all; auto: last-four)
$(call var,ENCODING,auto,darts: direct (pairs of sources and their operations) or edge8; auto: direct)
$(call var,OPERATIONS,auto,darts: list of operations, darts (7) or setn (6); auto: darts)
$(call var,NETWORK,auto,darts: stem, cifar (one conv3x3) or imagenet (three with stride 2); auto: cifar)
$(call var,CLASSES,10,outputs of the classifier that costs count; 0: none)
$(call var,MAX_MACS,60M,most multiply-adds of a network; 0: no limit)
$(call var,MAX_PARAMS,2M,most parameters of a network; 0: no limit)
# ---- proposals
$(call var,ROUNDS,8,rounds of propose, evaluate and record)
$(call var,K,16,new candidates in a round)
$(call var,STRATEGY,tpe,who proposes: tpe, regularized-evolution, random or list)
$(call var,PROFILE,default,settings of tpe: default, csnas or csnas-intended)
# ---- supernet
$(call var,OBJECTIVE,ntxent,what the supernet is trained for: ntxent, infonce, barlow, vicreg, alignuniform (no labels) or crossentropy)
$(call var,REGIME,single,training step: single (one path) or fair)
$(call var,EPOCHS,auto,passes over the images in the first phase; auto: 6 for shapes10, else 3)
$(call var,BATCH,64,images in a step)
$(call var,LR,0.05,learning rate of the supernet)
$(call var,AUGMENT,auto,augmentations or a preset: none, crop, contrast or contrast-noup)
$(call var,ON_DIVERGENCE,stop,when a loss explodes: stop; or retry from the last tenth of the training with half the learning rate)
$(call var,TEMPERATURE,0.5,temperature of the contrastive loss)
# ---- scores
$(call var,SCORE_IMAGES,512,validation images that a candidate is scored on; 0: all)
$(call var,SCORE_OBJECTIVE,auto,what scores candidates: auto: OBJECTIVE; or another one that wants the same views)
$(call var,SCORE_TEMPERATURE,0,temperature of a contrastive score; 0: TEMPERATURE)
$(call var,CALIBRATION_IMAGES,512,training images that recalibrate batch-norm for each candidate)
$(call var,EVAL_LABELS,0,1: give labels to nas-evaluate, which adds loss and top-1)
$(call var,LIST,,text file of architectures, one a line: for STRATEGY=list and study-truth)
$(call var,SHARDS,1,runs of nas-evaluate that share the candidates of a round; more than 1 for make -j)
# ---- training a network from scratch
$(call var,RETRAIN_BATCH,64,images in a step when retraining)
$(call var,RETRAIN_LR,0.1,learning rate when retraining)
$(call var,RETRAIN_AUGMENT,auto,augmentations when retraining)

auto       = $(if $(filter auto,$($1)),$2,$($1))
builtin   := $(filter shapes10,$(DATA))
shards    := $(shell seq -f %02.0f $(SHARDS))
search-labels := $(if $(filter crossentropy,$(OBJECTIVE)),labels=$R/labels.h5)
score-labels  := $(if $(search-labels)$(filter 1,$(EVAL_LABELS)),labels=$R/labels.h5)
space.flags := --width $(WIDTH) --initial-channels $C --cells $L --nodes $(NODES) --cell-output $(CELL_OUTPUT) \
               --encoding $(ENCODING) --operations $(OPERATIONS) --network $(NETWORK)
caps      := --max-macs $(MAX_MACS) --max-params $(MAX_PARAMS)

$(call run,ingest,$R/dataset.h5 labels=$R/labels.h5,, --data $(call value.of,$(DATA)) --size $(SIZE) --fit $(FIT) --split $(SPLIT) \
  --builtin-images $(BUILTIN_IMAGES) --seed $(DATA_SEED) --skip-bad $(SKIP_BAD) --stamp $R/ingest.stamp)
$(call run,space,$R/space.h5,dataset=$R/dataset.h5,--space $(SPACE) $(if $(builtin),--small) --classes $(CLASSES) $(space.flags))

# The state that goes from round to round: space, weights and history in force, number of the phase.
space     := $R/space.h5
weights   :=
history   :=
phase     := 0
let        = $(eval $1 := $2)
plain      = $(patsubst 0%,%,$1)

# $1 folder, $2 epochs: a phase begins
train = $(call let,phase,$(shell echo $$(($(phase) + 1))))$(call run,pretrain,$1/weights.h5,\
  dataset=$R/dataset.h5 space=$(space) $(search-labels) $(weights:%=weights=%),\
  --objective $(OBJECTIVE) --regime $(REGIME) --epochs $2 --batch $(BATCH) --lr $(LR) --augment $(call value.of,$(AUGMENT)) \
  --temperature $(TEMPERATURE) --on-divergence $(ON_DIVERGENCE) --phase $(phase) --seed $(SEED))$(call let,weights,$1/weights.h5)

# $1 folder, $2 images (0: all), $3 history to write, $4 phase, $5 options of nas-propose, $6 its further inputs
ask = $(call run,propose,$1/candidates.h5,space=$(space) $(history:%=history=%) $6,\
  $5 --phase $4 $(caps) --seed $(SEED))
# who scores: the weights in force, unless a pipeline says otherwise
scorer.inputs = weights=$(weights)
scorer.flags  = --objective $(SCORE_OBJECTIVE) --temperature $(SCORE_TEMPERATURE)
scorer.seed   = $(SEED)
# $3 folder of the candidates, where it is another one
score = $(foreach i,$(shards),$(call run,evaluate,$1/scores-$i.h5,\
  dataset=$R/dataset.h5 space=$(space) $(scorer.inputs) candidates=$(or $(value 3),$1)/candidates.h5 $(score-labels),\
  --shard $(call plain,$i) --shards $(SHARDS) --calibration-images $(CALIBRATION_IMAGES) --images $2 --batch $(BATCH) \
  --augment $(call value.of,$(AUGMENT)) --seed $(scorer.seed) $(scorer.flags),$(SHARDS)))
# $4 folder of the candidates, where it is another one
tell = $(call run,record,$3,space=$(space) candidates=$(or $(value 4),$1)/candidates.h5 $(shards:%=scores=$1/scores-%.h5) \
  $(history:%=history=%),)$(call let,history,$3)
ask-and-tell = $(call ask,$1,$2,$3,$4,$5,$6)$(call score,$1,$2)$(call tell,$1,$2,$3)

# A network trained from scratch with labels, and tested: $1/model.h5, $1/metrics.h5.  $2 what says which network:
# an input of nas-retrain, $3 an option; $4 epochs, $5 images, $6 seed
train-and-test = $(call run,retrain,$1/model.h5,dataset=$R/dataset.h5 labels=$R/labels.h5 $2,$3 \
  --epochs $4 --images $5 --batch $(RETRAIN_BATCH) --lr $(RETRAIN_LR) --augment $(call value.of,$(RETRAIN_AUGMENT)) \
  --seed $6)$(call run,test,$1/metrics.h5,dataset=$R/dataset.h5 labels=$R/labels.h5 model=$1/model.h5,)
