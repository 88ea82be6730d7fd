/* Primitives of the waist at the shapes of space macro (taken from the graphs of 11111111 and 22222222) and of
 * cells as DARTS has them; one thread, a batch of 64 images, cut into chunks as the engine cuts it.
 *
 *   primitives.tsv   time, GFLOP/s, GB/s of inputs + outputs, and what that is of the sgemm peak, of a copy of
 *                    as many bytes, and of the roofline of both; for weight gradients of 1 x 1 convolutions
 *                    the time of the best slicing of the same product and what it is of ours
 *   roof.tsv         the peak and the copies */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/die.h"
#include "base/err.h"
#include "nn/op.h"
#include "nn/window.h"
#include "tests/bench/bench.h"
#include "tests/bench/roof.h"
#include "tests/bench/supernet.h"

enum { BATCH = 64, CONV_ROWS = 512, OTHER_ROWS = 256 };      /* images; least output pixels of a chunk */
enum { STREAMED = 8 << 20 };     /* bytes of a batch's result from which on convolutions are told to stream */

enum kind { DENSE, DEPTHWISE, NORM, ACTIVATION, MAXPOOL, AVGPOOL, GLOBALPOOL, ADD };

struct shape {
	enum kind kind;
	struct conv_geom conv;           /* of one chunk */
	struct pool_geom pool;
	int64_t rows, c;                 /* of one chunk: pixels, channels */
	enum act act;
	int64_t chunks;
};

/* Arrays of a whole batch; those of channels and weights are shared by its chunks. */
struct arrays { float *x, *y, *dx, *dy, *w, *dw, *scratch, *channel[6]; double *sum[2]; };

struct job {
	const struct backend *be;
	struct shape s;
	struct arrays a;
	int64_t in, out;                 /* floats of a chunk */
	void (*pass)(const struct job *j, int64_t chunk);
};

/* ---- one chunk of each primitive ------------------------------------------------------------------ */

#define X (j->a.x + chunk * j->in)
#define Y (j->a.y + chunk * j->out)
#define DX (j->a.dx + chunk * j->in)
#define DY (j->a.dy + chunk * j->out)
#define PASS(name, ...) static void name(const struct job *j, int64_t chunk) { \
	const struct shape *s = &j->s; const struct arrays *a = &j->a; (void)s; (void)a; j->be->__VA_ARGS__; }

#define BIG(floats) ((floats) * j->s.chunks * (int64_t)sizeof(float) > STREAMED)
#define FWD &(struct conv_fwd){ .x = X, .w = a->w, .y = Y, .stream = BIG(j->out) }
#define BWD(...) &(struct conv_bwd){ .x = X, .w = a->w, .dy = DY, .stream = BIG(j->in), __VA_ARGS__ }
#define RELU_IN .in = { a->channel[0], a->channel[1], ACT_RELU }
#define NORM_OF(y) { y, a->channel[2], a->channel[3], a->channel[4], a->channel[5] }
#define AFFINE &(struct affine){ a->channel[0], a->channel[1], s->act }
/* in a training step: the input is a batch-norm with ReLU that nobody wrote down, the output is followed by one */
#define STEP_FWD &(struct conv_fwd){ .x = X, .w = a->w, .y = Y, RELU_IN, .mean = a->sum[0], .m2 = a->sum[1], \
                                      .stream = BIG(j->out) }
#define STEP_BWD BWD(RELU_IN, .out = NORM_OF(Y), .dw = a->dw, .dx = DX, .mean = a->channel[2], .sum_g = a->sum[0], \
                     .sum_gx = a->sum[1])

