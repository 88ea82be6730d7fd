/* y = x0 + x1 + ...; element by element, equal shapes. */
#include "nn/elementwise.h"

static void forward_range(struct nn_call *c, int64_t first, int64_t count)
{
	const struct affine as_it_is = { 0 };
	int64_t channels = c->out->shape.c, rows = count / channels;
	float *y = c->out->data + first;
	for (int i = 1; i < c->n_in; i++)
		c->ctx->be->add(rows, channels, i == 1 ? c->in[0]->data + first : y, i == 1 ? &c->in[0]->meant : &as_it_is,
		                c->in[i]->data + first, &c->in[i]->meant, y);
}

static void backward_range(struct nn_call *c, int64_t first, int64_t count)
{
	for (int i = 0; i < c->n_in; i++)
		if (c->in[i]->grad && (c->in[i]->grad != c->out->grad || c->beta[i]))
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
	.reads_affine = (1u << NN_MAX_IN) - 1, .passes = true, .shape = nn_same_shape, .forward = forward,
	.backward = backward, .examples = examples,
};
