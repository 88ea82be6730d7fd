/* YCbCr that no codec turns into RGB by itself (TIFF 6.0, section 21): everything but JPEG compression.
 *
 * Stored are blocks of hs x vs pixels, left to right, top to bottom:  Y ... Y (hs vs of them)  Cb  Cr. */
#include "tiff.h"

#include <math.h>
#include "base/err.h"

int64_t ycbcr_bytes(const struct ycbcr *s, int64_t rows, int64_t columns)
{
	return (rows + s->vs - 1) / s->vs * ((columns + s->hs - 1) / s->hs) * (s->hs * s->vs + 2);
}

void ycbcr_unpack(const struct ycbcr *s, const uint8_t *in, int64_t rows, int64_t columns, uint8_t *out)
{
	const int64_t size = s->hs * s->vs;
	for (int64_t y0 = 0; y0 < rows; y0 += s->vs)
		for (int64_t x0 = 0; x0 < columns; x0 += s->hs, in += size + 2)
			for (int64_t i = 0; i < size; i++) {
				const int64_t y = y0 + i / s->hs, x = x0 + i % s->hs;
				if (y >= rows || x >= columns)
					continue;
				uint8_t *p = out + 3 * (y * columns + x);
				p[0] = in[i], p[1] = in[size], p[2] = in[size + 1];
			}
}

static uint8_t byte(double v)
{
	return (uint8_t)fmin(fmax(floor(v + 0.5), 0), 255);
}

int ycbcr_to_rgb(TIFF *t, struct picture *p)
{
	float *luma, *range;      /* red, green, blue; black and white of Y, Cb, Cr */
	if (!TIFFGetFieldDefaulted(t, TIFFTAG_YCBCRCOEFFICIENTS, &luma) ||
	    !TIFFGetFieldDefaulted(t, TIFFTAG_REFERENCEBLACKWHITE, &range))
		return picture_fail(p, "YCbCr colours without coefficients");
	const double lr = luma[0], lg = luma[1], lb = luma[2];
	const double gain[3] = { 255 / ((double)range[1] - range[0]), 127 / ((double)range[3] - range[2]),
	                         127 / ((double)range[5] - range[4]) };
	if (!isfinite(gain[0] + gain[1] + gain[2] + range[0] + range[2] + range[4] + lr / lg + lb / lg + 1 / lg))
		return picture_fail(p, "YCbCr colours with impossible coefficients");
	uint8_t *v = p->data;
	for (int64_t i = 0; i < p->h * p->w; i++, v += 3) {
		const double y = (v[0] - range[0]) * gain[0], cb = (v[1] - range[2]) * gain[1], cr = (v[2] - range[4]) * gain[2];
		const double r = y + cr * (2 - 2 * lr), b = y + cb * (2 - 2 * lb), g = (y - lr * r - lb * b) / lg;
		v[0] = byte(r), v[1] = byte(g), v[2] = byte(b);
	}
	return 0;
}
