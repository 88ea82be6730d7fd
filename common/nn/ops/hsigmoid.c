/* y = relu6(x + 3) / 6: Howard et al. 2019, section 5.2. */
#include "nn/elementwise.h"

static int forward(struct nn_call *c) { return nn_act_forward(c, ACT_HSIGMOID); }
static int backward(struct nn_call *c) { return nn_act_backward(c, ACT_HSIGMOID); }

const struct nn_op nn_op_hsigmoid = {
	.name = "hsigmoid", .summary = "relu6(x + 3) / 6", .min_in = 1, .max_in = 1, .needs = 1,
	.shape = nn_same_shape, .forward = forward, .backward = backward, .examples = nn_act_examples,
};
