/* Depthwise convolution along packed rows: the loops that hold a row of results in registers.
 *
 * A packed row is 16 channels of a row of pixels, one cache line after another, zeros where padding lies left and
 * right: no edges, no tails, no strides of memory.  Taps are added row by row, column by column, in this order
 * however many results are made at a time, so that the bits of a result do not depend on its place. */
#ifndef TENSOR_KERNELS_DWROW_H
#define TENSOR_KERNELS_DWROW_H

#include "tensor/kernels/kernel.h"

/* Results of one register block: most of them, and at the end of a row, where what is read beyond the last result comes
 * to nothing. */
enum { LINE = 16, VECTORS = LINE / V, MAX_TAPS = 32, MOST_RESULTS = 8, FEW_RESULTS = 4 };

/* Rows of results that are made together: what they both see is loaded once. */
enum { TOGETHER = V == 16 ? 2 : 1 };

/* The packed rows that such results see: where they are, and where in the weights the row of taps is that lies on them
 * for each of the results, -1 for none; in floats. */
struct rows { int count; int64_t x[TOGETHER * MAX_TAPS]; int32_t w[TOGETHER][TOGETHER * MAX_TAPS]; };

/* K taps, D columns apart, for results S columns apart. */
struct along { int taps; int64_t stride, dilation; };

/* A base that the compiler leaves alone: one address and constants instead of one sum per column. */
#define BASE(p) __asm__("" : "+r"(p))

/* What is read next, fetched while results are made: cache lines of some arrays for each block of results. */
struct ahead { const float *at[3]; int lines[3]; };

INLINE void look_ahead(struct ahead *a)
{
	for (int i = 0; i < 3; i++)
		for (int n = 0; n < a->lines[i]; n++, a->at[i] += LINE)
			__builtin_prefetch(a->at[i], 0, 2);
}

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

/* T results of N vectors of each row, of which `left` columns are wanted. */
INLINE void results(int T, int N, int K, int S, int D, const struct rows *rows, const float *x, const float *w,
                    int64_t left, int64_t step, int64_t next, float *out)
{
	vf acc[MOST_RESULTS * TOGETHER];

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
		if (t / N % T < left)
			store(out + t / (T * N) * next + t / N % T * step + t % N * V, acc[t]);
}

/* Blocks of results in a row. */
static int64_t blocks(int64_t columns)
{
	return columns / MOST_RESULTS + (columns % MOST_RESULTS + FEW_RESULTS - 1) / FEW_RESULTS;
}

/* out[j * step ...] = sum over rows and taps of x[j S + k D] w[k] for `columns` results; of the second row likewise,
 * `next` floats on. */
INLINE void correlate(int K, int S, int D, const struct rows *rows, const float *x, const float *w, int64_t columns,
                      int64_t step, int64_t next, struct ahead *ahead, float *out)
{
	enum { PAIR = VECTORS > 1 ? 2 : 1, MANY = MOST_RESULTS, FEW = FEW_RESULTS };
	int64_t j = 0;

	for (; columns - j >= MANY; j += MANY, look_ahead(ahead))
		for (int v = 0; v < LINE; v += V)
			results(MANY, 1, K, S, D, rows, x + j * S * LINE + v, w + v, MANY, step, next, out + j * step + v);
	for (; j < columns; j += FEW, look_ahead(ahead))
		for (int v = 0; v < LINE; v += PAIR * V)
			results(FEW, PAIR, K, S, D, rows, x + j * S * LINE + v, w + v, columns - j, step, next, out + j * step + v);
}

typedef void correlate_fn(struct along a, const struct rows *rows, const float *x, const float *w, int64_t columns,
                          int64_t step, int64_t next, struct ahead *ahead, float *out);

