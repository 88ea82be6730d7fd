# study-ranking: ## does a supernet rank networks, and by more than what they cost?
#
#   images -> dataset.h5 + labels.h5 -> space.h5 -> OBJECTIVE/weights.h5
#   -> candidates.h5 (N, uniformly drawn; 0: all of the space) -> scores-II.h5 -> history.h5
#   -> ranking.h5, ranking.tsv (tau-b with multiply-adds, parameters, depth), scores.tsv (code TAB score)
#   with TRUTH=FILE (code TAB value a line, from study-truth): known/ has the same for its networks, and tau-b
#   of the scores with the known values, beside tau-b of the costs with them
#
# Each tau-b is over all networks, over the pairs inside strata of like cost, and inside each stratum.
#
# Seen with CIFAR-10, N=200 SCORE_IMAGES=2000 SEED=1 on two cores with AVX-512: tau-b of the scores, 95 % intervals
#
#   OBJECTIVE      EPOCHS  minutes  multiply-adds        parameters            depth                within one depth: macs, params
#   crossentropy   10      34       0.58 (0.52 to 0.64)  0.40 (0.31 to 0.47)   0.63 (0.57 to 0.68)  0.24 (0.13 to 0.34), 0.11 (0.02 to 0.20)
#   ntxent          4      33       0.47 (0.41 to 0.54)  0.21 (0.13 to 0.29)   0.55 (0.48 to 0.61)  0.14 (0.02 to 0.24), -0.18 (-0.29 to -0.08)
#
# Other work went on beside both: alone, training takes 12 minutes.  The label-free score even likes networks of
# fewer parameters among those of one depth.
#
# TRUTH=data/ranking/macro-depth6.tsv (24 networks of 6 layers that are not identity), tau-b with the known values,
# and by how much it is above that of multiply-adds, 0.20 (-0.08 to 0.48), in the same bootstrap samples:
#
#   crossentropy   0.53 (0.28 to 0.72)   +0.33 (-0.05 to 0.68)
#   ntxent         0.66 (0.35 to 0.87)   +0.46 (0.02 to 0.84)
#
# and of parameters, 0.02 (-0.25 to 0.30): both are above it by more than chance.
#
# What was tried to raise the label-free one, tau-b with the known values; on the same supernet
#
#   as above: 64 images a batch, 512 to recalibrate, temperature 0.5    0.66 (0.35 to 0.87)
#   SCORE_IMAGES=5000                                                   0.62 (0.32 to 0.84)
#   CALIBRATION_IMAGES=2048                                             0.68 (0.39 to 0.88)
#   256 images a batch (510 negatives for 126)                          0.62 (0.30 to 0.86)
#   SCORE_TEMPERATURE=1                                                 0.64 (0.40 to 0.82)
#   SCORE_TEMPERATURE=0.2                                               0.59 (0.26 to 0.83)
#   SCORE_TEMPERATURE=0.1                                               0.59 (0.28 to 0.83)
#   SCORE_OBJECTIVE=alignuniform                                        0.51 (0.19 to 0.76)
#
# and on supernets trained otherwise
#
#   TEMPERATURE=0.2                                                     0.61 (0.33 to 0.82)
#   REGIME=fair, EPOCHS=1.3333 (as many paths trained)                  0.57 (0.27 to 0.80)
#   EPOCHS=8                                                            0.52 (0.27 to 0.71)
#
# None of these is told from the first by 24 networks.
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
