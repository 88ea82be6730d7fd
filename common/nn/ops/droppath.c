/* y = x m / (1 - p), m = 0 for a whole image with probability p (attribute "p"), else 1: Huang et al. 2016,
 * "Deep networks with stochastic depth", per image and with the mean left alone.  The identity outside training. */
#include <stdio.h>
#include "base/err.h"
#include "base/rng.h"
#include "nn/elementwise.h"

static int shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out)
{
	double p = nn_attr_float(n, "p", 0.5);
	if (!(p >= 0 && p < 1))
		return err_set(ERR_CONFIG, "%s: drop-path with p = %g, expected 0 <= p < 1", n->name, p);
	return nn_same_shape(n, in, out);
}

static size_t keep(const struct nn_node *n, const struct nn_shape *in, int64_t batch)
{
	(void)n;
	(void)in;
	return (size_t)batch;
}

static void forward_range(struct nn_call *c, int64_t first, int64_t count)
{
	int64_t size = nn_image_size(c->out->shape);
	for (int64_t image = first / size; image < (first + count) / size; image++)
		c->ctx->be->axpby(size, c->keep[image], c->in[0]->data + image * size, 0, c->out->data + image * size);
}

static void backward_range(struct nn_call *c, int64_t first, int64_t count)
{
	int64_t size = nn_image_size(c->out->shape);
	for (int64_t image = first / size; image < (first + count) / size; image++)
		c->ctx->be->axpby(size, c->keep[image], c->out->grad + image * size, c->beta[0],
		                  c->in[0]->grad + image * size);
}

static int forward(struct nn_call *c)
{
	double p = c->training ? nn_attr_float(c->node, "p", 0.5) : 0;
	char purpose[512];
	snprintf(purpose, sizeof purpose, "dropout/%s", c->node->name);
	for (int64_t image = 0; image < c->out->shape.n; image++) {
		struct rng r = rng_stream(c->ctx->seed, purpose, (uint32_t)image, (uint32_t)c->ctx->step_number, 0);
		c->keep[image] = p > 0 && rng_uniform(&r) < p ? 0 : (float)(1 / (1 - p));
	}
	nn_each(c, forward_range);
	return 0;
}

static int backward(struct nn_call *c) { nn_each(c, backward_range); return 0; }

static const struct nn_example examples[] = {
	{ 1, { { 9, 3, 5, 7 } }, .attr = { { "p", 0, 0.5 } } },
	{ 1, { { 17, 2, 2, 16 } }, .attr = { { "p", 0, 0.3 } } },
	{ 1, { { 1, 3, 1, 2 } }, .attr = { { "p", 0, 0 } } },
	{ 0 }
};

const struct nn_op nn_op_droppath = {
	.name = "droppath", .summary = "sets whole images to zero with probability `p`", .min_in = 1, .max_in = 1,
	.shape = shape, .keep = keep, .forward = forward, .backward = backward, .examples = examples,
};
