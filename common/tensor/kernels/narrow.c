/* 1 x 1 convolutions of few channels:      y = X W',   dX = dy W,   dW = dy' X.
 *
 * All weights lie in the first-level cache, and so does a tile of rows: a number of x or dy is read once, passes
 * through what is still to be applied to it, and waits in a panel (row, 16 channels) for products of as many
 * vectors as there are channels - where conv.c, made for many, would fill half of its panels with zeros.  A number
 * of a result is one chain of additions over the depth (over a tile for dW), wherever its row stands. */
#include "tensor/kernels/narrow.h"
#include "tensor/kernels/strip.h"

enum {
	P = 16,                      /* channels of a panel */
	MOST = 64,                   /* channels of input or output */
	SUMS = V == 16 ? 24 : 12,    /* registers that hold sums: R rows of N vectors */
	WIDTH = 3,                   /* vectors of results made at a time, at most */
	OUTS = V == 16 ? 16 : 4,     /* outputs whose weight gradients are made at a time, */
	INS = V == 16 ? 1 : 2,       /* for as many vectors of inputs */
	TILE = 96,                   /* rows; whole blocks of R for N = 1, 2, 3 */
	MOMENTS = 5 * TILE,          /* rows whose statistics are summed in float */
};

static int64_t panels(int64_t channels)
{
	return (channels + P - 1) / P;
}

static int64_t vectors(int64_t channels)
{
	return (channels + V - 1) / V;
}

bool KERNEL(is_narrow)(const struct conv_geom *g)
{
	return g->kh == 1 && g->kw == 1 && g->sh == 1 && g->sw == 1 && g->ph == 0 && g->pw == 0 && g->oh == g->h &&
	       g->ow == g->w && g->groups == 1 && g->c <= MOST && g->oc <= MOST;
}

/* Scratch, from a cache line on: weights, tiles of X and dy, sums of dW. */
struct room { float *w, *x, *dy, *dw; };

static struct room room(const struct conv_geom *g, float *scratch)
{
	int64_t in = panels(g->c) * P, out = panels(g->oc) * P;
	struct room m = { .w = (float *)(((uintptr_t)scratch + 63) & ~(uintptr_t)63) };

	m.x = m.w + in * out;
	m.dy = m.x + TILE * in;
	m.dw = m.dy + TILE * out;
	return m;
}

size_t KERNEL(narrow_scratch)(const struct conv_geom *g)
{
	int64_t in = panels(g->c) * P, out = panels(g->oc) * P;

	return (size_t)(2 * in * out + TILE * (in + out) + 64 / (int64_t)sizeof(float));
}

/* ---- cutting ------------------------------------------------------------------------------------ */

/* A strip of results, columns j .. j + n: vectors from `at` on of the `of` that are made together. */
struct cut { int64_t j; int n, at, of; };
struct cuts { int count; struct cut of[MOST / V + 1]; };

static struct cuts cuts(int64_t columns)
{
	struct cuts t = { 0 };

	for (int64_t j = 0; j < columns;) {
		int left = (int)vectors(columns - j), of = left == 1 || left == WIDTH ? left : 2;

		for (int at = 0; at < of; at += 2, t.count++) {
			int n = (int)least(columns - j, of - at > 1 ? 2 * V : V);

			t.of[t.count] = (struct cut){ j, n, at, of };
			j += n;
		}
	}
	return t;
}

/* ---- packing ------------------------------------------------------------------------------------ */

/* Weights (depth x columns) as results want them: for vectors that are made together, row by row of the depth, zeros
 * behind the last column. */
static void pack_weights(const struct cuts *t, int64_t depth, int64_t columns, const float *w, int64_t by_depth,
                         int64_t by_column, float *to)
{
	for (int i = 0; i < t->count; i++)
		for (int64_t d = 0; !t->of[i].at && d < depth; d++)
			for (int64_t k = t->of[i].j; k < t->of[i].j + t->of[i].of * V; k++)
				*to++ = k < columns ? w[d * by_depth + k * by_column] : 0;
}

