/* nas-test: a trained network, or an ensemble whose probabilities are averaged, on the test images.
 *
 * Classifiers: loss, top-1, top-1 by class, confusion, calibration.  Encoders: contrastive loss with fixed
 * views over the full batches, mean over the members. */
#ifndef STAGES_TEST_TEST_H
#define STAGES_TEST_TEST_H

#include <stdint.h>
#include "base/arena.h"
#include "h5/recipe.h"

struct test_args {
	int64_t bins, batch, seed;
	const char *augment, *latency_out;
	const char *dataset, *labels;            /* paths; labels may be NULL */
	const char *const *models;
	int n_models;
};
extern const struct test_args test_defaults;

int test_models(const struct test_args *a, const char *out, const struct h5_recipe *recipe, int64_t threads,
                struct arena *mem);

#endif
