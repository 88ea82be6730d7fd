/* Cross-entropy of softmax with label smoothing (Szegedy et al. 2016, section 7): the target is 1 - s on
 * the label plus s / c on every class.  With q the target and p = softmax(x), per row
 *      loss = -sum_j q_j log p_j,      d loss / d x_j = p_j - q_j.
 * Copy this file to add another loss. */
#include <math.h>
#include "nn/loss.h"

static double value(int64_t n, int64_t c, const float *out, const int32_t *label, double smoothing,
                    float *dout)
{
	double loss = 0, spread = smoothing / (double)c;
	for (int64_t i = 0; i < n; i++) {
		const float *x = out + i * c;
		double top = x[0], sum = 0, mean = 0;
		for (int64_t j = 1; j < c; j++)
			top = x[j] > top ? x[j] : top;
		for (int64_t j = 0; j < c; j++) {
			sum += exp(x[j] - top);
			mean += (x[j] - top) / (double)c;
		}
		double log_sum = log(sum);
		loss += log_sum - (1 - smoothing) * (x[label[i]] - top) - smoothing * mean;
		for (int64_t j = 0; dout && j < c; j++) {
			double p = exp(x[j] - top) / sum, q = spread + (j == label[i] ? 1 - smoothing : 0);
			dout[i * c + j] = (float)((p - q) / (double)n);
		}
	}
	return loss / (double)n;
}

const struct nn_loss nn_loss_crossentropy = {
	.name = "crossentropy", .summary = "cross-entropy of softmax, with label smoothing", .value = value,
};
