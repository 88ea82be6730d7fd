/* Mean of each k x k window over what lies inside the image; attributes: see nn_pool_geom. */
#include "nn/elementwise.h"
#include "nn/window.h"

/* ranges of the output are whole images */
static struct pool_geom geom(const struct nn_call *c, int64_t count)
{
	return nn_pool_geom(c->node, c->in[0]->shape, count / nn_image_size(c->out->shape));
}

static int64_t in_at(const struct nn_call *c, int64_t first)
{
	return first / nn_image_size(c->out->shape) * nn_image_size(c->in[0]->shape);
}

static void forward_range(struct nn_call *c, int64_t first, int64_t count)
{
	struct pool_geom g = geom(c, count);
	c->ctx->be->avgpool_fwd(&g, c->in[0]->data + in_at(c, first), c->out->data + first);
}

static void backward_range(struct nn_call *c, int64_t first, int64_t count)
{
	struct pool_geom g = geom(c, count);
	int64_t in = in_at(c, first);
	c->ctx->be->avgpool_bwd(&g, c->out->grad + first, c->beta[0], c->in[0]->grad + in);
}

static int forward(struct nn_call *c) { nn_each(c, forward_range); return 0; }
static int backward(struct nn_call *c) { nn_each(c, backward_range); return 0; }

const struct nn_op nn_op_avgpool = {
	.name = "avgpool", .summary = "mean of each window", .min_in = 1, .max_in = 1,
	.shape = nn_pool_shape, .forward = forward, .backward = backward, .examples = nn_pool_examples,
};
