/* Initial values.  Each tensor has its own random stream, named after it, so that a parameter starts
 * with the same numbers in every network, whatever else the store holds. */
#include <math.h>
#include <stdio.h>
#include "base/rng.h"
#include "nn/store.h"

void nn_init_param(struct nn_param *p, uint64_t seed)
{
	char purpose[512];
	snprintf(purpose, sizeof purpose, "init/%s", p->name);
	struct rng r = rng_stream(seed, purpose, 0, 0, 0);
	double window = (double)(p->shape[1] * p->shape[2]);
	double fan_out = window * (double)p->shape[0], fan_in = window * (double)p->shape[3];

	switch (p->init) {
	case NN_INIT_ZERO:
	case NN_INIT_ONE:
		for (int64_t i = 0; i < p->count; i++)
			p->data[i] = p->init == NN_INIT_ONE;
		break;
	case NN_INIT_HE:         /* He et al. 2015, eq. 14 */
		for (int64_t i = 0; i < p->count; i++)
			p->data[i] = (float)(sqrt(2 / fan_out) * rng_normal(&r));
		break;
	case NN_INIT_XAVIER: {   /* Glorot and Bengio 2010, eq. 16 */
		double bound = sqrt(6 / (fan_in + fan_out));
		for (int64_t i = 0; i < p->count; i++)
			p->data[i] = (float)(bound * (2 * rng_open(&r) - 1));
		break;
	}
	}
}

void nn_init_store(struct nn_store *s, uint64_t seed)
{
	for (int i = 0; i < s->count; i++)
		nn_init_param(s->param[i], seed);
}
