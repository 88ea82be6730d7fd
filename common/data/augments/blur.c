/* Gaussian blur, separable, SD drawn between low and high pixels; edges repeat. */
#include <math.h>
#include "data/augment.h"

enum { RADIUS_MAX = 32 };

static int64_t clamp(int64_t v, int64_t most)
{
	return v < 0 ? 0 : v > most ? most : v;
}

static void apply(const double *arg, struct image *im, struct rng *r, float *scratch)
{
	if (rng_uniform(r) >= arg[2])
		return;
	const double high = arg[1] > arg[0] ? arg[1] : arg[0], sd = arg[0] + (high - arg[0]) * rng_uniform(r);
	const int radius = (int)fmin(ceil(3 * sd), RADIUS_MAX);
	float weight[RADIUS_MAX + 1];          /* weight[k] of the pixels at distance k */
	double sum = 1;
	for (int k = 1; k <= radius; k++)
		sum += 2 * exp(-k * k / (2 * sd * sd));
	for (int k = 0; k <= radius; k++)
		weight[k] = (float)(exp(-k * k / (2 * sd * sd)) / sum);

	const int64_t h = im->h, w = im->w, c = im->c, n = w * c;
	for (int64_t y = 0; y < h; y++) {       /* down the columns, into scratch */
		float *out = scratch + y * n;
		const float *centre = im->data + y * n;
		for (int64_t i = 0; i < n; i++)
			out[i] = weight[0] * centre[i];
		for (int k = 1; k <= radius; k++) {
			const float *up = im->data + clamp(y - k, h - 1) * n, *down = im->data + clamp(y + k, h - 1) * n;
			for (int64_t i = 0; i < n; i++)
				out[i] += weight[k] * (up[i] + down[i]);
		}
	}
	for (int64_t y = 0; y < h; y++) {       /* along the rows, back; first the part where no pixel is outside */
		float *out = im->data + y * n;
		const float *in = scratch + y * n;
		for (int64_t i = 0; i < n; i++)
			out[i] = weight[0] * in[i];
		for (int k = 1; k <= radius; k++) {
			const int64_t from = k < w ? k : w, to = w - k > from ? w - k : from;
			for (int64_t i = from * c; i < to * c; i++)
				out[i] += weight[k] * (in[i - k * c] + in[i + k * c]);
			for (int64_t x = 0; x < w; x++) {
				if (x == from)
					x = to;
				if (x == w)
					break;
				for (int64_t j = 0; j < c; j++)
					out[x * c + j] += weight[k] * (in[clamp(x - k, w - 1) * c + j] + in[clamp(x + k, w - 1) * c + j]);
			}
		}
	}
}

const struct augment augment_blur = {
	.name = "blur", .summary = "with probability p blurs with a Gaussian of SD low to high pixels",
	.arg = { { "low", 0.1, 0.05, 10 }, { "high", 1, 0.05, 10 }, { "p", 0.5, 0, 1 } }, .apply = apply,
};
