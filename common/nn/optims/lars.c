/* LARS: You, Gitman and Ginsburg 2017, "Large batch training of convolutional networks", algorithm 1:
 *      local = trust |w| / (|g| + decay |w|),   v <- momentum v + lr local (g + decay w),   w <- w - v
 * Tensors without decay (batch-norm, bias) take the plain rate, as is customary. */
#include "nn/optim.h"

static void step(const struct nn_optim_settings *s, int64_t count, float *w, const float *grad,
                 float *const slot[NN_MAX_SLOTS], double scale, double decay, double local, int64_t t)
{
	float lr = (float)(s->lr * local), momentum = (float)s->momentum, d = (float)decay, k = (float)scale;
	float *v = slot[0];
	(void)t;
	for (int64_t i = 0; i < count; i++) {
		v[i] = momentum * v[i] + lr * (k * grad[i] + d * w[i]);
		w[i] -= v[i];
	}
}

static double ratio(const struct nn_optim_settings *s, double w_norm, double g_norm, double decay)
{
	double below = g_norm + decay * w_norm;
	return decay > 0 && w_norm > 0 && below > 0 ? s->trust * w_norm / below : 1;
}

const struct nn_optim nn_optim_lars = {
	.name = "lars", .summary = "layer-wise adaptive rate, for large batches", .slots = 1, .step = step,
	.ratio = ratio,
};
