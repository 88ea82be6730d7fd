/* Barlow Twins: Zbontar, Jing, Misra, LeCun and Deny 2021, "Barlow Twins: self-supervised learning via
 * redundancy reduction", eqs. 1 and 2.  Needs no negatives, so small batches do.
 *
 * Columns of each view's embedding are standardised over the batch (biased variance + 1e-5), a and b:
 *
 *   C_ij = sum_r a_ri b_rj / n        L = sum_i (1 - C_ii)^2 + lambda sum_{i != j} C_ij^2,  lambda = 0.0051
 *
 * With D = dL/dC:  dL/da = b D' / n,  dL/db = a D / n,  and through the standardisation of a column
 *   dL/dx = istd (da - mean da - a mean(a da)).
 * Check value: two equal views whose columns are uncorrelated: (1 - var / (var + 1e-5))^2 summed, nearly 0.
 * The head is the paper's with one hidden layer: linear, batch-norm, ReLU, linear. */
#include <math.h>
#include "contrast/head.h"

#define LAMBDA 0.0051
#define EPSILON 1e-5

static int head(struct nn_graph *g, int feature, const struct objective_settings *s)
{
	return contrast_head_normalised(g, "barlow", feature, s);
}

/* z (n, dim): the columns of x standardised; istd (dim). */
static void standardise(int64_t n, int64_t dim, const float *x, double *z, double *istd)
{
	for (int64_t k = 0; k < dim; k++) {
		double mean = 0, var = 0;
		for (int64_t r = 0; r < n; r++)
			mean += (double)x[r * dim + k] / (double)n;
		for (int64_t r = 0; r < n; r++)
			var += (x[r * dim + k] - mean) * (x[r * dim + k] - mean) / (double)n;
		istd[k] = 1 / sqrt(var + EPSILON);
		for (int64_t r = 0; r < n; r++)
			z[r * dim + k] = (x[r * dim + k] - mean) * istd[k];
	}
}

/* Gradient of the standardised columns dz -> of what they were made from. */
static void gradient(int64_t n, int64_t dim, const double *z, const double *istd, const double *dz, float *dx)
{
	for (int64_t k = 0; k < dim; k++) {
		double mean = 0, along = 0;
		for (int64_t r = 0; r < n; r++) {
			mean += dz[r * dim + k] / (double)n;
			along += dz[r * dim + k] * z[r * dim + k] / (double)n;
		}
		for (int64_t r = 0; r < n; r++)
			dx[r * dim + k] = (float)(istd[k] * (dz[r * dim + k] - mean - z[r * dim + k] * along));
	}
}

/* c (dim, dim): C, then D; returns L. */
static double correlate(int64_t n, int64_t dim, const double *a, const double *b, double *c)
{
	double loss = 0;
	for (int64_t i = 0; i < dim * dim; i++)
		c[i] = 0;
	for (int64_t r = 0; r < n; r++)
		for (int64_t i = 0; i < dim; i++)
			for (int64_t j = 0; j < dim; j++)
				c[i * dim + j] += a[r * dim + i] * b[r * dim + j];
	for (int64_t i = 0; i < dim; i++)
		for (int64_t j = 0; j < dim; j++) {
			double *at = &c[i * dim + j], weight = i == j ? 1 : LAMBDA, off = *at / (double)n - (i == j);
			loss += weight * off * off;
			*at = 2 * weight * off;
		}
	return loss;
}

static double loss(const struct objective_settings *s, int64_t n, int64_t dim, const float *out,
                   const int32_t *label, const struct bank_view *bank, float *dout, struct arena *mem)
{
	(void)bank;
	(void)s;
	(void)label;
	struct arena_mark mark = arena_mark(mem);
	double *a = arena_raw(mem, (size_t)(n * dim), sizeof(double)), *b = arena_raw(mem, (size_t)(n * dim), sizeof(double));
	double *istd = arena_raw(mem, (size_t)(2 * dim), sizeof(double)), *c = arena_raw(mem, (size_t)(dim * dim), sizeof(double));
	standardise(n, dim, out, a, istd);
	standardise(n, dim, out + n * dim, b, istd + dim);
	double value = correlate(n, dim, a, b, c);
	if (dout) {
		double *da = arena_alloc(mem, (size_t)(n * dim), sizeof(double)), *db = arena_alloc(mem, (size_t)(n * dim), sizeof(double));
		for (int64_t r = 0; r < n; r++)
			for (int64_t i = 0; i < dim; i++)
				for (int64_t j = 0; j < dim; j++) {
					da[r * dim + i] += b[r * dim + j] * c[i * dim + j] / (double)n;
					db[r * dim + j] += a[r * dim + i] * c[i * dim + j] / (double)n;
				}
		gradient(n, dim, a, istd, da, dout);
		gradient(n, dim, b, istd + dim, db, dout + n * dim);
	}
	arena_rewind(mem, mark);
	return value;
}

const struct objective objective_barlow = {
	.name = "barlow",
	.summary = "Barlow Twins: two views correlate, features do not; no negatives, no labels",
	.needs_labels = false,
	.views = 2,
	.head = head,
	.loss = loss,
};
