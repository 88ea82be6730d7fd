/* Depthwise convolution, with the normalisations around it.
 *
 * Channels go in blocks whose working set stays in the second-level cache.  In a block, images go row by
 * row, in a row line by line (16 channels): the rows of the source that a row of results needs lie in a
 * ring of packed rows per line (dwrow.h), so that memory is read once, in order, and written once.
 *
 * Backward, one pass over dy and x makes the gradients of both.  Gradients of columns x = s j + e of the
 * input, one e at a time, are again correlations with stride 1: of packed rows of dy, with those taps that
 * meet such columns. */
#include "tensor/cpu_ref.h"
#include "tensor/kernels/dwline.h"
#include "tensor/kernels/moments.h"

enum { CACHE = 288 << 10, MAX_STRIDE = 8, MOMENTS = 128, WEIGHTS = 256 };       /* bytes; results summed in float */

/* Packed rows of one source: column j at left + j, `rows` of them in a ring; floats of a row. */
struct ring { int64_t left, width, rows, row; };

/* Columns e, e + stride, ... of the input: what they see of a packed row of dy, from column `start` on. */
struct half { struct along along; int64_t start, columns; int first_tap, tap_step, at; };

struct plan {
	const struct conv_geom *g;
	int64_t lines, block;           /* lines of all channels, of a block */
	int64_t taps;                   /* floats of a line's weights */
	struct ring x, dy;
	int64_t row;                    /* floats of a row of results */
	struct along along;
	int halves;
	struct half half[MAX_STRIDE];
	int in_order[MAX_ROWS], by_half[MAX_ROWS];      /* place of each column of the kernel */
};

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Input column x = stride j + e is under tap k of output (x + pad - k dilation) / stride, where that is whole. */
static struct half find_half(const struct conv_geom *g, int e, int at)
{
	struct half h = { .along = { .stride = 1, .dilation = 1 }, .columns = (g->w - e + g->sw - 1) / g->sw, .at = at };

	for (int k = g->kw - 1; k >= 0; k--) {
		int64_t o = e + g->pw - (int64_t)k * g->dw;

		if (o % g->sw)
			continue;
		o /= g->sw;
		if (h.along.taps == 0) {
			h.first_tap = k;
			h.start = o;
		} else if (h.along.taps == 1) {
			h.tap_step = h.first_tap - k;
			h.along.dilation = o - h.start;
		}
		h.along.taps++;
	}
	return h;
}

/* What only the plain loops do. */
static bool unusual(const struct conv_geom *g)
{
	return g->kh > MAX_ROWS || g->kw > MAX_ROWS || g->sw > MAX_STRIDE;
}

static struct plan plan(const struct conv_geom *g)
{
	int64_t x_right = (g->ow + SPARE) * g->sw + (int64_t)(g->kw - 1) * g->dw, dy_right = g->ow;
	struct plan p = {
		.g = g, .lines = (g->c + LINE - 1) / LINE, .taps = (int64_t)LINE * g->kh * g->kw, .halves = g->sw,
		.x = { .left = g->pw, .rows = (int64_t)(g->kh - 1) * g->dh + 1 + (TOGETHER - 1) * g->sh },
		.dy = { .rows = (int64_t)(g->kh - 1) * g->dh / g->sh + TOGETHER },
		.row = LINE * (most(g->w, g->ow) + SPARE * g->sw),
		.along = { g->kw, g->sw, g->kw > 1 ? g->dw : 1 },
	};

	for (int k = 0; k < g->kw; k++)
		p.in_order[k] = k;
	for (int e = 0, at = 0; e < g->sw; e++) {
		p.half[e] = find_half(g, e, at);
		p.dy.left = most(p.dy.left, -p.half[e].start);
		for (int t = 0; t < p.half[e].along.taps; t++)
			p.by_half[p.half[e].first_tap - t * p.half[e].tap_step] = at + t;
		at += p.half[e].along.taps;
	}
	for (int e = 0; e < g->sw; e++) {
		struct half *h = &p.half[e];

		dy_right = most(dy_right, h->start + h->columns + SPARE + (h->along.taps - 1) * h->along.dilation);
		h->start += p.dy.left;
	}
	p.x.width = most(x_right, g->pw + g->w);
	p.dy.width = p.dy.left + dy_right;
	p.x.row = p.x.width * LINE;
	p.dy.row = p.dy.width * LINE;

