/* Layers: the few combinations of nodes that every network uses. */
#include "nn/layers.h"

#include "nn/op.h"

static const char *sub(struct nn_graph *g, const char *name, const char *part)
{
	return arena_printf(g->mem, "%s/%s", name, part);
}

static struct nn_shape shape_of(const struct nn_graph *g, int node)
{
	/* after a failure the graph may hold no node at all; whatever is built then is never used */
	return g->failed ? (struct nn_shape){ 1, 1, 1, 1 } : g->node[node].shape;
}

int nn_conv_full(struct nn_graph *g, const char *name, int x, int64_t out, int kh, int kw, int sh, int sw,
                 int dilation, int groups)
{
	int64_t c = shape_of(g, x).c;
	int w = nn_graph_param(g, sub(g, name, "weight"), (int64_t[]){ out, kh, kw, groups > 0 ? c / groups : 0 },
	                       NN_INIT_HE, true, 0);
	return nn_graph_op(g, "conv", name, 2, (int[]){ x, w }, 4,
	                   (struct nn_attr[]){ { "sh", sh }, { "sw", sw }, { "dilation", dilation }, { "groups", groups } });
}

int nn_conv(struct nn_graph *g, const char *name, int x, int64_t out, int k, int stride)
{
	return nn_conv_full(g, name, x, out, k, k, stride, stride, 1, 1);
}

int nn_dwconv(struct nn_graph *g, const char *name, int x, int k, int stride, int dilation)
{
	int64_t c = shape_of(g, x).c;
	int w = nn_graph_param(g, sub(g, name, "weight"), (int64_t[]){ c, k, k, 1 }, NN_INIT_HE, true, 0);
	return nn_graph_op(g, "dwconv", name, 2, (int[]){ x, w }, 3,
	                   (struct nn_attr[]){ { "sh", stride }, { "sw", stride }, { "dilation", dilation } });
}

int nn_batchnorm(struct nn_graph *g, const char *name, int x, enum act act)
{
	int64_t shape[4] = { 1, 1, 1, shape_of(g, x).c };
	int scale = nn_graph_param(g, sub(g, name, "scale"), shape, NN_INIT_ONE, false, 0);
	int shift = nn_graph_param(g, sub(g, name, "shift"), shape, NN_INIT_ZERO, false, 0);
	return nn_graph_op(g, "batchnorm", name, 3, (int[]){ x, scale, shift }, 2,
	                   (struct nn_attr[]){ { "act", act }, { "eps", 0, 1e-5 } });
}

int nn_linear(struct nn_graph *g, const char *name, int x, int64_t out, bool bias)
{
	struct nn_shape s = shape_of(g, x);
	int in[3] = { x };
	in[1] = nn_graph_param(g, sub(g, name, "weight"), (int64_t[]){ out, 1, 1, nn_image_size(s) },
	                       NN_INIT_XAVIER, true, 0);
	if (bias)
		in[2] = nn_graph_param(g, sub(g, name, "bias"), (int64_t[]){ 1, 1, 1, out }, NN_INIT_ZERO, false, 0);
	return nn_graph_op(g, "linear", name, bias ? 3 : 2, in, 0, NULL);
}

int nn_act(struct nn_graph *g, const char *name, int x, enum act act)
{
	return act == ACT_NONE ? x : nn_graph_op(g, act_name(act), name, 1, &x, 0, NULL);
}

int nn_add(struct nn_graph *g, const char *name, int a, int b)
{
	return nn_graph_op(g, "add", name, 2, (int[]){ a, b }, 0, NULL);
}

int nn_concat(struct nn_graph *g, const char *name, int n, const int *x)
{
	return nn_graph_op(g, "concat", name, n, x, 0, NULL);
}

int nn_maxpool(struct nn_graph *g, const char *name, int x, int k, int stride)
{
	return nn_graph_op(g, "maxpool", name, 1, &x, 2, (struct nn_attr[]){ { "k", k }, { "stride", stride } });
}

int nn_avgpool(struct nn_graph *g, const char *name, int x, int k, int stride)
{
	return nn_graph_op(g, "avgpool", name, 1, &x, 2, (struct nn_attr[]){ { "k", k }, { "stride", stride } });
}

int nn_global_pool(struct nn_graph *g, const char *name, int x)
{
	return nn_graph_op(g, "globalpool", name, 1, &x, 0, NULL);
}

int nn_dropout(struct nn_graph *g, const char *name, int x, double p)
{
	return nn_graph_op(g, "dropout", name, 1, &x, 1, (struct nn_attr[]){ { "p", 0, p } });
}

int nn_droppath(struct nn_graph *g, const char *name, int x, double p)
{
	return nn_graph_op(g, "droppath", name, 1, &x, 1, (struct nn_attr[]){ { "p", 0, p } });
}