/* Each number of m rows of c to panels of TILE rows, in the order of memory, channels up to whole vectors; with N
 * vectors in all, known to the compiler, what belongs to channels stays in registers.  The row TILE rows further on
 * is wanted soon. */
#define PACK_ROWS(N, m, c, from, also, to, j, v, value) do { \
		for (int64_t r_ = 0; r_ < (m); r_++) { \
			const float *from_ = (from) + r_ * (c), *also_ = (also) + r_ * (c); \
			for (int j = 0; j < (N); j++) { \
				int n_ = (int)least((c) - j * V, V); \
				vf v = get(from_ + j * V, n_); \
				if (j * V % P == 0) { \
					__builtin_prefetch(from_ + TILE * (c) + j * V); \
					if ((also) != (from)) \
						__builtin_prefetch(also_ + TILE * (c) + j * V); \
				} \
				store((to) + j * V / P * TILE * P + j * V % P + r_ * P, value); \
			} \
		} \
	} while (0)

#define ALSO(c, j) get(also_ + j * V, (int)least((c) - j * V, V))

/* The block with N = vectors of c channels, a constant where these are whole and few. */
#define WITH_VECTORS(c, N, ...) do { \
		if ((c) == V) { enum { N = 1, C = V }; __VA_ARGS__ } \
		else if ((c) == 2 * V) { enum { N = 2, C = 2 * V }; __VA_ARGS__ } \
		else if ((c) == 3 * V) { enum { N = 3, C = 3 * V }; __VA_ARGS__ } \
		else if ((c) == 4 * V) { enum { N = 4, C = 4 * V }; __VA_ARGS__ } \
		else { const int N = (int)vectors(c); const int64_t C = (c); __VA_ARGS__ } \
	} while (0)

enum { ARRAYS = (MOST + V - 1) / V };

/* An array of parameters as vectors. */
INLINE void params(int N, int64_t c, const float *p, vf *to)
{
	for (int j = 0; j < N; j++)
		to[j] = get(p + j * V, (int)least(c - j * V, V));
}

static void pack_x(int64_t m, int64_t c, const float *x, const struct affine *in, float *to)
{
	vf scale[ARRAYS], shift[ARRAYS];

	if (!in->scale) {
		WITH_VECTORS(c, N, PACK_ROWS(N, m, C, x, x, to, j, v, v););
		return;
	}
	WITH_ACT(in->act, A,
		WITH_VECTORS(c, N, {
			params(N, C, in->scale, scale);
			params(N, C, in->shift, shift);
			PACK_ROWS(N, m, C, x, x, to, j, v, affine_value(A, v, scale[j], shift[j]));
		}););
}

static void pack_dy(int64_t m, int64_t c, const float *dy, const float *y, const struct norm_grad *n, float *to)
{
	vf mean[ARRAYS], ka[ARRAYS], kx[ARRAYS], k0[ARRAYS];

	if (!n->ka) {
		WITH_VECTORS(c, N, PACK_ROWS(N, m, C, dy, dy, to, j, v, v););
		return;
	}
	WITH_VECTORS(c, N, {
		params(N, C, n->mean, mean);
		params(N, C, n->ka, ka);
		params(N, C, n->kx, kx);
		params(N, C, n->k0, k0);
		PACK_ROWS(N, m, C, dy, y, to, j, v, madd(ka[j], v, madd(kx[j], ALSO(C, j) - mean[j], k0[j])));
	});
}

/* ---- products ----------------------------------------------------------------------------------- */