	int64_t bytes = (int64_t)sizeof(float) * (p.x.row * p.x.rows + p.dy.row * p.dy.rows + 2 * p.taps +
	                LINE * (2 * g->w + 2 * g->ow));
	int64_t blocks = (p.lines * bytes + CACHE - 1) / CACHE;

	p.block = most(1, (p.lines + blocks - 1) / blocks);
	return p;
}

/* ---- scratch ---------------------------------------------------------------- */

enum { PARAMS = 12 };                   /* arrays of a number per channel */

static size_t scratch_floats(const struct conv_geom *g)
{
	struct plan p;

	if (unusual(g))
		return ref_conv_scratch(g);
	p = plan(g);
	return (size_t)(p.block * (p.x.row * p.x.rows + p.dy.row * p.dy.rows + 3 * p.taps + PARAMS * LINE) +
	                TOGETHER * p.row + LINE);
}

/* The next `count` floats of scratch, cleared. */
static float *take(float **scratch, int64_t count)
{
	float *p = *scratch;

	*scratch += count;
	memset(p, 0, (size_t)count * sizeof(*p));
	return p;
}

static float *cache_line(float *p)
{
	return (float *)(((uintptr_t)p + 63) & ~(uintptr_t)63);
}

/* Channels [c0, c0 + lanes) of an array of parameters, filled up to whole lines; NULL for NULL. */
static const float *whole_lines(const float *from, int64_t c0, int64_t lanes, float **scratch)
{
	float *p = NULL;

	if (from) {
		p = take(scratch, (lanes + LINE - 1) / LINE * LINE);
		memcpy(p, from + c0, (size_t)lanes * sizeof(*p));
	}
	return p;
}

static struct affine affine_lines(struct affine a, int64_t c0, int64_t lanes, float **scratch)
{
	a.scale = whole_lines(a.scale, c0, lanes, scratch);
	a.shift = whole_lines(a.shift, c0, lanes, scratch);
	return a;
}

static struct affine identity(int64_t count, float **scratch)
{
	float *one = take(scratch, count);

	for (int64_t j = 0; j < count; j++)
		one[j] = 1;
	return (struct affine){ one, take(scratch, count), ACT_NONE };
}

/* (c, kh, kw) -> (line, kh, place of kx, 16) */
static float *arrange_weights(const struct plan *p, const float *w, int64_t c0, int64_t lanes, const int *place, float **scratch)
{
	const struct conv_geom *g = p->g;
	float *to = take(scratch, p->block * p->taps);

	for (int64_t c = 0; c < lanes; c++)
		for (int ky = 0; ky < g->kh; ky++)
			for (int kx = 0; kx < g->kw; kx++)
				to[c / LINE * p->taps + (ky * g->kw + place[kx]) * LINE + c % LINE] =
					w[((c0 + c) * g->kh + ky) * g->kw + kx];
	return to;
}

/* ---- geometry of rows ------------------------------------------------------- */

/* The row of taps `distance` rows below the uppermost one, in floats of the weights; -1: there is none. */
static int64_t taps_at(const struct conv_geom *g, int64_t distance)
{
	int64_t k = g->dh > 1 ? distance / g->dh : distance;

	return distance >= 0 && k < g->kh && k * g->dh == distance ? k * g->kw * LINE : -1;
}

/* Rows of x under the taps of `n` output rows from oy on. */
static void rows_under_output(const struct plan *p, int64_t oy, int n, struct rows *rows)
{
	const struct conv_geom *g = p->g;
	int64_t top = oy * g->sh - g->ph, end = least(g->h, top + (n - 1) * g->sh + (int64_t)(g->kh - 1) * g->dh + 1);

	rows->count = 0;
	for (int64_t r = most(0, top); r < end; r++) {
		bool seen = false;

		for (int i = 0; i < TOGETHER; i++) {
			int64_t w = i < n ? taps_at(g, r - top - i * g->sh) : -1;

			rows->w[i][rows->count] = w;
			seen |= w >= 0;
		}
		rows->x[rows->count] = r % p->x.rows * p->x.row;
		rows->count += seen;
	}
}

