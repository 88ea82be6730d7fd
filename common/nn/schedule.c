/* Learning-rate schedules.  After the warm-up, p runs from 0 to 1 over the remaining steps. */
#include <math.h>
#include <stddef.h>
#include "nn/optim.h"

static const char *const names[] = { "constant", "cosine", "linear", "step" };

const char *nn_schedule_name(int i)
{
	return i >= 0 && i < (int)(sizeof names / sizeof *names) ? names[i] : NULL;
}

double nn_schedule_rate(const struct nn_schedule *s, int64_t step)
{
	if (step < s->warmup)
		return s->base * (double)(step + 1) / (double)s->warmup;
	int64_t at = step - s->warmup, length = s->total - s->warmup;
	double p = length <= 0 || at >= length ? 1 : (double)at / (double)length;
	switch (s->kind) {
	case NN_SCHEDULE_COSINE:         /* Loshchilov and Hutter 2017, eq. 5, one period */
		return s->final + (s->base - s->final) * (1 + cos(M_PI * p)) / 2;
	case NN_SCHEDULE_LINEAR:
		return s->base + (s->final - s->base) * p;
	case NN_SCHEDULE_STEP:
		return s->every > 0 ? s->base * pow(s->gamma, (double)(at / s->every)) : s->base;
	case NN_SCHEDULE_CONSTANT:
		break;
	}
	return s->base;
}
