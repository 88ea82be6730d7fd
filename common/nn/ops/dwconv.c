/* Depthwise convolution: x (n, h, w, c), weight (c, kh, kw, 1) -> (n, oh, ow, c): each channel by itself.
 * Attributes: see nn_conv_geom.  The weight gradient has one partial per chunk of images. */
#include "base/err.h"
#include "nn/window.h"

enum { MIN_ROWS = 256 };         /* output pixels in a chunk */

static int shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out)
{
	struct conv_geom g = nn_conv_geom(n, in[0], in[1], 1);
	if (in[1].n != in[0].c || in[1].c != 1)
		return err_set(ERR_CONFIG, "%s: weight of %ld x %ld channels on an input of %ld, expected %ld x 1", n->name,
		               (long)in[1].n, (long)in[1].c, (long)in[0].c, (long)in[0].c);
	*out = (struct nn_shape){ in[0].n, g.oh, g.ow, g.oc };
	return 0;
}

static int64_t macs(const struct nn_node *n, const struct nn_shape *in)
{
	struct conv_geom g = nn_conv_geom(n, in[0], in[1], 1);
	return g.oh * g.ow * g.oc * g.kh * g.kw;
}

struct run {
	struct nn_call *c;
	struct nn_chunks k;
	float *scratch, *parts;
	size_t stride;
};

struct piece { struct conv_geom g; int64_t in, out; float *scratch; };   /* a chunk: geometry, offsets, scratch */

static struct piece piece(const struct run *r, int64_t chunk, int worker)
{
	const struct nn_call *c = r->c;
	int64_t first = nn_chunk_first(r->k, chunk);
	struct piece p = { nn_conv_geom(c->node, c->in[0]->shape, c->in[1]->shape,
	                                nn_chunk_images(r->k, chunk, c->out->shape.n)) };
	p.in = first * p.g.h * p.g.w * p.g.c;
	p.out = first * p.g.oh * p.g.ow * p.g.oc;
	p.scratch = r->scratch ? r->scratch + (size_t)worker * r->stride : NULL;
	return p;
}

static void forward_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	const struct nn_call *c = r->c;
	struct piece p = piece(r, chunk, worker);
	c->ctx->be->dwconv_fwd(&p.g, c->in[0]->data + p.in, c->in[1]->data, c->out->data + p.out, p.scratch);
}

static void backward_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	const struct nn_call *c = r->c;
	const float *dy = c->out->grad;
	struct piece p = piece(r, chunk, worker);
	if (r->parts)
		c->ctx->be->dwconv_bwd_weights(&p.g, c->in[0]->data + p.in, dy + p.out,
		                             r->parts + chunk * p.g.oc * p.g.kh * p.g.kw, p.scratch);
	if (c->in[0]->grad)
		c->ctx->be->dwconv_bwd_data(&p.g, dy + p.out, c->in[1]->data, c->beta[0], c->in[0]->grad + p.in, p.scratch);
}

static struct run begin(struct nn_call *c)
{
	struct run r = { .c = c, .k = nn_chunk(c->out->shape.n, c->out->shape.h * c->out->shape.w, MIN_ROWS) };
	struct conv_geom g = nn_conv_geom(c->node, c->in[0]->shape, c->in[1]->shape, nn_chunk_images(r.k, 0, c->out->shape.n));
	r.scratch = nn_scratch(c->ctx, c->ctx->be->dwconv_scratch(&g), &r.stride);
	return r;
}

static int forward(struct nn_call *c)
{
	struct run r = begin(c);
	nn_parallel(c->ctx, r.k.count, forward_chunk, &r);
	return 0;
}

static int backward(struct nn_call *c)
{
	struct run r = begin(c);
	struct nn_shape w = c->in[1]->shape;
	int64_t count = w.n * w.h * w.w * w.c;
	if (c->in[1]->grad)
		r.parts = arena_raw(c->ctx->step, (size_t)(r.k.count * count), sizeof(float));
	nn_parallel(c->ctx, r.k.count, backward_chunk, &r);
	return r.parts ? nn_reduce_grad(c, 1, r.parts, r.k.count, count) : 0;
}

static const struct nn_example examples[] = {
	{ 2, { { 3, 5, 5, 7 }, { 7, 3, 3, 1 } }, .params = 2 },
	{ 2, { { 9, 7, 5, 33 }, { 33, 3, 3, 1 } }, .params = 2, .attr = { { "sh", 2 }, { "sw", 2 } } },
	{ 2, { { 1, 9, 9, 4 }, { 4, 5, 5, 1 } }, .params = 2 },
	{ 2, { { 2, 6, 5, 1 }, { 1, 3, 3, 1 } }, .params = 2, .attr = { { "dilation", 2 } } },
	{ 2, { { 2, 8, 8, 16 }, { 16, 5, 5, 1 } }, .params = 2, .attr = { { "sh", 2 }, { "sw", 2 } } },
	{ 2, { { 2, 4, 3, 17 }, { 17, 7, 7, 1 } }, .params = 2 },
	{ 2, { { 17, 5, 4, 24 }, { 24, 3, 5, 1 } }, .params = 2, .attr = { { "sh", 1 }, { "sw", 2 } } },
	{ 0 }
};

const struct nn_op nn_op_dwconv = {
	.name = "dwconv", .summary = "depthwise convolution", .min_in = 2, .max_in = 2, .needs = 3, .params = 2,
	.shape = shape, .macs = macs, .forward = forward, .backward = backward, .examples = examples,
};
