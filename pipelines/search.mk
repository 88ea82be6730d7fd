# search: ## search, retrain, test and report; goes on where it stopped
#
# Contrastive supernet, label-free TPE search with shared weights, shrinking, selection, retraining.
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

include $(here)supernet.mk

# ---- search
$(call var,ROUNDS,8,rounds of propose, evaluate and record)
$(call var,K,16,new candidates in a round)
$(call var,STRATEGY,tpe,who proposes: tpe, regularized-evolution, random or list)
$(call var,PROFILE,default,settings of tpe: default, csnas or csnas-intended)
$(call var,SHRINK_EVERY,3,shrink the space after so many rounds and train on; 0: never)
$(call var,DROP,4,choices that a shrink switches off, over all decisions)
$(call var,KEEP,2,choices that stay on in each decision)
$(call var,DIVERSITY,0.2,weight of diversity against quality when shrinking)
$(call var,RESCORE,16,best earlier trials that are scored again when a phase starts)
$(call var,PHASE_EPOCHS,auto,passes after a shrink; auto: 2 for shapes10, else 0.5)
# ---- selection and retraining
$(call var,TOP,10,best trials that are scored again on the whole validation split)
$(call var,PICK,best,best, pareto, or ensemble:N)
$(call var,RETRAIN_WIDTH,auto,macro: WIDTH of the network that is retrained; auto: as in the search)
$(call var,RETRAIN_C,auto,C of the network that is retrained; auto: as in the search)
$(call var,RETRAIN_L,auto,L of the network that is retrained; auto: as in the search)
$(call var,RETRAIN_NETWORK,auto,NETWORK of the network that is retrained; auto: as in the search)
$(call var,RETRAIN_DROP_PATH,0,darts: probability at the end of retraining that an image skips an operation)
$(call var,RETRAIN_AUXILIARY,0,darts: weight of the loss of an auxiliary classifier while retraining; 0: none)
$(call var,RETRAIN_EPOCHS,auto,passes over the images when retraining; auto: 12 for shapes10, else 8)
$(call var,RETRAIN_IMAGES,0,retrain on so many images; 0: all)

rounds    := $(shell seq -f %02.0f $(ROUNDS))
members   := $(shell seq -f %02.0f $(or $(patsubst ensemble:%,%,$(filter ensemble:%,$(PICK))),1))
model.flags := --width $(RETRAIN_WIDTH) --initial-channels $(RETRAIN_C) --cells $(RETRAIN_L) --network $(RETRAIN_NETWORK) \
               --drop-path $(RETRAIN_DROP_PATH) --auxiliary $(RETRAIN_AUXILIARY)

# $1 folder
shrink = $(call run,shrink,$1/space.h5,space=$(space) history=$(history),\
  --drop $(DROP) --keep $(KEEP) --diversity $(DIVERSITY))$(call let,space,$1/space.h5)

# $1 number of the round in two digits.  Each round after a shrink starts a phase.
shrunk = $(filter $(if $(filter-out 0,$(SHRINK_EVERY)),$(shell \
  seq -f %02.0f $$(($(SHRINK_EVERY) + 1)) $(SHRINK_EVERY) $(ROUNDS))),$1)
round  = $(if $(filter 01,$1),$(call train,$R/round-01,$(call auto,EPOCHS,$(if $(builtin),6,3))))$(if $(call shrunk,$1),$(call \
  shrink,$R/round-$1)$(call train,$R/round-$1,$(call auto,PHASE_EPOCHS,$(if $(builtin),2,0.5))))$(call ask-and-tell,$R/round-$1,$(SCORE_IMAGES),\
  $R/round-$1/history.h5,$(phase),\
  --strategy $(STRATEGY) --profile $(PROFILE) --k $K --round $(call plain,$1) --rescore $(if $(call shrunk,$1),$(RESCORE),0),\
  $(if $(filter list,$(STRATEGY)),$(LIST:%=list=%)))
$(strip $(foreach r,$(rounds),$(call round,$r)))

$(call ask-and-tell,$R/round-final,0,$R/history.h5,$(shell echo $$(($(phase) + 1))),\
  --strategy best --k $(TOP) --round $(shell echo $$(($(ROUNDS) + 1))) --rescore 0,)
$(call run,select,$R/selection.h5,space=$(space) history=$(history),--pick $(PICK) $(caps))

model = $R/model$(if $(filter-out 01,$1),-$1).h5
$(foreach m,$(members),$(call run,retrain,$(call model,$m),dataset=$R/dataset.h5 labels=$R/labels.h5 selection=$R/selection.h5,\
  --member $(call plain,$m) $(model.flags) --epochs $(call auto,RETRAIN_EPOCHS,$(if $(builtin),12,8)) --images $(RETRAIN_IMAGES) \
  --batch $(RETRAIN_BATCH) --lr $(RETRAIN_LR) --augment $(call value.of,$(RETRAIN_AUGMENT)) --seed $(SEED),$(words $(members))))
$(call run,test,$R/metrics.h5,dataset=$R/dataset.h5 labels=$R/labels.h5 $(foreach m,$(members),model=$(call model,$m)),\
  --latency-out $R/measured/latency.tsv)
$(call run,report,$R/report/recipe.txt,$(runs),--run $R --out $R/report)
