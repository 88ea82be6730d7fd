/* y = x sigmoid(x): Ramachandran, Zoph and Le 2017, "Searching for activation functions". */
#include "nn/elementwise.h"

static int forward(struct nn_call *c) { return nn_act_forward(c, ACT_SWISH); }
static int backward(struct nn_call *c) { return nn_act_backward(c, ACT_SWISH); }

const struct nn_op nn_op_swish = {
	.name = "swish", .summary = "x sigmoid(x)", .min_in = 1, .max_in = 1, .needs = 1,
	.shape = nn_same_shape, .forward = forward, .backward = backward, .examples = nn_act_examples,
};
