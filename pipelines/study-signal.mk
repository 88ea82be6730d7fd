# study-signal: ## does a short training from scratch tell networks apart, and by more than their cost?
#
#   candidates.h5: SIGNAL_NETWORKS of the space, uniformly drawn
#   seed-N/: the same candidates trained and scored with SIGNAL_SEEDS different seeds -> history.h5
#   known/: SIGNAL_TRAINED of them trained with labels (SIGNAL_EPOCHS on SIGNAL_IMAGES) and tested
#   -> ranking.h5, ranking.tsv: intraclass correlation of the scores over seeds; rank correlation of their mean with
#      multiply-adds, parameters and depth, and with the top-1 of the trained ones
#
# Seen with CIFAR-10, FRACTION=0.02 C=8 L=5 EPOCHS=5 SIGNAL_IMAGES=5000 (35 min beside other work): intraclass correlation
# 0.82.  Spearman of the score with multiply-adds 0.08, parameters -0.01; with the top-1 of 10 cells -0.44, tau-b -0.31
# (-0.78 to 0.29), where multiply-adds reach 0.45 (0.02 to 0.83): the score is steady, but not shown to be worth anything here.
#
# Before a search: the intraclass correlation should be above 0.5 (csnas-tpe.md 7.8), else raise EPOCHS or FRACTION.
include $(here)scratch.mk

$(call var,SIGNAL_NETWORKS,20,networks of the study)
$(call var,SIGNAL_SEEDS,3,trainings of each with other seeds)
$(call var,SIGNAL_TRAINED,10,of the networks: so many are trained with labels too)
$(call var,SIGNAL_EPOCHS,4,passes over the images of that training)
$(call var,SIGNAL_IMAGES,0,training images of that training; 0: all)

S       := $R/signal
seeds   := $(shell seq $(SIGNAL_SEEDS))
trained := $(shell seq $(SIGNAL_TRAINED))
seed    :=
scorer.seed = $(seed)
# the scores of seed $1; all seeds have the candidates of the first
$(call ask,$S/seed-1,,,1,--strategy random --k $(SIGNAL_NETWORKS) --round 1 --rescore 0,)
score-again = $(call let,seed,$1)$(call let,history,)$(call score,$S/seed-$1,0,$S/seed-1)$(call \
  tell,$S/seed-$1,0,$S/seed-$1/history.h5,$S/seed-1)
$(strip $(foreach n,$(seeds),$(call score-again,$n)))

$(call run,select,$S/selection.h5,space=$(space) history=$S/seed-1/history.h5,--pick ensemble:$(SIGNAL_TRAINED) $(caps))
$(strip $(foreach m,$(trained),$(call train-and-test,$S/known-$m,selection=$S/selection.h5,--member $m,\
  $(SIGNAL_EPOCHS),$(SIGNAL_IMAGES),$(SEED))))
$(call run,rank,$S/ranking.h5,space=$(space) $(seeds:%=scores=$S/seed-%/history.h5) $(trained:%=metrics=$S/known-%/metrics.h5),\
  --seed $(SEED) --table-out $S/ranking.tsv)

finish = cat $S/ranking.tsv; $(BIN)/nas-inspect $S/ranking.h5 | grep intraclass
