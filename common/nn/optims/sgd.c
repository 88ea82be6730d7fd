/* Stochastic gradient descent with momentum, in PyTorch's form (Sutskever et al. 2013 for Nesterov's):
 *      g <- g + decay w,   v <- momentum v + g,   w <- w - lr (nesterov ? g + momentum v : v)
 * The smallest optimiser: copy this file to add another. */
#include "nn/optim.h"

static void step(const struct nn_optim_settings *s, int64_t count, float *w, const float *grad,
                 float *const slot[NN_MAX_SLOTS], double scale, double decay, double local, int64_t t)
{
	float lr = (float)(s->lr * local), momentum = (float)s->momentum, d = (float)decay, k = (float)scale;
	float *v = slot[0];
	(void)t;
	for (int64_t i = 0; i < count; i++) {
		float g = k * grad[i] + d * w[i];
		v[i] = momentum * v[i] + g;
		w[i] -= lr * (s->nesterov ? g + momentum * v[i] : v[i]);
	}
}

const struct nn_optim nn_optim_sgd = {
	.name = "sgd", .summary = "gradient descent with (Nesterov) momentum", .slots = 1, .step = step,
};
