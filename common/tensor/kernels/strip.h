/* What follows a convolution while its results are in the cache: a strip of at most 2 V channels of
 * some rows, `stride` floats apart. */
#ifndef TENSOR_KERNELS_STRIP_H
#define TENSOR_KERNELS_STRIP_H

#include "tensor/kernels/act.h"
#include "tensor/kernels/moments.h"

enum { STRIP_ROWS = 128 };       /* rows summed in float before they go to double */

/* Channels of a strip of n that vector v (0, 1) holds. */
INLINE int strip_lanes(int n, int v)
{
	int left = n - v * V;

	return left >= V ? V : left > 0 ? left : 0;
}

INLINE void strip_moments_of(int64_t before, int64_t rows, int64_t stride, const float *y, int n, double *mean, double *m2)
{
	float shift[2 * V], sum[2 * V], squares[2 * V];

	if (!before) {           /* the mean of the first rows, so that one outlier among them does little harm */
		int64_t few = rows < 8 ? rows : 8;

		for (int j = 0; j < n; j++) {
			mean[j] = m2[j] = 0;
			for (int64_t r = 0; r < few; r++)
				mean[j] += y[r * stride + j] / (double)few;
		}
	}
	for (int j = 0; j < 2 * V; j++)
		shift[j] = j < n ? (float)mean[j] : 0;
	for (int64_t r0 = 0; r0 < rows; r0 += STRIP_ROWS) {
		int64_t m = rows - r0 < STRIP_ROWS ? rows - r0 : STRIP_ROWS;

		for (int v = 0; v < 2; v++) {
			int k = strip_lanes(n, v);
			const float *p = y + r0 * stride + v * V;
			vf s = load(shift + v * V);
			vf a[2] = { { 0 } };
			vf b[2] = { { 0 } };

			for (int64_t r = 0; r < m; r++, p += stride) {
				vf d = get(p, k) - s;

				a[r % 2] += d;
				b[r % 2] += d * d;
			}
			store(sum + v * V, a[0] + a[1]);
			store(squares + v * V, b[0] + b[1]);
		}
		merge_moments(before + r0, m, shift, sum, squares, n, mean, m2);
		for (int j = 0; j < n; j++)
			shift[j] = (float)mean[j];
	}
}

/* Adds rows to the statistics (mean, m2) of the `before` rows that came earlier. */
static inline void strip_moments(int64_t before, int64_t rows, int64_t stride, const float *y, int n, double *mean, double *m2)
{
	if (n == 2 * V)
		strip_moments_of(before, rows, stride, y, 2 * V, mean, m2);
	else
		strip_moments_of(before, rows, stride, y, n, mean, m2);
}

INLINE void strip_back_of(enum act act, int64_t rows, int64_t stride, const float *x, float *g, const float *scale,
                          const float *shift, const float *mean, int n, double *sum_g, double *sum_gx)
{
	for (int64_t r0 = 0; r0 < rows; r0 += STRIP_ROWS) {
		int64_t m = rows - r0 < STRIP_ROWS ? rows - r0 : STRIP_ROWS;

		for (int v = 0; v < 2; v++) {
			int k = strip_lanes(n, v);
			int64_t at = r0 * stride + v * V;
			float total[2][V];
			vf s = get(scale + v * V, k);
			vf t = get(shift + v * V, k);
			vf u = get(mean + v * V, k);
			vf a[2] = { { 0 } };
			vf b[2] = { { 0 } };

			for (int64_t r = 0; r < m; r++, at += stride) {
				vf z = get(x + at, k);
				vf d = get(g + at, k);

				if (act != ACT_NONE) {
					d = act_grad(act, z * s + t, d);
					put(g + at, d, k);
				}
				a[r % 2] += d;
				b[r % 2] += d * (z - u);
			}
			store(total[0], a[0] + a[1]);
			store(total[1], b[0] + b[1]);
			for (int j = 0; j < k; j++) {
				sum_g[v * V + j] += total[0][j];
				sum_gx[v * V + j] += total[1][j];
			}
		}
	}
}

/* g times the slope of the activation at scale x + shift, in place; adds sum g and sum g (x - mean).
 * All arrays start at the strip's first channel. */
static inline void strip_back(enum act act, int64_t rows, int64_t stride, const float *x, float *g, const float *scale,
                              const float *shift, const float *mean, int n, double *sum_g, double *sum_gx)
{
	WITH_ACT(act, A,
		if (n == 2 * V)
			strip_back_of(A, rows, stride, x, g, scale, shift, mean, 2 * V, sum_g, sum_gx);
		else
			strip_back_of(A, rows, stride, x, g, scale, shift, mean, n, sum_g, sum_gx););
}

/* y = act(scale y + shift) + add in place; scale and add may be NULL. */
static inline void strip_finish(const struct affine *out, int64_t c, int64_t rows, int64_t stride, const float *add, float *y, int n)
{
	WITH_ACT(out->scale ? out->act : ACT_NONE, A,
		for (int v = 0; v < 2; v++) {
			int k = strip_lanes(n, v);
			vf s = out->scale ? get(out->scale + c + v * V, k) : splat(1);
			vf t = out->scale ? get(out->shift + c + v * V, k) : splat(0);

			for (int64_t r = 0; r < rows; r++) {
				float *p = y + r * stride + v * V;
				vf z = act_value(A, get(p, k) * s + t);

				put(p, add ? z + get(add + r * stride + v * V, k) : z, k);
			}
		});
}

#endif