/* Rows of dy that `n` input rows from r on reach. */
static void rows_over_input(const struct plan *p, int64_t r, int n, struct rows *rows)
{
	const struct conv_geom *g = p->g;
	int64_t low = r + g->ph - (int64_t)(g->kh - 1) * g->dh, end = least(g->oh, (r + n - 1 + g->ph) / g->sh + 1);

	rows->count = 0;
	for (int64_t t = low > 0 ? (low + g->sh - 1) / g->sh : 0; t < end; t++) {
		bool seen = false;

		for (int i = 0; i < TOGETHER; i++) {
			int64_t w = i < n ? taps_at(g, r + i + g->ph - t * g->sh) : -1;

			rows->w[i][rows->count] = w;
			seen |= w >= 0;
		}
		rows->x[rows->count] = t % p->dy.rows * p->dy.row;
		rows->count += seen;
	}
}

/* Last row of x that output row oy needs. */
static int64_t last_row(const struct conv_geom *g, int64_t oy)
{
	return least(g->h - 1, oy * g->sh - g->ph + (int64_t)(g->kh - 1) * g->dh);
}

/* A block of channels of a tensor: the lines of a row are read in the order of memory. */
struct strip { int64_t lines, lanes, c; };

static int lanes_of(const struct strip *s, int64_t line)
{
	return (int)least(LINE, s->lanes - line * LINE);
}

static struct strip strip(const struct plan *p, int64_t line)
{
	int64_t lines = least(p->block, p->lines - line);

	return (struct strip){ lines, least(lines * LINE, p->g->c - line * LINE), p->g->c };
}

static struct affine line(struct affine a, int64_t l)
{
	return a.scale ? (struct affine){ a.scale + l * LINE, a.shift + l * LINE, a.act } : a;
}

static struct ahead ahead_of(const struct strip *s, const float *next, int64_t columns, int64_t line)
{
	uint32_t lines = (uint32_t)s->lines;
	uint32_t at = (uint32_t)(line * columns);       /* 64 bits take longer to divide */

	return (struct ahead){
		next + at / lines * s->c + at % lines * LINE, at % lines, s->lines, s->c - s->lines * LINE,
	};
}

/* Streams go by whole cache lines. */
static bool can_stream(const float *y, bool stream, int64_t c)
{
	return stream && c % LINE == 0 && (uintptr_t)y % (LINE * sizeof(float)) == 0;
}

/* ---- forward ---------------------------------------------------------------- */

/* Statistics of a strip: n results of each channel merged, m in the float sums. */
struct moments { float *shift, *sum, *squares; int64_t n, m; };

static void merge(struct moments *s, int64_t lanes, double *mean, double *m2)
{
	merge_moments(s->n, s->m, s->shift, s->sum, s->squares, lanes, mean, m2);
	for (int64_t j = 0; j < lanes; j++)
		s->shift[j] = (float)mean[j];
	memset(s->sum, 0, (size_t)lanes * sizeof(float));
	memset(s->squares, 0, (size_t)lanes * sizeof(float));
	s->n += s->m;
	s->m = 0;
}

