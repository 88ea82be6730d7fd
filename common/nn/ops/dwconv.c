/* Depthwise convolution: x (n, h, w, c), weight (c, kh, kw, 1) -> (n, oh, ow, c): each channel by itself.
 * Attributes: see nn_conv_geom.  The weight gradient has one partial per chunk of images. */
#include "base/err.h"
#include "nn/convolve.h"
#include "nn/window.h"

enum { MIN_ROWS = 256 };         /* output pixels in a chunk */

static int shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out)
{
	struct conv_geom g = nn_conv_geom(n, in[0], in[1], 1);
	if (in[1].n != in[0].c || in[1].c != 1)
		return err_set(ERR_CONFIG, "%s: weight of %ld x %ld channels on an input of %ld, expected %ld x 1", n->name,
		               (long)in[1].n, (long)in[1].c, (long)in[0].c, (long)in[0].c);
	*out = (struct nn_shape){ in[0].n, g.oh, g.ow, g.oc };
	return 0;
}

static int64_t macs(const struct nn_node *n, const struct nn_shape *in)
{
	struct conv_geom g = nn_conv_geom(n, in[0], in[1], 1);
	return g.oh * g.ow * g.oc * g.kh * g.kw;
}

static struct nn_convolver convolver(const struct nn_call *c)
{
	const struct backend *be = c->ctx->be;
	return (struct nn_convolver){ MIN_ROWS, be->dwconv_scratch, be->dwconv_fwd, be->dwconv_bwd };
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
	{ 2, { { 3, 5, 5, 7 }, { 7, 3, 3, 1 } }, .params = 2 },
	{ 2, { { 9, 7, 5, 33 }, { 33, 3, 3, 1 } }, .params = 2, .attr = { { "sh", 2 }, { "sw", 2 } } },
	{ 2, { { 1, 9, 9, 4 }, { 4, 5, 5, 1 } }, .params = 2 },
	{ 2, { { 2, 6, 5, 1 }, { 1, 3, 3, 1 } }, .params = 2, .attr = { { "dilation", 2 } } },
	{ 2, { { 2, 8, 8, 16 }, { 16, 5, 5, 1 } }, .params = 2, .attr = { { "sh", 2 }, { "sw", 2 } } },
	{ 2, { { 2, 4, 3, 17 }, { 17, 7, 7, 1 } }, .params = 2 },
	{ 2, { { 17, 5, 4, 24 }, { 24, 3, 5, 1 } }, .params = 2, .attr = { { "sh", 1 }, { "sw", 2 } } },
	{ 0 }
};

const struct nn_op nn_op_dwconv = {
	.name = "dwconv", .summary = "depthwise convolution", .min_in = 2, .max_in = 2, .needs = 3, .params = 2,
	.shape = shape, .macs = macs, .forward = forward, .backward = backward,
	.epilogue = true, .reads_affine = 1, .fuses = true, .examples = examples,
};
