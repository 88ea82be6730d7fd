# study-ranking: ## does a supernet rank networks, and by more than what they cost?
#
#   images -> dataset.h5 + labels.h5 -> space.h5 -> OBJECTIVE/weights.h5
#   -> candidates.h5 (N, uniformly drawn; 0: all of the space) -> scores-II.h5 -> history.h5
#   -> ranking.h5, ranking.tsv (tau-b with multiply-adds, parameters, depth), scores.tsv (code TAB score)
#   with TRUTH=FILE (code TAB value a line, from study-truth): known/ has the same for its networks, and tau-b
#   of the scores with the known values, beside tau-b of the costs with them
#
# Each tau-b is over all networks, over the pairs inside strata of like cost, and inside each stratum.
include $(here)supernet.mk

$(call var,N,0,networks to rank: so many, drawn by SEED; 0: all of the space)
$(call var,TRUTH,,text file of known values to rank against: code TAB value a line)
$(call var,STRATA,depth,networks of like cost: depth, macs or params)

S     := $R/$(OBJECTIVE)
caps  := --max-macs 0 --max-params 0
# $1 folder, $2 how to propose, $3 further inputs of nas-propose, $4 of nas-rank
rank   = $(call let,history,)$(call ask-and-tell,$1,$(SCORE_IMAGES),$1/history.h5,1,--round 1 --rescore 0 $2,$3)$(call \
  run,rank,$1/ranking.h5,space=$(space) scores=$1/history.h5 $4,--strata $(STRATA) --seed $(SEED) \
  --scores-out $1/scores.tsv --table-out $1/ranking.tsv)
$(call train,$S,$(call auto,EPOCHS,$(if $(builtin),6,4)))
$(call rank,$S,$(if $(filter 0,$N),--strategy all --k 100000,--strategy random --k $N),,)
ifneq ($(TRUTH),)
$(call rank,$S/known,--strategy list --k 100000,list=$(TRUTH),truth=$(TRUTH))
endif

finish = cat $S/ranking.tsv $(if $(TRUTH),$S/known/ranking.tsv)
