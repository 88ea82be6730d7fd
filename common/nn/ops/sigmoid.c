/* y = 1 / (1 + exp(-x)). */
#include "nn/elementwise.h"

static int forward(struct nn_call *c) { return nn_act_forward(c, ACT_SIGMOID); }
static int backward(struct nn_call *c) { return nn_act_backward(c, ACT_SIGMOID); }

const struct nn_op nn_op_sigmoid = {
	.name = "sigmoid", .summary = "1 / (1 + exp(-x))", .min_in = 1, .max_in = 1, .needs = 1,
	.shape = nn_same_shape, .forward = forward, .backward = backward, .examples = nn_act_examples,
};
