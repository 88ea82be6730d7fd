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

		const float *p = y + r0 * stride;
		int k0 = strip_lanes(n, 0), k1 = strip_lanes(n, 1);
		vf s0 = load(shift), s1 = load(shift + V);
		vf a0 = { 0 };
		vf a1 = { 0 };
		vf b0 = { 0 };
		vf b1 = { 0 };

		for (int64_t r = 0; r < m; r++, p += stride) {
			vf d0 = get(p, k0) - s0, d1 = get(p + V, k1) - s1;

			a0 += d0;
			a1 += d1;
			b0 += d0 * d0;
			b1 += d1 * d1;
		}
		store(sum, a0);
		store(sum + V, a1);
		store(squares, b0);
		store(squares + V, b1);
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

/* One vector of a row: g through the activation, and what it adds to the sums. */
INLINE void strip_back_vector(enum act act, const float *x, float *g, vf scale, vf shift, vf mean, int k, vf *sum, vf *sum_x)
{
	vf z = get(x, k);
	vf d = get(g, k);

	if (act != ACT_NONE) {
		d = act_grad(act, madd(z, scale, shift), d);
		put(g, d, k);
	}
	*sum += d;
	*sum_x += d * (z - mean);
}

INLINE void strip_back_of(enum act act, int64_t rows, int64_t stride, const float *x, float *g, const float *scale,
                          const float *shift, const float *mean, int n, double *sum_g, double *sum_gx)
{
	int k0 = strip_lanes(n, 0), k1 = strip_lanes(n, 1);
	vf s0 = get(scale, k0), s1 = get(scale + V, k1);
	vf t0 = get(shift, k0), t1 = get(shift + V, k1);
	vf u0 = get(mean, k0), u1 = get(mean + V, k1);

	for (int64_t r0 = 0; r0 < rows; r0 += STRIP_ROWS) {
		int64_t last = rows - r0 < STRIP_ROWS ? rows : r0 + STRIP_ROWS;
		float total[4][V];
		vf a0 = { 0 };
		vf a1 = { 0 };
		vf b0 = { 0 };
		vf b1 = { 0 };

		for (int64_t r = r0; r < last; r++) {
			strip_back_vector(act, x + r * stride, g + r * stride, s0, t0, u0, k0, &a0, &b0);
			strip_back_vector(act, x + r * stride + V, g + r * stride + V, s1, t1, u1, k1, &a1, &b1);
		}
		store(total[0], a0);
		store(total[1], a1);
		store(total[2], b0);
		store(total[3], b1);
		for (int j = 0; j < n; j++) {
			sum_g[j] += total[j / V][j % V];
			sum_gx[j] += total[2 + j / V][j % V];
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
				vf z = affine_value(A, get(p, k), s, t);

				put(p, add ? z + get(add + r * stride + v * V, k) : z, k);
			}
		});
}

#endif
