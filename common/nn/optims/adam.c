/* Adam: Kingma and Ba 2015, algorithm 1, with weight decay added to the gradient (as torch.optim.Adam):
 *      m <- b1 m + (1 - b1) g,   v <- b2 v + (1 - b2) g^2,
 *      w <- w - lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps) */
#include <math.h>
#include "nn/optim.h"

static void step(const struct nn_optim_settings *s, int64_t count, float *w, const float *grad,
                 float *const slot[NN_MAX_SLOTS], double scale, double decay, double local, int64_t t)
{
	float *m = slot[0], *v = slot[1];
	float b1 = (float)s->beta1, b2 = (float)s->beta2, c1 = (float)(1 - s->beta1), c2 = (float)(1 - s->beta2);
	float rate = (float)(s->lr * local / (1 - pow(s->beta1, (double)t)));
	float unbias = (float)(1 / sqrt(1 - pow(s->beta2, (double)t))), eps = (float)s->eps;
	float d = (float)decay, k = (float)scale;
	for (int64_t i = 0; i < count; i++) {
		float g = k * grad[i] + d * w[i];
		m[i] = b1 * m[i] + c1 * g;
		v[i] = b2 * v[i] + c2 * g * g;
		w[i] -= rate * m[i] / (sqrtf(v[i]) * unbias + eps);
	}
}

const struct nn_optim nn_optim_adam = {
	.name = "adam", .summary = "adaptive moments with bias correction", .slots = 2, .step = step,
};