/* y (R x N vectors) = R rows of panels times weights. */
INLINE void product(int R, int N, int64_t depth, const float *a, const float *w, float *y)
{
	vf sum[SUMS];

	UNROLL
	for (int i = 0; i < R * N; i++)
		sum[i] = (vf){ 0 };
	for (int64_t d = 0; d < depth; d += P, a += TILE * P) {
		int64_t last = least(depth - d, P);

		for (int64_t q = 0; q < last; q++, w += N * V) {
			vf b[WIDTH];

			UNROLL
			for (int v = 0; v < N; v++)
				b[v] = load(w + v * V);
			UNROLL
			for (int r = 0; r < R; r++) {
				vf f = splat(a[r * P + q]);

				UNROLL
				for (int v = 0; v < N; v++)
					sum[r * N + v] = madd(f, b[v], sum[r * N + v]);
			}
		}
	}
	UNROLL
	for (int i = 0; i < R * N; i++)
		store(y + i * V, sum[i]);
}

/* m rows; those up to the end of a block are there too. */
static void product_rows(int n, int64_t m, int64_t depth, const float *a, const float *w, float *y)
{
	if (n == 1)
		for (int64_t r = 0; r < m; r += SUMS)
			product(SUMS, 1, depth, a + r * P, w, y + r * V);
	else if (n == 2)
		for (int64_t r = 0; r < m; r += SUMS / 2)
			product(SUMS / 2, 2, depth, a + r * P, w, y + r * 2 * V);
	else
		for (int64_t r = 0; r < m; r += SUMS / 3)
			product(SUMS / 3, 3, depth, a + r * P, w, y + r * 3 * V);
}

/* dw (outputs x c) += dy' x over m rows, `outputs` and c filled up to whole panels. */
static void gradient(int64_t m, int64_t c, int64_t outputs, const float *dy, const float *x, float *dw)
{
	int64_t step = panels(c) * P;

	for (int64_t o = 0; o < outputs; o += OUTS)
		for (int64_t j = 0; j < c; j += INS * V) {
			const float *g = dy + o / P * TILE * P + o % P, *at = x + j / P * TILE * P + j % P;
			vf sum[OUTS][INS];

			UNROLL
			for (int i = 0; i < OUTS; i++)
				for (int v = 0; v < INS; v++)
					sum[i][v] = (vf){ 0 };
			for (int64_t r = 0; r < m; r++, g += P, at += P) {
				vf b[INS];

				UNROLL
				for (int v = 0; v < INS; v++)
					b[v] = load(at + v * V);
				UNROLL
				for (int i = 0; i < OUTS; i++) {
					vf f = splat(g[i]);

					UNROLL
					for (int v = 0; v < INS; v++)
						sum[i][v] = madd(f, b[v], sum[i][v]);
				}
			}
			UNROLL
			for (int i = 0; i < OUTS; i++)
				for (int v = 0; v < INS; v++) {
					float *to = dw + (o + i) * step + j + v * V;

					store(to, load(to) + sum[i][v]);
				}
		}
}

/* ---- the two primitives -------------------------------------------------------------------------- */

/* Where m rows of a result go: to a tensor `columns` wide, past the caches if possible. */
struct target { float *to; int64_t m, columns; bool stream; };

/* The strip c of the product of a tile and `weights`; those that are made with it wait in `part`. */
static struct strip strip(const struct cut *c, int64_t depth, const float *a, const float *weights, const struct target *t,
                          float *part)
{
	bool past = t->stream && c->n == 2 * V && t->columns % (2 * V) == 0 && (uintptr_t)t->to % 64 == 0;

	if (!c->at)
		product_rows(c->of, t->m, depth, a, weights + c->j * depth, part);
	return (struct strip){ part + c->at * V, t->to + c->j, t->m, c->of * V, t->columns, c->n, past };
}

/* Statistics of `rows` rows in float, after those of the rows before. */
struct sums { struct strip_sums of[MOST / V + 1]; int64_t before, rows; };

