/* Alignment and uniformity: Wang and Isola 2020, "Understanding contrastive representation learning through
 * alignment and uniformity on the hypersphere", eqs. 3 and 5 with alpha = t = 2, both with weight 1.
 *
 * a_r and b_r are the directions of the two views of image r (row / |row|):
 *
 *   align = sum_r |a_r - b_r|^2 / n      uniform(z) = log mean_{i < j} exp(-2 |z_i - z_j|^2)
 *   L = align + (uniform(a) + uniform(b)) / 2
 *
 * With e_ij = exp(-2 |z_i - z_j|^2) and S their sum over i < j:  d uniform / dz_i = -4 sum_j e_ij (z_i - z_j) / S.
 * Check values: all views equal: 0.  Two images on orthogonal axes, views equal: -4.  One image has no pairs: its
 * uniformity counts 0.
 * The head is that of NT-Xent.  Everything is in double. */
#include <math.h>
#include "contrast/head.h"
#include "contrast/sphere.h"

#define SPREAD 2.0               /* t */

static int head(struct nn_graph *g, int feature, const struct objective_settings *s)
{
	return contrast_head(g, "alignuniform", feature, s);
}

static double align(int64_t n, int64_t dim, const double *a, const double *b, double *da, double *db)
{
	double sum = 0;
	for (int64_t k = 0; k < n * dim; k++) {
		const double gap = a[k] - b[k];
		sum += gap * gap / (double)n;
		da[k] += 2 * gap / (double)n;
		db[k] -= 2 * gap / (double)n;
	}
	return sum;
}

/* Half of uniform(z); its gradient is added to dz.  e (n, n): scratch. */
static double half_uniform(int64_t n, int64_t dim, const double *z, double *e, double *dz)
{
	double sum = 0;
	if (n < 2)
		return 0;
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = i + 1; j < n; j++) {
			double far = 0;
			for (int64_t k = 0; k < dim; k++)
				far += (z[i * dim + k] - z[j * dim + k]) * (z[i * dim + k] - z[j * dim + k]);
			sum += e[i * n + j] = exp(-SPREAD * far);
		}
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = i + 1; j < n; j++)
			for (int64_t k = 0; k < dim; k++) {
				const double pull = -SPREAD * e[i * n + j] / sum * (z[i * dim + k] - z[j * dim + k]);
				dz[i * dim + k] += pull;
				dz[j * dim + k] -= pull;
			}
	return log(sum / ((double)n * (double)(n - 1) / 2)) / 2;
}

static double loss(const struct objective_settings *s, int64_t n, int64_t dim, const float *out,
                   const int32_t *label, const struct bank_view *bank, float *dout, struct arena *mem)
{
	(void)s;
	(void)label;
	(void)bank;
	struct arena_mark mark = arena_mark(mem);
	double *z = arena_raw(mem, (size_t)(2 * n * dim), sizeof(double)), *norm = arena_raw(mem, (size_t)(2 * n), sizeof(double));
	double *e = arena_raw(mem, (size_t)(n * n), sizeof(double)), *dz = arena_alloc(mem, (size_t)(2 * n * dim), sizeof(double));
	const int64_t half = n * dim;
	sphere_project(2 * n, dim, out, z, norm);
	const double value = align(n, dim, z, z + half, dz, dz + half) + half_uniform(n, dim, z, e, dz) +
	                     half_uniform(n, dim, z + half, e, dz + half);
	for (int64_t i = 0; dout && i < 2 * n; i++)
		sphere_gradient(dim, z + i * dim, norm[i], dz + i * dim, dout + i * dim);
	arena_rewind(mem, mark);
	return value;
}

const struct objective objective_alignuniform = {
	.name = "alignuniform",
	.summary = "alignment of two views of each image, uniformity of all; no labels",
	.needs_labels = false,
	.views = 2,
	.head = head,
	.loss = loss,
};
