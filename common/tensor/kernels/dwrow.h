/* Depthwise convolution along packed rows: the loops that hold a row of results in registers.
 *
 * A packed row is 16 channels of a row of pixels, one cache line after another, zeros where padding lies:
 * no edges, no tails, no strides of memory.  Taps are added row by row, column by column, in this order
 * however many results are made at a time, so that the bits of a result do not depend on its place. */
#ifndef TENSOR_KERNELS_DWROW_H
#define TENSOR_KERNELS_DWROW_H

#include "tensor/kernels/kernel.h"

/* results of one register block: packed rows reach so far beyond the last result */
enum { LINE = 16, VECTORS = LINE / V, MAX_ROWS = 32, SPARE = 4 };

/* Rows of results that are made together: what they both see is loaded once. */
enum { TOGETHER = V == 16 ? 2 : 1 };

/* The packed rows that such results see: where in a ring, and where in the weights (or their gradients) the row of
 * taps is that lies on it for each of the results, -1 for none; in floats. */
struct rows { int count; int64_t x[2 * MAX_ROWS], w[TOGETHER][2 * MAX_ROWS]; };

/* K taps, D columns apart, for results S columns apart. */
struct along { int taps; int64_t stride, dilation; };

/* A base that the compiler leaves alone: one address and constants instead of one sum per column. */
#define BASE(p) __asm__("" : "+r"(p))

/* A packed row joins P rows of T results of N vectors.  Inlined, so that a column is loaded once for all results that
 * it adds to. */
INLINE void join(int P, int T, int N, int K, int S, int D, const float *x, const float *const *w, vf *acc)
{
	UNROLL
	for (int q = 0; q <= (T - 1) * S + (K - 1) * D; q++)
		UNROLL
		for (int v = 0; v < N; v++) {
			vf column = load(x + q * LINE + v * V);

			UNROLL
			for (int k = 0; k < K; k++)
				if (q >= k * D && (q - k * D) % S == 0 && (q - k * D) / S < T)
					UNROLL
					for (int p = 0; p < P; p++)
						acc[(p * T + (q - k * D) / S) * N + v] += column * load(w[p] + k * LINE + v * V);
		}
}

/* T results of N vectors of each row. */
INLINE void results(int T, int N, int K, int S, int D, const struct rows *rows, const float *x, const float *w,
                    int64_t step, int64_t next, float *out)
{
	vf acc[8 * TOGETHER];

	UNROLL
	for (int t = 0; t < TOGETHER * T * N; t++)
		acc[t] = (vf){ 0 };
	for (int r = 0; r < rows->count; r++) {
		const float *xr = x + rows->x[r], *wr[2];

		BASE(xr);
		UNROLL
		for (int p = 0; p < TOGETHER; p++) {
			wr[p] = w + rows->w[p][r];
			BASE(wr[p]);
		}
		if (TOGETHER == 1 || rows->w[TOGETHER - 1][r] < 0)
			join(1, T, N, K, S, D, xr, wr, acc);
		else if (rows->w[0][r] < 0)
			join(1, T, N, K, S, D, xr, wr + 1, acc + T * N);
		else
			join(2, T, N, K, S, D, xr, wr, acc);
	}
	UNROLL
	for (int t = 0; t < TOGETHER * T * N; t++)
		store(out + t / (T * N) * next + t / N % T * step + t % N * V, acc[t]);
}

/* out[j * step ...] = sum over rows and taps of x[j S + k D] w[k] for `columns` results and up to SPARE more; of the
 * second row likewise, `next` floats on. */
INLINE void correlate(int K, int S, int D, const struct rows *rows, const float *x, const float *w, int64_t columns,
                      int64_t step, int64_t next, float *out)
{
	enum { PAIR = VECTORS > 1 ? 2 : 1 };
	int64_t j = 0;

	for (; columns - j > 4; j += 8)
		for (int v = 0; v < LINE; v += V)
			results(8, 1, K, S, D, rows, x + j * S * LINE + v, w + v, step, next, out + j * step + v);
	if (j < columns)
		for (int v = 0; v < LINE; v += PAIR * V)
			results(4, PAIR, K, S, D, rows, x + j * S * LINE + v, w + v, step, next, out + j * step + v);
}

typedef void correlate_fn(struct along a, const struct rows *rows, const float *x, const float *w, int64_t columns,
                          int64_t step, int64_t next, float *out);

static void correlate_any(struct along a, const struct rows *rows, const float *x, const float *w, int64_t columns,
                          int64_t step, int64_t next, float *out)
{
	for (int p = 0; p < TOGETHER; p++, out += next)
		for (int64_t j = 0; j < columns; j++)
			for (int v = 0; v < LINE; v += V) {
				vf acc = { 0 };

				for (int r = 0; r < rows->count; r++)
					for (int64_t k = 0; k < a.taps && rows->w[p][r] >= 0; k++)
						acc += load(x + rows->x[r] + (j * a.stride + k * a.dilation) * LINE + v) *
						       load(w + rows->w[p][r] + k * LINE + v);
				store(out + j * step + v, acc);
			}
}

