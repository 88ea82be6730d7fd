/* Greyscale: luma of ITU-R BT.601 in all three channels.  Only for three channels. */
#include "data/augment.h"

static void apply(const double *arg, struct image *im, struct rng *r, float *scratch)
{
	(void)scratch;
	if (im->c != 3 || rng_uniform(r) >= arg[0])
		return;
	for (int64_t i = 0; i < im->h * im->w; i++) {
		float *p = im->data + 3 * i;
		p[0] = p[1] = p[2] = 0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2];
	}
}

const struct augment augment_grey = {
	.name = "grey", .summary = "with probability p the three channels become their luma; nothing else than three channels changes",
	.arg = { { "p", 0.2, 0, 1 } }, .apply = apply,
};
