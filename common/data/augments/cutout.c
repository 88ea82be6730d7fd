/* Cutout (DeVries and Taylor 2017): a square becomes 0 (the mean colour).  Its centre is anywhere in the
 * image, so that it may stick out. */
#include <math.h>
#include <string.h>
#include "data/augment.h"

static int64_t clamp(int64_t v, int64_t most)
{
	return v < 0 ? 0 : v > most ? most : v;
}

static void apply(const double *arg, struct image *im, struct rng *r, float *scratch)
{
	(void)scratch;
	if (rng_uniform(r) >= arg[1])
		return;
	const int64_t side = (int64_t)lround(arg[0] * (double)(im->h < im->w ? im->h : im->w));
	const int64_t y = (int64_t)rng_below(r, (uint32_t)im->h) - side / 2, x = (int64_t)rng_below(r, (uint32_t)im->w) - side / 2;
	const int64_t x0 = clamp(x, im->w), x1 = clamp(x + side, im->w);
	for (int64_t i = clamp(y, im->h); i < clamp(y + side, im->h); i++)
		memset(im->data + (i * im->w + x0) * im->c, 0, (size_t)((x1 - x0) * im->c) * sizeof(float));
}

const struct augment augment_cutout = {
	.name = "cutout", .summary = "with probability p blanks a square whose side is size of the shorter side (0.5: 16 of 32)",
	.arg = { { "size", 0.5, 0, 1 }, { "p", 1, 0, 1 } }, .apply = apply,
};
