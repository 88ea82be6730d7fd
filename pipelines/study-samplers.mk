# study-samplers: ## random search, evolution and TPE at equal budget on scores of training from scratch
#
# Four strategies, SAMPLER_SEEDS seeds each, SAMPLER_ROUNDS rounds of SAMPLER_K; the same candidate has the same score in all
# of them.  Prints the best score of each run and the mean of each strategy (csnas-tpe.md 7.9).
#
# Seen with CIFAR-10, FRACTION=0.0111 (500 images) EPOCHS=2 C=4 L=3, 3 seeds of 24 evaluations; mean best score and its
# standard error, higher is better:
#
#   regularized-evolution  -1.895 +- 0.017
#   tpe-csnas              -1.921 +- 0.011
#   tpe-default            -1.944 +- 0.021
#   random                 -1.955 +- 0.034
#
# The largest difference is 1.6 standard errors: three seeds tell none of them apart.
include $(here)scratch.mk

$(call var,SAMPLER_SEEDS,3,seeds of each strategy)
$(call var,SAMPLER_ROUNDS,6,rounds of each run)
$(call var,SAMPLER_K,4,candidates in a round)

S        := $R/samplers
samplers := random regularized-evolution tpe-csnas tpe-default
# $1 sampler, $2 seed, $3 round
sampler-round = $(call run,propose,$S/$1-$2/round-$3/candidates.h5,space=$(space) $(history:%=history=%),--strategy $(firstword \
  $(filter random regularized-evolution,$1) tpe) --profile $(or $(patsubst tpe-%,%,$(filter tpe-%,$1)),default) --repeat reject --k $(SAMPLER_K) --round $3 \
  --phase 1 --rescore 0 --startup $(shell echo $$((2 * $(SAMPLER_K)))) --population $(shell echo $$((2 * $(SAMPLER_K)))) $(caps) --seed $2)$(call \
  score,$S/$1-$2/round-$3,0)$(call tell,$S/$1-$2/round-$3,0,$S/$1-$2/round-$3/history.h5)
sampler = $(call let,history,)$(foreach r,$(shell seq $(SAMPLER_ROUNDS)),$(call sampler-round,$1,$2,$r))
$(strip $(foreach s,$(samplers),$(foreach n,$(shell seq $(SAMPLER_SEEDS)),$(call sampler,$s,$n))))

last   = $(foreach s,$(samplers),$(foreach n,$(shell seq $(SAMPLER_SEEDS)),$S/$s-$n/round-$(SAMPLER_ROUNDS)/history.h5))
finish = sh $(here)samplers.sh $(BIN)/nas-inspect $(last)
