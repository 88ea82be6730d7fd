/* Dense and grouped convolutions as matrix products, after Chellapilla, Puri and Simard 2006: with x
 * unfolded into rows of (kh, kw, c), one per output pixel, and W the (oc x kh kw c) matrix that the
 * weights already are,      y = X W',   dX = dy W,   dW = dy' X.
 *
 * Rows go tile by tile into scratch, in panels of NR columns (panel, row, NR): what is still to be
 * applied to x or dy is applied on the way, and one layout serves all three products - as the factor
 * that is broadcast (MR rows, NR columns of one panel at a time) and as the one that is read as vectors.
 * Weights are packed into such panels once per call.  Results are left in the first-level cache, and what
 * is to happen to them happens on their way from there (strip.h).  A number of a result is one chain of additions over the depth (over
 * a tile for dW), wherever its row stands. */
#include "tensor/kernels/narrow.h"
#include "tensor/kernels/strip.h"

enum {
	NR = 2 * V,              /* columns of a panel */
	MR = V == 16 ? 12 : 6,   /* rows of a block: 2 MR sums, 2 factors and a broadcast fit the registers */
	FWD_FLOATS = 48 << 10, BWD_FLOATS = 64 << 10,    /* of a tile: well inside the second-level cache */
	MIN_TILE = 10 * MR, MAX_TILE = 480,
	PART = 96,               /* rows of a panel's results that stay in the first-level cache */
};

static int64_t panels(int64_t columns)
{
	return (columns + NR - 1) / NR;
}

struct plan {
	int64_t rows, depth, cg, og;     /* output pixels, columns of X, channels of a group */
	int64_t tile;                    /* rows */
	int64_t step;                    /* floats from a panel to the next; odd in rows, so that they fall into different sets */
	bool pointwise;                  /* row r of X is pixel r of x */
};

static struct plan plan(const struct conv_geom *g, bool backward)
{
	struct plan p = { .rows = g->n * g->oh * g->ow, .cg = g->c / g->groups, .og = g->oc / g->groups };

	p.depth = g->kh * g->kw * p.cg;
	p.tile = backward ? BWD_FLOATS / (p.depth + p.og) : FWD_FLOATS / p.depth;
	p.tile = p.tile < MIN_TILE ? MIN_TILE : p.tile > MAX_TILE ? MAX_TILE : p.tile / MR * MR;
	p.step = (p.tile + 1) * NR;
	p.pointwise = g->kh == 1 && g->kw == 1 && g->sh == 1 && g->sw == 1 && g->ph == 0 && g->pw == 0 &&
	              g->oh == g->h && g->ow == g->w;
	return p;
}

/* Scratch: packed weights, X, dy, one row or (backward through a window) a tile of dX. */
struct room { float *w, *x, *dy, *col; };

static int64_t weight_floats(const struct plan *p)
{
	int64_t forward = panels(p->og) * p->depth, backward = panels(p->depth) * p->og;

	return (forward > backward ? forward : backward) * NR;
}

static struct room room(const struct plan *p, float *scratch)
{
	struct room m = { .w = scratch };

	m.x = m.w + weight_floats(p);
	m.dy = m.x + panels(p->depth) * p->step;
	m.col = m.dy + panels(p->og) * p->step;
	return m;
}

static size_t room_floats(const struct plan *p, bool backward)
{
	int64_t rows = backward && !p->pointwise ? p->tile : 1;

	return (size_t)(weight_floats(p) + (panels(p->depth) + panels(p->og)) * p->step + rows * p->depth + NR);
}

static size_t conv_scratch(const struct conv_geom *g)
{
	struct plan f = plan(g, false), b = plan(g, true);
	size_t forward = room_floats(&f, false), backward = room_floats(&b, true);

	if (KERNEL(is_narrow)(g))
		return KERNEL(narrow_scratch)(g);
	return forward > backward ? forward : backward;
}

/* ---- packing ------------------------------------------------------------------------------------ */