PASS(conv_fwd, conv_fwd(&s->conv, FWD, a->scratch))
PASS(conv_bwd_data, conv_bwd(&s->conv, BWD(.dx = DX), a->scratch))
PASS(conv_bwd_weights, conv_bwd(&s->conv, BWD(.dw = a->dw), a->scratch))
PASS(conv_step_fwd, conv_fwd(&s->conv, STEP_FWD, a->scratch))
PASS(conv_step_bwd, conv_bwd(&s->conv, STEP_BWD, a->scratch))
PASS(dwconv_fwd, dwconv_fwd(&s->conv, FWD, a->scratch))
PASS(dwconv_bwd_data, dwconv_bwd(&s->conv, BWD(.dx = DX), a->scratch))
PASS(dwconv_bwd_weights, dwconv_bwd(&s->conv, BWD(.dw = a->dw), a->scratch))
PASS(dwconv_step_fwd, dwconv_fwd(&s->conv, STEP_FWD, a->scratch))
PASS(dwconv_step_bwd, dwconv_bwd(&s->conv, STEP_BWD, a->scratch))
PASS(bn_stats, bn_stats(s->rows, s->c, X, a->sum[0], a->sum[1]))
PASS(bn_apply, bn_apply(s->rows, s->c, X, AFFINE, Y))
PASS(bn_bwd_sums, bn_bwd_sums(s->rows, s->c, X, AFFINE, a->channel[2], DY, a->sum[0], a->sum[1]))
PASS(bn_bwd_data, bn_bwd_data(s->rows, s->c, DY, &(struct norm_grad)NORM_OF(X), 0, DX))
PASS(act_fwd, act_fwd(s->act, s->rows * s->c, X, Y))
PASS(act_bwd, act_bwd(s->act, s->rows * s->c, X, DY, 0, DX))
PASS(maxpool_fwd, maxpool_fwd(&s->pool, X, Y))
PASS(maxpool_bwd, maxpool_bwd(&s->pool, X, DY, 0, DX))
PASS(avgpool_fwd, avgpool_fwd(&s->pool, X, Y))
PASS(avgpool_bwd, avgpool_bwd(&s->pool, DY, 0, DX))
PASS(gpool_fwd, gpool_fwd(s->pool.n, s->pool.h * s->pool.w, s->c, X, &(struct affine){ 0 }, Y))
PASS(gpool_bwd, gpool_bwd(s->pool.n, s->pool.h * s->pool.w, s->c, DY, 0, DX))
PASS(add, add(1, j->out, X, &(struct affine){ 0 }, DX, &(struct affine){ 0 }, Y))

/* in, out: how many arrays of the size of the input and of the output are read or written; weight: likewise; work: how
 * many times the multiply-adds of the forward pass */
static const struct pass {
	enum kind kind;
	const char *name;
	void (*fn)(const struct job *j, int64_t chunk);
	int in, out, weight, work;
} passes[] = {
	{ DENSE, "forward", conv_fwd, 1, 1, 1, 1 },
	{ DENSE, "backward data", conv_bwd_data, 1, 1, 1, 1 },
	{ DENSE, "backward weights", conv_bwd_weights, 1, 1, 1, 1 },
	{ DENSE, "step forward", conv_step_fwd, 1, 1, 1, 1 },
	{ DENSE, "step backward", conv_step_bwd, 2, 2, 2, 2 },
	{ DEPTHWISE, "forward", dwconv_fwd, 1, 1, 1, 1 },
	{ DEPTHWISE, "backward data", dwconv_bwd_data, 1, 1, 1, 1 },
	{ DEPTHWISE, "backward weights", dwconv_bwd_weights, 1, 1, 1, 1 },
	{ DEPTHWISE, "step forward", dwconv_step_fwd, 1, 1, 1, 1 },
	{ DEPTHWISE, "step backward", dwconv_step_bwd, 2, 2, 2, 2 },
	{ NORM, "statistics", bn_stats, 1, 0, 0 },
	{ NORM, "forward", bn_apply, 1, 1, 0 },
	{ NORM, "backward sums", bn_bwd_sums, 1, 2, 0 },
	{ NORM, "backward data", bn_bwd_data, 2, 1, 0 },
	{ ACTIVATION, "forward", act_fwd, 1, 1, 0 },
	{ ACTIVATION, "backward data", act_bwd, 2, 1, 0 },
	{ MAXPOOL, "forward", maxpool_fwd, 1, 1, 0 },
	{ MAXPOOL, "backward data", maxpool_bwd, 2, 1, 0 },
	{ AVGPOOL, "forward", avgpool_fwd, 1, 1, 0 },
	{ AVGPOOL, "backward data", avgpool_bwd, 1, 1, 0 },
	{ GLOBALPOOL, "forward", gpool_fwd, 1, 1, 0 },
	{ GLOBALPOOL, "backward data", gpool_bwd, 1, 1, 0 },
	{ ADD, "forward", add, 2, 1, 0 },
};
enum { PASSES = sizeof passes / sizeof *passes };

