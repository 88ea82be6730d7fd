/* Pooling. */
#include "tensor/kernels/act.h"

struct window { int64_t y0, y1, x0, x1, cells; };      /* what lies inside the image, half-open */

static struct window window(const struct pool_geom *g, int64_t oy, int64_t ox)
{
	struct window v = { .y0 = oy * g->stride - g->pad, .x0 = ox * g->stride - g->pad };

	v.y1 = v.y0 + g->k < g->h ? v.y0 + g->k : g->h;
	v.x1 = v.x0 + g->k < g->w ? v.x0 + g->k : g->w;
	v.y0 = v.y0 > 0 ? v.y0 : 0;
	v.x0 = v.x0 > 0 ? v.x0 : 0;
	v.cells = v.y1 > v.y0 && v.x1 > v.x0 ? (v.y1 - v.y0) * (v.x1 - v.x0) : 0;
	return v;
}

/* The block for each output pixel, with its window v and its image's first number `image`. */
#define EACH_OUTPUT(g, v, image, ...) do { \
		for (int64_t i_ = 0; i_ < (g)->n; i_++) \
			for (int64_t o_ = 0; o_ < (g)->oh * (g)->ow; o_++) { \
				struct window v = window((g), o_ / (g)->ow, o_ % (g)->ow); \
				int64_t image = i_ * (g)->h * (g)->w * (g)->c; \
				__VA_ARGS__ \
			} \
	} while (0)

/* The block for each pixel of a window, with its place `at` and its number `cell`. */
#define EACH_CELL(g, v, at, cell, ...) do { \
		int32_t cell = 0; \
		for (int64_t y_ = v.y0; y_ < v.y1; y_++) \
			for (int64_t x_ = v.x0; x_ < v.x1; x_++, cell++) { \
				int64_t at = (y_ * (g)->w + x_) * (g)->c; \
				__VA_ARGS__ \
			} \
	} while (0)

static void clear_unless(float beta, const struct pool_geom *g, float *dx)
{
	if (beta == 0)
		memset(dx, 0, (size_t)(g->n * g->h * g->w * g->c) * sizeof(*dx));
}

static void maxpool_fwd(const struct pool_geom *g, const float *x, float *y)
{
	EACH_OUTPUT(g, v, image, {
		EACH(j, n, g->c, {
			vf best = { 0 };
			EACH_CELL(g, v, at, cell, {
				vf t = get(x + image + at + j, n);
				best = cell ? choose(t > best, t, best) : t;
			});
			put(y + j, best, n);
		});
		y += g->c;
	});
}

static void maxpool_bwd(const struct pool_geom *g, const float *x, const float *dy, float beta, float *dx)
{
	clear_unless(beta, g, dx);
	EACH_OUTPUT(g, v, image, {
		EACH(j, n, g->c, {
			vf best = { 0 };
			vf d = get(dy + j, n);
			vi where = { 0 };
			EACH_CELL(g, v, at, cell, {
				vf t = get(x + image + at + j, n);
				vi more = cell ? t > best : where == where;
				best = choose(more, t, best);
				where = (where & ~more) | (cell & more);
			});
			EACH_CELL(g, v, at, cell, {
				float *to = dx + image + at + j;
				put(to, get(to, n) + (vf)((vi)d & (where == cell)), n);
			});
		});
		dy += g->c;
	});
}

static void avgpool_fwd(const struct pool_geom *g, const float *x, float *y)
{
	EACH_OUTPUT(g, v, image, {
		float share = v.cells ? 1 / (float)v.cells : 0;
		EACH(j, n, g->c, {
			vf sum = { 0 };
			EACH_CELL(g, v, at, cell, sum += get(x + image + at + j, n););
			put(y + j, sum * share, n);
		});
		y += g->c;
	});
}

static void avgpool_bwd(const struct pool_geom *g, const float *dy, float beta, float *dx)
{
	clear_unless(beta, g, dx);
	EACH_OUTPUT(g, v, image, {
		float share = v.cells ? 1 / (float)v.cells : 0;
		EACH(j, n, g->c, {
			vf d = get(dy + j, n) * share;
			EACH_CELL(g, v, at, cell, {
				float *to = dx + image + at + j;
				put(to, get(to, n) + d, n);
			});
		});
		dy += g->c;
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
