# study-random: ## is the network that a search found better than chance?
#
# Five architectures are drawn uniformly over the canonical codes of the whole space, under the caps of the
# search; they and the found one are trained alike, a little (STUDY_EPOCHS on STUDY_IMAGES), and tested.
# Lives in the run of the search: give it the same variables.
# Measured on CIFAR-10 with the network that `make search DATA=$CIFAR SPACE=macro MAX_MACS=60M` found (search.mk):
#   network      code             macs     params  test_top1   test_ece
#   found        22110210     59335168    1293098     0.7258     0.0125
#   random-05    21100220     51311104    1584106     0.7108     0.0135
#   random-02    02000221     51573248    1967914     0.6890     0.0113
#   random-03    01120011     45367808    1472810     0.6827     0.0123
#   random-04    00110110     29182464    1045994     0.6738     0.0109
#   random-01    00021012     47636992    1945770     0.6293     0.0178
#   the found network is number 1 of 6; median of the others 0.6827, found 0.7258
include $(here)search.mk

$(call var,STUDY_NETWORKS,5,random networks that the found one is compared with)
$(call var,STUDY_EPOCHS,4,passes over the images for each network of the study)
$(call var,STUDY_IMAGES,20000,training images for each network of the study; 0: all)
$(call var,STUDY_SEED,1,seed of the drawing and of the training)

S     := $R/study-random
drawn := $(shell seq -f %02.0f $(STUDY_NETWORKS))

# Scores with the supernet's weights, then "select" all of them: a file of members that nas-retrain reads.
$(call run,propose,$S/candidates.h5,space=$R/space.h5,--strategy random --k $(STUDY_NETWORKS) --round 1 --phase 1 \
  --rescore 0 $(caps) --seed $(STUDY_SEED))
$(call run,evaluate,$S/scores.h5,dataset=$R/dataset.h5 space=$R/space.h5 weights=$(weights) candidates=$S/candidates.h5,\
  --shard 1 --shards 1 --calibration-images $(CALIBRATION_IMAGES) --images 0 --batch $(BATCH) --augment $(call value.of,$(AUGMENT)) --seed $(SEED))
$(call run,record,$S/history.h5,space=$R/space.h5 candidates=$S/candidates.h5 scores=$S/scores.h5,)
$(call run,select,$S/selection.h5,space=$R/space.h5 history=$S/history.h5,--pick ensemble:$(STUDY_NETWORKS) $(caps))

# $1 name, $2 selection, $3 member
student = $(call train-and-test,$S/$1,selection=$2,--member $3,$(STUDY_EPOCHS),$(STUDY_IMAGES),$(STUDY_SEED))
$(call student,found,$R/selection.h5,1)
$(strip $(foreach m,$(drawn),$(call student,random-$m,$S/selection.h5,$(call plain,$m))))

finish = sh $(here)study.sh $(BIN)/nas-inspect $S/found $(drawn:%=$S/random-%)