static void run(void *arg)
{
	const struct job *j = arg;
	for (int64_t k = 0; k < j->s.chunks; k++)
		j->pass(j, k);
}

/* ---- the table ------------------------------------------------------------------------------------ */

static const struct bench_column columns[] = {
	BENCH_TEXT("net", 8), BENCH_TEXT("shape", 36), BENCH_TEXT("pass", 16), { "ms", 8, 3 }, { "gflops", 7, 1 },
	{ "gbytes", 7, 1 }, { "of_peak", 7, 2 }, { "of_copy", 7, 2 }, { "of_roof", 7, 2 }, { "best_slice", 0, 0 },
	{ "best_ms", 8, 3 }, { "of_best", 7, 2 }, { 0 }
};

struct state {
	const struct bench *b;
	const struct backend *be;
	struct roof roof;
	struct bench_table *table;
	int64_t batch;
	struct shape seen[256];
	int count;
	double reached[PASSES][256];     /* fractions of the goal's measure, for the summary */
	int shapes[PASSES];
	double of_best[256];
	int slicings;
};

static bool pointwise(const struct conv_geom *g)
{
	return g->kh == 1 && g->kw == 1 && g->sh == 1 && g->sw == 1 && g->groups == 1;
}

static const char *describe(const struct shape *s, char *text, size_t size)
{
	static const char *const name[] = {
		"dense", "depthwise", "batch-norm", "activation", "max pool", "average pool", "global pool", "add",
	};
	const struct conv_geom *g = &s->conv;
	const struct pool_geom *p = &s->pool;
	if (s->kind == DENSE)
		snprintf(text, size, "%dx%d%s%s %dx%dx%d -> %d", g->kh, g->kw, g->sh > 1 ? " /2" : "", g->dh > 1 ? " dilated" : "",
		         (int)g->h, (int)g->w, (int)g->c, (int)g->oc);
	else if (s->kind == DEPTHWISE)
		snprintf(text, size, "depthwise %dx%d%s%s %dx%dx%d", g->kh, g->kw, g->sh > 1 ? " /2" : "",
		         g->dh > 1 ? " dilated" : "", (int)g->h, (int)g->w, (int)g->c);
	else if (s->kind == MAXPOOL || s->kind == AVGPOOL)
		snprintf(text, size, "%s %dx%d%s %dx%dx%d", name[s->kind], p->k, p->k, p->stride > 1 ? " /2" : "", (int)p->h,
		         (int)p->w, (int)p->c);
	else
		snprintf(text, size, "%s%s%s %dx%d", name[s->kind], s->act ? " " : "", s->act ? act_name(s->act) : "",
		         (int)(s->rows * s->chunks), (int)s->c);
	return text;
}

/* The weight gradient of all chunks as products of `slice` rows, added up by the product itself. */
struct slicing { const struct job *j; int64_t slice; };

static void sliced(void *arg)
{
	const struct slicing *s = arg;
	const struct job *j = s->j;
	const struct conv_geom *g = &j->s.conv;
	int64_t rows = j->s.rows * j->s.chunks;
	for (int64_t r = 0; r < rows; r += s->slice) {
		int64_t m = rows - r < s->slice ? rows - r : s->slice;
		j->be->gemm(true, false, g->oc, g->c, m, j->a.dy + r * g->oc, g->oc, j->a.x + r * g->c, g->c, r ? 1 : 0, j->a.w, g->c);
	}
}

static double best_slicing(const struct state *t, const struct job *j, int64_t *slice)
{
	double best = INFINITY;
	int64_t rows = j->s.rows * j->s.chunks;
	for (int64_t n = 128; ; n *= 2) {
		struct slicing s = { j, n < rows ? n : rows };
		double took = bench_seconds(t->b, sliced, &s);
		if (took < best) {
			best = took;
			*slice = s.slice;
		}
		if (n >= rows)
			return best;
	}
}

