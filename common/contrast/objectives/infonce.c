/* InfoNCE with a memory bank, the score of CSNAS (csnas-tpe.md 2.1), after the pretext-invariant
 * representations of Misra and van der Maaten 2020, eqs. 4 and 5, in its softmax form.
 *
 * Of each image i there are itself and two augmented views.  f_i is a linear projection of the image's
 * feature, g_i one of the two views' projections together.  With the bank's row m_i and negatives m_n of
 * other images, T the temperature:
 *
 *   NCE(a, i) = -log exp(cos(m_i, a) / T) / (exp(cos(m_i, a) / T) + sum_n exp(cos(a, m_n) / T))
 *   loss = mean over i of (NCE(g_i, i) + NCE(f_i, i)) / 2
 *
 * The bank is a constant: gradients go to f and g only.  Check value: all cosines equal, N negatives:
 * log(N + 1).  A held-out image has no row; when it is scored (objective_score), its own f stands for m_i.
 *
 * The output of a row holds f and the row's share in g as first and as second view: g = W [v1; v2] = W1
 * v1 + W2 v2. */
#include <math.h>
#include "contrast/bank.h"
#include "contrast/head.h"
#include "nn/layers.h"

enum { IMAGE, FIRST, SECOND, PARTS };

static int head(struct nn_graph *g, int feature, const struct objective_settings *s)
{
	int view = nn_linear(g, "head/infonce/view", feature, s->embedding, true);
	int part[PARTS] = {
		[IMAGE] = nn_linear(g, "head/infonce/image", feature, s->embedding, true),
		[FIRST] = nn_linear(g, "head/infonce/pair/first", view, s->embedding, true),
		[SECOND] = nn_linear(g, "head/infonce/pair/second", view, s->embedding, false),
	};
	return nn_concat(g, "head/infonce/parts", PARTS, part);
}

static double dot(int64_t width, const double *a, const double *b)
{
	double sum = 0;
	for (int64_t k = 0; k < width; k++)
		sum += a[k] * b[k];
	return sum;
}

struct room { double *weight, *z; };     /* (negatives), (width) */

/* NCE(a, i); da = its gradient, unless NULL. */
static double nce(const struct bank_view *b, double temperature, int64_t i, const double *a, double *da,
                  struct room room)
{
	int64_t width = b->width, n = b->negatives;
	double norm = bank_direction(width, a, room.z), positive = dot(width, b->positive + i * width, room.z) / temperature;
	double top = positive, sum = 0;
	for (int64_t k = 0; k < n; k++) {
		bool own = b->negative_image[k] == b->image[i];
		room.weight[k] = own ? -INFINITY : dot(width, b->negative + k * width, room.z) / temperature;
		top = fmax(top, room.weight[k]);
	}
	sum = exp(positive - top);
	for (int64_t k = 0; k < n; k++)
		sum += room.weight[k] = exp(room.weight[k] - top);
	if (da) {
		double own = exp(positive - top) / sum - 1, along;
		for (int64_t d = 0; d < width; d++)
			da[d] = own * b->positive[i * width + d];
		for (int64_t k = 0; k < n; k++)
			for (int64_t d = 0; d < width; d++)
				da[d] += room.weight[k] / sum * b->negative[k * width + d];
		along = dot(width, da, room.z);
		for (int64_t d = 0; d < width; d++)
			da[d] = (da[d] - along * room.z[d]) / (temperature * norm);
	}
	return log(sum) + top - positive;
}

static double loss(const struct objective_settings *s, int64_t n, int64_t dim, const float *out,
                   const int32_t *label, const struct bank_view *bank, float *dout, struct arena *mem)
{
	(void)label;
	struct arena_mark mark = arena_mark(mem);
	int64_t width = dim / PARTS;
	double *a = arena_raw(mem, (size_t)width, sizeof(double)), *da = arena_raw(mem, (size_t)width, sizeof(double));
	struct room room = {
		arena_raw(mem, (size_t)bank->negatives + 1, sizeof(double)), arena_raw(mem, (size_t)width, sizeof(double)),
	};
	double sum = 0;
	for (int64_t i = 0; dout && i < PARTS * n * dim; i++)
		dout[i] = 0;
	for (int64_t i = 0; i < n; i++) {
		int64_t image = i * dim + IMAGE * width, first = (n + i) * dim + FIRST * width, second = (2 * n + i) * dim + SECOND * width;
		for (int64_t k = 0; k < width; k++)
			a[k] = out[image + k];
		sum += 0.5 * nce(bank, s->temperature, i, a, dout ? da : NULL, room);
		for (int64_t k = 0; dout && k < width; k++)
			dout[image + k] = (float)(0.5 * da[k] / (double)n);
		for (int64_t k = 0; k < width; k++)
			a[k] = (double)out[first + k] + out[second + k];
		sum += 0.5 * nce(bank, s->temperature, i, a, dout ? da : NULL, room);
		for (int64_t k = 0; dout && k < width; k++)
			dout[first + k] = dout[second + k] = (float)(0.5 * da[k] / (double)n);
	}
	arena_rewind(mem, mark);
	return sum / (double)n;
}

const struct objective objective_infonce = {
	.name = "infonce",
	.summary = "contrastive loss against a memory bank of all training images (CSNAS); no labels",
	.views = PARTS,
	.plain = 1,
	.bank = true,
	.head = head,
	.loss = loss,
};
