/* Pad and crop: shifts by up to pad in either direction, what comes in is 0 (the mean colour). */
#include <math.h>
#include <string.h>
#include "data/augment.h"

static int64_t shift(struct rng *r, int64_t most)
{
	return (int64_t)rng_below(r, (uint32_t)(2 * most + 1)) - most;
}

static void apply(const double *arg, struct image *im, struct rng *r, float *scratch)
{
	const int64_t h = im->h, w = im->w, c = im->c;
	const int64_t dy = shift(r, (int64_t)lround(arg[0] * (double)h)), dx = shift(r, (int64_t)lround(arg[0] * (double)w));
	const int64_t x0 = dx < 0 ? -dx : 0, x1 = dx > 0 ? w - dx : w;       /* columns that come from inside */
	memcpy(scratch, im->data, (size_t)(h * w * c) * sizeof(float));
	memset(im->data, 0, (size_t)(h * w * c) * sizeof(float));
	for (int64_t y = 0; y < h; y++)
		if (y + dy >= 0 && y + dy < h)
			memcpy(im->data + (y * w + x0) * c, scratch + ((y + dy) * w + x0 + dx) * c,
			       (size_t)((x1 - x0) * c) * sizeof(float));
}

const struct augment augment_padcrop = {
	.name = "padcrop", .summary = "shifts by up to pad of the height and width (0.125: 4 pixels of 32)",
	.arg = { { "pad", 0.125, 0, 1 } }, .apply = apply,
};