static double flops(const struct shape *s)
{
	const struct conv_geom *g = &s->conv;
	double taps = (double)(g->kh * g->kw) * (s->kind == DENSE ? (double)g->c : 1);
	if (s->kind == DENSE || s->kind == DEPTHWISE)
		return 2 * (double)(g->n * g->oh * g->ow * g->oc * s->chunks) * taps;
	return 0;
}

static void measure(struct state *t, const char *net, const struct shape *s)
{
	const struct conv_geom *g = &s->conv;
	struct arena_mark mark = arena_mark(t->b->mem);
	struct job j = { .be = t->be, .s = *s, .in = s->rows * s->c, .out = s->rows * s->c };
	char text[64];
	int64_t weight = 0, scratch = 1, channels = s->c > g->c ? s->c : g->c;

	describe(s, text, sizeof text);
	if (!bench_wanted(t->b, "%s %s", net, text))
		return;
	if (s->kind == DENSE || s->kind == DEPTHWISE) {
		j.in = g->n * g->h * g->w * g->c;
		j.out = g->n * g->oh * g->ow * g->oc;
		weight = g->oc * g->kh * g->kw * (s->kind == DENSE ? g->c : 1);
		scratch = 1 + (int64_t)(s->kind == DENSE ? t->be->conv_scratch : t->be->dwconv_scratch)(g);
	} else if (s->kind == MAXPOOL || s->kind == AVGPOOL) {
		j.in = s->pool.n * s->pool.h * s->pool.w * s->c;
	} else if (s->kind == GLOBALPOOL) {
		j.out = s->pool.n * s->c;
	}
	j.a = (struct arrays){
		.x = bench_floats(t->b, j.in * s->chunks), .y = bench_floats(t->b, j.out * s->chunks),
		.dx = bench_floats(t->b, j.in * s->chunks), .dy = bench_floats(t->b, j.out * s->chunks),
		.w = bench_floats(t->b, weight + 1), .dw = bench_floats(t->b, weight + 1), .scratch = bench_floats(t->b, scratch),
		.sum = { ARENA_NEW(t->b->mem, double, channels), ARENA_NEW(t->b->mem, double, channels) },
	};
	for (int i = 0; i < 6; i++)
		j.a.channel[i] = bench_floats(t->b, channels);
	for (int p = 0; p < PASSES; p++) {
		const struct pass *pass = &passes[p];
		if (pass->kind != s->kind)
			continue;
		j.pass = pass->fn;
		double took = bench_seconds(t->b, run, &j), work = pass->work * flops(s);
		double bytes = 4 * ((double)(s->chunks * (pass->in * j.in + pass->out * j.out)) + (double)(pass->weight * weight));
		double best = NAN;
		int64_t slice = 0;
		if (pass->fn == bn_bwd_sums && s->act == ACT_NONE)
			bytes -= 4 * (double)(s->chunks * j.out);        /* then g stays as it is */
		if (pass->fn == conv_bwd_weights && pointwise(g))
			best = best_slicing(t, &j, &slice);
		double of_peak = work / took / t->roof.flops, of_copy = bytes / took / roof_bandwidth(&t->roof, bytes);
		double of_roof = roof_seconds(&t->roof, work, bytes) / took;
		bench_row(t->table, net, text, pass->name, 1e3 * took, work ? 1e-9 * work / took : NAN, 1e-9 * bytes / took,
		          work ? of_peak : NAN, of_copy, of_roof, slice ? (double)slice : NAN, 1e3 * best, best / took);
		if (s->kind != DENSE || pointwise(g))
			t->reached[p][t->shapes[p]++] = s->kind == DENSE ? fmax(of_peak / 0.7, of_copy / 0.8) : of_roof / 0.7;
		if (slice)
			t->of_best[t->slicings++] = best / took / 0.9;
	}
	arena_rewind(t->b->mem, mark);
}

static void once(struct state *t, const char *net, const struct shape *s)
{
	for (int i = 0; i < t->count; i++)
		if (!memcmp(&t->seen[i], s, sizeof *s))
			return;
	if (t->count == (int)(sizeof t->seen / sizeof *t->seen))
		die(-ERR_INTERNAL, "more than %d shapes", t->count);
	t->seen[t->count++] = *s;
	measure(t, net, s);
}

/* ---- shapes: from graphs, and of cells ------------------------------------------------------------- */

