/* y = 0 in the shape of x: the operation "none" of cell spaces where nothing else reaches a node. */
#include <string.h>
#include "nn/elementwise.h"

static void forward_range(struct nn_call *c, int64_t first, int64_t count)
{
	memset(c->out->data + first, 0, (size_t)count * sizeof(float));
}

static void backward_range(struct nn_call *c, int64_t first, int64_t count)
{
	if (!c->beta[0])
		memset(c->in[0]->grad + first, 0, (size_t)count * sizeof(float));
}

static int forward(struct nn_call *c) { nn_each(c, forward_range); return 0; }
static int backward(struct nn_call *c) { nn_each(c, backward_range); return 0; }

static const struct nn_example examples[] = {
	{ 1, { { 3, 5, 7, 9 } } },
	{ 1, { { 1, 1, 1, 1 } } },
	{ 1, { { 17, 3, 3, 33 } } },
	{ 0 }
};

const struct nn_op nn_op_zero = {
	.name = "zero", .summary = "zeros in the shape of the input", .min_in = 1, .max_in = 1,
	.shape = nn_same_shape, .forward = forward, .backward = backward, .examples = examples,
};
