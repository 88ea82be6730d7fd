/* model.h5: one trained network of its own.  Written by nas-retrain, read by nas-test. */
#ifndef STAGES_MODEL_H
#define STAGES_MODEL_H

#include "data/dataset.h"
#include "nn/checkpoint.h"
#include "stages/network.h"

struct model {
	const struct space *space;               /* settings.classes = outputs of the classifier, 0: an encoder */
	uint8_t code[SPACE_MAX_DECISIONS];
	const char *text;                        /* the code in the notation of the space */
	const struct objective *objective;
	struct objective_settings head;
	struct nn_store *values;
	struct nn_stats *stats;
	const double *mean, *sd;                 /* (channels): what inputs are normalised with */
};

int model_write(const struct model *m, const struct nn_curve *curve, const char *path,
                const struct h5_recipe *recipe);
int model_read(struct model *m, const char *path, struct arena *mem);

#endif
