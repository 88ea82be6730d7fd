# csnas: ## search without a supernet: each candidate trains from scratch, scored without labels (CSNAS)
#
# Nguyen and Chang 2021 (arXiv 2102.10557): cells of DARTS, TPE, one training per candidate.
#
#   images -> dataset.h5 + labels.h5 -> space.h5
#   rounds: candidates.h5 (K) -> scores-II.h5 (one run a candidate; side by side with make -j) -> history.h5
#   round-final: the TOP best again, mean of FINAL_SEEDS trainings -> history.h5 -> selection.h5
#   model.h5 -> metrics.h5 -> report/
#
# Defaults of the search are those of scratch.mk and TOP=5; of retraining those of DARTS: RETRAIN_LR=0.025
# RETRAIN_DROP_PATH=0.2 RETRAIN_AUXILIARY=0.4 and cutout.
#
# Seen: the built-in set in 5 min 20 s (two cores with AVX-512, nothing else running): 37 evaluations, a network of 20,194
# parameters and 6.0 M multiply-adds, top-1 0.920.
# CIFAR-10, FRACTION=0.02 ROUNDS=6 K=8 C=8 L=5, beside other work: 42 min, 63 trainings, a network of 53,490 parameters
# and 9.1 M multiply-adds, top-1 0.688.
$(call preset,ROUNDS,4)
$(call preset,TOP,5)
$(call preset,RETRAIN_LR,0.025)
$(call preset,RETRAIN_DROP_PATH,0.2)
$(call preset,RETRAIN_AUXILIARY,0.4)
$(call preset,RETRAIN_AUGMENT,padcrop hflip cutout)
include $(here)scratch.mk

$(call var,FINAL_SEEDS,3,csnas: trainings of each of the TOP best; their mean score counts)

rounds    := $(shell seq -f %02.0f $(ROUNDS))
phase     := 1
$(strip $(foreach r,$(rounds),$(call ask-and-tell,$R/round-$r,0,$R/round-$r/history.h5,1,\
  --strategy $(STRATEGY) --profile $(PROFILE) --k $K --round $(call plain,$r) --rescore 0,\
  $(if $(filter list,$(STRATEGY)),$(LIST:%=list=%)))))

repeats   := $(FINAL_SEEDS)
include $(here)finish.mk
