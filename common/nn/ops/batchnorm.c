/* Batch normalisation with its activation: y = act(scale (x - mean) / sqrt(var + eps) + shift) per channel.
 * Ioffe and Szegedy 2015, algorithm 1; var is the biased variance, in training and in use alike.
 * Inputs x, scale, shift; attributes act (enum act), eps (1e-5).
 *
 * Statistics: (rows, mean, M2) per chunk of images, merged in chunk order in double.  With N rows,
 * xc = x - mean, istd = 1 / sqrt(var + eps), a = scale istd and g = dy act'(z) the gradients are
 *      dshift = sum g,  dscale = istd sum g xc,
 *      dx = a (g - sum g / N - xc istd^2 sum g xc / N)          statistics of this batch
 *      dx = a g                                                 fixed statistics: they are constants */
#include <math.h>
#include "base/err.h"
#include "nn/elementwise.h"

enum { MIN_ROWS = 256 };
enum { MEAN, SCALE, SHIFT, ISTD, KA, KX, K0, KEPT };     /* rows of c->keep, one number per channel each */

static int shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out)
{
	for (int i = 1; i < 3; i++)
		if (in[i].n != 1 || nn_image_size(in[i]) != in[0].c || in[i].c != in[0].c)
			return err_set(ERR_CONFIG, "%s: %s of %ld numbers on an input of %ld channels", n->name,
			               i == 1 ? "scale" : "shift", (long)nn_image_size(in[i]), (long)in[0].c);
	*out = in[0];
	return 0;
}

static size_t keep(const struct nn_node *n, const struct nn_shape *in, int64_t batch)
{
	(void)n;
	(void)batch;
	return (size_t)(KEPT * in[0].c);
}

struct run {
	struct nn_call *c;
	struct nn_chunks k;
	int64_t channels, pixels;        /* pixels: rows of one image */
	enum act act;
	double *sum[2], *part[2];        /* channels; chunks x channels */
};

static struct run begin(struct nn_call *c)
{
	struct nn_shape s = c->out->shape;
	struct run r = { c, nn_chunk(s.n, s.h * s.w, MIN_ROWS), s.c, s.h * s.w,
	                 (enum act)nn_attr_int(c->node, "act", ACT_NONE) };
	for (int i = 0; i < 2; i++) {
		r.sum[i] = arena_raw(c->ctx->step, (size_t)((r.k.count + 1) * s.c), sizeof(double));
		r.part[i] = r.sum[i] + s.c;
	}
	return r;
}

static int64_t rows_of(const struct run *r, int64_t chunk)
{
	return nn_chunk_images(r->k, chunk, r->c->out->shape.n) * r->pixels;
}

static int64_t offset_of(const struct run *r, int64_t chunk)
{
	return nn_chunk_first(r->k, chunk) * r->pixels * r->channels;
}

static void stats_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	(void)worker;
	r->c->ctx->be->bn_stats(rows_of(r, chunk), r->channels, r->c->in[0]->data + offset_of(r, chunk),
	                        r->part[0] + chunk * r->channels, r->part[1] + chunk * r->channels);
}

static void apply_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	const float *keep_ = r->c->keep;
	int64_t at = offset_of(r, chunk);
	(void)worker;
	struct affine in = { keep_ + SCALE * r->channels, keep_ + SHIFT * r->channels, r->act };
	r->c->ctx->be->bn_apply(rows_of(r, chunk), r->channels, r->c->in[0]->data + at, &in, r->c->out->data + at);
}

/* Statistics of chunks: the producer's, where it left some. */
static const struct nn_partials *moments(struct run *r, struct nn_partials *own)
{
	if (r->c->in[0]->moments)
		return r->c->in[0]->moments;
	*own = (struct nn_partials){ r->k.count, arena_raw(r->c->ctx->step, (size_t)r->k.count, sizeof(int64_t)), r->part[0], r->part[1] };
	for (int64_t k = 0; k < r->k.count; k++)
		own->rows[k] = rows_of(r, k);
	nn_parallel(r->c->ctx, r->k.count, stats_chunk, r);
	return own;
}

