/* Losses on a batch of outputs.  Means over images, in double; gradients of the mean. */
#ifndef NN_LOSS_H
#define NN_LOSS_H

#include <stdint.h>
#include "base/plugin.h"

struct nn_loss {
	PLUGIN_HEAD;
	/* out (n, c), label (n): returns the mean loss, writes dout (n, c) unless NULL.  smoothing in [0, 1). */
	double (*value)(int64_t n, int64_t c, const float *out, const int32_t *label, double smoothing, float *dout);
};
extern const struct nn_loss *const nn_loss_table[];

/* Number of rows whose largest entry (first of equals) is the label. */
int64_t nn_count_correct(int64_t n, int64_t c, const float *out, const int32_t *label);
/* softmax of each row, in place allowed */
void nn_softmax(int64_t n, int64_t c, const float *x, float *y);

#endif
