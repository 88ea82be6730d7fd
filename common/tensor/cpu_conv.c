/* Dense and grouped convolutions as matrix products, after Chellapilla, Puri and Simard 2006.
 *
 * With x unfolded into rows of (kh, kw, c) - one row per output pixel - and W the (oc x kh kw c) matrix
 * that the weights already are:  y = X W',  dX = dy W,  dW = dy' X.  Rows are unfolded tile by tile
 * into scratch.  A 1x1 convolution of stride 1 needs no unfolding.  Groups are matrix products over
 * column ranges. */
#include <string.h>
#include "tensor/cpu.h"

enum { TILE_ROWS = 512, TILE_FLOATS = 1 << 16 };       /* fewer rows would starve BLIS */

static bool pointwise(const struct conv_geom *g)
{
	return g->kh == 1 && g->kw == 1 && g->sh == 1 && g->sw == 1 && g->ph == 0 && g->pw == 0 &&
	       g->oh == g->h && g->ow == g->w;
}

struct plan { int64_t rows, tile, depth, cg, og; };

static struct plan plan(const struct conv_geom *g)
{
	struct plan p = { .rows = g->n * g->oh * g->ow, .cg = g->c / g->groups, .og = g->oc / g->groups };

	p.depth = g->kh * g->kw * p.cg;
	p.tile = TILE_FLOATS / p.depth;
	p.tile = p.tile < TILE_ROWS ? TILE_ROWS : p.tile;
	if (p.tile > p.rows || pointwise(g))
		p.tile = p.rows;
	return p;
}

size_t cpu_conv_scratch(const struct conv_geom *g)
{
	struct plan p = plan(g);

	return pointwise(g) ? 0 : (size_t)(p.tile * p.depth);
}

/* Output row r of the batch: image, and input pixel under the first tap. */
struct place { int64_t image, y, x; };

static struct place place(const struct conv_geom *g, int64_t r)
{
	return (struct place){ r / (g->oh * g->ow), r / g->ow % g->oh * g->sh - g->ph, r % g->ow * g->sw - g->pw };
}

/* Taps of one kernel row from input row `row`, starting at column x.  Without dilation and groups those
 * that lie inside are neighbours in memory: one copy. */
static void unfold_row(const struct conv_geom *g, const struct plan *p, const float *row, int64_t x, float *col)
{
	int64_t kx = 0;

	if (g->dw == 1 && g->groups == 1) {
		int64_t left = x < 0 ? -x : 0, right = g->w - x < g->kw ? g->w - x : g->kw;

		if (left < right) {
			if (left)
				memset(col, 0, (size_t)(left * p->cg) * sizeof(*col));
			memcpy(col + left * p->cg, row + (x + left) * g->c, (size_t)((right - left) * p->cg) * sizeof(*col));
			kx = right;
		}
	}
	for (; kx < g->kw; kx++) {
		int64_t at = x + kx * g->dw;

		if (at >= 0 && at < g->w)
			memcpy(col + kx * p->cg, row + at * g->c, (size_t)p->cg * sizeof(*col));
		else
			memset(col + kx * p->cg, 0, (size_t)p->cg * sizeof(*col));
	}
}

static void unfold(const struct conv_geom *g, const struct plan *p, int64_t r0, int64_t rows, int64_t group,
                   const float *x, float *col)
{
	for (int64_t r = r0; r < r0 + rows; r++) {
		struct place at = place(g, r);
		const float *image = x + at.image * g->h * g->w * g->c + group * p->cg;

		for (int ky = 0; ky < g->kh; ky++, col += g->kw * p->cg) {
			int64_t y = at.y + (int64_t)ky * g->dh;

			if (y >= 0 && y < g->h)
				unfold_row(g, p, image + y * g->w * g->c, at.x, col);
			else
				memset(col, 0, (size_t)(g->kw * p->cg) * sizeof(*col));
		}
	}
}

static void fold_add(const struct conv_geom *g, const struct plan *p, int64_t r0, int64_t rows, int64_t group,
                     const float *col, float *dx)
{
	for (int64_t r = r0; r < r0 + rows; r++) {
		struct place at = place(g, r);
		float *image = dx + at.image * g->h * g->w * g->c + group * p->cg;

		for (int ky = 0; ky < g->kh; ky++) {
			int64_t y = at.y + (int64_t)ky * g->dh;

			for (int kx = 0; kx < g->kw; kx++, col += p->cg) {
				int64_t xx = at.x + (int64_t)kx * g->dw;
				float *to = image + (y * g->w + xx) * g->c;

				if (y >= 0 && y < g->h && xx >= 0 && xx < g->w)
					for (int64_t c = 0; c < p->cg; c++)
						to[c] += col[c];
			}
		}
	}
}

void cpu_conv_fwd(const struct conv_geom *g, const float *x, const float *w, float *y, float *scratch)
{
	struct plan p = plan(g);

	for (int64_t k = 0; k < g->groups; k++)
		for (int64_t r = 0; r < p.rows; r += p.tile) {
			int64_t m = p.rows - r < p.tile ? p.rows - r : p.tile, lda = g->c;
			const float *a = x + k * p.cg;

			if (!pointwise(g)) {
				unfold(g, &p, r, m, k, x, scratch);
				a = scratch;
				lda = p.depth;
			}
			cpu_gemm(false, true, m, p.og, p.depth, a, lda, w + k * p.og * p.depth, p.depth, 0,
			         y + r * g->oc + k * p.og, g->oc);
		}
}

void cpu_conv_bwd_data(const struct conv_geom *g, const float *dy, const float *w, float beta, float *dx, float *scratch)
{
	struct plan p = plan(g);
	bool direct = pointwise(g);

	if (!direct && beta == 0)
		memset(dx, 0, (size_t)(g->n * g->h * g->w * g->c) * sizeof(*dx));
	for (int64_t k = 0; k < g->groups; k++)
		for (int64_t r = 0; r < p.rows; r += p.tile) {
			int64_t m = p.rows - r < p.tile ? p.rows - r : p.tile;

			cpu_gemm(false, false, m, p.depth, p.og, dy + r * g->oc + k * p.og, g->oc, w + k * p.og * p.depth,
			         p.depth, direct ? beta : 0, direct ? dx + k * p.cg : scratch, direct ? g->c : p.depth);
			if (!direct)
				fold_add(g, &p, r, m, k, scratch, dx);
		}
}

void cpu_conv_bwd_weights(const struct conv_geom *g, const float *x, const float *dy, float *dw, float *scratch)
{
	struct plan p = plan(g);

	for (int64_t k = 0; k < g->groups; k++)
		for (int64_t r = 0; r < p.rows; r += p.tile) {
			int64_t m = p.rows - r < p.tile ? p.rows - r : p.tile, ldb = g->c;
			const float *b = x + k * p.cg;

			if (!pointwise(g)) {
				unfold(g, &p, r, m, k, x, scratch);
				b = scratch;
				ldb = p.depth;
			}
			cpu_gemm(true, false, p.og, p.depth, m, dy + r * g->oc + k * p.og, g->oc, b, ldb, r ? 1 : 0,
			         dw + k * p.og * p.depth, p.depth);
		}
}
