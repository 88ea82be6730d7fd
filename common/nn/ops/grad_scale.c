/* y = x; the gradient is multiplied by the attribute "factor" (0 stops it, -1 reverses it). */
#include <string.h>
#include "nn/elementwise.h"

static void forward_range(struct nn_call *c, int64_t first, int64_t count)
{
	memcpy(c->out->data + first, c->in[0]->data + first, (size_t)count * sizeof(float));
}

static void backward_range(struct nn_call *c, int64_t first, int64_t count)
{
	float factor = (float)nn_attr_float(c->node, "factor", 1);
	c->ctx->be->axpby(count, factor, c->out->grad + first, c->beta[0], c->in[0]->grad + first);
}

static int forward(struct nn_call *c) { nn_each(c, forward_range); return 0; }
static int backward(struct nn_call *c) { nn_each(c, backward_range); return 0; }

/* factor 1: any other is meant to differ from finite differences (see test_net.c) */
static const struct nn_example examples[] = {
	{ 1, { { 3, 5, 7, 9 } }, .attr = { { "factor", 0, 1 } } },
	{ 1, { { 1, 1, 1, 1 } }, .attr = { { "factor", 0, 1 } } },
	{ 1, { { 9, 4, 3, 2 } }, .attr = { { "factor", 0, 1 } } },
	{ 0 }
};

const struct nn_op nn_op_grad_scale = {
	.name = "grad_scale", .summary = "identity whose gradient is multiplied by `factor`", .min_in = 1,
	.max_in = 1, .shape = nn_same_shape, .forward = forward, .backward = backward, .examples = examples,
};
