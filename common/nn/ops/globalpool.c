/* Global average pooling: (n, h, w, c) -> (n, 1, 1, c), the mean over rows and columns. */
#include "nn/elementwise.h"

static int shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out)
{
	(void)n;
	*out = (struct nn_shape){ in[0].n, 1, 1, in[0].c };
	return 0;
}

struct run { struct nn_call *c; struct nn_chunks k; };

static void forward_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	struct nn_shape s = r->c->in[0]->shape;
	int64_t first = nn_chunk_first(r->k, chunk);
	(void)worker;
	r->c->ctx->be->gpool_fwd(nn_chunk_images(r->k, chunk, s.n), s.h * s.w, s.c,
	                         r->c->in[0]->data + first * nn_image_size(s), &r->c->in[0]->meant, r->c->out->data + first * s.c);
}

static void backward_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	struct nn_shape s = r->c->in[0]->shape;
	int64_t first = nn_chunk_first(r->k, chunk);
	(void)worker;
	r->c->ctx->be->gpool_bwd(nn_chunk_images(r->k, chunk, s.n), s.h * s.w, s.c, r->c->out->grad + first * s.c,
	                         r->c->beta[0], r->c->in[0]->grad + first * nn_image_size(s));
}

static int run(struct nn_call *c, pool_fn *fn)
{
	struct nn_shape s = c->in[0]->shape;
	struct run r = { c, nn_chunk(s.n, nn_image_size(s), 16384) };
	nn_parallel(c->ctx, r.k.count, fn, &r);
	return 0;
}

static int forward(struct nn_call *c) { return run(c, forward_chunk); }
static int backward(struct nn_call *c) { return run(c, backward_chunk); }

static const struct nn_example examples[] = {
	{ 1, { { 3, 5, 7, 9 } } },
	{ 1, { { 1, 1, 1, 1 } } },
	{ 1, { { 17, 4, 3, 33 } } },
	{ 0 }
};

const struct nn_op nn_op_globalpool = {
	.name = "globalpool", .summary = "mean over rows and columns", .min_in = 1, .max_in = 1,
	.reads_affine = 1, .shape = shape, .forward = forward, .backward = backward, .examples = examples,
};