/* A whole number of chunks, as the engine would cut them. */
static struct nn_chunks chunks(const struct state *t, int64_t pixels, int64_t min_rows)
{
	struct nn_chunks k = nn_chunk(t->batch, pixels, min_rows);
	k.images = k.images < t->batch ? k.images : t->batch;
	k.count = t->batch / k.images;
	return k;
}

static void fill_conv(const struct state *t, struct shape *s, enum kind kind, struct conv_geom g)
{
	struct nn_chunks k = chunks(t, g.oh * g.ow, kind == DENSE ? CONV_ROWS : OTHER_ROWS);
	g.n = k.images;
	s->kind = kind;
	s->conv = g;
	s->rows = g.n * g.oh * g.ow;
	s->c = g.oc;
	s->chunks = k.count;
}

static void fill_pool(const struct state *t, struct shape *s, enum kind kind, struct pool_geom g)
{
	struct nn_chunks k = chunks(t, g.oh * g.ow, OTHER_ROWS);
	g.n = k.images;
	s->kind = kind;
	s->pool = g;
	s->c = g.c;
	s->rows = g.n * (kind == GLOBALPOOL ? g.h * g.w : g.oh * g.ow);
	s->chunks = k.count;
}

static void fill_pixels(const struct state *t, struct shape *s, enum kind kind, struct nn_shape y, enum act act)
{
	struct nn_chunks k = chunks(t, y.h * y.w, OTHER_ROWS);
	s->kind = kind;
	s->act = act;
	s->rows = k.images * y.h * y.w;
	s->c = y.c;
	s->chunks = k.count;
}

static void graph_shapes(struct state *t, const char *net, const struct nn_graph *g)
{
	for (int i = 0; i < g->count; i++) {
		const struct nn_node *n = &g->node[i];
		struct shape s;
		memset(&s, 0, sizeof s);         /* compared byte by byte */
		if (n->kind != NN_OP)
			continue;
		struct nn_shape x = g->node[n->in[0]].shape, y = n->shape;
		enum act act = ACT_NONE;
		for (int a = 0; a < ACT_COUNT; a++)
			if (!strcmp(n->op->name, act_name((enum act)a)))
				act = (enum act)a;
		if (!strcmp(n->op->name, "conv") || !strcmp(n->op->name, "dwconv"))
			fill_conv(t, &s, n->op->name[0] == 'c' ? DENSE : DEPTHWISE, nn_conv_geom(n, x, g->node[n->in[1]].shape, 1));
		else if (!strcmp(n->op->name, "batchnorm"))
			fill_pixels(t, &s, NORM, y, (enum act)nn_attr_int(n, "act", ACT_NONE));
		else if (!strcmp(n->op->name, "maxpool") || !strcmp(n->op->name, "avgpool"))
			fill_pool(t, &s, n->op->name[0] == 'm' ? MAXPOOL : AVGPOOL, nn_pool_geom(n, x, 1));
		else if (!strcmp(n->op->name, "globalpool"))
			fill_pool(t, &s, GLOBALPOOL, (struct pool_geom){ .h = x.h, .w = x.w, .c = x.c, .oh = 1, .ow = 1 });
		else if (!strcmp(n->op->name, "add") || act)
			fill_pixels(t, &s, act ? ACTIVATION : ADD, y, act);
		else
			continue;
		once(t, net, &s);
	}
}

/* What cells of DARTS (Liu, Simonyan and Yang 2019) are made of, at the three sizes of a network for 32 x 32
 * images that starts with 16 channels. */
static const struct { enum kind kind; int k, stride, dilation; } cell[] = {
	{ DENSE, 3, 1, 1 }, { DENSE, 1, 1, 1 },
	{ DEPTHWISE, 3, 1, 1 }, { DEPTHWISE, 5, 1, 1 }, { DEPTHWISE, 3, 2, 1 }, { DEPTHWISE, 5, 2, 1 },
	{ DEPTHWISE, 3, 1, 2 }, { DEPTHWISE, 5, 1, 2 },
	{ NORM, 1, 1, 1 }, { ACTIVATION, 1, 1, 1 }, { MAXPOOL, 3, 1, 1 }, { MAXPOOL, 3, 2, 1 }, { AVGPOOL, 3, 1, 1 },
};

