/* Depthwise convolution, with the normalisations around it.
 *
 * An image goes in bands of rows, a band line by line (16 channels): the rows that it needs are packed into a plane
 * that mostly stays in the first-level cache (dwline.h), all results are made there (dwrow.h), and written.  Rows at the
 * edges of two bands are packed twice.  What the next band will read is fetched meanwhile, in the order of memory.
 *
 * Backward, a band of x makes the gradients of both: rows of dy are packed once.  Gradients of columns x = s j + e of
 * the input, one e at a time, are again correlations with stride 1: of packed rows of dy, with those taps that
 * meet such columns. */
#include "tensor/cpu_ref.h"
#include "tensor/kernels/dwline.h"
#include "tensor/kernels/moments.h"

enum { MAX_STRIDE = 8, MAX_BAND = 16 };  /* at least two rows of a step of that stride */
enum { MOMENTS = 128, WEIGHTS = 256 };   /* after so many results, float sums are merged at the end of a band */
/* Bytes: what a line of a band needs (without the rows that it shares with its neighbours), and what all lines of it read,
 * forward and backward. */
enum { PLANES = 36 << 10, INPUTS = 160 << 10, ALL_INPUTS = 480 << 10 };

/* Packed rows of one source: column j at left + j; floats of a row. */
struct plane { int64_t left, width, row, rows; };

/* Columns e, e + stride, ... of the input: what they see of a packed row of dy, from column `start` on. */
struct half { struct along along; int64_t start, columns; int first_tap, tap_step, at; };

struct plan {
	const struct conv_geom *g;
	int64_t lines;                  /* of channels */
	int64_t taps;                   /* floats of a line's weights */
	struct plane x, dy;
	int64_t results;                /* floats */
	int64_t band, bands;            /* rows of the output (forward), of the input (backward) */
	struct along along;
	struct half half[MAX_STRIDE];
	int in_order[MAX_TAPS], by_half[MAX_TAPS];      /* place of each column of the kernel */
};

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Rounded up. */
static int64_t quotient(int64_t a, int64_t b)
{
	return (a + b - 1) / b;
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
	return g->kh > MAX_TAPS || g->kw > MAX_TAPS || g->sw > MAX_STRIDE || g->sh > MAX_STRIDE;
}

/* Rows [from, to) of a tensor. */
struct span { int64_t from, to; };

/* Rows of x under the taps of output rows o. */
static struct span under_outputs(const struct conv_geom *g, struct span o)
{
	int64_t from = most(0, o.from * g->sh - g->ph);

	return (struct span){ from, most(from, least(g->h, (o.to - 1) * g->sh - g->ph + (int64_t)(g->kh - 1) * g->dh + 1)) };
}

/* Rows of dy that input rows r reach. */
static struct span over_inputs(const struct conv_geom *g, struct span r)
{
	int64_t low = r.from + g->ph - (int64_t)(g->kh - 1) * g->dh, from = low > 0 ? quotient(low, g->sh) : 0;

	return (struct span){ from, most(from, least(g->oh, (r.to - 1 + g->ph) / g->sh + 1)) };
}

/* Band b of `rows` rows. */
static struct span band(const struct plan *p, int64_t b, int64_t rows)
{
	return (struct span){ b * p->band, least(rows, (b + 1) * p->band) };
}

/* The outputs whose gradients of weights are summed with band b of the input. */
static struct span outputs_of(const struct plan *p, int64_t b)
{
	return (struct span){ b * p->g->oh / p->bands, (b + 1) * p->g->oh / p->bands };
}

/* Rows of dy that band b of the input needs. */
static struct span dy_rows(const struct plan *p, int64_t b)
{
	struct span o = outputs_of(p, b), d = over_inputs(p->g, band(p, b, p->g->h));

	if (d.from == d.to)
		return o;
	return (struct span){ least(o.from, d.from), most(o.to, d.to) };
}

/* `rows` rows in bands of as many as fit, each row taking `floats` of a line and `inputs` of all lines. */
static void cut(struct plan *p, int64_t rows, int64_t step, int64_t floats, int64_t inputs, int64_t most_inputs)
{
	int64_t size = (int64_t)sizeof(float);
	int64_t fit = least(MAX_BAND, least(PLANES / (size * floats), most_inputs / (size * inputs))) / step * step;

	p->bands = quotient(rows, most(fit, step));
	p->band = quotient(quotient(rows, p->bands), step) * step;
	p->bands = quotient(rows, p->band);
}

