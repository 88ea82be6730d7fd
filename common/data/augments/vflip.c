/* Vertical flip, for images without an up. */
#include "data/augment.h"

static void apply(const double *arg, struct image *im, struct rng *r, float *scratch)
{
	(void)scratch;
	if (rng_uniform(r) >= arg[0])
		return;
	const int64_t n = im->w * im->c;
	for (int64_t top = 0, bottom = im->h - 1; top < bottom; top++, bottom--) {
		float *a = im->data + top * n, *b = im->data + bottom * n;
		for (int64_t i = 0; i < n; i++) {
			const float v = a[i];
			a[i] = b[i];
			b[i] = v;
		}
	}
}

const struct augment augment_vflip = {
	.name = "vflip", .summary = "mirrors top and bottom with probability p",
	.arg = { { "p", 0.5, 0, 1 } }, .apply = apply,
};
