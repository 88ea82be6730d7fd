/* Batch normalisation and activations: passes over memory, so each reads and writes what it must once.
 *
 * Sums over rows go four rows at a time into float sums of at most BLOCK rows, which are then merged in
 * double.  Second moments are taken around a shift close to the mean (Chan, Golub and LeVeque 1983,
 * section 3), so that a mean of 1,000 standard deviations costs no digits. */
#include "tensor/kernels/act.h"
#include "tensor/kernels/moments.h"

enum { BLOCK = 128, STRIP = 1024 };      /* rows, channels whose sums stay in the first-level cache */

static void stats_strip(int64_t rows, int64_t c, int64_t stride, const float *x, double *mean, double *m2)
{
	float shift[STRIP], sum[STRIP], squares[STRIP];

	for (int64_t j = 0; j < c; j++) {
		double first = 0;

		for (int64_t r = 0; r < least(rows, 8); r++)
			first += x[r * stride + j];
		shift[j] = (float)(first / (double)least(rows, 8));
		mean[j] = m2[j] = 0;
	}
	for (int64_t r0 = 0; r0 < rows; r0 += BLOCK) {
		int64_t m = least(rows - r0, BLOCK), r = 0;
		const float *p = x + r0 * stride;

		memset(sum, 0, sizeof(sum));
		memset(squares, 0, sizeof(squares));
		for (; r + 4 <= m; r += 4, p += 4 * stride)
			EACH(j, n, c, {
				vf s = get(shift + j, n);
				vf a = get(p + j, n) - s, b = get(p + stride + j, n) - s;
				vf d = get(p + 2 * stride + j, n) - s, e = get(p + 3 * stride + j, n) - s;
				put(sum + j, get(sum + j, n) + ((a + b) + (d + e)), n);
				put(squares + j, get(squares + j, n) + ((a * a + b * b) + (d * d + e * e)), n);
			});
		for (; r < m; r++, p += stride)
			EACH(j, n, c, {
				vf a = get(p + j, n) - get(shift + j, n);
				put(sum + j, get(sum + j, n) + a, n);
				put(squares + j, get(squares + j, n) + a * a, n);
			});
		merge_moments(r0, m, shift, sum, squares, c, mean, m2);
		for (int64_t j = 0; j < c; j++)
			shift[j] = (float)mean[j];
	}
}

static void bn_stats(int64_t rows, int64_t c, const float *x, double *mean, double *m2)
{
	for (int64_t j = 0; j < c; j += STRIP)
		stats_strip(rows, least(c - j, STRIP), c, x + j, mean + j, m2 + j);
}

static void bn_apply(int64_t rows, int64_t c, const float *x, const struct affine *in, float *y)
{
	const float *scale = in->scale, *shift = in->shift;

	if (!scale) {
		memmove(y, x, (size_t)(rows * c) * sizeof(*y));
		return;
	}
	WITH_ACT(in->act, A,
		for (int64_t r = 0; r < rows; r++, x += c, y += c)
			EACH(j, n, c, put(y + j, affine_value(A, get(x + j, n), get(scale + j, n), get(shift + j, n)), n););
	);
}

struct bn { const float *mean, *scale, *shift; };

INLINE void sums_of_rows(enum act act, int rows, int64_t c, int64_t stride, const float *x, float *g, struct bn bn,
                         float *sum_g, float *sum_gx)
{
	EACH(j, n, c, {
		vf mean = get(bn.mean + j, n);
		vf sg = { 0 };
		vf sx = { 0 };
		for (int r = 0; r < rows; r++) {
			float *at = g + r * stride + j;
			vf v = get(x + r * stride + j, n);
			vf d = get(at, n);
			if (act != ACT_NONE) {
				d = act_grad(act, madd(v, get(bn.scale + j, n), get(bn.shift + j, n)), d);
				put(at, d, n);
			}
			sg += d;
			sx += d * (v - mean);
		}
		put(sum_g + j, get(sum_g + j, n) + sg, n);
		put(sum_gx + j, get(sum_gx + j, n) + sx, n);
	});
}

INLINE void bwd_sums_strip(enum act act, int64_t rows, int64_t c, int64_t stride, const float *x, float *g,
                           struct bn bn, double *sum_g, double *sum_gx)
{
	float sg[STRIP], sx[STRIP];

	for (int64_t j = 0; j < c; j++)
		sum_g[j] = sum_gx[j] = 0;
	for (int64_t r0 = 0; r0 < rows; r0 += BLOCK) {
		int64_t m = least(rows - r0, BLOCK), r = 0;

		memset(sg, 0, sizeof(sg));
		memset(sx, 0, sizeof(sx));
		for (; r + 4 <= m; r += 4)
			sums_of_rows(act, 4, c, stride, x + (r0 + r) * stride, g + (r0 + r) * stride, bn, sg, sx);
		for (; r < m; r++)
			sums_of_rows(act, 1, c, stride, x + (r0 + r) * stride, g + (r0 + r) * stride, bn, sg, sx);
		for (int64_t j = 0; j < c; j++) {
			sum_g[j] += sg[j];
			sum_gx[j] += sx[j];
		}
	}
}

static void bn_bwd_sums(int64_t rows, int64_t c, const float *x, const struct affine *in, const float *mean, float *g,
                        double *sum_g, double *sum_gx)
{
	for (int64_t j = 0; j < c; j += STRIP) {
		struct bn bn = { mean + j, in->scale + j, in->shift + j };

		WITH_ACT(in->act, A,
			bwd_sums_strip(A, rows, least(c - j, STRIP), c, x + j, g + j, bn, sum_g + j, sum_gx + j););
	}
}

static void bn_bwd_data(int64_t rows, int64_t c, const float *g, const struct norm_grad *k, float beta, float *dx)
{
	const float *y = k->y;

	for (int64_t r = 0; r < rows; r++, y += c, g += c, dx += c)
		EACH(j, n, c, put(dx + j, keep(beta, dx + j, n) + norm_grad(k, j, get(g + j, n), get(y + j, n), n), n););
}

static void act_fwd(enum act act, int64_t count, const float *x, float *y)
{
	WITH_ACT(act, A, EACH(j, n, count, put(y + j, act_value(A, get(x + j, n)), n);););
}

static void act_bwd(enum act act, int64_t count, const float *x, const float *dy, float beta, float *dx)
{
	WITH_ACT(act, A,
		EACH(j, n, count, put(dx + j, act_grad(A, get(x + j, n), get(dy + j, n)) + keep(beta, dx + j, n), n);););
}

void KERNEL(norm_install)(struct backend *b)
{
	b->bn_stats = bn_stats;
	b->bn_apply = bn_apply;
	b->bn_bwd_sums = bn_bwd_sums;
	b->bn_bwd_data = bn_bwd_data;
	b->act_fwd = act_fwd;
	b->act_bwd = act_bwd;
}