static struct plan plan(const struct conv_geom *g)
{
	return (struct plan){
		.g = g, .lines = quotient(g->c, LINE), .taps = (int64_t)LINE * g->kh * g->kw,
		.x = { .left = g->pw, .width = most((g->ow - 1) * g->sw + (int64_t)(g->kw - 1) * g->dw + 1, g->pw + g->w) },
		.along = { g->kw, g->sw, g->kw > 1 ? g->dw : 1 },
	};
}

static struct plan forward_plan(const struct conv_geom *g)
{
	struct plan p = plan(g);

	for (int k = 0; k < g->kw; k++)
		p.in_order[k] = k;
	p.x.row = p.x.width * LINE;
	cut(&p, g->oh, TOGETHER, g->sh * p.x.row + g->ow * LINE, g->sh * g->w * g->c, INPUTS);
	p.x.rows = least(g->h, (p.band - 1) * g->sh + (int64_t)(g->kh - 1) * g->dh + 1);
	p.results = p.band * g->ow * LINE;
	return p;
}

static struct plan backward_plan(const struct conv_geom *g)
{
	struct plan p = plan(g);
	int64_t right = g->ow;

	for (int e = 0, at = 0; e < g->sw; e++) {
		p.half[e] = find_half(g, e, at);
		p.dy.left = most(p.dy.left, -p.half[e].start);
		for (int t = 0; t < p.half[e].along.taps; t++)
			p.by_half[p.half[e].first_tap - t * p.half[e].tap_step] = at + t;
		at += p.half[e].along.taps;
	}
	for (int e = 0; e < g->sw; e++) {
		struct half *h = &p.half[e];

		right = most(right, h->start + h->columns + (h->along.taps - 1) * h->along.dilation);
		h->start += p.dy.left;
	}
	p.dy.width = p.dy.left + right;
	p.x.row = p.x.width * LINE;
	p.dy.row = p.dy.width * LINE;
	cut(&p, g->h, TOGETHER * g->sh, most(p.x.row, p.dy.row / g->sh + g->w * LINE), (g->w + g->ow / g->sh) * g->c, ALL_INPUTS);
	for (int64_t b = 0; b < p.bands; b++) {
		struct span dy = dy_rows(&p, b), x = under_outputs(g, outputs_of(&p, b));

		p.dy.rows = most(p.dy.rows, dy.to - dy.from);
		p.x.rows = most(p.x.rows, x.to - x.from);
	}
	p.results = p.band * g->w * LINE;
	return p;
}

/* ---- scratch ---------------------------------------------------------------- */

enum { PARAMS = 9 };                   /* arrays of a number per channel */

/* A plane, and what is read beyond it and left alone. */
static int64_t plane_floats(const struct plan *p, const struct plane *q)
{
	return q->rows * q->row + (int64_t)LINE * FEW_RESULTS * p->g->sw;
}

