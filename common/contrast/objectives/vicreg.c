/* VICReg: Bardes, Ponce and LeCun 2022, "VICReg: variance-invariance-covariance regularization for
 * self-supervised learning", eqs. 1 to 6.  Needs no negatives, so small batches do.
 *
 * For the embeddings x, y (n, d) of two views, S_j = sqrt(var_j + 1e-4), variances and covariances over n - 1:
 *
 *   invariance  mean over all n d numbers of (x - y)^2
 *   variance    mean over j of max(0, 1 - S_j), for x and for y, halved
 *   covariance  sum_{i != j} cov_ij^2 / d, for x and for y
 *   L = 25 invariance + 25 variance + covariance
 *
 * The mean over d in the invariance and the halved variance are those of the authors' program, for which the
 * weights 25, 25, 1 were chosen; the paper's equations lack both factors.
 * Check value: both views constant zero: 25 (1 - 0.01).
 * The head is the paper's with one hidden layer: linear, batch-norm, ReLU, linear. */
#include <math.h>
#include "contrast/head.h"

#define INVARIANCE 25.0
#define VARIANCE 25.0
#define COVARIANCE 1.0
#define EPSILON 1e-4

static int head(struct nn_graph *g, int feature, const struct objective_settings *s)
{
	return contrast_head_normalised(g, "vicreg", feature, s);
}

/* x (n, dim) less its column means */
static void centre(int64_t n, int64_t dim, const float *x, double *z)
{
	for (int64_t k = 0; k < dim; k++) {
		double mean = 0;
		for (int64_t r = 0; r < n; r++)
			mean += (double)x[r * dim + k] / (double)n;
		for (int64_t r = 0; r < n; r++)
			z[r * dim + k] = x[r * dim + k] - mean;
	}
}

/* Variance and covariance terms of one view; their gradient is added to dx unless it is NULL.  Both are
 * functions of centred columns whose gradients sum to zero over rows, so centring needs no further term. */
static double regularise(int64_t n, int64_t dim, const float *x, float *dx, struct arena *mem)
{
	double *z = arena_raw(mem, (size_t)(n * dim), sizeof(double)), *c = arena_alloc(mem, (size_t)(dim * dim), sizeof(double));
	double loss = 0, scale = 1 / (double)(n - 1);
	centre(n, dim, x, z);
	for (int64_t r = 0; r < n; r++)
		for (int64_t i = 0; i < dim; i++)
			for (int64_t j = 0; j < dim; j++)
				c[i * dim + j] += scale * z[r * dim + i] * z[r * dim + j];
	for (int64_t i = 0; i < dim; i++)
		for (int64_t j = 0; j < dim; j++) {
			double *at = &c[i * dim + j];
			if (i == j) {
				/* d (1 - S) / dx_r = -z_r / ((n - 1) S) */
				double sd = sqrt(*at + EPSILON), weight = 0.5 * VARIANCE / (double)dim;
				loss += sd < 1 ? weight * (1 - sd) : 0;
				*at = sd < 1 ? -weight * scale / sd : 0;
			} else {
				/* each pair occurs twice in the sum: d cov^2 = 2 cov, by symmetry 4 cov z_j / (n - 1) */
				loss += COVARIANCE / (double)dim * *at * *at;
				*at *= 4 * COVARIANCE / (double)dim * scale;
			}
		}
	for (int64_t r = 0; dx && r < n; r++)
		for (int64_t i = 0; i < dim; i++) {
			double sum = 0;
			for (int64_t j = 0; j < dim; j++)
				sum += c[i * dim + j] * z[r * dim + j];
			dx[r * dim + i] = (float)(dx[r * dim + i] + sum);
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
	int64_t count = n * dim;
	double value = 0;
	for (int64_t i = 0; i < count; i++) {
		double apart = (double)out[i] - out[count + i];
		value += INVARIANCE * apart * apart / (double)count;
		if (dout) {
			dout[i] = (float)(2 * INVARIANCE * apart / (double)count);
			dout[count + i] = -dout[i];
		}
	}
	value += regularise(n, dim, out, dout, mem);
	value += regularise(n, dim, out + count, dout ? dout + count : NULL, mem);
	arena_rewind(mem, mark);
	return value;
}

const struct objective objective_vicreg = {
	.name = "vicreg",
	.summary = "VICReg: two views agree, features vary and are not correlated; no negatives, no labels",
	.needs_labels = false,
	.views = 2,
	.head = head,
	.loss = loss,
};
