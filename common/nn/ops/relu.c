/* y = max(0, x).
 *
 * While training it stores nothing if all its readers apply it themselves; over a batch-norm without
 * activation of its own, that nobody wrote down either, they apply both. */
#include "nn/elementwise.h"

static size_t keep(const struct nn_node *n, const struct nn_shape *in, int64_t batch)
{
	(void)n;
	(void)batch;
	return (size_t)(2 * in[0].c);
}

static int affine(struct nn_call *c, struct affine *a)
{
	int64_t channels = c->in[0]->shape.c;
	for (int64_t i = 0; i < channels; i++) {
		c->keep[i] = 1;
		c->keep[channels + i] = 0;
	}
	*a = (struct affine){ c->keep, c->keep + channels, ACT_RELU };
	return 0;
}

/* What is to be done to in[0]->data. */
static struct affine whole(const struct nn_call *c)
{
	struct affine a = c->in[0]->meant;
	a.act = ACT_RELU;
	return a;
}

static void apply_range(struct nn_call *c, int64_t first, int64_t count)
{
	struct affine a = whole(c);
	c->ctx->be->bn_apply(count / c->out->shape.c, c->out->shape.c, c->in[0]->data + first, &a,
	                     c->out->data + first);
}

static int forward(struct nn_call *c)
{
	const struct nn_tensor *in = c->in[0];
	if (c->lazy && in->meant.scale) {
		c->out->meant = whole(c);
		c->out->mean = in->mean;
		return 0;
	}
	if (c->lazy) {
		affine(c, &c->out->meant);
		c->out->mean = c->out->meant.shift;      /* zeros */
		return 0;
	}
	if (!in->meant.scale)
		return nn_act_forward(c, ACT_RELU);
	nn_each(c, apply_range);
	return 0;
}

/* ---- backward -------------------------------------------------------------------------------------- */

struct run { struct nn_call *c; struct nn_chunks k; double *sums; size_t stride; };

/* The gradient of the output goes through the activation in place, unless its reader has seen to that, and on. */
static void backward_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	const struct nn_call *c = r->c;
	const struct backend *be = c->ctx->be;
	int64_t channels = c->out->shape.c, size = nn_image_size(c->out->shape), first = nn_chunk_first(r->k, chunk) * size;
	int64_t count = nn_chunk_images(r->k, chunk, c->out->shape.n) * size;
	float *g = c->out->grad + first, *dx = c->in[0]->grad ? c->in[0]->grad + first : NULL;
	const float *x = c->in[0]->data + first;
	if (!c->finished && c->in[0]->meant.scale) {
		struct affine a = whole(c);
		double *sums = r->sums + (size_t)worker * r->stride;     /* nobody asks for them */
		be->bn_bwd_sums(count / channels, channels, x, &a, c->in[0]->mean, g, sums, sums + channels);
	} else if (!c->finished) {
		be->act_bwd(ACT_RELU, count, x, g, dx && dx != g ? c->beta[0] : 0, dx ? dx : g);
		return;
	}
	if (dx && dx != g)
		be->axpby(count, 1, g, c->beta[0], dx);
}

static int backward(struct nn_call *c)
{
	struct nn_shape s = c->out->shape;
	struct run r = { c, nn_chunk(s.n, nn_image_size(s), 16384), NULL, 0 };
	r.sums = (double *)(void *)nn_scratch(c->ctx, (size_t)(2 * s.c) * sizeof(double) / sizeof(float), &r.stride);
	r.stride /= sizeof(double) / sizeof(float);
	nn_parallel(c->ctx, r.k.count, backward_chunk, &r);
	return 0;
}

const struct nn_op nn_op_relu = {
	.name = "relu", .summary = "max(0, x)", .min_in = 1, .max_in = 1, .needs = 1,
	.shape = nn_same_shape, .keep = keep, .forward = forward, .backward = backward,
	.affine = affine, .reads_affine = 1, .examples = nn_act_examples,
};
