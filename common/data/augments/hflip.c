/* Horizontal flip.  Copy this file to add another augmentation: name the struct after the file, list the
 * arguments with default and range, change the image in place, draw from r and nothing else. */
#include "data/augment.h"

static void apply(const double *arg, struct image *im, struct rng *r, float *scratch)
{
	(void)scratch;
	if (rng_uniform(r) >= arg[0])
		return;
	const int64_t c = im->c;
	for (int64_t y = 0; y < im->h; y++) {
		float *row = im->data + y * im->w * c;
		for (int64_t left = 0, right = im->w - 1; left < right; left++, right--)
			for (int64_t k = 0; k < c; k++) {
				const float v = row[left * c + k];
				row[left * c + k] = row[right * c + k];
				row[right * c + k] = v;
			}
	}
}

const struct augment augment_hflip = {
	.name = "hflip", .summary = "mirrors left and right with probability p",
	.arg = { { "p", 0.5, 0, 1 } }, .apply = apply,
};
