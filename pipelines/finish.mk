# What a search ends with: the best trials once more, selection, retraining, test and report.
# Not a pipeline itself.  Expects space and history (see supernet.mk) to be those after the last round.

# ---- selection and retraining
$(call var,TOP,10,best trials that are scored again on the whole validation split)
$(call var,PICK,best,best, pareto, or ensemble:N)
$(call var,RETRAIN_WIDTH,auto,macro: WIDTH of the network that is retrained; auto: as in the search)
$(call var,RETRAIN_C,auto,C of the network that is retrained; auto: as in the search)
$(call var,RETRAIN_L,auto,L of the network that is retrained; auto: as in the search)
$(call var,RETRAIN_NETWORK,auto,NETWORK of the network that is retrained; auto: as in the search)
$(call var,RETRAIN_DROP_PATH,0,darts: probability at the end of retraining that an image skips an operation)
$(call var,RETRAIN_AUXILIARY,0,darts: weight of the loss of an auxiliary classifier while retraining; 0: none)
$(call var,RETRAIN_EPOCHS,auto,passes over the images when retraining; auto: 12 for shapes10, else 8)
$(call var,RETRAIN_IMAGES,0,retrain on so many images; 0: all)

members   := $(shell seq -f %02.0f $(or $(patsubst ensemble:%,%,$(filter ensemble:%,$(PICK))),1))
model.flags := --width $(RETRAIN_WIDTH) --initial-channels $(RETRAIN_C) --cells $(RETRAIN_L) --network $(RETRAIN_NETWORK) \
               --drop-path $(RETRAIN_DROP_PATH) --auxiliary $(RETRAIN_AUXILIARY)

$(call ask-and-tell,$R/round-final,0,$R/history.h5,$(shell echo $$(($(phase) + 1))),\
  --strategy best --k $(TOP) --round $(shell echo $$(($(ROUNDS) + 1))) --rescore 0,)
$(call run,select,$R/selection.h5,space=$(space) history=$(history),--pick $(PICK) $(caps))

model = $R/model$(if $(filter-out 01,$1),-$1).h5
$(foreach m,$(members),$(call run,retrain,$(call model,$m),dataset=$R/dataset.h5 labels=$R/labels.h5 selection=$R/selection.h5,\
  --member $(call plain,$m) $(model.flags) --epochs $(call auto,RETRAIN_EPOCHS,$(if $(builtin),12,8)) --images $(RETRAIN_IMAGES) \
  --batch $(RETRAIN_BATCH) --lr $(RETRAIN_LR) --augment $(call value.of,$(RETRAIN_AUGMENT)) \
  --on-divergence $(ON_DIVERGENCE) --seed $(SEED),$(words $(members))))
$(call run,test,$R/metrics.h5,dataset=$R/dataset.h5 labels=$R/labels.h5 $(foreach m,$(members),model=$(call model,$m)),\
  --latency-out $R/measured/latency.tsv)
$(call run,report,$R/report/recipe.txt,$(runs),--run $R --out $R/report)