int nn_grad_scale(struct nn_graph *g, const char *name, int x, double factor)
{
	return nn_graph_op(g, "grad_scale", name, 1, &x, 1, (struct nn_attr[]){ { "factor", 0, factor } });
}

int nn_squeeze_excite(struct nn_graph *g, const char *name, int x, int ratio, enum act gate)
{
	int64_t c = shape_of(g, x).c, few = c / ratio > 1 ? c / ratio : 1;
	int s = nn_global_pool(g, sub(g, name, "pool"), x);
	s = nn_linear(g, sub(g, name, "reduce"), s, few, true);
	s = nn_act(g, sub(g, name, "relu"), s, ACT_RELU);
	s = nn_linear(g, sub(g, name, "expand"), s, c, true);
	s = nn_act(g, sub(g, name, "gate"), s, gate);
	return nn_graph_op(g, "channel_scale", name, 2, (int[]){ x, s }, 0, NULL);
}

int nn_conv_bn(struct nn_graph *g, const char *name, int x, int64_t out, int k, int stride, enum act act)
{
	return nn_batchnorm(g, sub(g, name, "bn"), nn_conv(g, name, x, out, k, stride), act);
}

int nn_inverted_residual(struct nn_graph *g, const char *name, int x, int64_t out, int k, int stride,
                         int expand, enum act act)
{
	struct nn_shape in = shape_of(g, x);
	int y = x;
	if (expand > 1)
		y = nn_conv_bn(g, sub(g, name, "expand"), y, expand * in.c, 1, 1, act);
	y = nn_dwconv(g, sub(g, name, "depthwise"), y, k, stride, 1);
	y = nn_batchnorm(g, sub(g, name, "depthwise/bn"), y, act);
	y = nn_conv_bn(g, sub(g, name, "project"), y, out, 1, 1, ACT_NONE);
	return stride == 1 && out == in.c ? nn_add(g, sub(g, name, "add"), x, y) : y;
}

int nn_zero(struct nn_graph *g, const char *name, int x)
{
	return nn_graph_op(g, "zero", name, 1, &x, 0, NULL);
}

int nn_subsample(struct nn_graph *g, const char *name, int x, int stride, int offset)
{
	return nn_graph_op(g, "subsample", name, 1, &x, 2,
	                   (struct nn_attr[]){ { "stride", stride }, { "offset", offset } });
}

/* Depthwise, 1x1, batch-norm and activation, with `part` behind each name. */
static int depthwise_separable(struct nn_graph *g, const char *name, const char *part, int x, int64_t out,
                               int k, int stride, int dilation, enum act act)
{
	int y = nn_dwconv(g, arena_printf(g->mem, "%s/depthwise%s", name, part), x, k, stride, dilation);
	y = nn_conv(g, arena_printf(g->mem, "%s/pointwise%s", name, part), y, out, 1, 1);
	return nn_batchnorm(g, arena_printf(g->mem, "%s/bn%s", name, part), y, act);
}

int nn_separable(struct nn_graph *g, const char *name, int x, int64_t out, int k, int stride)
{
	int y = depthwise_separable(g, name, "1", x, shape_of(g, x).c, k, stride, 1, ACT_RELU);
	return depthwise_separable(g, name, "2", y, out, k, 1, 1, ACT_NONE);
}

int nn_dilated(struct nn_graph *g, const char *name, int x, int64_t out, int k, int stride)
{
	return depthwise_separable(g, name, "", x, out, k, stride, 2, ACT_NONE);
}

int nn_rank1(struct nn_graph *g, const char *name, int x, int64_t out, int stride)
{
	int y = nn_conv_full(g, sub(g, name, "row"), x, out, 1, 3, 1, stride, 1, 1);
	y = nn_conv_full(g, sub(g, name, "column"), y, out, 3, 1, stride, 1, 1, 1);
	return nn_batchnorm(g, sub(g, name, "bn"), y, ACT_NONE);
}

int nn_factorized_reduce(struct nn_graph *g, const char *name, int x, int64_t out)
{
	int even = nn_subsample(g, sub(g, name, "even/pixels"), x, 2, 0);
	int odd = nn_subsample(g, sub(g, name, "odd/pixels"), x, 2, 1);
	even = nn_conv(g, sub(g, name, "even"), even, out / 2, 1, 1);
	odd = nn_conv(g, sub(g, name, "odd"), odd, out - out / 2, 1, 1);
	return nn_batchnorm(g, sub(g, name, "bn"), nn_concat(g, sub(g, name, "both"), 2, (int[]){ even, odd }),
	                    ACT_NONE);
}