/* What happens to a number on its way into a panel. */
enum how { RAW, NORMALISED, GRADIENT };

struct feed { const struct affine *in; const struct norm_grad *out; };

INLINE vf fed(enum how how, enum act act, const struct feed *f, int64_t c, const float *x, const float *y, int n)
{
	vf v = get(x, n);

	if (how == NORMALISED)
		return affine_value(act, v, get(f->in->scale + c, n), get(f->in->shift + c, n));
	if (how == GRADIENT)
		return norm_grad(f->out, c, v, get(y, n), n);
	return v;
}

/* One row of `width` numbers, channels c .. of the tensor, into its place in each panel. */
INLINE void feed_row(enum how how, enum act act, const struct feed *f, int64_t c, int64_t width, const float *x,
                     const float *y, float *to, int64_t step)
{
	int64_t j = 0;

	for (; j + NR <= width; j += NR, to += step) {
		store(to, fed(how, act, f, c + j, x + j, y + j, V));
		store(to + V, fed(how, act, f, c + j + V, x + j + V, y + j + V, V));
	}
	for (int v = 0; j < width && v < 2; v++) {
		int n = strip_lanes((int)(width - j), v);

		store(to + v * V, fed(how, act, f, c + j + v * V, x + j + v * V, y + j + v * V, n));
	}
}

/* Rows of a matrix, ld floats apart. */
INLINE void feed_rows(enum how how, enum act act, const struct feed *f, int64_t c, int64_t rows, int64_t width,
                      const float *x, const float *y, int64_t ld, float *to, int64_t step)
{
	for (int64_t r = 0; r < rows; r++)
		feed_row(how, act, f, c, width, x + r * ld, y + r * ld, to + r * NR, step);
}

/* Output row r of the batch: image, and input pixel under the first tap. */
struct place { int64_t image, y, x; };

static struct place place(const struct conv_geom *g, int64_t r)
{
	return (struct place){ r / (g->oh * g->ow), r / g->ow % g->oh * g->sh - g->ph, r % g->ow * g->sw - g->pw };
}

static void tap(const struct affine *in, int64_t c, int64_t count, const float *x, float *to)
{
	if (!in->scale) {
		memcpy(to, x, (size_t)count * sizeof(*to));
		return;
	}
	WITH_ACT(in->act, A,
		EACH(j, n, count, put(to + j, affine_value(A, get(x + j, n), get(in->scale + c + j, n), get(in->shift + c + j, n)), n);););
}

/* Taps of one kernel row from input row `row`, starting at column x.  Where nothing is applied, taps that
 * lie inside are neighbours in memory (without dilation and groups): one copy. */
static void unfold_row(const struct conv_geom *g, const struct plan *p, const struct affine *in, int64_t c,
                       const float *row, int64_t x, float *col)
{
	int64_t kx = 0;

	if (g->dw == 1 && g->groups == 1 && !in->scale) {
		int64_t left = x < 0 ? -x : 0, right = least(g->w - x, g->kw);

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
			tap(in, c, p->cg, row + at * g->c + c, col + kx * p->cg);
		else
			memset(col + kx * p->cg, 0, (size_t)p->cg * sizeof(*col));
	}
}

/* Rows r0 + from .. r0 + m of X, channels c .. c + cg, to their places in a tile that starts at r0. */
static void pack_x(const struct conv_geom *g, const struct plan *p, int64_t r0, int64_t from, int64_t m, int64_t c, const float *x,
                   const struct affine *in, const struct room *o)
{
	struct feed f = { .in = in };

	if (p->pointwise) {
		float *to = o->x + from * NR;

		x += (r0 + from) * g->c + c;
		m -= from;
		if (!in->scale)
			feed_rows(RAW, ACT_NONE, &f, c, m, p->depth, x, x, g->c, to, p->step);
		else
			WITH_ACT(in->act, A, feed_rows(NORMALISED, A, &f, c, m, p->depth, x, x, g->c, to, p->step););
		return;
	}
	for (int64_t r = from; r < m; r++) {
		struct place at = place(g, r0 + r);
		float *col = o->col;

		for (int ky = 0; ky < g->kh; ky++, col += g->kw * p->cg) {
			int64_t y = at.y + (int64_t)ky * g->dh;

			if (y >= 0 && y < g->h)
				unfold_row(g, p, in, c, x + (at.image * g->h + y) * g->w * g->c, at.x, col);
			else
				memset(col, 0, (size_t)(g->kw * p->cg) * sizeof(*col));
		}
		feed_row(RAW, ACT_NONE, &f, 0, p->depth, o->col, o->col, o->x + r * NR, p->step);
	}
}

