/* Depthwise convolution.
 *
 * Channels go in blocks of one cache line (16).  For a block, the rows of the source that an output row
 * needs are copied into a ring of packed rows - 16 channels side by side, zeros where padding lies - so
 * that the inner loops know neither edges, nor tails, nor strides of memory, and every line of memory is
 * read once and written once.  An inner loop keeps T neighbouring outputs in registers and adds the taps
 * row by row, column by column, in this order whatever T is.
 *
 * The gradient for the input is the same loop: its source is dy with stride - 1 zeros between columns,
 * its weights are mirrored in columns, its stride is 1; which rows of dy a row of dx sees is found row by row. */
#include "tensor/cpu_ref.h"
#include "tensor/kernels/act.h"

enum { LINE = 16, MAX_TAPS = 32, SPARE = 8 };   /* SPARE: outputs of a register block beyond the last */

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

struct pass {
	int64_t n, h, w, c;          /* source */
	int64_t oh, ow;              /* result */
	int64_t pad, stuff;          /* packed column q holds source column (q - pad) / stuff, or zero */
	int64_t stride, dilation;    /* along a packed row */
	int64_t width, ring;         /* packed row length in columns, rows in the ring */
	int taps;                    /* columns of the kernel */
};

static int64_t lines(int64_t c)
{
	return (c + LINE - 1) / LINE;
}

static int64_t packed_width(int64_t ow, int64_t stride, int64_t dilation, int taps)
{
	return (ow + SPARE - 1) * stride + dilation * (taps - 1) + 1;
}

static struct pass forward_pass(const struct conv_geom *g)
{
	return (struct pass){
		.n = g->n, .h = g->h, .w = g->w, .c = g->c, .oh = g->oh, .ow = g->ow, .pad = g->pw, .stuff = 1,
		.stride = g->sw, .dilation = g->dw, .taps = g->kw, .width = packed_width(g->ow, g->sw, g->dw, g->kw),
		.ring = (int64_t)(g->kh - 1) * g->dh + 1,
	};
}

static struct pass backward_pass(const struct conv_geom *g)
{
	return (struct pass){
		.n = g->n, .h = g->oh, .w = g->ow, .c = g->c, .oh = g->h, .ow = g->w,
		.pad = (int64_t)(g->kw - 1) * g->dw - g->pw, .stuff = g->sw, .stride = 1, .dilation = g->dw, .taps = g->kw,
		.width = packed_width(g->w, 1, g->dw, g->kw), .ring = (int64_t)(g->kh - 1) * g->dh / g->sh + 1,
	};
}

/* Source row under tap ky of result row y, or -1. */
static int64_t forward_row(const struct conv_geom *g, int64_t y, int ky)
{
	int64_t r = y * g->sh - g->ph + (int64_t)ky * g->dh;

	return r < 0 || r >= g->h ? -1 : r;
}

static int64_t backward_row(const struct conv_geom *g, int64_t y, int ky)
{
	int64_t r = y + g->ph - (int64_t)ky * g->dh;

	return r < 0 || r % g->sh || r / g->sh >= g->oh ? -1 : r / g->sh;
}

static size_t weight_floats(const struct conv_geom *g)
{
	return (size_t)(lines(g->c) * LINE * g->kh * g->kw);
}

static size_t pass_floats(const struct conv_geom *g)
{
	struct pass f = forward_pass(g), b = backward_pass(g);
	int64_t ring = f.width * f.ring > b.width * b.ring ? f.width * f.ring : b.width * b.ring;

	/* weights or their gradients, one image's gradients, the ring, a packed row of dy */
	return weight_floats(g) + (size_t)(LINE * (g->kh * g->kw + ring + g->ow));
}

/* (c, kh, kw) -> (line, kh, kw, 16), zeros behind the last channel; columns mirrored on demand */
static void arrange_weights(const struct conv_geom *g, const float *w, bool mirror, float *to)
{
	for (int64_t c0 = 0; c0 < g->c; c0 += LINE)
		for (int ky = 0; ky < g->kh; ky++)
			for (int kx = 0; kx < g->kw; kx++, to += LINE) {
				int64_t tap = ky * g->kw + (mirror ? g->kw - 1 - kx : kx);

				for (int64_t i = 0; i < LINE; i++)
					to[i] = c0 + i < g->c ? w[(c0 + i) * g->kh * g->kw + tap] : 0;
			}
}

