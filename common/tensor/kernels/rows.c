/* Element-wise arithmetic, rows and columns. */
#include "tensor/kernels/act.h"

enum { BLOCK = 128, STRIP = 512 };      /* rows summed in float before they go to double; channels at a time */

INLINE vf seen(const struct affine *in, const float *x, int64_t c, int n)
{
	vf v = get(x + c, n);

	return in->scale ? affine_value(in->act, v, get(in->scale + c, n), get(in->shift + c, n)) : v;
}

static void add(int64_t rows, int64_t c, const float *a, const struct affine *ia, const float *b, const struct affine *ib, float *y)
{
	for (int64_t r = 0; r < rows; r++, a += c, b += c, y += c)
		EACH(j, n, c, put(y + j, seen(ia, a, j, n) + seen(ib, b, j, n), n););
}

static void axpby(int64_t count, float alpha, const float *x, float beta, float *y)
{
	if (beta == 0)
		EACH(j, n, count, put(y + j, alpha * get(x + j, n), n););
	else
		EACH(j, n, count, put(y + j, alpha * get(x + j, n) + beta * get(y + j, n), n););
}

static void mul(int64_t count, const float *a, const float *b, float beta, float *y)
{
	EACH(j, n, count, put(y + j, get(a + j, n) * get(b + j, n) + keep(beta, y + j, n), n););
}

static void copy_rows(int64_t rows, int64_t c, const float *x, int64_t x_step, const struct affine *in, float beta, float *y,
                      int64_t y_step)
{
	if (in->scale || c % V)
		for (int64_t r = 0; r < rows; r++, x += x_step, y += y_step)
			EACH(j, n, c, put(y + j, seen(in, x, j, n) + keep(beta, y + j, n), n););
	else if (beta == 0)
		for (int64_t r = 0; r < rows; r++, x += x_step, y += y_step)
			for (int64_t j = 0; j < c; j += V)
				store(y + j, load(x + j));
	else
		for (int64_t r = 0; r < rows; r++, x += x_step, y += y_step)
			for (int64_t j = 0; j < c; j += V)
				store(y + j, load(y + j) + load(x + j));
}

static void row_add(int64_t rows, int64_t c, const float *bias, float *y)
{
	for (int64_t r = 0; r < rows; r++, y += c)
		EACH(j, n, c, put(y + j, get(y + j, n) + get(bias + j, n), n););
}

static void col_sums(int64_t rows, int64_t c, const float *x, double *sums)
{
	float sum[STRIP];

	for (int64_t j = 0; j < c; j++)
		sums[j] = 0;
	for (int64_t j0 = 0; j0 < c; j0 += STRIP)
		for (int64_t r0 = 0; r0 < rows; r0 += BLOCK) {
			int64_t m = rows - r0 < BLOCK ? rows - r0 : BLOCK, strip = c - j0 < STRIP ? c - j0 : STRIP;
			const float *p = x + r0 * c + j0;

			memset(sum, 0, sizeof(sum));
			for (int64_t r = 0; r < m; r++, p += c)
				EACH(j, n, strip, put(sum + j, get(sum + j, n) + get(p + j, n), n););
			for (int64_t j = 0; j < strip; j++)
				sums[j0 + j] += sum[j];
		}
}

static void chan_scale(int64_t n, int64_t rows, int64_t c, const float *x, const float *s, float beta, float *y)
{
	for (int64_t i = 0; i < n; i++, s += c)
		for (int64_t r = 0; r < rows; r++, x += c, y += c)
			EACH(j, k, c, put(y + j, get(x + j, k) * get(s + j, k) + keep(beta, y + j, k), k););
}

static void chan_dot(int64_t n, int64_t rows, int64_t c, const float *x, const float *dy, float beta, float *ds)
{
	for (int64_t i = 0; i < n; i++, x += rows * c, dy += rows * c, ds += c)
		EACH(j, k, c, {
			vf even = { 0 };
			vf odd = { 0 };
			int64_t r = 0;
			for (; r + 2 <= rows; r += 2) {
				even += get(x + r * c + j, k) * get(dy + r * c + j, k);
				odd += get(x + (r + 1) * c + j, k) * get(dy + (r + 1) * c + j, k);
			}
			if (r < rows)
				even += get(x + r * c + j, k) * get(dy + r * c + j, k);
			put(ds + j, even + odd + keep(beta, ds + j, k), k);
		});
}

void KERNEL(rows_install)(struct backend *b)
{
	b->add = add;
	b->axpby = axpby;
	b->mul = mul;
	b->copy_rows = copy_rows;
	b->row_add = row_add;
	b->col_sums = col_sums;
	b->chan_scale = chan_scale;
	b->chan_dot = chan_dot;
}
