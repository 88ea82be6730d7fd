/* Pooling.
 *
 * Windows of 3 x 3 slide along a row of the image, a vector of channels at a time: columns that the next window has
 * too stay in registers, with what they have come to (forward) or with what has come to them (backward).  Where all
 * numbers of a window are none, its largest is none. */
#include <math.h>
#include "tensor/kernels/act.h"

enum what { MOST, MEAN };

/* What of a window lies inside the image: rows y .. y + rows, columns x .. x + columns. */
struct window { int64_t y, x; int rows, columns; };

static struct window window(const struct pool_geom *g, int64_t oy, int64_t ox)
{
	struct window v = { .y = oy * g->stride - g->pad, .x = ox * g->stride - g->pad };
	int64_t y1 = v.y + g->k < g->h ? v.y + g->k : g->h, x1 = v.x + g->k < g->w ? v.x + g->k : g->w;

	v.y = v.y > 0 ? v.y : 0;
	v.x = v.x > 0 ? v.x : 0;
	v.rows = y1 > v.y && x1 > v.x ? (int)(y1 - v.y) : 0;
	v.columns = v.rows ? (int)(x1 - v.x) : 0;
	return v;
}

static float share(struct window v)
{
	return v.rows ? 1 / (float)(v.rows * v.columns) : 0;
}

/* ---- lanes for which a comparison holds ------------------------------------------------------------ */

#ifdef __AVX512F__
typedef __mmask16 lanes;
INLINE vf larger(vf a, vf b) { return (vf)_mm512_max_ps((__m512)a, (__m512)b); }
INLINE lanes all_lanes(void) { return 0xffff; }
INLINE lanes equal(vf a, vf b) { return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_EQ_OQ); }
INLINE lanes both(lanes a, lanes b) { return _mm512_kand(a, b); }
INLINE lanes without(lanes a, lanes b) { return _mm512_kandn(b, a); }
INLINE vf add_where(lanes m, vf a, vf b) { return (vf)_mm512_mask_add_ps((__m512)a, m, (__m512)a, (__m512)b); }
#else
typedef vi lanes;
INLINE vf larger(vf a, vf b) { return choose(a > b, a, b); }
INLINE lanes all_lanes(void) { return ~(vi){ 0 }; }
INLINE lanes equal(vf a, vf b) { return a == b; }
INLINE lanes both(lanes a, lanes b) { return a & b; }
INLINE lanes without(lanes a, lanes b) { return a & ~b; }
INLINE vf add_where(lanes m, vf a, vf b) { return a + (vf)((vi)b & m); }
#endif

/* ---- windows of any size --------------------------------------------------------------------------- */

INLINE vf joined(enum what what, vf a, vf b)
{
	return what == MOST ? larger(a, b) : a + b;
}

/* The block for each pixel of a window v, p being its place behind `from`. */
#define EACH_CELL(g, v, from, p, ...) do { \
		for (int64_t y_ = (v).y; y_ < (v).y + (v).rows; y_++) \
			for (int64_t x_ = (v).x; x_ < (v).x + (v).columns; x_++) { \
				__typeof__(from) p = (from) + (y_ * (g)->w + x_) * (g)->c; \
				__VA_ARGS__ \
			} \
	} while (0)

static void forward_any(enum what what, const struct pool_geom *g, const float *x, int64_t oy, float *y)
{
	for (int64_t ox = 0; ox < g->ow; ox++, y += g->c) {
		struct window v = window(g, oy, ox);

		EACH(j, n, g->c, {
			bool more = false;
			vf all = { 0 };
			EACH_CELL(g, v, x + j, p, {
				all = more ? joined(what, get(p, n), all) : get(p, n);
				more = true;
			});
			put(y + j, what == MOST ? all : all * share(v), n);
		});
	}
}

static void backward_any(enum what what, const struct pool_geom *g, const float *x, const float *dy, int64_t oy,
                         float *dx)
{
	for (int64_t ox = 0; ox < g->ow; ox++, dy += g->c) {
		struct window v = window(g, oy, ox);

		EACH(j, n, g->c, {
			vf d = get(dy + j, n);
			vf most = splat(-INFINITY);
			lanes left = all_lanes();
			if (what == MOST)
				EACH_CELL(g, v, x + j, p, most = larger(get(p, n), most););
			EACH_CELL(g, v, dx + j, to, {
				lanes here = what == MOST ? both(left, equal(get(x + (to - dx), n), most)) : left;
				put(to, add_where(here, get(to, n), what == MOST ? d : d * share(v)), n);
				left = what == MOST ? without(left, here) : left;
			});
		});
	}
}