/* `lanes` channels of one pixel; asks for the same channels `ahead` floats further on. */
INLINE void copy_line(float *to, const float *from, int lanes, int64_t ahead)
{
	__builtin_prefetch(from + ahead);
	if (lanes == LINE) {
		for (int j = 0; j < LINE; j += V)
			store(to + j, load(from + j));
		return;
	}
	EACH(j, n, lanes, store(to + j, get(from + j, n)););
	for (int64_t j = (lanes + V - 1) / V * V; j < LINE; j += V)
		store(to + j, (vf){ 0 });
}

/* Columns that padding and stuffing leave empty are zeroed once: every row has them in the same places. */
static void pack_row(const struct pass *p, const float *row, int lanes, float *to)
{
	int64_t q = p->pad < 0 ? (-p->pad + p->stuff - 1) / p->stuff : 0;       /* first column used */
	int64_t last = (p->width - 1 - p->pad) / p->stuff;

	if (p->width - 1 < p->pad)
		return;
	for (last = last < p->w - 1 ? last : p->w - 1; q <= last; q++)
		copy_line(to + (q * p->stuff + p->pad) * LINE, row + q * p->c, lanes, 2 * p->w * p->c);
}

/* T results from the taps of `rows` packed rows.  Inlined: T is a constant, and where `dense` (no
 * dilation) K and S are, so that a column is loaded once for all results that it adds to. */
INLINE void block(int T, bool dense, int K, int S, int64_t D, int rows, const float *const *x, const float *const *w,
                  int64_t at, float *y, int64_t y_step, int64_t left, int n, float beta)
{
	vf acc[8];

	UNROLL
	for (int t = 0; t < T; t++)
		acc[t] = (vf){ 0 };
	for (int r = 0; r < rows; r++) {
		const float *xr = x[r] + at, *wr = w[r];

		if (dense) {
			UNROLL
			for (int q = 0; q < (T - 1) * S + K; q++) {
				vf v = load(xr + q * LINE);

				UNROLL
				for (int k = 0; k < K; k++)
					if (q >= k && (q - k) % S == 0 && (q - k) / S < T)
						acc[(q - k) / S] += v * load(wr + k * LINE);
			}
		} else {
			for (int k = 0; k < K; k++) {
				vf wk = load(wr + k * LINE);

				UNROLL
				for (int t = 0; t < T; t++)
					acc[t] += load(xr + (t * S + k * D) * LINE) * wk;
			}
		}
	}
	UNROLL
	for (int t = 0; t < T; t++)
		if (t < left)
			put(y + t * y_step, acc[t] + keep(beta, y + t * y_step, n), n);
}

INLINE void line_of_outputs(bool dense, int K, int S, int64_t D, const struct pass *p, int rows, const float *const *x,
                            const float *const *w, float *y, int lanes, float beta)
{
	for (int v = 0; v < lanes; v += V) {
		const float *xv[MAX_TAPS], *wv[MAX_TAPS];
		int n = lanes - v < V ? lanes - v : V;
		int64_t ox = 0;

		for (int r = 0; r < rows; r++) {
			xv[r] = x[r] + v;
			wv[r] = w[r] + v;
		}
		if (n == V)
			for (; ox + 8 <= p->ow; ox += 8)
				block(8, dense, K, S, D, rows, xv, wv, ox * S * LINE, y + ox * p->c + v, p->c, 8, V, beta);
		for (; ox < p->ow; ox += 4)
			block(4, dense, K, S, D, rows, xv, wv, ox * S * LINE, y + ox * p->c + v, p->c, p->ow - ox, n, beta);
	}
}

typedef void row_fn(const struct pass *p, int rows, const float *const *x, const float *const *w, float *y, int lanes, float beta);