static void forward_block(const struct plan *p, const struct conv_fwd *f, int64_t c0, const struct strip *s, float *scratch)
{
	const struct conv_geom *g = p->g;
	correlate_fn *correlate_row = find_correlate(p->along);
	int64_t all = s->lines * LINE, ring_size = p->x.row * p->x.rows;
	struct affine in = affine_lines(f->in, c0, s->lanes, &scratch), out = affine_lines(f->out, c0, s->lanes, &scratch);
	const float *w = arrange_weights(p, f->w, c0, s->lanes, p->in_order, &scratch);
	if (f->add && !out.scale)
		out = identity(all, &scratch);
	struct moments sums = { take(&scratch, all), take(&scratch, all), take(&scratch, all), 0, 0 };
	float *ring = take(&scratch, s->lines * ring_size), *row = scratch;
	bool past = can_stream(f->y, f->stream, g->c);
	struct rows rows;

	for (int64_t i = 0; i < g->n; i++) {
		const float *x = f->x + i * g->h * g->w * g->c + c0;
		int64_t packed = 0;             /* rows of this image */

		for (int64_t oy = 0; oy < g->oh; oy += TOGETHER) {
			int n = (int)least(TOGETHER, g->oh - oy);
			int64_t at = (i * g->oh + oy) * g->ow * g->c + c0, end = most(packed, last_row(g, oy + n - 1) + 1);

			rows_under_output(p, oy, n, &rows);
			packed = most(packed, end - p->x.rows);
			for (int64_t l = 0; l < s->lines; l++, at += LINE) {
				int lanes = lanes_of(s, l);
				float *lr = ring + l * ring_size;

				for (int64_t r = packed; r < end; r++) {
					struct ahead ahead = ahead_of(s, x + (r + n * g->sh) * g->w * g->c, g->w, l);

					pack_affine(line(in, l), x + r * g->w * g->c + l * LINE, g->w, g->c, lanes, ahead,
					            lr + r % p->x.rows * p->x.row + p->x.left * LINE);
				}
				correlate_row(p->along, &rows, lr, w + l * p->taps, g->ow, LINE, p->row, row);
				if (f->mean && sums.n + sums.m == 0)
					memcpy(sums.shift + l * LINE, row, LINE * sizeof(float));
				for (int k = 0; k < n; k++) {
					struct out o = { row + k * p->row, g->ow, g->c, lanes, past };
					int64_t to = at + k * g->ow * g->c;

					if (f->mean)
						finish_moments(o, sums.shift + l * LINE, sums.sum + l * LINE, sums.squares + l * LINE, f->y + to);
					else if (out.scale)
						finish_affine(o, line(out, l), f->add ? f->add + to : NULL, f->y + to);
					else
						finish_plain(o, 0, f->y + to);
				}
			}
			packed = end;
			sums.m += n * g->ow;
			if (f->mean && sums.m >= MOMENTS)
				merge(&sums, s->lanes, f->mean + c0, f->m2 + c0);
		}
	}
	if (f->mean && sums.m)
		merge(&sums, s->lanes, f->mean + c0, f->m2 + c0);
}

static void dwconv_fwd(const struct conv_geom *g, const struct conv_fwd *f, float *scratch)
{
	struct plan p;

	if (unusual(g)) {
		ref_dwconv_fwd(g, f, scratch);
		return;
	}
	p = plan(g);
	for (int64_t j = 0; f->mean && j < g->c; j++)
		f->mean[j] = f->m2[j] = 0;
	for (int64_t l = 0; l < p.lines; l += p.block) {
		struct strip s = strip(&p, l);

		forward_block(&p, f, l * LINE, &s, cache_line(scratch));
	}
	if (f->stream)
		streamed();
}

/* ---- backward --------------------------------------------------------------- */

struct backward {
	const struct plan *p;
	const struct conv_bwd *b;
	const struct strip *s;
	int64_t c0;
	struct affine in;
	struct norm_grad out;
	const float *mean;
	float *w, *sums, *total;                /* weights; sums of their gradients, recent and all */
	float *sum_g, *sum_gx;                  /* recent sums of dx */
	float *x_ring, *dy_ring, *row;
	int64_t summed;                         /* outputs in `sums` */
	correlate_fn *correlate_half[MAX_STRIDE];
	sums_fn *tap_sums;
};

static void pack_dy_row(const struct backward *k, const float *dy, const float *y, int64_t r, int64_t l)
{
	const struct conv_geom *g = k->p->g;
	const struct ring *q = &k->p->dy;
	int64_t row = g->ow * g->c, at = r * row + l * LINE;
	int next = g->sh > 1 ? 1 : TOGETHER;    /* rows until one is packed for this line again */
	struct ahead ahead = ahead_of(k->s, dy + (r + next) * row, g->ow, l);
	float *to = k->dy_ring + l * q->row * q->rows + r % q->rows * q->row + q->left * LINE;

	if (k->out.ka) {
		struct ahead ahead_y = ahead_of(k->s, y + (r + next) * row, g->ow, l);
		struct norm_grad n = {
			y + at, k->out.mean + l * LINE, k->out.ka + l * LINE, k->out.kx + l * LINE, k->out.k0 + l * LINE,
		};

		pack_norm_grad(n, dy + at, g->ow, g->c, lanes_of(k->s, l), ahead, ahead_y, to);
	} else {
		pack_affine((struct affine){ 0 }, dy + at, g->ow, g->c, lanes_of(k->s, l), ahead, to);
	}
}