/* ---- windows of 3 x 3 ------------------------------------------------------------------------------- */

enum { K = 3 };

/* Column x of `rows` rows at p, for n channels; outside of the image one that changes nothing in a window. */
INLINE vf column(enum what what, const struct pool_geom *g, int rows, const float *p, int64_t x, int n)
{
	vf all;

	if (what == MOST)
		x = x < 0 ? 0 : x >= g->w ? g->w - 1 : x;
	else if (x < 0 || x >= g->w)
		return (vf){ 0 };
	p += x * g->c;
	all = get(p, n);
	UNROLL
	for (int r = 1; r < K; r++)
		if (r < rows)
			all = joined(what, get(p + r * g->w * g->c, n), all);
	return all;
}

INLINE void forward_row(enum what what, int stride, int rows, const struct pool_geom *g, const float *x, float *y)
{
	float part[K + 1];

	for (int i = 1; i <= K; i++)
		part[i] = 1 / (float)(rows * i);
	EACH(j, n, g->c, {
		int64_t at = -g->pad;
		vf a = column(what, g, rows, x + j, at, n);
		vf b = column(what, g, rows, x + j, at + 1, n);
		for (int64_t ox = 0; ox < g->ow; ox++, at += stride) {
			vf c = column(what, g, rows, x + j, at + 2, n);
			vf all = joined(what, c, joined(what, b, a));
			int inside = K - (at < 0 ? (int)-at : 0) - (at + K > g->w ? (int)(at + K - g->w) : 0);
			put(y + ox * g->c + j, what == MOST ? all : all * part[inside], n);
			a = stride == 1 ? b : c;
			b = stride == 1 ? c : column(what, g, rows, x + j, at + 3, n);
		}
	});
}

/* A column of an image and what has come to it; rows by name, so that they stay in registers. */
struct column { vf x0, x1, x2, most, d0, d1, d2; };

INLINE struct column column_of(int rows, const struct pool_geom *g, const float *x, int64_t at, int n)
{
	struct column c = { .most = splat(-INFINITY) };

	c.d0 = c.d1 = c.d2 = (vf){ 0 };
	c.x0 = c.x1 = c.x2 = c.most;
	if (at < 0 || at >= g->w)
		return c;
	x += at * g->c;
	c.most = c.x0 = get(x, n);
	if (rows > 1)
		c.most = larger(c.x1 = get(x + g->w * g->c, n), c.most);
	if (rows > 2)
		c.most = larger(c.x2 = get(x + 2 * g->w * g->c, n), c.most);
	return c;
}

INLINE void retire(int rows, const struct pool_geom *g, const struct column *c, float *dx, int64_t at, int n)
{
	int64_t row = g->w * g->c;

	if (at < 0 || at >= g->w)
		return;
	dx += at * g->c;
	put(dx, get(dx, n) + c->d0, n);
	if (rows > 1)
		put(dx + row, get(dx + row, n) + c->d1, n);
	if (rows > 2)
		put(dx + 2 * row, get(dx + 2 * row, n) + c->d2, n);
}

/* Where x is the largest, d comes to it, and nothing to what follows. */
INLINE vf claim(lanes *left, vf x, vf most, vf d, vf sum)
{
	lanes same = equal(x, most), here = both(*left, same);

	*left = without(*left, same);           /* the only thing that waits for the pixel before */
	return add_where(here, sum, d);
}

/* To the first of the largest, row by row. */
INLINE void most_back(int rows, struct column *a, struct column *b, struct column *c, vf d)
{
	vf most = larger(c->most, larger(b->most, a->most));
	lanes left = all_lanes();

	a->d0 = claim(&left, a->x0, most, d, a->d0);
	b->d0 = claim(&left, b->x0, most, d, b->d0);
	c->d0 = claim(&left, c->x0, most, d, c->d0);
	if (rows > 1) {
		a->d1 = claim(&left, a->x1, most, d, a->d1);
		b->d1 = claim(&left, b->x1, most, d, b->d1);
		c->d1 = claim(&left, c->x1, most, d, c->d1);
	}
	if (rows > 2) {
		a->d2 = claim(&left, a->x2, most, d, a->d2);
		b->d2 = claim(&left, b->x2, most, d, b->d2);
		c->d2 = claim(&left, c->x2, most, d, c->d2);
	}
}

