/* y = W x + b: x (n, h, w, c) taken as rows of k = h w c numbers, W (out, 1, 1, k), b (1, 1, 1, out) if given. */
#include "base/err.h"
#include "nn/elementwise.h"

enum { MIN_ROWS = 32 };

static int shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out)
{
	int64_t k = nn_image_size(in[0]);
	if (in[1].h != 1 || in[1].w != 1 || in[1].c != k)
		return err_set(ERR_CONFIG, "%s: weight of %ld numbers per output, expected %ld like the input", n->name,
		               (long)nn_image_size(in[1]), (long)k);
	if (n->n_in > 2 && (in[2].n != 1 || in[2].h != 1 || in[2].w != 1 || in[2].c != in[1].n))
		return err_set(ERR_CONFIG, "%s: bias of %ld numbers, expected %ld", n->name, (long)in[2].c, (long)in[1].n);
	*out = (struct nn_shape){ in[0].n, 1, 1, in[1].n };
	return 0;
}

static int64_t macs(const struct nn_node *n, const struct nn_shape *in)
{
	(void)n;
	return in[1].n * in[1].c;
}

struct run { struct nn_call *c; struct nn_chunks k; float *parts; double *bias; };

static void forward_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	const struct nn_call *c = r->c;
	int64_t out = c->in[1]->shape.n, k = c->in[1]->shape.c;
	int64_t first = nn_chunk_first(r->k, chunk), n = nn_chunk_images(r->k, chunk, c->out->shape.n);
	float *y = c->out->data + first * out;
	(void)worker;
	c->ctx->be->gemm(false, true, n, out, k, c->in[0]->data + first * k, k, c->in[1]->data, k, 0, y, out);
	if (c->n_in > 2)
		c->ctx->be->row_add(n, out, c->in[2]->data, y);
}

static void backward_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	const struct nn_call *c = r->c;
	const struct backend *be = c->ctx->be;
	int64_t out = c->in[1]->shape.n, k = c->in[1]->shape.c;
	int64_t first = nn_chunk_first(r->k, chunk), n = nn_chunk_images(r->k, chunk, c->out->shape.n);
	const float *x = c->in[0]->data + first * k, *dy = c->out->grad + first * out;
	(void)worker;
	if (c->in[0]->grad)
		be->gemm(false, false, n, k, out, dy, out, c->in[1]->data, k, c->beta[0], c->in[0]->grad + first * k, k);
	if (r->parts)
		be->gemm(true, false, out, k, n, dy, out, x, k, 0, r->parts + chunk * out * k, k);
	if (r->bias)
		be->col_sums(n, out, dy, r->bias + (chunk + 1) * out);
}

static int forward(struct nn_call *c)
{
	struct run r = { c, nn_chunk(c->out->shape.n, 1, MIN_ROWS) };
	nn_parallel(c->ctx, r.k.count, forward_chunk, &r);
	return 0;
}

static int backward(struct nn_call *c)
{
	struct run r = { c, nn_chunk(c->out->shape.n, 1, MIN_ROWS) };
	int64_t out = c->in[1]->shape.n, count = out * c->in[1]->shape.c;
	if (c->in[1]->grad)
		r.parts = arena_raw(c->ctx->step, (size_t)(r.k.count * count), sizeof(float));
	if (c->n_in > 2 && c->in[2]->grad)       /* the sum, then one row per chunk */
		r.bias = arena_raw(c->ctx->step, (size_t)((r.k.count + 1) * out), sizeof(double));
	nn_parallel(c->ctx, r.k.count, backward_chunk, &r);
	if (r.parts)
		TRY(nn_reduce_grad(c, 1, r.parts, r.k.count, count));
	if (r.bias) {
		TRY(nn_reduce_sums(c->ctx, r.bias, r.bias + out, r.k.count, out));
		nn_add_grad(c, 2, r.bias, NULL, out);
	}
	return 0;
}

static const struct nn_example examples[] = {
	{ 3, { { 3, 1, 1, 7 }, { 9, 1, 1, 7 }, { 1, 1, 1, 9 } }, .params = 6 },
	{ 2, { { 1, 1, 1, 1 }, { 1, 1, 1, 1 } }, .params = 2 },
	{ 3, { { 41, 2, 3, 5 }, { 17, 1, 1, 30 }, { 1, 1, 1, 17 } }, .params = 6 },
	{ 0 }
};

const struct nn_op nn_op_linear = {
	.name = "linear", .summary = "fully connected layer, with or without bias", .min_in = 2, .max_in = 3, .needs = 3,
	.params = 6, .shape = shape, .macs = macs, .forward = forward, .backward = backward, .min_rows = MIN_ROWS,
	.examples = examples,
};