/* sums[r][k] += over a row of results (the first of those together): dy x under tap k of row r. */
INLINE void add_to_sums(int T, int R, int K, int S, int D, const float **at, const float *dy, vf *acc)
{
	vf d[8];

	UNROLL
	for (int t = 0; t < T; t++)
		d[t] = load(dy + t * LINE);
	UNROLL
	for (int r = 0; r < R; r++) {
		BASE(at[r]);    /* columns kept for the next results would not fit the registers */
		UNROLL
		for (int q = 0; q <= (T - 1) * S + (K - 1) * D; q++) {
			vf column = load(at[r] + q * LINE);

			UNROLL
			for (int k = 0; k < K; k++)
				if (q >= k * D && (q - k * D) % S == 0 && (q - k * D) / S < T)
					acc[r * K + k] += d[(q - k * D) / S] * column;
		}
		at[r] += T * S * LINE;
	}
}

INLINE void tap_sums(int R, int K, int S, int D, const struct rows *rows, int r0, const float *x, const float *dy,
                     int64_t columns, float *sums)
{
	enum { MANY = V == 16 ? 8 : 1 };        /* results at a time, as the registers allow */
	const float *at[3];
	vf acc[16];

	UNROLL
	for (int r = 0; r < R; r++)
		at[r] = x + rows->x[r0 + r];
	UNROLL
	for (int i = 0; i < R * K; i++)
		acc[i] = load(sums + rows->w[0][r0 + i / K] + i % K * LINE);
	for (; columns >= MANY; columns -= MANY, dy += MANY * LINE)
		add_to_sums(MANY, R, K, S, D, at, dy, acc);
	for (; MANY > 4 && columns >= 4; columns -= 4, dy += 4 * LINE)
		add_to_sums(4, R, K, S, D, at, dy, acc);
	for (; MANY > 1 && columns > 0; columns--, dy += LINE)
		add_to_sums(1, R, K, S, D, at, dy, acc);
	UNROLL
	for (int i = 0; i < R * K; i++)
		store(sums + rows->w[0][r0 + i / K] + i % K * LINE, acc[i]);
}

INLINE void all_tap_sums(int R, int K, int S, int D, const struct rows *rows, const float *x, const float *dy,
                         int64_t columns, float *sums)
{
	for (int v = 0; v < LINE; v += V) {
		int r = 0;

		for (; r + R <= rows->count; r += R)
			tap_sums(R, K, S, D, rows, r, x + v, dy + v, columns, sums + v);
		for (; R > 2 && r + 2 <= rows->count; r += 2)
			tap_sums(2, K, S, D, rows, r, x + v, dy + v, columns, sums + v);
		for (; r < rows->count; r++)
			tap_sums(1, K, S, D, rows, r, x + v, dy + v, columns, sums + v);
	}
}

typedef void sums_fn(struct along a, const struct rows *rows, const float *x, const float *dy, int64_t columns, float *sums);

static void sums_any(struct along a, const struct rows *rows, const float *x, const float *dy, int64_t columns, float *sums)
{
	for (int v = 0; v < LINE; v += V)
		for (int r = 0; r < rows->count; r++)
			for (int64_t k = 0; k < a.taps; k++) {
				vf acc = load(sums + rows->w[0][r] + k * LINE + v);

				for (int64_t j = 0; j < columns; j++)
					acc += load(dy + j * LINE + v) *
					       load(x + rows->x[r] + (j * a.stride + k * a.dilation) * LINE + v);
				store(sums + rows->w[0][r] + k * LINE + v, acc);
			}
}

/* R rows of sums at a time: enough of them to hide the latency of a multiply-add. */
#define ALONG_LIST(X) X(3, 1, 1, 3) X(3, 2, 1, 3) X(3, 1, 2, 3) X(3, 2, 2, 3) X(5, 1, 1, 2) X(5, 2, 1, 2) X(5, 1, 2, 2) \
	X(5, 2, 2, 2) X(7, 1, 1, 1) X(7, 2, 1, 1)
/* what the columns of a strided gradient see: every second tap */
#define HALVES_LIST(X) X(1, 1, 1, 1) X(2, 1, 1, 1) X(4, 1, 1, 1)

#define CORRELATE(K, S, D, R) \
	static void correlate_##K##_##S##_##D(struct along a, const struct rows *rows, const float *x, const float *w, \
	                                      int64_t columns, int64_t step, int64_t next, float *out) \
	{ \
		(void)a; \
		correlate(K, S, D, rows, x, w, columns, step, next, out); \
	}
ALONG_LIST(CORRELATE)
HALVES_LIST(CORRELATE)

#define SUMS(K, S, D, R) \
	static void sums_##K##_##S##_##D(struct along a, const struct rows *rows, const float *x, const float *dy, \
	                                 int64_t columns, float *sums) \
	{ \
		(void)a; \
		all_tap_sums(R, K, S, D, rows, x, dy, columns, sums); \
	}
ALONG_LIST(SUMS)

static correlate_fn *find_correlate(struct along a)
{
#define FIND(K, S, D, R) if (a.taps == K && a.stride == S && a.dilation == D) return correlate_##K##_##S##_##D;
	ALONG_LIST(FIND)
	HALVES_LIST(FIND)
#undef FIND
	return correlate_any;
}

static sums_fn *find_sums(struct along a)
{
#define FIND(K, S, D, R) if (a.taps == K && a.stride == S && a.dilation == D) return sums_##K##_##S##_##D;
	ALONG_LIST(FIND)
#undef FIND
	return sums_any;
}

#endif
