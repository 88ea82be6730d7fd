/* y = x0 + x1 + ...; element by element, equal shapes. */
#include "nn/elementwise.h"

static void forward_range(struct nn_call *c, int64_t first, int64_t count)
{
	const struct backend *be = c->ctx->be;
	float *y = c->out->data + first;
	be->add(1, count, c->in[0]->data + first, &(struct affine){ 0 }, c->in[1]->data + first, &(struct affine){ 0 }, y);
	for (int i = 2; i < c->n_in; i++)
		be->axpby(count, 1, c->in[i]->data + first, 1, y);
}

static void backward_range(struct nn_call *c, int64_t first, int64_t count)
{
	for (int i = 0; i < c->n_in; i++)
		if (c->in[i]->grad)
			c->ctx->be->axpby(count, 1, c->out->grad + first, c->beta[i], c->in[i]->grad + first);
}

static int forward(struct nn_call *c) { nn_each(c, forward_range); return 0; }
static int backward(struct nn_call *c) { nn_each(c, backward_range); return 0; }

static const struct nn_example examples[] = {
	{ 2, { { 3, 5, 7, 9 }, { 3, 5, 7, 9 } } },
	{ 2, { { 1, 1, 1, 1 }, { 1, 1, 1, 1 } } },
	{ 4, { { 2, 3, 3, 17 }, { 2, 3, 3, 17 }, { 2, 3, 3, 17 }, { 2, 3, 3, 17 } } },
	{ 0 }
};

const struct nn_op nn_op_add = {
	.name = "add", .summary = "sum of 2 to 16 inputs", .min_in = 2, .max_in = NN_MAX_IN,
	.shape = nn_same_shape, .forward = forward, .backward = backward, .examples = examples,
};
