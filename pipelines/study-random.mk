# study-random: ## is the network that a search found better than chance?
#
# Five architectures are drawn uniformly over the canonical codes of the whole space, under the caps of the
# search; they and the found one are trained alike, a little (STUDY_EPOCHS on STUDY_IMAGES), and tested.
# Lives in the run of the search: give it the same variables.
include $(here)search.mk

$(call var,STUDY_NETWORKS,5,random networks that the found one is compared with)
$(call var,STUDY_EPOCHS,4,passes over the images for each network of the study)
$(call var,STUDY_IMAGES,20000,training images for each network of the study; 0: all)
$(call var,STUDY_SEED,1,seed of the drawing and of the training)

S         := $R/study-random
drawn     := $(shell seq -f %02.0f $(STUDY_NETWORKS))
alike      = --epochs $(STUDY_EPOCHS) --images $(STUDY_IMAGES) --batch $(RETRAIN_BATCH) --lr $(RETRAIN_LR) \
             --augment $(call value.of,$(RETRAIN_AUGMENT)) --seed $(STUDY_SEED)

# Scores with the supernet's weights, then "select" all of them: a file of members that nas-retrain reads.
$(call run,propose,$S/candidates.h5,space=$R/space.h5,--strategy random --k $(STUDY_NETWORKS) --round 1 --phase 1 \
  --rescore 0 $(caps) --seed $(STUDY_SEED))
$(call run,evaluate,$S/scores.h5,dataset=$R/dataset.h5 space=$R/space.h5 weights=$(weights) candidates=$S/candidates.h5,\
  --shard 1 --shards 1 --calibration-images $(CALIBRATION_IMAGES) --images 0 --batch $(BATCH) --augment $(call value.of,$(AUGMENT)) --seed $(SEED))
$(call run,record,$S/history.h5,space=$R/space.h5 candidates=$S/candidates.h5 scores=$S/scores.h5)
$(call run,select,$S/selection.h5,space=$R/space.h5 history=$S/history.h5,--pick ensemble:$(STUDY_NETWORKS) $(caps))

# $1 name, $2 selection, $3 member
student = $(call run,retrain,$S/$1/model.h5,dataset=$R/dataset.h5 labels=$R/labels.h5 selection=$2,--member $3 $(alike))$(call \
  run,test,$S/$1/metrics.h5,dataset=$R/dataset.h5 labels=$R/labels.h5 model=$S/$1/model.h5)
$(call student,found,$R/selection.h5,1)
$(strip $(foreach m,$(drawn),$(call student,random-$m,$S/selection.h5,$(call plain,$m))))

finish = sh $(here)study.sh $(BIN)/nas-inspect $S/found $(drawn:%=$S/random-%)
