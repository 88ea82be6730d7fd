/* Rotation by a right angle, for images without an up.  Images that are not square turn by 180 degrees
 * or not at all: the size must stay. */
#include <string.h>
#include "data/augment.h"

static void apply(const double *arg, struct image *im, struct rng *r, float *scratch)
{
	if (rng_uniform(r) >= arg[0])
		return;
	const int64_t h = im->h, w = im->w, c = im->c;
	const uint32_t turns = h == w ? rng_below(r, 4) : 2 * rng_below(r, 2);   /* quarter turns, anticlockwise */
	if (turns == 0)
		return;
	memcpy(scratch, im->data, (size_t)(h * w * c) * sizeof(float));
	for (int64_t y = 0; y < h; y++)
		for (int64_t x = 0; x < w; x++) {
			/* One turn brings the right column to the top: out(y, x) = in(x, w - 1 - y). */
			const int64_t from_y = turns == 1 ? x : turns == 2 ? h - 1 - y : h - 1 - x;
			const int64_t from_x = turns == 1 ? w - 1 - y : turns == 2 ? w - 1 - x : y;
			for (int64_t k = 0; k < c; k++)
				im->data[(y * w + x) * c + k] = scratch[(from_y * w + from_x) * c + k];
		}
}

const struct augment augment_rot90 = {
	.name = "rot90", .summary = "with probability p turns by 0, 90, 180 or 270 degrees, alike likely",
	.arg = { { "p", 1, 0, 1 } }, .apply = apply,
};
