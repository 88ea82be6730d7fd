/* NT-Xent, the normalised temperature-scaled cross-entropy: Chen, Kornblith, Norouzi and Hinton 2020,
 * "A simple framework for contrastive learning of visual representations", eq. 1.
 *
 * Rows i = 0 .. 2n-1 are views, row i and row i + n (mod 2n) show the same image; z = row / |row|,
 *
 *   s_ij = z_i . z_j / T            l_i = -s_i,pos(i) + log sum_{k != i} exp s_ik
 *
 * and the loss is the mean of l_i over all 2n rows.  With p_ij the softmax of row i without its
 * diagonal and G_ij = (p_ij - [j = pos(i)]) / 2n:
 *
 *   dL/dz_i = sum_j (G_ij + G_ji) z_j / T        dL/dx_i = (dz_i - (dz_i . z_i) z_i) / |x_i|
 *
 * Check value: two images, all four views equal, any T: log 3.
 * The head is the paper's g(h) = W2 relu(W1 h), with biases.  Everything is in double. */
#include <math.h>
#include "contrast/head.h"
#include "contrast/sphere.h"

static int head(struct nn_graph *g, int feature, const struct objective_settings *s)
{
	return contrast_head(g, "ntxent", feature, s);
}

/* Row i of the similarities becomes row i of G; returns l_i. */
static double row_loss(int64_t rows, int64_t i, int64_t positive, double *s)
{
	double top = -INFINITY, sum = 0, at_positive = s[positive];
	for (int64_t j = 0; j < rows; j++)
		if (j != i && s[j] > top)
			top = s[j];
	for (int64_t j = 0; j < rows; j++) {
		s[j] = j == i ? 0 : exp(s[j] - top);
		sum += s[j];
	}
	for (int64_t j = 0; j < rows; j++)
		s[j] = (s[j] / sum - (j == positive)) / (double)rows;
	return log(sum) + top - at_positive;
}

static void gradient(int64_t rows, int64_t dim, double temperature, const double *z, const double *norm,
                     const double *g, double *dz, float *dout)
{
	for (int64_t i = 0; i < rows; i++) {
		for (int64_t k = 0; k < dim; k++)
			dz[k] = 0;
		for (int64_t j = 0; j < rows; j++) {
			double weight = (g[i * rows + j] + g[j * rows + i]) / temperature;
			const double *zj = z + j * dim;
			for (int64_t k = 0; k < dim; k++)
				dz[k] += weight * zj[k];
		}
		sphere_gradient(dim, z + i * dim, norm[i], dz, dout + i * dim);
	}
}

static double loss(const struct objective_settings *s, int64_t n, int64_t dim, const float *out,
                   const int32_t *label, const struct bank_view *bank, float *dout, struct arena *mem)
{
	(void)bank;
	(void)label;
	int64_t rows = 2 * n;
	struct arena_mark mark = arena_mark(mem);
	double *z = arena_raw(mem, (size_t)(rows * dim), sizeof(double));
	double *norm = arena_raw(mem, (size_t)rows, sizeof(double));
	double *sim = arena_raw(mem, (size_t)(rows * rows), sizeof(double));
	sphere_project(rows, dim, out, z, norm);
	for (int64_t i = 0; i < rows; i++)
		for (int64_t j = i; j < rows; j++)
			sim[i * rows + j] = sim[j * rows + i] = sphere_dot(dim, z + i * dim, z + j * dim) / s->temperature;
	double sum = 0;
	for (int64_t i = 0; i < rows; i++)
		sum += row_loss(rows, i, (i + n) % rows, sim + i * rows);
	if (dout)
		gradient(rows, dim, s->temperature, z, norm, sim, arena_raw(mem, (size_t)dim, sizeof(double)), dout);
	arena_rewind(mem, mark);
	return sum / (double)rows;
}

const struct objective objective_ntxent = {
	.name = "ntxent",
	.summary = "contrastive loss of two views of each image, negatives from the batch; no labels",
	.needs_labels = false,
	.views = 2,
	.head = head,
	.loss = loss,
};
