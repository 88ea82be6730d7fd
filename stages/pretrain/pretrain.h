/* nas-pretrain: trains a supernet, a store of shared weights, one path per step. */
#ifndef STAGES_PRETRAIN_PRETRAIN_H
#define STAGES_PRETRAIN_PRETRAIN_H

#include "stages/training.h"

struct pretrain_args {
	struct training_options training;
	const char *regime, *sampler;
	int64_t phase;
	const char *dataset, *space, *labels, *weights;      /* paths; labels and weights may be NULL */
};
extern const struct pretrain_args pretrain_defaults;

int pretrain(const struct pretrain_args *a, const char *out, const struct h5_recipe *recipe, int64_t threads,
             struct arena *mem);

#endif
