/* Averaged weights.  Early on the average is short, so that the initial weights are soon forgotten. */
#include "nn/optim.h"

void nn_average(struct nn_store *average, const struct nn_store *values, double decay, int64_t t)
{
	double early = (1 + (double)t) / (10 + (double)t);
	double d = decay < early ? decay : early;
	float keep = (float)d, take = (float)(1 - d);
	for (int i = 0; i < average->count; i++) {
		struct nn_param *a = average->param[i];
		const float *v = nn_store_twin(values, a)->data;
		for (int64_t k = 0; k < a->count; k++)
			a->data[k] = keep * a->data[k] + take * v[k];
	}
}
