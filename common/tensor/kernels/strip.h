/* What happens to results of a convolution on their way from the first-level cache to where they belong: a
 * strip of at most 2 V channels of some rows, each row read and written once. */
#ifndef TENSOR_KERNELS_STRIP_H
#define TENSOR_KERNELS_STRIP_H

#include "tensor/kernels/act.h"
#include "tensor/kernels/moments.h"

/* Rows at `from`, `from_step` floats apart, whole vectors of them readable; results to `to`. */
struct strip {
	const float *from;
	float *to;
	int64_t rows, from_step, step;
	int n;                       /* channels */
	bool past;                   /* the caches; n is 2 V and lines of `to` are whole */
};

/* Channels of a strip of n that vector v (0, 1) holds. */
INLINE int strip_lanes(int n, int v)
{
	int left = n - v * V;

	return left >= V ? V : left > 0 ? left : 0;
}

/* The block for each row r and vector v of a strip: k channels of it, from p, to q. */
#define STRIP_EACH(s, n, r, v, k, p, q, ...) do { \
		for (int64_t r = 0; r < (s)->rows; r++) \
			for (int v = 0; v * V < n; v++) { \
				const int k = strip_lanes(n, v); \
				const float *p = (s)->from + r * (s)->from_step + v * V; \
				float *q = (s)->to + r * (s)->step + v * V; \
				__VA_ARGS__ \
			} \
	} while (0)

/* The block with N = number of channels and PAST as constants where the strip is a full one. */
#define STRIP_CASES(s, N, PAST, ...) do { \
		if ((s)->past) { enum { N = 2 * V, PAST = 1 }; __VA_ARGS__ } \
		else if ((s)->n == 2 * V) { enum { N = 2 * V, PAST = 0 }; __VA_ARGS__ } \
		else if ((s)->n == V) { enum { N = V, PAST = 0 }; __VA_ARGS__ } \
		else { const int N = (s)->n; enum { PAST = 0 }; __VA_ARGS__ } \
	} while (0)

INLINE void strip_put(bool past, float *p, vf v, int k)
{
	if (past)
		stream(p, v);
	else
		put(p, v, k);
}

/* to = beta to + from */
static inline void strip_store(const struct strip *s, float beta)
{
	STRIP_CASES(s, n, past, STRIP_EACH(s, n, r, v, k, p, q, strip_put(past, q, get(p, k) + keep(beta, q, k), k);););
}

/* Float sums of numbers and their squares around a shift. */
struct strip_sums { float shift[2 * V], sum[2 * V], squares[2 * V]; };

/* Around the mean so far, or around that of the first rows, so that one outlier among them does little harm. */
static inline void strip_sums_begin(struct strip_sums *t, const struct strip *first, const double *mean)
{
	int64_t few = first->rows < 6 ? first->rows : 6;

	memset(t, 0, sizeof(*t));
	for (int j = 0; j < first->n; j++) {
		if (mean)
			t->shift[j] = (float)mean[j];
		else
			for (int64_t r = 0; r < few; r++)
				t->shift[j] += first->from[r * first->from_step + j] / (float)few;
	}
}

/* to = from, which also goes into the sums */
static inline void strip_store_sums(const struct strip *s, struct strip_sums *t)
{
	vf a[2] = { load(t->sum), load(t->sum + V) };
	vf b[2] = { load(t->squares), load(t->squares + V) };
	vf shift[2] = { load(t->shift), load(t->shift + V) };

	STRIP_CASES(s, n, past,
		STRIP_EACH(s, n, r, v, k, p, q, {
			vf d = get(p, k);
			strip_put(past, q, d, k);
			d -= shift[v];
			a[v] += d;
			b[v] = madd(d, d, b[v]);
		}););
	for (int v = 0; v < 2; v++) {
		store(t->sum + v * V, a[v]);
		store(t->squares + v * V, b[v]);
	}
}

INLINE void strip_finish_as(enum act act, int n, bool past, const struct strip *s, const float *scales, const float *shifts, const float *add)
{
	vf scale[2] = { get(scales, strip_lanes(n, 0)), get(scales + V, strip_lanes(n, 1)) };
	vf shift[2] = { get(shifts, strip_lanes(n, 0)), get(shifts + V, strip_lanes(n, 1)) };

	STRIP_EACH(s, n, r, v, k, p, q, {
		vf z = affine_value(act, get(p, k), scale[v], shift[v]);
		strip_put(past, q, add ? z + get(add + (q - s->to), k) : z, k);
	});
}

/* to = act(scale from + shift) + add, channels c ..; one of scale and add (like `to`) may be NULL. */
static inline void strip_finish(const struct strip *s, const struct affine *out, int64_t c, const float *add)
{
	if (out->scale)
		WITH_ACT(out->act, A,
			STRIP_CASES(s, n, past, strip_finish_as(A, n, past, s, out->scale + c, out->shift + c, add);););
	else
		STRIP_EACH(s, s->n, r, v, k, p, q, put(q, get(p, k) + get(add + (q - s->to), k), k););
}

/* The normalisation that a gradient goes back through; arrays start at the strip's first channel, x is like `to`. */
struct strip_norm { const float *x, *scale, *shift, *mean; double *sum_g, *sum_gx; };

INLINE void strip_back_as(enum act act, int n, bool past, const struct strip *s, float beta, const struct strip_norm *m)
{
	float total[4][V];
	vf a[2] = { { 0 }, { 0 } };
	vf b[2] = { { 0 }, { 0 } };
	vf scale[2] = { get(m->scale, strip_lanes(n, 0)), get(m->scale + V, strip_lanes(n, 1)) };
	vf shift[2] = { get(m->shift, strip_lanes(n, 0)), get(m->shift + V, strip_lanes(n, 1)) };
	vf mean[2] = { get(m->mean, strip_lanes(n, 0)), get(m->mean + V, strip_lanes(n, 1)) };

	STRIP_EACH(s, n, r, v, k, p, q, {
		vf x = get(m->x + r * s->step + v * V, k);
		vf d = get(p, k) + keep(beta, q, k);
		if (act != ACT_NONE)
			d = act_grad(act, madd(x, scale[v], shift[v]), d);
		strip_put(past, q, d, k);
		a[v] += d;
		b[v] = madd(d, x - mean[v], b[v]);
	});
	for (int v = 0; v < 2; v++) {
		store(total[v], a[v]);
		store(total[2 + v], b[v]);
	}
	for (int j = 0; j < n; j++) {
		m->sum_g[j] += total[j / V][j % V];
		m->sum_gx[j] += total[2 + j / V][j % V];
	}
}

/* to = (beta to + from) act'(scale x + shift); its sums, and those of it times x - mean, grow.  Sums of a
 * strip are in float: at most some hundred rows. */
static inline void strip_back(const struct strip *s, float beta, enum act act, const struct strip_norm *m)
{
	WITH_ACT(act, A, STRIP_CASES(s, n, past, strip_back_as(A, n, past, s, beta, m);););
}

#endif