static size_t scratch_floats(const struct conv_geom *g)
{
	if (unusual(g))
		return ref_conv_scratch(g);

	struct plan f = forward_plan(g), b = backward_plan(g);
	int64_t forward = f.lines * f.taps + plane_floats(&f, &f.x) + f.results;
	int64_t backward = 3 * b.lines * b.taps + plane_floats(&b, &b.x) + plane_floats(&b, &b.dy) + b.results;

	return (size_t)(most(forward, backward) + (PARAMS * f.lines + 1) * LINE);
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

/* An array of parameters, filled up to whole lines; NULL for NULL. */
static const float *whole_lines(const float *from, const struct plan *p, float **scratch)
{
	float *to = NULL;

	if (from) {
		to = take(scratch, p->lines * LINE);
		memcpy(to, from, (size_t)p->g->c * sizeof(*to));
	}
	return to;
}

static struct affine affine_lines(struct affine a, const struct plan *p, float **scratch)
{
	a.scale = whole_lines(a.scale, p, scratch);
	a.shift = whole_lines(a.shift, p, scratch);
	return a;
}

static struct affine identity(int64_t count, float **scratch)
{
	float *one = take(scratch, count);

	for (int64_t j = 0; j < count; j++)
		one[j] = 1;
	return (struct affine){ one, take(scratch, count), ACT_NONE };
}

static int lanes_of(const struct conv_geom *g, int64_t line)
{
	return (int)least(LINE, g->c - line * LINE);
}

/* (c, kh, kw) -> (line, kh, place of kx, 16) */
static float *arrange_weights(const struct plan *p, const float *w, const int *place, float **scratch)
{
	const struct conv_geom *g = p->g;
	float *all = take(scratch, p->lines * p->taps), *to = all;
	int64_t taps = p->taps / LINE;

	for (int64_t l = 0; l < p->lines; l++, to += p->taps, w += taps * LINE)
		for (int ky = 0; ky < g->kh; ky++)
			for (int kx = 0; kx < g->kw; kx++)
				for (int c = 0; c < lanes_of(g, l); c++)
					to[(ky * g->kw + place[kx]) * LINE + c] = w[c * taps + ky * g->kw + kx];
	return all;
}

/* ---- geometry of rows ------------------------------------------------------- */

/* The row of taps `distance` rows below the uppermost one, in floats of the weights; -1: there is none. */
static int32_t taps_at(const struct conv_geom *g, int64_t distance)
{
	int64_t k = g->dh > 1 ? distance / g->dh : distance;

	return distance >= 0 && k < g->kh && k * g->dh == distance ? (int32_t)(k * g->kw * LINE) : -1;
}

/* Of a plane that starts with row `first` of x: rows under the taps of output rows o, TOGETHER at most. */
static void rows_under_outputs(const struct plan *p, struct span o, int64_t first, struct rows *rows)
{
	const struct conv_geom *g = p->g;
	struct span x = under_outputs(g, o);

	rows->count = 0;
	for (int64_t r = x.from; r < x.to; r++) {
		bool seen = false;

		for (int i = 0; i < TOGETHER; i++) {
			int32_t w = o.from + i < o.to ? taps_at(g, r - (o.from + i) * g->sh + g->ph) : -1;

			rows->w[i][rows->count] = w;
			seen |= w >= 0;
		}
		rows->x[rows->count] = (r - first) * p->x.row;
		rows->count += seen;
	}
}

/* Of a plane that starts with row `first` of dy: rows that input rows r, TOGETHER at most, reach. */
static void rows_over_inputs(const struct plan *p, struct span r, int64_t first, struct rows *rows)
{
	const struct conv_geom *g = p->g;
	struct span dy = over_inputs(g, r);

	rows->count = 0;
	for (int64_t t = dy.from; t < dy.to; t++) {
		bool seen = false;

		for (int i = 0; i < TOGETHER; i++) {
			int32_t w = r.from + i < r.to ? taps_at(g, r.from + i + g->ph - t * g->sh) : -1;

			rows->w[i][rows->count] = w;
			seen |= w >= 0;
		}
		rows->x[rows->count] = (t - first) * p->dy.row;
		rows->count += seen;
	}
}

/* ---- lines of a band -------------------------------------------------------- */

static struct affine line(struct affine a, int64_t l)
{
	return a.scale ? (struct affine){ a.scale + l * LINE, a.shift + l * LINE, a.act } : a;
}

/* Rows r of line l of a tensor whose image begins at `image`. */
static struct source source(const struct plan *p, const float *image, struct span r, int64_t columns, int64_t l)
{
	int64_t c = p->g->c;

	return (struct source){ image + r.from * columns * c + l * LINE, r.to - r.from, columns, c, lanes_of(p->g, l) };
}

/* Array i of what comes next, from `from` on, in the order of memory: line l fetches its share, `pixels` cache lines, in
 * so many blocks; where there are none it fetches nothing. */
static void fetch(struct ahead *a, int i, const float *from, int64_t pixels, int64_t l, int64_t blocks)
{
	a->at[i] = from + l * pixels * LINE;
	a->lines[i] = blocks ? (int)quotient(pixels, blocks) : 0;
}

/* Streams go by whole cache lines. */
static bool can_stream(const float *y, bool stream, int64_t c)
{
	return stream && c % LINE == 0 && (uintptr_t)y % (LINE * sizeof(float)) == 0;
}

/* ---- forward ---------------------------------------------------------------- */

/* Statistics: n results of each channel merged, m in the float sums. */
struct moments { float *shift, *sum, *squares; int64_t n, m; };

static void merge(struct moments *s, int64_t c, double *mean, double *m2)
{
	merge_moments(s->n, s->m, s->shift, s->sum, s->squares, c, mean, m2);
	for (int64_t j = 0; j < c; j++)
		s->shift[j] = (float)mean[j];
	memset(s->sum, 0, (size_t)c * sizeof(float));
	memset(s->squares, 0, (size_t)c * sizeof(float));
	s->n += s->m;
	s->m = 0;
}

struct forward {
	const struct plan *p;
	const struct conv_fwd *f;
	struct affine in, out;
	const float *w;
	struct moments sums;
	float *plane, *results;
};

static void forward_band(struct forward *k, const float *x, int64_t y, struct span o)
{
	const struct plan *p = k->p;
	const struct conv_geom *g = p->g;
	const struct conv_fwd *f = k->f;
	correlate_fn *correlate_rows = find_correlate(p->along);
	int64_t row = g->ow * LINE, n = o.to - o.from;
	struct span from = under_outputs(g, o);
	struct rows rows[MAX_BAND / TOGETHER];
	struct ahead ahead = { 0 };

	for (int64_t i = 0; i < n; i += TOGETHER)
		rows_under_outputs(p, (struct span){ o.from + i, least(o.from + i + TOGETHER, o.to) }, from.from, &rows[i / TOGETHER]);
	y += o.from * g->ow * g->c;
	for (int64_t l = 0; l < p->lines; l++, y += LINE) {
		struct out to = { k->results, n * g->ow, g->c, lanes_of(g, l), can_stream(f->y, f->stream, g->c) };

		fetch(&ahead, 0, x + from.to * g->w * g->c, n * g->sh * g->w, l, quotient(n, TOGETHER) * blocks(g->ow));
		pack_affine(line(k->in, l), source(p, x, from, g->w, l), (struct packed){ k->plane + p->x.left * LINE, p->x.row });
		for (int64_t i = 0; i < n; i += TOGETHER)
			correlate_rows(p->along, &rows[i / TOGETHER], k->plane, k->w + l * p->taps, g->ow, LINE, row, &ahead,
			               k->results + i * row);
		if (f->mean && k->sums.n + k->sums.m == 0)
			memcpy(k->sums.shift + l * LINE, k->results, LINE * sizeof(float));
		if (f->mean)
			finish_moments(to, k->sums.shift + l * LINE, k->sums.sum + l * LINE, k->sums.squares + l * LINE, f->y + y);
		else if (k->out.scale)
			finish_affine(to, line(k->out, l), f->add ? f->add + y : NULL, f->y + y);
		else
			finish_plain(to, 0, f->y + y);
	}
	k->sums.m += n * g->ow;
}

static void dwconv_fwd(const struct conv_geom *g, const struct conv_fwd *f, float *scratch)
{
	if (unusual(g)) {
		ref_dwconv_fwd(g, f, scratch);
		return;
	}

	const struct plan p = forward_plan(g);
	int64_t all = p.lines * LINE;
	struct forward k = { .p = &p, .f = f };

	scratch = cache_line(scratch);
	k.in = affine_lines(f->in, &p, &scratch);
	k.out = affine_lines(f->out, &p, &scratch);
	if (f->add && !k.out.scale)
		k.out = identity(all, &scratch);
	k.sums = (struct moments){ take(&scratch, all), take(&scratch, all), take(&scratch, all), 0, 0 };
	k.w = arrange_weights(&p, f->w, p.in_order, &scratch);
	k.plane = take(&scratch, plane_floats(&p, &p.x));
	k.results = scratch;
	for (int64_t j = 0; f->mean && j < g->c; j++)
		f->mean[j] = f->m2[j] = 0;
	for (int64_t i = 0; i < g->n; i++)
		for (int64_t b = 0; b < p.bands; b++) {
			forward_band(&k, f->x + i * g->h * g->w * g->c, i * g->oh * g->ow * g->c, band(&p, b, g->oh));
			if (f->mean && (k.sums.m >= MOMENTS || (i + 1 == g->n && b + 1 == p.bands)))
				merge(&k.sums, g->c, f->mean, f->m2);
		}
	if (f->stream)
		streamed();
}

/* ---- backward --------------------------------------------------------------- */

struct backward {
	const struct plan *p;
	const struct conv_bwd *b;
	struct affine in;
	struct norm_grad out;
	const float *mean;
	float *w, *sums, *total;                /* weights; sums of their gradients, recent and all */
	float *sum_g, *sum_gx;                  /* recent sums of dx */
	float *x, *dy, *results;
	int64_t summed, pending;                /* outputs in `sums`, inputs in sum_g and sum_gx */
	correlate_fn *correlate_half[MAX_STRIDE];
	sums_fn *tap_sums;
};

static void pack_dy(const struct backward *k, int64_t image, struct span r, int64_t l)
{
	const struct plan *p = k->p;
	const struct packed to = { k->dy + p->dy.left * LINE, p->dy.row };
	const struct source from = source(p, k->b->dy + image, r, p->g->ow, l);

	if (k->out.ka) {
		struct norm_grad n = {
			k->out.y + (from.at - k->b->dy), k->out.mean + l * LINE, k->out.ka + l * LINE, k->out.kx + l * LINE,
			k->out.k0 + l * LINE,
		};

		pack_norm_grad(n, from, to);
	} else {
		pack_affine((struct affine){ 0 }, from, to);
	}
}

/* Rows r of dx, whose rows of dy are packed. */
static void data_rows(const struct backward *k, const struct rows *rows, int64_t image, struct span r, int64_t l,
                      struct ahead *ahead)
{
	const struct plan *p = k->p;
	const struct conv_geom *g = p->g;
	int64_t row = g->w * LINE, at = image + r.from * g->w * g->c + l * LINE;
	struct out o = { k->results, (r.to - r.from) * g->w, g->c, lanes_of(g, l), can_stream(k->b->dx, k->b->stream, g->c) };

	for (int64_t i = 0; i < r.to - r.from; i += TOGETHER)
		for (int e = 0; e < g->sw; e++) {
			const struct half *h = &p->half[e];

			k->correlate_half[e](h->along, &rows[i / TOGETHER], k->dy + h->start * LINE, k->w + l * p->taps + h->at * LINE,
			                     h->columns, g->sw * LINE, row, ahead, k->results + i * row + e * LINE);
		}
	if (k->b->sum_g)
		finish_grad(o, line(k->in, l), k->mean + l * LINE, k->b->x + at, k->b->beta, k->sum_g + l * LINE,
		            k->sum_gx + l * LINE, k->b->dx + at);
	else
		finish_plain(o, k->b->beta, k->b->dx + at);
}

/* Output rows o, of which rows from `first` on are packed, join the sums. */
static void weight_rows(const struct backward *k, const float *x, struct span o, int64_t first, int64_t l, struct ahead *ahead)
{
	const struct plan *p = k->p;
	const struct conv_geom *g = p->g;
	struct span r = under_outputs(g, o);
	struct seen s = {
		.rows = o.to - o.from, .columns = g->ow, .top = o.from * g->sh - g->ph - r.from, .stride = g->sh,
		.dilation = g->dh, .taps = g->kh, .height = r.to - r.from, .x_row = p->x.row, .dy_row = p->dy.row,
	};

	pack_affine(line(k->in, l), source(p, x, r, g->w, l), (struct packed){ k->x + p->x.left * LINE, p->x.row });
	k->tap_sums(p->along, &s, k->x, k->dy + (o.from - first) * p->dy.row + p->dy.left * LINE, ahead, k->sums + l * p->taps);
}

/* What the band after this one reads. */
static struct ahead fetch_band(const struct backward *k, int64_t in, int64_t out, struct span r, struct span o, int64_t packed,
                               int64_t l)
{
	const struct plan *p = k->p;
	const struct conv_geom *g = p->g;
	int64_t pixels = (o.to - o.from) * g->ow, count = o.to - o.from;
	struct ahead ahead = { 0 };

	if (k->b->dx) {
		count = 0;
		for (int e = 0; e < g->sw; e++)
			count += blocks(p->half[e].columns);
		count *= quotient(r.to - r.from, TOGETHER);
	}
	fetch(&ahead, 0, k->b->dy + out + packed * g->ow * g->c, pixels, l, count);
	if (k->out.ka)
		fetch(&ahead, 1, k->out.y + out + packed * g->ow * g->c, pixels, l, count);
	if (k->b->dw || k->b->sum_g)
		fetch(&ahead, 2, k->b->x + in + r.to * g->w * g->c, (r.to - r.from) * g->w, l, count);
	return ahead;
}

static void backward_band(struct backward *k, int64_t image, int64_t b)
{
	const struct plan *p = k->p;
	const struct conv_geom *g = p->g;
	int64_t in = image * g->h * g->w * g->c, out = image * g->oh * g->ow * g->c;
	struct span r = band(p, b, g->h), o = outputs_of(p, b), dy = dy_rows(p, b);
	struct rows rows[MAX_BAND / TOGETHER];

	for (int64_t i = r.from; i < r.to; i += TOGETHER)
		rows_over_inputs(p, (struct span){ i, least(i + TOGETHER, r.to) }, dy.from, &rows[(i - r.from) / TOGETHER]);
	for (int64_t l = 0; l < p->lines; l++) {
		struct ahead ahead = fetch_band(k, in, out, r, o, dy.to, l);

		pack_dy(k, out, dy, l);
		if (k->b->dx)
			data_rows(k, rows, in, r, l, &ahead);
		if (k->b->dw && o.from < o.to)
			weight_rows(k, k->b->x + in, o, dy.from, l, k->b->dx ? &(struct ahead){ 0 } : &ahead);
	}
	k->pending += (r.to - r.from) * g->w;
	k->summed += (o.to - o.from) * g->ow;
}

static void flush_weights(struct backward *k)
{
	int64_t count = k->p->lines * k->p->taps;

	for (int64_t j = 0; j < count; j++)
		k->total[j] += k->sums[j];
	memset(k->sums, 0, (size_t)count * sizeof(float));
	k->summed = 0;
}

static void flush_sums(struct backward *k)
{
	int64_t c = k->p->g->c;

	for (int64_t j = 0; j < c; j++) {
		k->b->sum_g[j] += k->sum_g[j];
		k->b->sum_gx[j] += k->sum_gx[j];
	}
	memset(k->sum_g, 0, (size_t)c * sizeof(float));
	memset(k->sum_gx, 0, (size_t)c * sizeof(float));
	k->pending = 0;
}

static void give_weights(const struct backward *k)
{
	int64_t taps = k->p->taps / LINE;

	for (int64_t c = 0; c < k->p->g->c; c++)
		for (int64_t t = 0; t < taps; t++)
			k->b->dw[c * taps + t] = k->total[c / LINE * k->p->taps + t * LINE + c % LINE];
}

static void dwconv_bwd(const struct conv_geom *g, const struct conv_bwd *b, float *scratch)
{
	if (unusual(g)) {
		ref_dwconv_bwd(g, b, scratch);
		return;
	}

	const struct plan p = backward_plan(g);
	int64_t all = p.lines * LINE;
	struct backward k = { .p = &p, .b = b, .out = b->out, .tap_sums = find_sums(p.along) };

	scratch = cache_line(scratch);
	k.in = affine_lines(b->in, &p, &scratch);
	if (b->out.ka) {
		k.out.mean = whole_lines(b->out.mean, &p, &scratch);
		k.out.ka = whole_lines(b->out.ka, &p, &scratch);
		k.out.kx = whole_lines(b->out.kx, &p, &scratch);
		k.out.k0 = whole_lines(b->out.k0, &p, &scratch);
	}
	k.mean = b->sum_g ? whole_lines(b->mean, &p, &scratch) : NULL;
	k.sum_g = take(&scratch, all);
	k.sum_gx = take(&scratch, all);
	k.w = arrange_weights(&p, b->w, p.by_half, &scratch);
	k.sums = take(&scratch, p.lines * p.taps);
	k.total = take(&scratch, p.lines * p.taps);
	k.x = take(&scratch, plane_floats(&p, &p.x));
	k.dy = take(&scratch, plane_floats(&p, &p.dy));
	k.results = scratch;
	for (int e = 0; e < g->sw; e++)
		k.correlate_half[e] = find_correlate(p.half[e].along);
	for (int64_t j = 0; b->sum_g && j < g->c; j++)
		b->sum_g[j] = b->sum_gx[j] = 0;
	for (int64_t i = 0; i < g->n; i++)
		for (int64_t n = 0; n < p.bands; n++) {
			bool last = i + 1 == g->n && n + 1 == p.bands;

			backward_band(&k, i, n);
			if (b->sum_g && (last || k.pending >= MOMENTS))
				flush_sums(&k);
			if (b->dw && (last || k.summed >= WEIGHTS))
				flush_weights(&k);
		}
	if (b->dw)
		give_weights(&k);
	if (b->stream)
		streamed();
}

void KERNEL(dwconv_install)(struct backend *b)
{
	b->dwconv_scratch = scratch_floats;
	b->dwconv_fwd = dwconv_fwd;
	b->dwconv_bwd = dwconv_bwd;
}