static void cell_shapes(struct state *t, int64_t side, int64_t c)
{
	for (size_t i = 0; i < sizeof cell / sizeof *cell; i++) {
		int k = cell[i].k, stride = cell[i].stride, d = cell[i].dilation, pad = (k - 1) * d / 2;
		int64_t out = (side + 2 * pad - (k - 1) * d - 1) / stride + 1;
		struct shape s;
		memset(&s, 0, sizeof s);
		if (cell[i].kind == DENSE || cell[i].kind == DEPTHWISE)
			fill_conv(t, &s, cell[i].kind, (struct conv_geom){
				.h = side, .w = side, .c = c, .oh = out, .ow = out, .oc = c, .kh = k, .kw = k, .sh = stride, .sw = stride,
				.ph = pad, .pw = pad, .dh = d, .dw = d, .groups = 1 });
		else if (cell[i].kind == MAXPOOL || cell[i].kind == AVGPOOL)
			fill_pool(t, &s, cell[i].kind, (struct pool_geom){
				.h = side, .w = side, .c = c, .oh = out, .ow = out, .k = k, .stride = stride, .pad = pad });
		else
			fill_pixels(t, &s, cell[i].kind, (struct nn_shape){ 1, side, side, c },
			            cell[i].kind == ACTIVATION ? ACT_RELU : ACT_NONE);
		once(t, "cell", &s);
	}
}

/* ---- in short ------------------------------------------------------------------------------------ */

static void in_short(const char *what, int n, double *reached)
{
	double median = bench_median(n, reached);       /* sorts */
	int good = 0;
	for (int i = 0; i < n; i++)
		good += reached[i] >= 1;
	if (n)
		printf("  %-32s %3d of %3d shapes reach it; lowest %.2f, median %.2f of it\n", what, good, n, reached[0], median);
}

static void summary(struct state *t)
{
	static const char *const name[] = {
		"1x1", "depthwise", "batch-norm", "activation", "max pool", "average pool", "global pool", "add",
	};
	char what[64];
	printf("\ngoals: 1x1 0.7 of the peak or 0.8 of a copy, weights 0.9 of the best slicing; others 0.7 of the roofline\n");
	for (int p = 0; p < PASSES; p++) {
		bool sliced_ = passes[p].fn == conv_bwd_weights;
		snprintf(what, sizeof what, "%s %s", name[passes[p].kind], passes[p].name);
		in_short(what, sliced_ ? t->slicings : t->shapes[p], sliced_ ? t->of_best : t->reached[p]);
	}
}

static void roof(struct state *t)
{
	static const struct bench_column of[] = { BENCH_TEXT("what", 6), { "bytes", 10, 0 }, { "gflops", 0, 1 }, { "gbytes", 0, 1 }, { 0 } };
	struct bench_table *table = bench_table(t->b, "roof", of);
	roof_measure(t->b, &t->roof);
	bench_row(table, "sgemm", NAN, 1e-9 * t->roof.flops, NAN);
	for (int i = 0; i < ROOF_SIZES; i++)
		bench_row(table, "copy", t->roof.bytes[i], NAN, 1e-9 * t->roof.bandwidth[i]);
	bench_table_close(table);
}

int main(int argc, char **argv)
{
	struct bench b;
	bench_begin(&b, argc, argv, "primitives", "primitives of the waist against the roofline", NULL);
	struct state *t = ARENA_NEW(b.mem, struct state, 1);
	int64_t side = b.tiny ? 8 : 32;
	t->b = &b;
	t->be = backend_find("cpu");
	t->batch = b.tiny ? 8 : BATCH;
	roof(t);
	t->table = bench_table(&b, "primitives", columns);
	for (const struct path_set *set = path_sets; set->name; set++) {
		struct supernet net;
		if (set->count > 1)
			continue;
		supernet_open(&net, set, "crossentropy", side, 8, 1);
		graph_shapes(t, set->name, supernet_path(&net, set->path[0]).graph);
		supernet_close(&net);
	}
	for (int i = 0; i < 3; i++)
		cell_shapes(t, side >> i, 16 << i);
	bench_table_close(t->table);
	summary(t);
	return bench_end(&b);
}
