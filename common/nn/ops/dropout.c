/* y = x m / (1 - p), m = 0 with probability p (attribute "p"), else 1: Srivastava et al. 2014, in the
 * form that leaves the mean alone.  The identity outside training.  One random stream per image. */
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "base/rng.h"
#include "nn/elementwise.h"

static double rate(const struct nn_call *c) { return c->training ? nn_attr_float(c->node, "p", 0.5) : 0; }

static int shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out)
{
	double p = nn_attr_float(n, "p", 0.5);
	if (!(p >= 0 && p < 1))
		return err_set(ERR_CONFIG, "%s: dropout with p = %g, expected 0 <= p < 1", n->name, p);
	return nn_same_shape(n, in, out);
}

static size_t keep(const struct nn_node *n, const struct nn_shape *in, int64_t batch)
{
	(void)n;
	return (size_t)(batch * nn_image_size(in[0]));
}

static void forward_range(struct nn_call *c, int64_t first, int64_t count)
{
	int64_t size = nn_image_size(c->out->shape);
	double p = rate(c);
	if (!(p > 0)) {
		memcpy(c->out->data + first, c->in[0]->data + first, (size_t)count * sizeof(float));
		return;
	}
	char purpose[512];
	snprintf(purpose, sizeof purpose, "dropout/%s", c->node->name);
	for (int64_t image = first / size; image < (first + count) / size; image++) {
		struct rng r = rng_stream(c->ctx->seed, purpose, (uint32_t)image, (uint32_t)c->ctx->step_number, 0);
		for (int64_t i = image * size; i < (image + 1) * size; i++)
			c->keep[i] = rng_uniform(&r) < p ? 0 : (float)(1 / (1 - p));
	}
	c->ctx->be->mul(count, c->in[0]->data + first, c->keep + first, 0, c->out->data + first);
}

static void backward_range(struct nn_call *c, int64_t first, int64_t count)
{
	const float *dy = c->out->grad + first;
	if (rate(c) > 0)
		c->ctx->be->mul(count, dy, c->keep + first, c->beta[0], c->in[0]->grad + first);
	else
		c->ctx->be->axpby(count, 1, dy, c->beta[0], c->in[0]->grad + first);
}

static int forward(struct nn_call *c) { nn_each(c, forward_range); return 0; }
static int backward(struct nn_call *c) { nn_each(c, backward_range); return 0; }

static const struct nn_example examples[] = {
	{ 1, { { 3, 5, 7, 9 } }, .attr = { { "p", 0, 0.5 } } },
	{ 1, { { 9, 1, 1, 33 } }, .attr = { { "p", 0, 0.2 } } },
	{ 1, { { 1, 3, 1, 2 } }, .attr = { { "p", 0, 0 } } },
	{ 0 }
};

const struct nn_op nn_op_dropout = {
	.name = "dropout", .summary = "sets single values to zero with probability `p`", .min_in = 1, .max_in = 1,
	.shape = shape, .keep = keep, .forward = forward, .backward = backward, .examples = examples,
};
