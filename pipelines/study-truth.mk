# study-truth: ## train the architectures of LIST alike: known values for study-ranking
#
# From scratch, all alike (TRUTH_EPOCHS on TRUTH_IMAGES), and tested; prints code TAB top-1 of each.  Goes on
# where it stopped.
#
#   make study-truth DATA=$CIFAR LIST=data/ranking/macro-depth6.txt >data/ranking/macro-depth6.tsv
#
# Seen: its 24 networks reach 0.686 to 0.738; 1.8 minutes each on two cores with AVX-512 that do nothing else (86 minutes
# in all, beside other work).
include $(here)supernet.mk

$(call var,TRUTH_EPOCHS,4,passes over the images for each network of LIST)
$(call var,TRUTH_IMAGES,20000,training images for each network of LIST; 0: all)

codes  := $(if $(LIST),$(shell sed 's/[#	].*//' $(LIST)))
$(if $(codes),,$(error study-truth needs LIST=FILE, a text file with one architecture per line))
$(strip $(foreach c,$(codes),$(call train-and-test,$R/$c,space=$R/space.h5,--arch $c,\
  $(TRUTH_EPOCHS),$(TRUTH_IMAGES),$(SEED))))

finish = sh $(here)metrics.sh $(BIN)/nas-inspect $(codes:%=$R/%) | cut -f 2,5
