# What pipelines without a supernet share: candidates train from scratch for EPOCHS on FRACTION of the training
# images and are scored on held-out ones.  Not a pipeline itself.
#
# Other defaults than with a supernet: SPACE=darts OBJECTIVE=infonce TEMPERATURE=0.07 LR=0.025 K=8 SHARDS=K.
$(call preset,SPACE,darts)
$(call preset,OBJECTIVE,infonce)
$(call preset,TEMPERATURE,0.07)
$(call preset,LR,0.025)
$(call preset,K,8)
$(call preset,SHARDS,$K)
include $(here)supernet.mk

$(call var,FRACTION,0.1,from scratch: share of the training images that a candidate trains on)
$(call var,HALVING,0,from scratch: keep the best 1/HALVING of each rung of successive halving; 0: off)

repeats   := 1
scorer.inputs =
scorer.flags  = --weights scratch --objective $(OBJECTIVE) --temperature $(TEMPERATURE) --lr $(LR) \
  --epochs $(call auto,EPOCHS,$(if $(builtin),2,10)) --fraction $(FRACTION) --halving $(HALVING) --repeats $(repeats)