static void correlate_any(struct along a, const struct rows *rows, const float *x, const float *w, int64_t columns,
                          int64_t step, int64_t next, struct ahead *ahead, float *out)
{
	(void)ahead;
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

/* ---- gradients of weights --------------------------------------------------- */

/* Outputs and the packed rows of x that they see: tap row k of output row o lies on row top + o stride + k dilation,
 * where there is one of `height`.  Rows are x_row and dy_row floats apart. */
struct seen { int64_t rows, columns, top, stride, dilation, taps, height, x_row, dy_row; };

/* Output rows for which the tap rows k .. k + n - 1 all lie on rows of x. */
struct range { int64_t from, to; };

static struct range all_inside(const struct seen *s, int64_t k, int n)
{
	int64_t above = -(s->top + k * s->dilation), below = s->height - (s->top + (k + n - 1) * s->dilation);
	struct range r = { above > 0 ? (above + s->stride - 1) / s->stride : 0, below > 0 ? (below + s->stride - 1) / s->stride : 0 };

	r.from = least(r.from, s->rows);
	r.to = least(r.to, s->rows);
	r.to = r.to > r.from ? r.to : r.from;
	return r;
}

/* Of T columns of outputs: sums[r][k] += dy x under tap k of row r. */
INLINE void add_to_sums(int T, int R, int K, int S, int D, const float **at, const float *dy, vf *acc)
{
	vf d[MOST_RESULTS];

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

/* R rows of taps from k on, over some rows of outputs, each a block for `ahead`: their sums stay in registers. */
INLINE void tap_sums(int R, int K, int S, int D, const struct seen *s, int64_t k, struct range o, const float *x,
                     const float *dy, struct ahead *ahead, float *sums)
{
	enum { MANY = V == 16 ? MOST_RESULTS : 1 };        /* results at a time, as the registers allow */
	vf acc[16];

	if (o.from >= o.to)
		return;
	x += (s->top + o.from * s->stride + k * s->dilation) * s->x_row;
	sums += k * K * LINE;
	UNROLL
	for (int i = 0; i < R * K; i++)
		acc[i] = load(sums + i * LINE);
	for (; o.from < o.to; o.from++, x += s->stride * s->x_row) {
		int64_t columns = s->columns;
		const float *at[3], *d = dy + o.from * s->dy_row;

		UNROLL
		for (int r = 0; r < R; r++)
			at[r] = x + r * s->dilation * s->x_row;
		if (k == 0)
			look_ahead(ahead);
		for (; columns >= MANY; columns -= MANY, d += MANY * LINE)
			add_to_sums(MANY, R, K, S, D, at, d, acc);
		for (; MANY > 4 && columns >= 4; columns -= 4, d += 4 * LINE)
			add_to_sums(4, R, K, S, D, at, d, acc);
		for (; MANY > 1 && columns > 0; columns--, d += LINE)
			add_to_sums(1, R, K, S, D, at, d, acc);
	}
	UNROLL
	for (int i = 0; i < R * K; i++)
		store(sums + i * LINE, acc[i]);
}

/* The same where padding hides some of these rows of taps from the first and the last outputs: those by themselves. */
INLINE void group_sums(int R, int K, int S, int D, const struct seen *s, int64_t k, const float *x, const float *dy,
                       struct ahead *ahead, float *sums)
{
	struct range all = all_inside(s, k, R);

	for (int r = 0; R > 1 && r < R; r++) {
		struct range one = all_inside(s, k + r, 1);

		tap_sums(1, K, S, D, s, k + r, (struct range){ one.from, least(one.to, all.from) }, x, dy, ahead, sums);
	}
	tap_sums(R, K, S, D, s, k, all, x, dy, ahead, sums);
	for (int r = 0; R > 1 && r < R; r++) {
		struct range one = all_inside(s, k + r, 1);

		one.from = one.from > all.to ? one.from : all.to;
		tap_sums(1, K, S, D, s, k + r, one, x, dy, ahead, sums);
	}
}

/* sums[k][.] += over the outputs; R rows of taps at a time. */
INLINE void all_sums(int R, int K, int S, int D, const struct seen *s, const float *x, const float *dy, struct ahead *ahead,
                     float *sums)
{
	struct ahead done = { 0 };

	for (int v = 0; v < LINE; v += V, ahead = &done) {
		int64_t k = 0;

		for (; k + R <= s->taps; k += R)
			group_sums(R, K, S, D, s, k, x + v, dy + v, ahead, sums + v);
		for (; R > 2 && k + 2 <= s->taps; k += 2)
			group_sums(2, K, S, D, s, k, x + v, dy + v, ahead, sums + v);
		for (; k < s->taps; k++)
			group_sums(1, K, S, D, s, k, x + v, dy + v, ahead, sums + v);
	}
}

typedef void sums_fn(struct along a, const struct seen *s, const float *x, const float *dy, struct ahead *ahead, float *sums);

static void sums_any(struct along a, const struct seen *s, const float *x, const float *dy, struct ahead *ahead, float *sums)
{
	(void)ahead;
	for (int64_t k = 0; k < s->taps; k++) {
		struct range all = all_inside(s, k, 1);

		for (int64_t i = 0; i < a.taps; i++, sums += LINE)
			for (int v = 0; v < LINE; v += V) {
				vf acc = load(sums + v);

				for (int64_t o = all.from; o < all.to; o++) {
					const float *xr = x + (s->top + o * s->stride + k * s->dilation) * s->x_row + i * a.dilation * LINE + v;

					for (int64_t j = 0; j < s->columns; j++)
						acc += load(dy + o * s->dy_row + j * LINE + v) * load(xr + j * a.stride * LINE);
				}
				store(sums + v, acc);
			}
	}
}

/* ---- which loops ------------------------------------------------------------ */

/* R rows of sums at a time: enough of them to hide the latency of a multiply-add. */
#define ALONG_LIST(X) X(3, 1, 1, 3) X(3, 2, 1, 3) X(3, 1, 2, 3) X(3, 2, 2, 3) X(5, 1, 1, 2) X(5, 2, 1, 2) X(5, 1, 2, 2) \
	X(5, 2, 2, 2) X(7, 1, 1, 1) X(7, 2, 1, 1)
/* what the columns of a strided gradient see: every second tap */
#define HALVES_LIST(X) X(1, 1, 1, 1) X(2, 1, 1, 1) X(4, 1, 1, 1)

#define CORRELATE(K, S, D, R) \
	static void correlate_##K##_##S##_##D(struct along a, const struct rows *rows, const float *x, const float *w, \
	                                      int64_t columns, int64_t step, int64_t next, struct ahead *ahead, float *out) \
	{ \
		(void)a; \
		correlate(K, S, D, rows, x, w, columns, step, next, ahead, out); \
	}
ALONG_LIST(CORRELATE)
HALVES_LIST(CORRELATE)

#define SUMS(K, S, D, R) \
	static void sums_##K##_##S##_##D(struct along a, const struct seen *s, const float *x, const float *dy, \
	                                 struct ahead *ahead, float *sums) \
	{ \
		(void)a; \
		all_sums(R, K, S, D, s, x, dy, ahead, sums); \
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