static void merge(const struct cuts *t, struct sums *s, const struct conv_fwd *f)
{
	for (int i = 0; i < t->count; i++)
		merge_moments(s->before, s->rows, s->of[i].shift, s->of[i].sum, s->of[i].squares, t->of[i].n, f->mean + t->of[i].j,
		              f->m2 + t->of[i].j);
	s->before += s->rows;
	s->rows = 0;
}

void KERNEL(narrow_fwd)(const struct conv_geom *g, const struct conv_fwd *f, float *scratch)
{
	struct room o = room(g, scratch);
	int64_t rows = g->n * g->h * g->w;
	struct cuts t = cuts(g->oc);
	struct sums sums = { .before = 0 };
	_Alignas(64) float part[TILE * WIDTH * V];

	for (int64_t j = 0; f->mean && j < g->oc; j++)
		f->mean[j] = f->m2[j] = 0;
	pack_weights(&t, g->c, g->oc, f->w, 1, g->c, o.w);
	for (int64_t r = 0; r < rows; r += TILE) {
		int64_t m = least(rows - r, TILE);
		struct target y = { f->y + r * g->oc, m, g->oc, f->stream };

		pack_x(m, g->c, f->x + r * g->c, &f->in, o.x);
		for (int i = 0; i < t.count; i++) {
			struct strip s = strip(&t.of[i], g->c, o.x, o.w, &y, part);
			int64_t j = t.of[i].j;

			if (f->mean) {
				if (!sums.rows)
					strip_sums_begin(&sums.of[i], &s, r ? f->mean + j : NULL);
				strip_store_sums(&s, &sums.of[i]);
			} else if (f->out.scale || f->add) {
				strip_finish(&s, &f->out, j, f->add ? f->add + r * g->oc + j : NULL);
			} else {
				strip_store(&s, 0);
			}
		}
		sums.rows += m;
		if (f->mean && (sums.rows >= MOMENTS || r + m == rows))
			merge(&t, &sums, f);
	}
	streamed();
}

void KERNEL(narrow_bwd)(const struct conv_geom *g, const struct conv_bwd *b, float *scratch)
{
	struct room o = room(g, scratch);
	int64_t rows = g->n * g->h * g->w, outputs = panels(g->oc) * P, step = panels(g->c) * P;
	struct cuts t = cuts(g->c);
	_Alignas(64) float part[TILE * WIDTH * V];

	for (int64_t j = 0; b->sum_g && j < g->c; j++)
		b->sum_g[j] = b->sum_gx[j] = 0;
	memset(o.x, 0, (size_t)(TILE * (outputs + step) + outputs * step) * sizeof(*o.x));
	if (b->dx)
		pack_weights(&t, g->oc, g->c, b->w, g->c, 1, o.w);
	for (int64_t r = 0; r < rows; r += TILE) {
		int64_t m = least(rows - r, TILE);
		const float *x = b->x + r * g->c;
		struct target dx = { b->dx + r * g->c, m, g->c, b->stream && b->beta == 0 };

		pack_dy(m, g->oc, b->dy + r * g->oc, b->out.ka ? b->out.y + r * g->oc : NULL, &b->out, o.dy);
		if (b->dw) {
			pack_x(m, g->c, x, &b->in, o.x);
			gradient(m, g->c, g->oc, o.dy, o.x, o.dw);
		}
		for (int i = 0; b->dx && i < t.count; i++) {
			struct strip s = strip(&t.of[i], g->oc, o.dy, o.w, &dx, part);
			int64_t j = t.of[i].j;

			if (b->sum_g)
				strip_back(&s, b->beta, b->in.act, &(struct strip_norm){
					x + j, b->in.scale + j, b->in.shift + j, b->mean + j, b->sum_g + j, b->sum_gx + j });
			else
				strip_store(&s, b->beta);
		}
	}
	for (int64_t i = 0; b->dw && i < g->oc; i++)
		memcpy(b->dw + i * g->c, o.dw + i * step, (size_t)g->c * sizeof(*b->dw));
	streamed();
}