static void pack_dy(const struct conv_geom *g, const struct plan *p, int64_t r0, int64_t m, int64_t o, const struct conv_bwd *b,
                    float *to)
{
	struct feed f = { .out = &b->out };
	const float *dy = b->dy + r0 * g->oc + o;

	if (b->out.ka)
		feed_rows(GRADIENT, ACT_NONE, &f, o, m, p->og, dy, b->out.y + r0 * g->oc + o, g->oc, to, p->step);
	else
		feed_rows(RAW, ACT_NONE, &f, o, m, p->og, dy, dy, g->oc, to, p->step);
}

/* to[d * NR + i] = w[i * ld + d] for 4 rows of V numbers */
static void transpose(const float *w, int64_t ld, float *to)
{
	vf a = load(w), b = load(w + ld), c = load(w + 2 * ld), d = load(w + 3 * ld);
	vf even = zip_low(a, b), odd = zip_low(c, d), even2 = zip_high(a, b), odd2 = zip_high(c, d);
	vf column[4] = { pairs_low(even, odd), pairs_high(even, odd), pairs_low(even2, odd2), pairs_high(even2, odd2) };

	UNROLL
	for (int k = 0; k < V; k++)
		memcpy(to + k * NR, (const float *)&column[k % 4] + k / 4 * 4, 4 * sizeof(*to));
}

/* (og, depth) -> panels of outputs: (panel, depth, NR), zeros behind the last output */
static void pack_weights_forward(const struct plan *p, const float *w, float *to)
{
	for (int64_t o = 0; o < p->og; o += NR, to += p->depth * NR) {
		int64_t n = least(p->og - o, NR), i = 0;

		for (; i + 4 <= n; i += 4) {
			const float *from = w + (o + i) * p->depth;
			int64_t d = 0;

			for (; d + V <= p->depth; d += V)
				transpose(from + d, p->depth, to + d * NR + i);
			for (; d < p->depth; d++)
				for (int k = 0; k < 4; k++)
					to[d * NR + i + k] = from[k * p->depth + d];
		}
		for (; i < NR; i++)
			for (int64_t d = 0; d < p->depth; d++)
				to[d * NR + i] = i < n ? w[(o + i) * p->depth + d] : 0;
	}
}

/* (og, depth) -> panels of columns: (panel, og, NR) */
static void pack_weights_backward(const struct plan *p, const float *w, float *to)
{
	for (int64_t o = 0; o < p->og; o++)
		feed_row(RAW, ACT_NONE, NULL, 0, p->depth, w + o * p->depth, w + o * p->depth, to + o * NR, p->og * NR);
}

/* ---- products ----------------------------------------------------------------------------------- */

/* Rows of NR columns, `step` floats apart, that are read and written (NULL: nothing) once results are there: they
 * come nearer while products are made. */
struct soon { const float *read, *write; int64_t step; };

INLINE void come_nearer(struct soon *s)
{
	for (int j = 0; j < NR; j += 16) {
		if (s->read)
			__builtin_prefetch(s->read + j);
		if (s->write)
			fetch_to_write(s->write + j);
	}
	s->read = s->read ? s->read + s->step : NULL;
	s->write = s->write ? s->write + s->step : NULL;
}

/* Rows of the factor that is broadcast: the first `whole` of them (whole blocks) where they belong, `ld` floats
 * apart, the others packed. */