#define ROW(name, dense, K, S, D) \
	static void name(const struct pass *p, int rows, const float *const *x, const float *const *w, float *y, \
	                 int lanes, float beta) \
	{ \
		line_of_outputs(dense, K, S, D, p, rows, x, w, y, lanes, beta); \
	}
ROW(row_3_1, true, 3, 1, 1)
ROW(row_3_2, true, 3, 2, 1)
ROW(row_5_1, true, 5, 1, 1)
ROW(row_5_2, true, 5, 2, 1)
ROW(row_7_1, true, 7, 1, 1)
ROW(row_7_2, true, 7, 2, 1)
ROW(row_any, false, p->taps, (int)p->stride, p->dilation)

static row_fn *find_row(const struct pass *p)
{
	if (p->dilation == 1 && p->stride == 1)
		return p->taps == 3 ? row_3_1 : p->taps == 5 ? row_5_1 : p->taps == 7 ? row_7_1 : row_any;
	if (p->dilation == 1 && p->stride == 2)
		return p->taps == 3 ? row_3_2 : p->taps == 5 ? row_5_2 : p->taps == 7 ? row_7_2 : row_any;
	return row_any;
}

/* Source row r, packed; the ring holds the rows up to it.  Rows are asked for in rising order, within
 * p->ring of each other for one row of results. */
INLINE const float *ring_row(const struct pass *p, const float *image, int64_t r, int64_t *packed, int lanes, float *ring)
{
	for (; *packed < r; ++*packed)
		pack_row(p, image + (*packed + 1) * p->w * p->c, lanes, ring + (*packed + 1) % p->ring * p->width * LINE);
	return ring + r % p->ring * p->width * LINE;
}

/* y = beta y + correlation of the source with arranged weights. */
static void convolve(const struct conv_geom *g, const struct pass *p, int64_t (*source_row)(const struct conv_geom *, int64_t, int),
                     int ky0, int ky_step, const float *x, const float *w, float beta, float *y, float *ring)
{
	row_fn *row = find_row(p);

	memset(ring, 0, (size_t)(p->ring * p->width * LINE) * sizeof(*ring));
	for (int64_t i = 0; i < p->n; i++)
		for (int64_t c0 = 0; c0 < p->c; c0 += LINE) {
			const float *wl = w + c0 * g->kh * g->kw;
			int lanes = p->c - c0 < LINE ? (int)(p->c - c0) : LINE;
			int64_t packed = -1;

			for (int64_t oy = 0; oy < p->oh; oy++) {
				const float *xr[MAX_TAPS], *wr[MAX_TAPS];
				int rows = 0;

				for (int k = 0, ky = ky0; k < g->kh; k++, ky += ky_step) {
					int64_t r = source_row(g, oy, ky);

					if (r < 0)
						continue;
					xr[rows] = ring_row(p, x + i * p->h * p->w * p->c + c0, r, &packed, lanes, ring);
					wr[rows++] = wl + ky * g->kw * LINE;
				}
				row(p, rows, xr, wr, y + (i * p->oh + oy) * p->ow * p->c + c0, lanes, beta);
			}
		}
}

static void forward(const struct conv_geom *g, const float *x, const float *w, float *y, float *scratch)
{
	struct pass p = forward_pass(g);

	arrange_weights(g, w, false, scratch);
	convolve(g, &p, forward_row, 0, 1, x, scratch, 0, y, scratch + weight_floats(g));
}

static void backward_data(const struct conv_geom *g, const float *dy, const float *w, float beta, float *dx, float *scratch)
{
	struct pass p = backward_pass(g);

	arrange_weights(g, w, true, scratch);
	convolve(g, &p, backward_row, g->kh - 1, -1, dy, scratch, beta, dx, scratch + weight_floats(g));
}