INLINE void most_row_back(int stride, int rows, const struct pool_geom *g, const float *x, const float *dy, float *dx)
{
	EACH(j, n, g->c, {
		int64_t at = -g->pad;
		struct column a = column_of(rows, g, x + j, at, n);
		struct column b = column_of(rows, g, x + j, at + 1, n);
		for (int64_t ox = 0; ox < g->ow; ox++, at += stride) {
			struct column c = column_of(rows, g, x + j, at + 2, n);
			most_back(rows, &a, &b, &c, get(dy + ox * g->c + j, n));
			retire(rows, g, &a, dx + j, at, n);
			if (stride == 2)
				retire(rows, g, &b, dx + j, at + 1, n);
			a = stride == 1 ? b : c;
			b = stride == 1 ? c : column_of(rows, g, x + j, at + 3, n);
		}
		retire(rows, g, &a, dx + j, at, n);
		retire(rows, g, &b, dx + j, at + 1, n);
	});
}

INLINE void mean_row_back(int stride, int rows, const struct pool_geom *g, const float *dy, float *dx)
{
	float part[K + 1];

	for (int i = 1; i <= K; i++)
		part[i] = 1 / (float)(rows * i);
	EACH(j, n, g->c, {
		int64_t at = -g->pad;
		vf a = { 0 };
		vf b = { 0 };
		for (int64_t ox = 0; ox < g->ow; ox++, at += stride) {
			int inside = K - (at < 0 ? (int)-at : 0) - (at + K > g->w ? (int)(at + K - g->w) : 0);
			vf d = get(dy + ox * g->c + j, n) * part[inside];
			retire(rows, g, &(struct column){ .d0 = a + d, .d1 = a + d, .d2 = a + d }, dx + j, at, n);
			if (stride == 2)
				retire(rows, g, &(struct column){ .d0 = d, .d1 = d, .d2 = d }, dx + j, at + 1, n);
			a = stride == 1 ? b + d : d;
			b = stride == 1 ? d : b;
		}
		retire(rows, g, &(struct column){ .d0 = a, .d1 = a, .d2 = a }, dx + j, at, n);
		if (stride == 1)
			retire(rows, g, &(struct column){ .d0 = b, .d1 = b, .d2 = b }, dx + j, at + 1, n);
	});
}

/* Every window has a pixel, and the first two columns of the next one are at hand. */
static bool slides(const struct pool_geom *g)
{
	return g->k == K && g->stride <= 2 && g->pad < 2 && g->w + g->pad >= K - 1 &&
	       (g->ow - 1) * g->stride - g->pad < g->w && (g->oh - 1) * g->stride - g->pad < g->h;
}

/* The block with STRIDE and ROWS = rows of the windows of output row oy as constants. */
#define WITH_SHAPE(g, rows, STRIDE, ROWS, ...) do { \
		if ((g)->stride == 1 && (rows) == K) { enum { STRIDE = 1, ROWS = K }; __VA_ARGS__ } \
		else if ((rows) == K) { enum { STRIDE = 2, ROWS = K }; __VA_ARGS__ } \
		else if ((g)->stride == 1) { enum { STRIDE = 1 }; const int ROWS = (rows); __VA_ARGS__ } \
		else { enum { STRIDE = 2 }; const int ROWS = (rows); __VA_ARGS__ } \
	} while (0)

/* ---- the primitives --------------------------------------------------------------------------------- */

/* The block for each row of outputs: number oy of an image that starts at `image`, its own numbers at `out`; one
 * before each image; `top`: where the first of its rows of windows starts, `rows` of them. */
