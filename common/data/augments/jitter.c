/* Colour jitter (Chen et al. 2020, appendix A), on normalised images in one pass.
 *
 *   every channel       v <- contrast v + brightness             (units of the channel's SD)
 *   three channels      first (r, g, b) <- M (r, g, b), M = saturation and hue:
 *     saturation s: grey + s (v - grey), grey = mean of the three;
 *     hue: turns about the grey axis (1, 1, 1) by an angle (Rodrigues' formula)
 *
 * Saturation and hue turn and stretch the same plane, so M = grey part + s R. */
#include <math.h>
#include "data/augment.h"

enum { BRIGHTNESS, CONTRAST, SATURATION, HUE, PROBABILITY };

static double spread(struct rng *r, double amount)
{
	return amount * (2 * rng_uniform(r) - 1);
}

static void colours(struct image *im, double saturation, double turn, float gain, float offset)
{
	/* v - grey is orthogonal to n = (1, 1, 1) / sqrt 3, so R (v - grey) = cos (v - grey) + sin (n x v). */
	const float a = (float)(saturation * cos(turn)), b = (float)(saturation * sin(turn) / sqrt(3));
	for (int64_t i = 0; i < im->h * im->w; i++) {
		float *p = im->data + 3 * i;
		const float x = p[0], y = p[1], z = p[2], grey = (x + y + z) * (1 / 3.f);
		p[0] = gain * (grey + a * (x - grey) + b * (z - y)) + offset;
		p[1] = gain * (grey + a * (y - grey) + b * (x - z)) + offset;
		p[2] = gain * (grey + a * (z - grey) + b * (y - x)) + offset;
	}
}

static void apply(const double *arg, struct image *im, struct rng *r, float *scratch)
{
	(void)scratch;
	if (rng_uniform(r) >= arg[PROBABILITY])
		return;
	const float offset = (float)spread(r, arg[BRIGHTNESS]), gain = (float)(1 + spread(r, arg[CONTRAST]));
	const double saturation = 1 + spread(r, arg[SATURATION]), turn = 2 * M_PI * spread(r, arg[HUE]);
	if (im->c == 3)
		colours(im, saturation, turn, gain, offset);
	else
		for (int64_t i = 0; i < im->h * im->w * im->c; i++)
			im->data[i] = gain * im->data[i] + offset;
}

const struct augment augment_jitter = {
	.name = "jitter", .summary = "with probability p changes brightness (SDs), contrast, saturation (factors around 1), hue (turns)",
	.arg = { { "brightness", 0.4, 0, 10 }, { "contrast", 0.4, 0, 1 }, { "saturation", 0.4, 0, 1 },
	         { "hue", 0.1, 0, 0.5 }, { "p", 0.8, 0, 1 } },
	.apply = apply,
};