/* mean -> sum[0], biased variance -> sum[1] */
static int statistics(struct run *r)
{
	struct nn_call *c = r->c;
	struct nn_stats *all = c->bn_mode == NN_BN_BATCH ? NULL : nn_net_stats(c->net);
	if (c->bn_mode != NN_BN_BATCH && !all)
		return err_set(ERR_INTERNAL, "%s: batch-norm needs statistics in this mode; call nn_set_stats",
		               c->node->name);
	if (c->bn_mode == NN_BN_FIXED) {
		const struct nn_stat *s = nn_stats_find(all, c->node->name);
		if (!s || s->batches != 1 || s->c != r->channels)
			return err_set(ERR_INTERNAL, "%s: no finished batch-norm statistics of %ld channels; accumulate some, "
			               "then call nn_stats_finish", c->node->name, (long)r->channels);
		for (int64_t i = 0; i < r->channels; i++) {
			r->sum[0][i] = s->mean[i];
			r->sum[1][i] = s->var[i];
		}
		return 0;
	}

	struct nn_partials own;
	const struct nn_partials *m = moments(r, &own);
	int64_t total = c->out->shape.n * r->pixels;
	TRY(c->ctx->comm->gather(c->ctx->comm, m->a, m->chunks, (size_t)r->channels * sizeof(double)));
	TRY(c->ctx->comm->gather(c->ctx->comm, m->b, m->chunks, (size_t)r->channels * sizeof(double)));
	reduce_moments(m->chunks, r->channels, m->rows, m->a, m->b, r->sum[0], r->sum[1]);
	for (int64_t i = 0; i < r->channels; i++)
		r->sum[1][i] /= (double)total;
	if (c->bn_mode == NN_BN_ACCUMULATE) {
		struct nn_stat *s = nn_stats_add(all, c->node->name, r->channels);
		if (!s)
			return ERR_DATA;
		for (int64_t i = 0; i < r->channels; i++) {
			s->mean[i] += r->sum[0][i];
			s->var[i] += r->sum[1][i];
		}
		s->batches++;
	}
	return 0;
}

/* c->keep from the statistics and the parameters. */
static int coefficients(struct run *r)
{
	struct nn_call *c = r->c;
	double eps = nn_attr_float(c->node, "eps", 1e-5);
	int64_t n = r->channels;
	TRY(statistics(r));
	for (int64_t i = 0; i < n; i++) {
		double istd = 1 / sqrt(r->sum[1][i] + eps), a = c->in[1]->data[i] * istd;
		c->keep[MEAN * n + i] = (float)r->sum[0][i];
		c->keep[ISTD * n + i] = (float)istd;
		c->keep[SCALE * n + i] = (float)a;
		/* with the rounded factor, so that x = mean gives shift */
		c->keep[SHIFT * n + i] = (float)(c->in[2]->data[i] - r->sum[0][i] * (float)a);
	}
	return 0;
}

static int affine(struct nn_call *c, struct affine *a)
{
	struct run r = begin(c);
	TRY(coefficients(&r));
	*a = (struct affine){ c->keep + SCALE * r.channels, c->keep + SHIFT * r.channels, r.act };
	return 0;
}

static int forward(struct nn_call *c)
{
	struct run r = begin(c);
	TRY(coefficients(&r));
	if (c->lazy) {
		c->out->meant = (struct affine){ c->keep + SCALE * r.channels, c->keep + SHIFT * r.channels, r.act };
		c->out->mean = c->keep + MEAN * r.channels;
	} else {
		nn_parallel(c->ctx, r.k.count, apply_chunk, &r);
	}
	return 0;
}

static void sums_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	const float *keep_ = r->c->keep;
	int64_t at = offset_of(r, chunk), n = r->channels;
	(void)worker;
	struct affine in = { keep_ + SCALE * n, keep_ + SHIFT * n, r->act };
	r->c->ctx->be->bn_bwd_sums(rows_of(r, chunk), n, r->c->in[0]->data + at, &in, keep_ + MEAN * n,
	                           r->c->out->grad + at, r->part[0] + chunk * n, r->part[1] + chunk * n);
}

