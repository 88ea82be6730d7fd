/* RMSProp (Tieleman and Hinton 2012, lecture 6.5), not centred, as torch.optim.RMSprop:
 *      v <- alpha v + (1 - alpha) g^2,   u = g / (sqrt(v) + eps),   b <- momentum b + u,   w <- w - lr b */
#include <math.h>
#include "nn/optim.h"

static void step(const struct nn_optim_settings *s, int64_t count, float *w, const float *grad,
                 float *const slot[NN_MAX_SLOTS], double scale, double decay, double local, int64_t t)
{
	float *v = slot[0], *b = slot[1];
	float alpha = (float)s->rms_alpha, rest = (float)(1 - s->rms_alpha), eps = (float)s->eps;
	float lr = (float)(s->lr * local), momentum = (float)s->momentum, d = (float)decay, k = (float)scale;
	(void)t;
	for (int64_t i = 0; i < count; i++) {
		float g = k * grad[i] + d * w[i];
		v[i] = alpha * v[i] + rest * g * g;
		b[i] = momentum * b[i] + g / (sqrtf(v[i]) + eps);
		w[i] -= lr * b[i];
	}
}

const struct nn_optim nn_optim_rmsprop = {
	.name = "rmsprop", .summary = "gradients over their running root mean square", .slots = 2, .step = step,
};