/* sums[r][k] += over a row of outputs: dy * x under tap k of row r. */
INLINE void row_sums(int R, int K, int S, int64_t D, int64_t ow, const float *const *x, const float *dy, float *const *sums)
{
	vf acc[16];

	UNROLL
	for (int r = 0; r < R; r++)
		UNROLL
		for (int k = 0; k < K; k++)
			acc[r * K + k] = load(sums[r] + k * LINE);
	for (int64_t ox = 0; ox < ow; ox++) {
		vf d = load(dy + ox * LINE);

		UNROLL
		for (int r = 0; r < R; r++)
			UNROLL
			for (int k = 0; k < K; k++)
				acc[r * K + k] += d * load(x[r] + (ox * S + k * D) * LINE);
	}
	UNROLL
	for (int r = 0; r < R; r++)
		UNROLL
		for (int k = 0; k < K; k++)
			store(sums[r] + k * LINE, acc[r * K + k]);
}

INLINE void all_row_sums(int R, int K, int S, const struct pass *p, int rows, const float *const *x, const float *dy,
                         float *const *sums, int lanes)
{
	for (int v = 0; v < lanes; v += V)
		for (int r = 0; r < rows; r += R) {
			const float *xv[MAX_TAPS];
			float *sv[MAX_TAPS];
			int m = rows - r < R ? rows - r : R;

			for (int q = 0; q < m; q++) {
				xv[q] = x[r + q] + v;
				sv[q] = sums[r + q] + v;
			}
			if (m == R)
				row_sums(R, K, S, 1, p->ow, xv, dy + v, sv);
			else
				for (int q = 0; q < m; q++)
					row_sums(1, K, S, 1, p->ow, xv + q, dy + v, sv + q);
		}
}

/* Any kernel: one tap at a time. */
static void sums_any(const struct pass *p, int rows, const float *const *x, const float *dy, float *const *sums, int lanes)
{
	for (int v = 0; v < lanes; v += V)
		for (int r = 0; r < rows; r++)
			for (int k = 0; k < p->taps; k++) {
				const float *xv = x[r] + k * p->dilation * LINE + v;
				float *sv = sums[r] + k * LINE + v;

				row_sums(1, 1, (int)p->stride, 1, p->ow, &xv, dy + v, &sv);
			}
}

typedef void sums_fn(const struct pass *p, int rows, const float *const *x, const float *dy, float *const *sums, int lanes);

#define SUMS(name, R, K, S) \
	static void name(const struct pass *p, int rows, const float *const *x, const float *dy, float *const *sums, int lanes) \
	{ \
		all_row_sums(R, K, S, p, rows, x, dy, sums, lanes); \
	}
SUMS(sums_3_1, 3, 3, 1)
SUMS(sums_3_2, 3, 3, 2)
SUMS(sums_5_1, 2, 5, 1)
SUMS(sums_5_2, 2, 5, 2)
SUMS(sums_7_1, 1, 7, 1)
SUMS(sums_7_2, 1, 7, 2)

static sums_fn *find_sums(const struct pass *p)
{
	if (p->dilation == 1 && p->stride == 1)
		return p->taps == 3 ? sums_3_1 : p->taps == 5 ? sums_5_1 : p->taps == 7 ? sums_7_1 : sums_any;
	if (p->dilation == 1 && p->stride == 2)
		return p->taps == 3 ? sums_3_2 : p->taps == 5 ? sums_5_2 : p->taps == 7 ? sums_7_2 : sums_any;
	return sums_any;
}

/* One line of channels of one image: sums (kh, kw, 16) of all its outputs. */
static void image_sums(const struct conv_geom *g, const struct pass *p, sums_fn *fn, const float *x, const float *dy,
                       int lanes, float *sums, float *ring, float *dy_row)
{
	int64_t packed = -1;

	memset(sums, 0, (size_t)(g->kh * g->kw * LINE) * sizeof(*sums));
	for (int64_t oy = 0; oy < p->oh; oy++) {
		const float *xr[MAX_TAPS];
		float *sr[MAX_TAPS];
		int rows = 0;

		for (int ky = 0; ky < g->kh; ky++) {
			int64_t r = forward_row(g, oy, ky);

			if (r < 0)
				continue;
			xr[rows] = ring_row(p, x, r, &packed, lanes, ring);
			sr[rows++] = sums + ky * g->kw * LINE;
		}
		for (int64_t ox = 0; ox < p->ow; ox++)
			copy_line(dy_row + ox * LINE, dy + (oy * p->ow + ox) * p->c, lanes, p->ow * p->c);
		fn(p, rows, xr, dy_row, sr, lanes);
	}
}