/* n rows of dx, whose rows of dy are packed. */
static void data_rows(const struct backward *k, const struct rows *rows, int n, const float *x, float *dx, int64_t l)
{
	const struct plan *p = k->p;
	const struct conv_geom *g = p->g;
	const float *ring = k->dy_ring + l * p->dy.row * p->dy.rows, *w = k->w + l * p->taps;
	bool past = can_stream(k->b->dx, k->b->stream, g->c);

	for (int e = 0; e < g->sw; e++) {
		const struct half *h = &p->half[e];

		k->correlate_half[e](h->along, rows, ring + h->start * LINE, w + h->at * LINE, h->columns, g->sw * LINE, p->row,
		                     k->row + e * LINE);
	}
	for (int i = 0; i < n; i++, x += g->w * g->c, dx += g->w * g->c) {
		struct out o = { k->row + i * p->row, g->w, g->c, lanes_of(k->s, l), past };

		if (k->b->sum_g)
			finish_grad(o, line(k->in, l), k->mean + l * LINE, x + l * LINE, k->b->beta, k->sum_g + l * LINE,
			            k->sum_gx + l * LINE, dx + l * LINE);
		else
			finish_plain(o, k->b->beta, dx + l * LINE);
	}
}

/* Row r of x is packed; the outputs [*oy, ...) for which it was the last one missing join the sums. */
static void weight_rows(struct backward *k, const float *x, int64_t r, int64_t *oy)
{
	const struct plan *p = k->p;
	const struct conv_geom *g = p->g;
	int64_t first = *oy, row = g->w * g->c;

	for (int64_t l = 0; l < k->s->lines; l++) {
		struct ahead ahead = ahead_of(k->s, x + (r + TOGETHER) * row, g->w, l);

		pack_affine(line(k->in, l), x + r * row + l * LINE, g->w, g->c, lanes_of(k->s, l), ahead,
		            k->x_ring + (l * p->x.rows + r % p->x.rows) * p->x.row + p->x.left * LINE);
	}
	for (; *oy < g->oh && last_row(g, *oy) <= r && *oy * g->sh - g->ph < g->h; ++*oy)
		if (last_row(g, *oy) == r) {
			struct rows rows;

			rows_under_output(p, *oy, 1, &rows);
			for (int64_t l = 0; l < k->s->lines; l++)
				k->tap_sums(p->along, &rows, k->x_ring + l * p->x.rows * p->x.row,
				            k->dy_ring + (l * p->dy.rows + *oy % p->dy.rows) * p->dy.row + p->dy.left * LINE,
				            g->ow, k->sums + l * p->taps);
		}
	k->summed += (*oy - first) * g->ow;
}

static void flush_weights(struct backward *k)
{
	int64_t count = k->s->lines * k->p->taps;

	for (int64_t j = 0; j < count; j++)
		k->total[j] += k->sums[j];
	memset(k->sums, 0, (size_t)count * sizeof(float));
	k->summed = 0;
}

static void flush_sums(struct backward *k)
{
	for (int64_t j = 0; j < k->s->lanes; j++) {
		k->b->sum_g[k->c0 + j] += k->sum_g[j];
		k->b->sum_gx[k->c0 + j] += k->sum_gx[j];
	}
	memset(k->sum_g, 0, (size_t)k->s->lanes * sizeof(float));
	memset(k->sum_gx, 0, (size_t)k->s->lanes * sizeof(float));
}

