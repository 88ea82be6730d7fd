/* Random resized crop (Szegedy et al. 2015): a rectangle of `scale` to 1 of the area and an aspect ratio of
 * `ratio` to 1 / ratio is enlarged to the whole image, bilinearly.  A crop never exceeds the image, so
 * nothing is ever shrunk and no area filter is needed. */
#include <math.h>
#include "data/augment.h"

enum { TRIES = 10 };

/* Crop (y, x, h, w), in pixels, not rounded: enlarging is continuous anyway. */
struct box { double y, x, h, w; };

static struct box draw(const double *arg, const struct image *im, struct rng *r)
{
	const double H = (double)im->h, W = (double)im->w, log_ratio = log(arg[1]);
	for (int i = 0; i < TRIES; i++) {
		const double area = H * W * (arg[0] + (1 - arg[0]) * rng_uniform(r));
		const double aspect = exp(log_ratio * (1 - 2 * rng_uniform(r)));       /* width / height */
		const double h = sqrt(area / aspect), w = sqrt(area * aspect);
		if (h <= H && w <= W) {
			const double y = rng_uniform(r), x = rng_uniform(r);
			return (struct box){ y * (H - h), x * (W - w), h, w };
		}
	}
	return (struct box){ 0, 0, H, W };
}

/* Output pixel i of n shows the source at from + (i + 0.5) size / n - 0.5: between pixel `at` and the next,
 * `share` of the latter. */
static int64_t sample(double from, double size, int64_t i, int64_t n, float *share)
{
	double at = from + ((double)i + 0.5) * size / (double)n - 0.5;
	at = at < 0 ? 0 : at > (double)(n - 1) ? (double)(n - 1) : at;
	const int64_t low = (int64_t)at;
	*share = (float)(at - (double)low);
	return low;
}

static void apply(const double *arg, struct image *im, struct rng *r, float *scratch)
{
	const int64_t h = im->h, w = im->w, c = im->c, n = w * c;
	const struct box b = draw(arg, im, r);
	/* Along the rows first, into scratch, then down the columns. */
	for (int64_t x = 0; x < w; x++) {
		float share;
		const int64_t at = sample(b.x, b.w, x, w, &share), next = at + 1 < w ? c : 0;
		for (int64_t y = 0; y < h; y++) {
			const float *in = im->data + y * n + at * c;
			float *out = scratch + y * n + x * c;
			for (int64_t k = 0; k < c; k++)
				out[k] = in[k] + share * (in[next + k] - in[k]);
		}
	}
	for (int64_t y = 0; y < h; y++) {
		float share;
		const int64_t at = sample(b.y, b.h, y, h, &share);
		const float *in = scratch + at * n, *below = at + 1 < h ? in + n : in;
		float *out = im->data + y * n;
		for (int64_t i = 0; i < n; i++)
			out[i] = in[i] + share * (below[i] - in[i]);
	}
}

const struct augment augment_rrcrop = {
	.name = "rrcrop", .summary = "enlarges a rectangle of scale to 1 of the area, aspect ratio from ratio to 1 / ratio",
	.arg = { { "scale", 0.2, 0.01, 1 }, { "ratio", 0.75, 0.1, 1 } }, .apply = apply,
};