static void backward_weights(const struct conv_geom *g, const float *x, const float *dy, float *dw, float *scratch)
{
	struct pass p = forward_pass(g);
	sums_fn *fn = find_sums(&p);
	int64_t taps = (int64_t)g->kh * g->kw;
	float *total = scratch, *sums = total + weight_floats(g), *dy_row = sums + taps * LINE, *ring = dy_row + g->ow * LINE;

	memset(total, 0, weight_floats(g) * sizeof(*total));
	memset(ring, 0, (size_t)(p.ring * p.width * LINE) * sizeof(*ring));
	for (int64_t i = 0; i < g->n; i++)
		for (int64_t c0 = 0; c0 < g->c; c0 += LINE) {
			int lanes = g->c - c0 < LINE ? (int)(g->c - c0) : LINE;

			image_sums(g, &p, fn, x + i * g->h * g->w * g->c + c0, dy + i * g->oh * g->ow * g->c + c0, lanes,
			           sums, ring, dy_row);
			for (int64_t j = 0; j < taps * LINE; j++)
				total[c0 * taps + j] += sums[j];
		}
	for (int64_t c = 0; c < g->c; c++)
		for (int64_t t = 0; t < taps; t++)
			*dw++ = total[(c / LINE * taps + t) * LINE + c % LINE];
}

static struct backend passes;     /* the passes over memory of this instruction set */

static size_t scratch_floats(const struct conv_geom *g)
{
	return pass_floats(g) + ref_conv_scratch(g);
}

static const float *meant(const struct conv_geom *g, const float *x, const struct affine *in, float *scratch)
{
	if (!in->scale)
		return x;
	passes.bn_apply(g->n * g->h * g->w, g->c, x, in, scratch);
	return scratch;
}

static void dwconv_fwd(const struct conv_geom *g, const struct conv_fwd *f, float *scratch)
{
	if (g->kh > MAX_TAPS) {
		ref_dwconv_fwd(g, f, scratch);
		return;
	}
	forward(g, meant(g, f->x, &f->in, scratch + pass_floats(g)), f->w, f->y, scratch);
	if (f->out.scale)
		passes.bn_apply(g->n * g->oh * g->ow, g->c, f->y, &f->out, f->y);
	if (f->add)
		passes.add(1, g->n * g->oh * g->ow * g->c, f->y, &(struct affine){ 0 }, f->add, &(struct affine){ 0 }, f->y);
	if (f->mean)
		passes.bn_stats(g->n * g->oh * g->ow, g->c, f->y, f->mean, f->m2);
}

static void dwconv_bwd(const struct conv_geom *g, const struct conv_bwd *b, float *scratch)
{
	float *x = scratch + pass_floats(g), *made = x + g->n * g->h * g->w * g->c;
	const float *dy = b->dy;

	if (g->kh > MAX_TAPS) {
		ref_dwconv_bwd(g, b, scratch);
		return;
	}
	if (b->out.ka) {
		passes.bn_bwd_data(g->n * g->oh * g->ow, g->c, dy, &b->out, 0, made);
		dy = made;
	}
	if (b->dw)
		backward_weights(g, meant(g, b->x, &b->in, x), dy, b->dw, scratch);
	if (b->dx)
		backward_data(g, dy, b->w, b->beta, b->dx, scratch);
	if (b->sum_g)
		passes.bn_bwd_sums(g->n * g->h * g->w, g->c, b->x, &b->in, b->mean, b->dx, b->sum_g, b->sum_gx);
}

void KERNEL(dwconv_install)(struct backend *b)
{
	KERNEL(norm_install)(&passes);
	KERNEL(rows_install)(&passes);
	b->dwconv_scratch = scratch_floats;
	b->dwconv_fwd = dwconv_fwd;
	b->dwconv_bwd = dwconv_bwd;
}
