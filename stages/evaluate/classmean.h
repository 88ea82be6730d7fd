/* Nearest class mean: a classifier without training, for features that never saw a label.
 *
 * A class is the mean of its images' features, each of length one; logits are cosines with the class
 * means over a temperature.  (Mensink, Verbeek, Perronnin and Csurka 2013, with the cosine.) */
#ifndef STAGES_EVALUATE_CLASSMEAN_H
#define STAGES_EVALUATE_CLASSMEAN_H

#include <stdint.h>
#include "base/arena.h"

struct classmean {
	int64_t classes, dim;
	double *mean;                /* (classes, dim): sums until classmean_finish, then of length one */
};
struct classmean *classmean_new(struct arena *mem, int64_t classes, int64_t dim);
void classmean_add(struct classmean *m, int64_t n, const float *feature, const int32_t *label);
void classmean_finish(struct classmean *m);
/* logits (n, classes) */
void classmean_logits(const struct classmean *m, double temperature, int64_t n, const float *feature,
                      float *logits);

#endif
