#include <math.h>
#include "stages/evaluate/classmean.h"

struct classmean *classmean_new(struct arena *mem, int64_t classes, int64_t dim)
{
	struct classmean *m = ARENA_NEW(mem, struct classmean, 1);
	m->classes = classes;
	m->dim = dim;
	m->mean = ARENA_NEW(mem, double, classes * dim);
	return m;
}

/* 1 / length of a feature; 0 for the zero vector, which then counts for nothing */
static double inverse_length(int64_t dim, const float *x)
{
	double sum = 0;
	for (int64_t k = 0; k < dim; k++)
		sum += (double)x[k] * x[k];
	return sum > 0 ? 1 / sqrt(sum) : 0;
}

void classmean_add(struct classmean *m, int64_t n, const float *feature, const int32_t *label)
{
	for (int64_t i = 0; i < n; i++) {
		const float *x = feature + i * m->dim;
		double *mean = m->mean + label[i] * m->dim, scale = inverse_length(m->dim, x);
		for (int64_t k = 0; k < m->dim; k++)
			mean[k] += scale * x[k];
	}
}

void classmean_finish(struct classmean *m)
{
	for (int64_t c = 0; c < m->classes; c++) {
		double *mean = m->mean + c * m->dim, sum = 0;
		for (int64_t k = 0; k < m->dim; k++)
			sum += mean[k] * mean[k];
		for (int64_t k = 0; k < m->dim && sum > 0; k++)
			mean[k] /= sqrt(sum);
	}
}

void classmean_logits(const struct classmean *m, double temperature, int64_t n, const float *feature,
                      float *logits)
{
	for (int64_t i = 0; i < n; i++) {
		const float *x = feature + i * m->dim;
		double scale = inverse_length(m->dim, x) / temperature;
		for (int64_t c = 0; c < m->classes; c++) {
			const double *mean = m->mean + c * m->dim;
			double dot = 0;
			for (int64_t k = 0; k < m->dim; k++)
				dot += mean[k] * x[k];
			logits[i * m->classes + c] = (float)(scale * dot);
		}
	}
}
