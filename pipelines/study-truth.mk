# study-truth: ## train the architectures of LIST alike: known values for study-ranking
#
# From scratch, all alike (TRUTH_EPOCHS on TRUTH_IMAGES), and tested; prints code TAB top-1 of each.  Goes on
# where it stopped.
#
#   make study-truth DATA=$CIFAR LIST=data/ranking/macro-depth6.txt >data/ranking/macro-depth6.tsv
include $(here)supernet.mk

$(call var,TRUTH_EPOCHS,4,passes over the images for each network of LIST)
$(call var,TRUTH_IMAGES,20000,training images for each network of LIST; 0: all)

codes  := $(if $(LIST),$(shell sed 's/[#	].*//' $(LIST)))
$(if $(codes),,$(error study-truth needs LIST=FILE, a text file with one architecture per line))
# $1 code
student = $(call run,retrain,$R/$1/model.h5,dataset=$R/dataset.h5 labels=$R/labels.h5 space=$R/space.h5,--arch $1 \
  --epochs $(TRUTH_EPOCHS) --images $(TRUTH_IMAGES) --batch $(RETRAIN_BATCH) --lr $(RETRAIN_LR) \
  --augment $(call value.of,$(RETRAIN_AUGMENT)) --seed $(SEED))$(call \
  run,test,$R/$1/metrics.h5,dataset=$R/dataset.h5 labels=$R/labels.h5 model=$R/$1/model.h5,)
$(strip $(foreach c,$(codes),$(call student,$c)))

finish = sh $(here)metrics.sh $(BIN)/nas-inspect $(codes:%=$R/%) | cut -f 2,5