struct factor { const float *at; int64_t ld, whole; const float *packed; int64_t step; };

/* y (MR x NR) = a b: MR rows, ld apart, NR columns every `step` floats, times one panel of `depth` rows; as many
 * rows of *soon. */
INLINE void product(int64_t depth, const float *a, int64_t ld, int64_t step, const float *b, struct soon *soon, float *y)
{
	vf sum[MR][2];
	int wanted = MR;

	UNROLL
	for (int r = 0; r < MR; r++)
		sum[r][0] = sum[r][1] = (vf){ 0 };
	for (int64_t d = 0; d < depth; d += NR, a += step) {
		int64_t last = least(depth - d, NR);

		UNROLL
		for (int r = 0; r < MR; r++)
			__builtin_prefetch(a + step + r * ld);
		for (int64_t q = 0; q < last; q++, b += NR) {
			vf b0 = load(b), b1 = load(b + V);

			if (wanted > 0) {
				come_nearer(soon);
				wanted--;
			}
			UNROLL
			for (int r = 0; r < MR; r++) {
				vf f = splat(a[r * ld + q]);

				sum[r][0] = madd(f, b0, sum[r][0]);
				sum[r][1] = madd(f, b1, sum[r][1]);
			}
		}
	}
	UNROLL
	for (int r = 0; r < MR; r++) {
		store(y + r * NR, sum[r][0]);
		store(y + r * NR + V, sum[r][1]);
	}
}

/* Rows i .. i + m of a tile times one panel, to `part` (PART x NR); packed rows up to the next block are there too. */
static void product_rows(int64_t i, int64_t m, int64_t depth, const struct factor *a, const float *b, struct soon soon, float *part)
{
	for (int64_t r = i; r < i + m; r += MR, part += MR * NR)
		if (r < a->whole)
			product(depth, a->at + r * a->ld, a->ld, NR, b, &soon, part);
		else
			product(depth, a->packed + r * NR, NR, a->step, b, &soon, part);
}

/* dw (R x n) += dy' x over m rows; the first `live` rows of the result exist. */
INLINE void gradient(int R, int64_t m, const float *dy, const float *x, float *dw, int64_t ld, int64_t live, int n, bool add)
{
	vf sum[MR][2];

	UNROLL
	for (int r = 0; r < R; r++) {
		if (r < live) {
			fetch_to_write(dw + r * ld);
			fetch_to_write(dw + r * ld + n - 1);
		}
		sum[r][0] = sum[r][1] = (vf){ 0 };
	}
	for (int64_t i = 0; i < m; i++, dy += NR, x += NR) {
		vf b0 = load(x), b1 = load(x + V);

		UNROLL
		for (int r = 0; r < R; r++) {
			vf f = splat(dy[r]);

			sum[r][0] = madd(f, b0, sum[r][0]);
			sum[r][1] = madd(f, b1, sum[r][1]);
		}
	}
	UNROLL
	for (int r = 0; r < R; r++)
		if (r < live)
			for (int v = 0; v < 2; v++) {
				int k = strip_lanes(n, v);
				float *to = dw + r * ld + v * V;

				put(to, sum[r][v] + keep(add, to, k), k);
			}
}

/* A tile's part of dW (og x depth). */
static void gradient_tile(const struct plan *p, int64_t m, const float *dy, const float *x, float *dw, bool add)
{
	for (int64_t o = 0; o < p->og; o += NR, dy += p->step)
		for (int64_t d = 0; d < p->depth; d += NR) {
			int n = (int)least(p->depth - d, NR);
			const float *panel = x + d / NR * p->step;
			int64_t i = 0, live = p->og - o;

			for (; i + MR <= NR && i < live; i += MR)
				gradient(MR, m, dy + i, panel, dw + (o + i) * p->depth + d, p->depth, live - i, n, add);
			if (i < NR && i < live)
				gradient(NR % MR, m, dy + i, panel, dw + (o + i) * p->depth + d, p->depth, live - i, n, add);
		}
}