static void backward_image(struct backward *k, int64_t i, int64_t *pending)
{
	const struct conv_bwd *b = k->b;
	const struct conv_geom *g = k->p->g;
	int64_t in = i * g->h * g->w * g->c + k->c0, out = i * g->oh * g->ow * g->c + k->c0;
	int64_t packed = 0, oy = 0;             /* rows of dy packed, rows of dy in the sums */
	struct rows rows;

	for (int64_t r = 0; r < g->h; r += TOGETHER) {
		int n = (int)least(TOGETHER, g->h - r);
		int64_t at = in + r * g->w * g->c, end = least(g->oh, (r + n - 1 + g->ph) / g->sh + 1);

		rows_over_input(k->p, r, n, &rows);
		for (int64_t l = 0; l < k->s->lines; l++) {
			for (int64_t q = packed; q < end; q++)
				pack_dy_row(k, b->dy + out, b->out.ka ? b->out.y + out : NULL, q, l);
			if (b->dx)
				data_rows(k, &rows, n, b->x + at, b->dx + at, l);
		}
		packed = most(packed, end);
		for (int q = 0; b->dw && q < n; q++)
			weight_rows(k, b->x + in, r + q, &oy);
		*pending += n * g->w;
		if (b->sum_g && *pending >= MOMENTS) {
			flush_sums(k);
			*pending = 0;
		}
	}
}

static void backward_block(const struct plan *p, const struct conv_bwd *b, int64_t c0, const struct strip *s, float *scratch)
{
	const struct conv_geom *g = p->g;
	int64_t all = s->lines * LINE, weights = s->lines * p->taps, pending = 0;
	struct backward k = { .p = p, .b = b, .s = s, .c0 = c0, .out = b->out, .tap_sums = find_sums(p->along) };

	k.in = affine_lines(b->in, c0, s->lanes, &scratch);
	if (b->out.ka) {
		k.out.mean = whole_lines(b->out.mean, c0, s->lanes, &scratch);
		k.out.ka = whole_lines(b->out.ka, c0, s->lanes, &scratch);
		k.out.kx = whole_lines(b->out.kx, c0, s->lanes, &scratch);
		k.out.k0 = whole_lines(b->out.k0, c0, s->lanes, &scratch);
	}
	k.mean = b->sum_g ? whole_lines(b->mean, c0, s->lanes, &scratch) : NULL;
	k.w = arrange_weights(p, b->w, c0, s->lanes, p->by_half, &scratch);
	k.sums = take(&scratch, weights);
	k.total = take(&scratch, weights);
	k.sum_g = take(&scratch, all);
	k.sum_gx = take(&scratch, all);
	k.x_ring = take(&scratch, s->lines * p->x.row * p->x.rows);
	k.dy_ring = take(&scratch, s->lines * p->dy.row * p->dy.rows);
	k.row = scratch;
	for (int e = 0; e < g->sw; e++)
		k.correlate_half[e] = find_correlate(p->half[e].along);

	for (int64_t i = 0; i < g->n; i++) {
		backward_image(&k, i, &pending);
		if (k.summed >= WEIGHTS)
			flush_weights(&k);
	}
	if (b->sum_g)
		flush_sums(&k);
	if (!b->dw)
		return;
	flush_weights(&k);
	for (int64_t c = 0; c < s->lanes; c++)
		for (int64_t t = 0; t < p->taps / LINE; t++)
			b->dw[(c0 + c) * p->taps / LINE + t] = k.total[c / LINE * p->taps + t * LINE + c % LINE];
}

static void dwconv_bwd(const struct conv_geom *g, const struct conv_bwd *b, float *scratch)
{
	struct plan p;

	if (unusual(g)) {
		ref_dwconv_bwd(g, b, scratch);
		return;
	}
	p = plan(g);
	for (int64_t j = 0; b->sum_g && j < g->c; j++)
		b->sum_g[j] = b->sum_gx[j] = 0;
	for (int64_t l = 0; l < p.lines; l += p.block) {
		struct strip s = strip(&p, l);

		backward_block(&p, b, l * LINE, &s, cache_line(scratch));
	}
	if (b->stream)
		streamed();
}

void KERNEL(dwconv_install)(struct backend *b)
{
	b->dwconv_scratch = scratch_floats;
	b->dwconv_fwd = dwconv_fwd;
	b->dwconv_bwd = dwconv_bwd;
}