static struct norm_grad norm_grad(const struct nn_call *c)
{
	int64_t n = c->out->shape.c;
	const float *k = c->keep;
	return (struct norm_grad){ c->in[0]->data, k + MEAN * n, k + KA * n, k + KX * n, k + K0 * n };
}

static void data_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	const struct nn_call *c = r->c;
	int64_t at = offset_of(r, chunk);
	struct norm_grad k = norm_grad(c);
	(void)worker;
	k.y += at;
	c->ctx->be->bn_bwd_data(rows_of(r, chunk), r->channels, c->out->grad + at, &k, c->beta[0],
	                        c->in[0]->grad + at);
}

/* sum g -> sum[0], sum g xc -> sum[1]; the gradient goes through the activation. */
static int sums(struct run *r)
{
	struct nn_call *c = r->c;
	struct nn_partials own = { r->k.count, NULL, r->part[0], r->part[1] }, *s = c->finished ? c->out->sums : &own;
	if (!c->finished)
		nn_parallel(c->ctx, r->k.count, sums_chunk, r);
	TRY(nn_reduce_sums(c->ctx, r->sum[0], s->a, s->chunks, r->channels));
	return nn_reduce_sums(c->ctx, r->sum[1], s->b, s->chunks, r->channels);
}

static int backward(struct nn_call *c)
{
	struct run r = begin(c);
	int64_t n = r.channels;
	double *istd = arena_raw(c->ctx->step, (size_t)n, sizeof *istd);
	double constant = c->bn_mode == NN_BN_FIXED ? 0 : 1 / (double)(c->out->shape.n * r.pixels);

	TRY(sums(&r));
	for (int64_t i = 0; i < n; i++) {
		double a = c->keep[SCALE * n + i];
		istd[i] = c->keep[ISTD * n + i];
		c->keep[KA * n + i] = (float)a;
		c->keep[KX * n + i] = (float)(-a * istd[i] * istd[i] * r.sum[1][i] * constant);
		c->keep[K0 * n + i] = (float)(-a * r.sum[0][i] * constant);
	}
	if (c->lazy_grad) {
		c->in[0]->grad = c->out->grad;
		c->in[0]->unfinished = norm_grad(c);
	} else if (c->in[0]->grad) {
		nn_parallel(c->ctx, r.k.count, data_chunk, &r);
	}
	if (c->in[1]->grad)
		nn_add_grad(c, 1, r.sum[1], istd, n);
	if (c->in[2]->grad)
		nn_add_grad(c, 2, r.sum[0], NULL, n);
	return 0;
}

#define BN(...) { 3, { __VA_ARGS__ }, .params = 6
#define ON(n, h, w, c) { n, h, w, c }, { 1, 1, 1, c }, { 1, 1, 1, c }
static const struct nn_example examples[] = {
	BN(ON(3, 5, 7, 9)) },
	BN(ON(17, 3, 3, 33)), .attr = { { "act", ACT_SWISH } } },
	BN(ON(3, 3, 2, 3)), .attr = { { "act", ACT_RELU } } },           /* few numbers: none near a bend */
	BN(ON(4, 3, 2, 1)), .attr = { { "act", ACT_RELU6 } } },
	BN(ON(2, 5, 4, 2)), .attr = { { "act", ACT_HSWISH } } },
	BN(ON(3, 3, 3, 5)), .attr = { { "act", ACT_SIGMOID } } },
	BN(ON(3, 3, 3, 2)), .attr = { { "act", ACT_HSIGMOID } } },
	BN(ON(8, 6, 6, 7)), .offset = 1000, .tolerance = 1e-2 },
	BN(ON(9, 4, 3, 4)), .attr = { { "act", ACT_SWISH } }, .offset = -1000, .tolerance = 1e-2 },
	BN(ON(1, 5, 3, 4)), .attr = { { "eps", 0, 1e-3 } } },
	{ 0 }
};

const struct nn_op nn_op_batchnorm = {
	.name = "batchnorm", .summary = "batch normalisation with activation", .min_in = 3, .max_in = 3, .needs = 1, .params = 6,
	.shape = shape, .keep = keep, .forward = forward, .backward = backward, .affine = affine,
	.normalises = true, .examples = examples,
};
