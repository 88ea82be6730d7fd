/* y = min(6, max(0, x)).  The smallest operator: copy this file to add another. */
#include "nn/elementwise.h"

static int forward(struct nn_call *c) { return nn_act_forward(c, ACT_RELU6); }
static int backward(struct nn_call *c) { return nn_act_backward(c, ACT_RELU6); }

const struct nn_op nn_op_relu6 = {
	.name = "relu6", .summary = "min(6, max(0, x))", .min_in = 1, .max_in = 1, .needs = 1,
	.shape = nn_same_shape, .forward = forward, .backward = backward, .examples = nn_act_examples,
};