/* ---- the two primitives -------------------------------------------------------------------------- */

/* Whole lines can go past the caches. */
static bool streams(bool wish, const float *to, int64_t row)
{
	return wish && row % NR == 0 && (uintptr_t)to % 64 == 0;
}

/* Rows r .. r + m of y, channels c .. c + n: a tile times one panel of weights. */
static void forward_panel(const struct conv_geom *g, const struct plan *p, const struct conv_fwd *f, int64_t r, int64_t m,
                          int64_t c, int n, const struct factor *x, const float *w)
{
	_Alignas(64) float part[PART * NR];
	struct strip_sums sums;

	for (int64_t i = 0; i < m; i += PART) {
		int64_t at = (r + i) * g->oc + c;
		struct strip s = {
			.from = part, .to = f->y + at, .rows = least(m - i, PART), .from_step = NR, .step = g->oc, .n = n,
			.past = n == NR && streams(f->stream, f->y + at, g->oc),
		};

		product_rows(i, s.rows, p->depth, x, w,
		             (struct soon){ f->add ? f->add + at : NULL, s.past ? NULL : s.to, g->oc }, part);
		if (f->mean) {
			if (!i)
				strip_sums_begin(&sums, &s, r ? f->mean + c : NULL);
			strip_store_sums(&s, &sums);
		} else if (f->out.scale || f->add) {
			strip_finish(&s, &f->out, c, f->add ? f->add + at : NULL);
		} else {
			strip_store(&s, 0);
		}
	}
	if (!f->mean)
		return;
	for (int j = 0; !r && j < n; j++)
		f->mean[c + j] = f->m2[c + j] = 0;
	merge_moments(r, m, sums.shift, sums.sum, sums.squares, n, f->mean + c, f->m2 + c);
}

static void conv_fwd(const struct conv_geom *g, const struct conv_fwd *f, float *scratch)
{
	struct plan p = plan(g, false);
	struct room o = room(&p, scratch);
	bool as_it_is = p.pointwise && !f->in.scale;

	if (KERNEL(is_narrow)(g)) {
		KERNEL(narrow_fwd)(g, f, scratch);
		return;
	}
	for (int64_t k = 0; k < g->groups; k++) {
		pack_weights_forward(&p, f->w + k * p.og * p.depth, o.w);
		for (int64_t r = 0; r < p.rows; r += p.tile) {
			int64_t m = least(p.rows - r, p.tile);
			struct factor x = { f->x + r * g->c + k * p.cg, g->c, as_it_is ? m / MR * MR : 0, o.x, p.step };

			pack_x(g, &p, r, x.whole, m, k * p.cg, f->x, &f->in, &o);
			for (int64_t j = 0; j < p.og; j += NR)
				forward_panel(g, &p, f, r, m, k * p.og + j, (int)least(p.og - j, NR), &x, o.w + j * p.depth);
		}
	}
	streamed();
}

/* Adds columns of X to the pixels that they came from. */
static void fold_add(const struct conv_geom *g, const struct plan *p, int64_t r0, int64_t rows, const float *col, float *dx)
{
	for (int64_t r = r0; r < r0 + rows; r++) {
		struct place at = place(g, r);

		for (int ky = 0; ky < g->kh; ky++) {
			int64_t y = at.y + (int64_t)ky * g->dh;

			for (int kx = 0; kx < g->kw; kx++, col += p->cg) {
				int64_t x = at.x + (int64_t)kx * g->dw;
				float *to = dx + ((at.image * g->h + y) * g->w + x) * g->c;

				if (y >= 0 && y < g->h && x >= 0 && x < g->w)
					EACH(j, n, p->cg, put(to + j, get(to + j, n) + get(col + j, n), n););
			}
		}
	}
}

/* Strip s, results of pixels from `pixel` on, channels from c on, goes back through the normalisation of x. */
static void back_through(const struct conv_geom *g, const struct conv_bwd *b, int64_t pixel, int64_t c, const struct strip *s, float beta)
{
	strip_back(s, beta, b->in.act, &(struct strip_norm){
		b->x + pixel * g->c + c, b->in.scale + c, b->in.shift + c, b->mean + c, b->sum_g + c, b->sum_gx + c });
}

