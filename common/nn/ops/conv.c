/* Dense and grouped convolution: x (n, h, w, c), weight (oc, kh, kw, c / groups) -> (n, oh, ow, oc).
 * Attributes: see nn_conv_geom.  The weight gradient has one partial per chunk of images. */
#include "base/err.h"
#include "nn/convolve.h"
#include "nn/window.h"

enum { MIN_ROWS = 512 };         /* output pixels in a chunk: smaller ones cost matrix products dear */

static int shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out)
{
	struct conv_geom g = nn_conv_geom(n, in[0], in[1], 1);
	if (g.groups < 1 || in[0].c % g.groups || in[1].n % g.groups || in[1].c * g.groups != in[0].c)
		return err_set(ERR_CONFIG, "%s: weight of %ld x %ld channels (out, in) in %d groups on an input of %ld channels",
		               n->name, (long)in[1].n, (long)in[1].c, g.groups, (long)in[0].c);
	*out = (struct nn_shape){ in[0].n, g.oh, g.ow, g.oc };
	return 0;
}

static int64_t macs(const struct nn_node *n, const struct nn_shape *in)
{
	struct conv_geom g = nn_conv_geom(n, in[0], in[1], 1);
	return g.oh * g.ow * g.oc * g.kh * g.kw * (g.c / g.groups);
}

static struct nn_convolver convolver(const struct nn_call *c)
{
	const struct backend *be = c->ctx->be;
	return (struct nn_convolver){ MIN_ROWS, be->conv_scratch, be->conv_fwd, be->conv_bwd };
}

static int forward(struct nn_call *c)
{
	const struct nn_convolver v = convolver(c);
	return nn_convolve_forward(c, &v);
}

static int backward(struct nn_call *c)
{
	const struct nn_convolver v = convolver(c);
	return nn_convolve_backward(c, &v);
}

static const struct nn_example examples[] = {
	{ 2, { { 3, 5, 5, 7 }, { 9, 1, 1, 7 } }, .params = 2 },
	{ 2, { { 9, 7, 5, 3 }, { 8, 3, 3, 3 } }, .params = 2, .attr = { { "sh", 2 }, { "sw", 2 } } },
	{ 2, { { 1, 9, 9, 4 }, { 5, 3, 3, 4 } }, .params = 2, .attr = { { "dilation", 2 } } },
	{ 2, { { 2, 6, 5, 1 }, { 1, 5, 5, 1 } }, .params = 2 },
	{ 2, { { 2, 5, 6, 6 }, { 9, 3, 3, 2 } }, .params = 2, .attr = { { "groups", 3 } } },
	{ 2, { { 2, 7, 8, 8 }, { 16, 1, 1, 8 } }, .params = 2, .attr = { { "sh", 2 }, { "sw", 2 } } },
	{ 2, { { 1, 7, 6, 2 }, { 3, 1, 5, 2 } }, .params = 2, .attr = { { "sh", 1 }, { "sw", 3 }, { "pw", 0 } } },
	{ 2, { { 17, 8, 8, 3 }, { 4, 3, 3, 3 } }, .params = 2 },
	{ 0 }
};

const struct nn_op nn_op_conv = {
	.name = "conv", .summary = "dense or grouped convolution", .min_in = 2, .max_in = 2, .needs = 3, .params = 2,
	.shape = shape, .macs = macs, .forward = forward, .backward = backward,
	.epilogue = true, .reads_affine = 1, .fuses = true, .min_rows = MIN_ROWS, .examples = examples,
};
