/* Metrics of class probabilities. */
#ifndef STAGES_TEST_MEASURE_H
#define STAGES_TEST_MEASURE_H

#include <stdint.h>
#include "base/arena.h"

struct measure {
	int64_t classes, bins, images;
	double loss, top1;
	double ece;                              /* see measure_finish */
	double *class_top1;                      /* (classes), NaN for a class without images */
	int64_t *confusion;                      /* (classes, classes): true, predicted */
	double *bin_confidence, *bin_top1;       /* (bins), NaN when empty */
	int64_t *bin_images;                     /* (bins) */
};
struct measure *measure_new(struct arena *mem, int64_t classes, int64_t bins);
/* probability (n, classes) */
void measure_add(struct measure *m, int64_t n, const float *probability, const int32_t *label);
/* Sums become means.  Expected calibration error: Guo, Pleiss, Sun and Weinberger 2017, eq. 3, with bins
 * ((b - 1) / bins, b / bins] of the largest probability: sum over bins of n_b / n * |top1_b - confidence_b|. */
void measure_finish(struct measure *m);

#endif