/* A tile's part of dX, channels c .. c + cg: to dx, or where a window is unfolded to o->col and from there. */
static void data_tile(const struct conv_geom *g, const struct plan *p, const struct conv_bwd *b, int64_t r, int64_t m, int64_t c,
                      const struct room *o)
{
	_Alignas(64) float part[PART * NR];
	float *to = p->pointwise ? b->dx + r * g->c + c : o->col;
	int64_t step = p->pointwise ? g->c : p->depth;
	bool past = p->pointwise && streams(b->stream && b->beta == 0, to, g->c), back = p->pointwise && b->sum_g;
	struct factor dy = { .packed = o->dy, .step = p->step };

	for (int64_t j = 0; j < p->depth; j += NR) {
		int n = (int)least(p->depth - j, NR);

		for (int64_t i = 0; i < m; i += PART) {
			struct strip s = {
				.from = part, .to = to + i * step + j, .rows = least(m - i, PART), .from_step = NR, .step = step,
				.n = n, .past = past && n == NR,
			};

			product_rows(i, s.rows, p->og, &dy, o->w + j * p->og,
			             (struct soon){ back ? b->x + (r + i) * g->c + c + j : NULL, s.past ? NULL : s.to, step }, part);
			if (back)
				back_through(g, b, r + i, c + j, &s, b->beta);
			else
				strip_store(&s, p->pointwise ? b->beta : 0);
		}
	}
	if (!p->pointwise)
		fold_add(g, p, r, m, o->col, b->dx + c);
}

/* Where dx was added up window by window: all of it, in place. */
static void back_afterwards(const struct conv_geom *g, const struct conv_bwd *b)
{
	int64_t pixels = g->n * g->h * g->w;

	for (int64_t c = 0; c < g->c; c += NR)
		for (int64_t i = 0; i < pixels; i += PART) {
			float *dx = b->dx + i * g->c + c;
			struct strip s = {
				.from = dx, .to = dx, .rows = least(pixels - i, PART), .from_step = g->c, .step = g->c,
				.n = (int)least(g->c - c, NR),
			};

			back_through(g, b, i, c, &s, 0);
		}
}

static void conv_bwd(const struct conv_geom *g, const struct conv_bwd *b, float *scratch)
{
	struct plan p = plan(g, true);
	struct room o = room(&p, scratch);

	if (KERNEL(is_narrow)(g)) {
		KERNEL(narrow_bwd)(g, b, scratch);
		return;
	}
	for (int64_t c = 0; b->sum_g && c < g->c; c++)
		b->sum_g[c] = b->sum_gx[c] = 0;
	if (b->dx && !p.pointwise && b->beta == 0)
		memset(b->dx, 0, (size_t)(g->n * g->h * g->w * g->c) * sizeof(*b->dx));
	for (int64_t k = 0; k < g->groups; k++) {
		if (b->dx)
			pack_weights_backward(&p, b->w + k * p.og * p.depth, o.w);
		for (int64_t r = 0; r < p.rows; r += p.tile) {
			int64_t m = least(p.rows - r, p.tile);

			pack_dy(g, &p, r, m, k * p.og, b, o.dy);
			if (b->dw) {
				pack_x(g, &p, r, 0, m, k * p.cg, b->x, &b->in, &o);
				gradient_tile(&p, m, o.dy, o.x, b->dw + k * p.og * p.depth, r > 0);
			}
			if (b->dx)
				data_tile(g, &p, b, r, m, k * p.cg, &o);
		}
	}
	if (b->sum_g && !p.pointwise)
		back_afterwards(g, b);
	streamed();
}

void KERNEL(conv_install)(struct backend *b)
{
	b->conv_scratch = conv_scratch;
	b->conv_fwd = conv_fwd;
	b->conv_bwd = conv_bwd;
}
