/* Area resampling, separable: rows first (h x W doubles), then columns. */
#include "fit.h"

#include <math.h>
#include <string.h>
#include "h5/file.h"

const char *fit_name(int i)
{
	static const char *const name[] = { "crop", "pad", "stretch", NULL };
	return name[i];
}

/* Output pixel o of n covers [from + o step, from + (o + 1) step) of the source axis, of which only
 * [0, size) exists; the covered source pixels are first .. first + count - 1.  Weights sum to the
 * covered share: below 1 where the image is padded. */
struct taps { int64_t first, count; double *weight; };

static struct taps *taps_new(double from, double step, int64_t n, int64_t size, struct arena *mem)
{
	struct taps *t = ARENA_NEW(mem, struct taps, n);
	for (int64_t o = 0; o < n; o++) {
		const double lo = fmax(from + (double)o * step, 0), hi = fmin(from + (double)(o + 1) * step, (double)size);
		if (hi <= lo)
			continue;
		t[o].first = (int64_t)floor(lo);
		int64_t end = (int64_t)ceil(hi);
		if (end > size)
			end = size;
		t[o].count = end - t[o].first;
		t[o].weight = ARENA_NEW(mem, double, t[o].count);
		for (int64_t k = 0; k < t[o].count; k++) {
			const double at = (double)(t[o].first + k);
			t[o].weight[k] = (fmin(hi, at + 1) - fmax(lo, at)) / step;
		}
	}
	return t;
}

static double load(const struct picture *p, int64_t i)
{
	switch (p->type) {
	case H5_U8:  return ((const uint8_t *)p->data)[i];
	case H5_U16: return ((const uint16_t *)p->data)[i];
	default:     return ((const float *)p->data)[i];
	}
}

static void store(struct picture *p, int64_t i, double value)
{
	switch (p->type) {
	case H5_U8:  ((uint8_t *)p->data)[i] = (uint8_t)fmin(fmax(floor(value + 0.5), 0), 255); break;
	case H5_U16: ((uint16_t *)p->data)[i] = (uint16_t)fmin(fmax(floor(value + 0.5), 0), 65535); break;
	default:     ((float *)p->data)[i] = (float)value;
	}
}

static double covered(const struct taps *t)
{
	double sum = 0;
	for (int64_t k = 0; k < t->count; k++)
		sum += t->weight[k];
	return sum;
}

void fit(const struct picture *in, int64_t h, int64_t w, enum fit_mode mode, struct arena *mem,
         struct picture *out)
{
	if (in->h == h && in->w == w) {
		*out = *in;
		return;
	}
	const int64_t H = in->h, W = in->w, c = in->c;
	double step_y = (double)H / (double)h, step_x = (double)W / (double)w;
	if (mode == FIT_CROP)
		step_y = step_x = fmin(step_y, step_x);
	else if (mode == FIT_PAD)
		step_y = step_x = fmax(step_y, step_x);
	const struct taps *ty = taps_new(((double)H - step_y * (double)h) / 2, step_y, h, H, mem);
	const struct taps *tx = taps_new(((double)W - step_x * (double)w) / 2, step_x, w, W, mem);

	double *mean = ARENA_NEW(mem, double, c);
	if (mode == FIT_PAD) {
		for (int64_t i = 0; i < H * W * c; i++)
			mean[i % c] += load(in, i);
		for (int64_t k = 0; k < c; k++)
			mean[k] /= (double)(H * W);
	}
	*out = (struct picture){ .h = h, .w = w, .c = c, .type = in->type };
	out->data = arena_raw(mem, (size_t)(h * w * c), h5_type_size(in->type));
	double *row = ARENA_NEW(mem, double, W * c);
	for (int64_t y = 0; y < h; y++) {
		memset(row, 0, (size_t)(W * c) * sizeof(double));
		for (int64_t k = 0; k < ty[y].count; k++) {
			const int64_t base = (ty[y].first + k) * W * c;
			for (int64_t i = 0; i < W * c; i++)
				row[i] += ty[y].weight[k] * load(in, base + i);
		}
		const double share_y = covered(&ty[y]);
		for (int64_t x = 0; x < w; x++) {
			const double bare = 1 - share_y * covered(&tx[x]);
			for (int64_t k = 0; k < c; k++) {
				double sum = mode == FIT_PAD ? bare * mean[k] : 0;
				for (int64_t j = 0; j < tx[x].count; j++)
					sum += tx[x].weight[j] * row[(tx[x].first + j) * c + k];
				store(out, (y * w + x) * c + k, sum);
			}
		}
	}
}
