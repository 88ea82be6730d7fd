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
#   beside five networks drawn uniformly under the same cap, all trained alike (study-random): first of six

include $(here)supernet.mk

# ---- search
$(call var,SHRINK_EVERY,3,shrink the space after so many rounds and train on; 0: never)
$(call var,DROP,4,choices that a shrink switches off, over all decisions)
$(call var,KEEP,2,choices that stay on in each decision)
$(call var,DIVERSITY,0.2,weight of diversity against quality when shrinking)
$(call var,RESCORE,16,best earlier trials that are scored again when a phase starts)
$(call var,PHASE_EPOCHS,auto,passes after a shrink; auto: 2 for shapes10, else 0.5)
rounds    := $(shell seq -f %02.0f $(ROUNDS))
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

include $(here)finish.mk
