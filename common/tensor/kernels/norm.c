/* Batch normalisation and activations: passes over memory, so each reads and writes what it must once.
 *
 * Sums over rows go four rows at a time into float sums of at most BLOCK rows, which are then merged in
 * double.  Second moments are taken around a shift close to the mean (Chan, Golub and LeVeque 1983,
 * section 3), so that a mean of 1,000 standard deviations costs no digits. */
#include "tensor/kernels/act.h"
#include "tensor/kernels/moments.h"

enum { BLOCK = 256, STRIP = 1024 };      /* rows, channels whose sums stay in the first-level cache */
enum { AHEAD = 2048, TOGETHER = 4 };     /* floats that are read ahead, vectors whose sums are in registers */

/* Sums of rows around the shift, and of squares, of N vectors of channels, the last of n numbers; rows to come are
 * fetched. */
INLINE void sums_around(int N, int n, int64_t rows, int64_t stride, const float *x, const float *shift, float *sum, float *squares)
{
	int64_t ahead = stride * (AHEAD / stride + 4), r = 0;
	vf s[TOGETHER], q[TOGETHER], around[TOGETHER];

	UNROLL
	for (int v = 0; v < N; v++) {
		s[v] = q[v] = (vf){ 0 };
		around[v] = get(shift + v * V, v + 1 < N ? V : n);
	}
	for (; r + 4 <= rows; r += 4, x += 4 * stride)
		UNROLL
		for (int v = 0; v < N; v++) {
			vf d[4];

			UNROLL
			for (int i = 0; i < 4; i++) {
				__builtin_prefetch(x + ahead + i * stride + v * V);
				d[i] = get(x + i * stride + v * V, v + 1 < N ? V : n) - around[v];
			}
			s[v] += (d[0] + d[1]) + (d[2] + d[3]);
			q[v] += (d[0] * d[0] + d[1] * d[1]) + (d[2] * d[2] + d[3] * d[3]);
		}
	for (; r < rows; r++, x += stride)
		UNROLL
		for (int v = 0; v < N; v++) {
			vf d = get(x + v * V, v + 1 < N ? V : n) - around[v];

			s[v] += d;
			q[v] += d * d;
		}
	UNROLL
	for (int v = 0; v < N; v++) {
		put(sum + v * V, s[v], v + 1 < N ? V : n);
		put(squares + v * V, q[v], v + 1 < N ? V : n);
	}
}

static void stats_strip(int64_t rows, int64_t c, int64_t stride, const float *x, double *mean, double *m2)
{
	float shift[STRIP], sum[STRIP], squares[STRIP];
	int64_t some = least(rows, 8);

	EACH(j, n, c, {
		vf first = { 0 };
		for (int64_t r = 0; r < some; r++)
			first += get(x + r * stride + j, n);
		put(shift + j, first * (1 / (float)some), n);
	});
	for (int64_t j = 0; j < c; j++)
		mean[j] = m2[j] = 0;
	for (int64_t r = 0; r < rows; r += BLOCK) {
		int64_t m = least(rows - r, BLOCK), j = 0;
		const float *p = x + r * stride;

		for (; j + TOGETHER * V <= c; j += TOGETHER * V)
			sums_around(TOGETHER, V, m, stride, p + j, shift + j, sum + j, squares + j);
		if (j + 2 * V <= c) {
			sums_around(2, V, m, stride, p + j, shift + j, sum + j, squares + j);
			j += 2 * V;
		}
		if (j + V <= c) {
			sums_around(1, V, m, stride, p + j, shift + j, sum + j, squares + j);
			j += V;
		}
		if (j < c)
			sums_around(1, (int)(c - j), m, stride, p + j, shift + j, sum + j, squares + j);
		merge_moments(r, m, shift, sum, squares, c, mean, m2);
		for (j = 0; j < c; j++)
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