#define EACH_ROW(g, image, out, oy, top, rows, before, ...) do { \
		int64_t out = 0, image = 0; \
		for (int64_t i_ = 0; i_ < (g)->n; i_++, image += (g)->h * (g)->w * (g)->c) { \
			before \
			for (int64_t oy = 0; oy < (g)->oh; oy++, out += (g)->ow * (g)->c) { \
				struct window v_ = window((g), oy, 0); \
				int64_t top = image + v_.y * (g)->w * (g)->c; \
				int rows = v_.rows; \
				__VA_ARGS__ \
			} \
		} \
	} while (0)

static void clear(const struct pool_geom *g, float beta, float *dx)
{
	if (beta == 0)
		memset(dx, 0, (size_t)(g->h * g->w * g->c) * sizeof(*dx));
}

static void maxpool_fwd(const struct pool_geom *g, const float *x, float *y)
{
	EACH_ROW(g, image, out, oy, top, rows, , {
		if (slides(g))
			WITH_SHAPE(g, rows, S, R, forward_row(MOST, S, R, g, x + top, y + out););
		else
			forward_any(MOST, g, x + image, oy, y + out);
	});
}

static void maxpool_bwd(const struct pool_geom *g, const float *x, const float *dy, float beta, float *dx)
{
	EACH_ROW(g, image, out, oy, top, rows, clear(g, beta, dx + image);, {
		if (slides(g))
			WITH_SHAPE(g, rows, S, R, most_row_back(S, R, g, x + top, dy + out, dx + top););
		else
			backward_any(MOST, g, x + image, dy + out, oy, dx + image);
	});
}

static void avgpool_fwd(const struct pool_geom *g, const float *x, float *y)
{
	EACH_ROW(g, image, out, oy, top, rows, , {
		if (slides(g))
			WITH_SHAPE(g, rows, S, R, forward_row(MEAN, S, R, g, x + top, y + out););
		else
			forward_any(MEAN, g, x + image, oy, y + out);
	});
}

static void avgpool_bwd(const struct pool_geom *g, const float *dy, float beta, float *dx)
{
	EACH_ROW(g, image, out, oy, top, rows, clear(g, beta, dx + image);, {
		if (slides(g))
			WITH_SHAPE(g, rows, S, R, mean_row_back(S, R, g, dy + out, dx + top););
		else
			backward_any(MEAN, g, dx + image, dy + out, oy, dx + image);
	});
}

INLINE void mean_of_rows(enum act act, bool raw, int64_t n, int64_t rows, int64_t c, const float *x, const struct affine *in, float *y)
{
	for (int64_t i = 0; i < n; i++, x += rows * c, y += c)
		EACH(j, k, c, {
			vf even = { 0 };
			vf odd = { 0 };
			vf scale = raw ? splat(1) : get(in->scale + j, k);
			vf shift = raw ? splat(0) : get(in->shift + j, k);
			int64_t r = 0;
			for (; r + 2 <= rows; r += 2) {
				vf v = get(x + r * c + j, k);
				vf w = get(x + (r + 1) * c + j, k);
				even += raw ? v : affine_value(act, v, scale, shift);
				odd += raw ? w : affine_value(act, w, scale, shift);
			}
			if (r < rows) {
				vf v = get(x + r * c + j, k);
				even += raw ? v : affine_value(act, v, scale, shift);
			}
			put(y + j, (even + odd) * (1 / (float)rows), k);
		});
}

static void gpool_fwd(int64_t n, int64_t rows, int64_t c, const float *x, const struct affine *in, float *y)
{
	if (!in->scale)
		mean_of_rows(ACT_NONE, true, n, rows, c, x, in, y);
	else
		WITH_ACT(in->act, A, mean_of_rows(A, false, n, rows, c, x, in, y););
}

static void gpool_bwd(int64_t n, int64_t rows, int64_t c, const float *dy, float beta, float *dx)
{
	float share = 1 / (float)rows;

	for (int64_t i = 0; i < n; i++, dy += c)
		for (int64_t r = 0; r < rows; r++, dx += c)
			EACH(j, k, c, put(dx + j, get(dy + j, k) * share + keep(beta, dx + j, k), k););
}

void KERNEL(pool_install)(struct backend *b)
{
	b->maxpool_fwd = maxpool_fwd;
	b->maxpool_bwd = maxpool_bwd;
	b->avgpool_fwd = avgpool_fwd;
	b->avgpool_bwd = avgpool_bwd;
	b->gpool_fwd = gpool_fwd;
	b->gpool_bwd = gpool_bwd;
}
