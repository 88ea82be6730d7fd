#include "nn/window.h"

#include "base/err.h"

struct conv_geom nn_conv_geom(const struct nn_node *n, struct nn_shape x, struct nn_shape w, int64_t images)
{
	struct conv_geom g = {
		.n = images, .h = x.h, .w = x.w, .c = x.c, .oc = w.n, .kh = (int)w.h, .kw = (int)w.w,
		.sh = (int)nn_attr_int(n, "sh", 1), .sw = (int)nn_attr_int(n, "sw", 1),
		.groups = (int)nn_attr_int(n, "groups", 1),
	};
	g.dh = g.dw = (int)nn_attr_int(n, "dilation", 1);
	g.ph = (int)nn_attr_int(n, "ph", (g.kh - 1) * g.dh / 2);
	g.pw = (int)nn_attr_int(n, "pw", (g.kw - 1) * g.dw / 2);
	if (g.sh < 1 || g.sw < 1 || g.dh < 1 || g.ph < 0 || g.pw < 0)
		return g;                /* oh = ow = 0: refused when the graph is built */
	int64_t span_h = x.h + 2 * g.ph - (int64_t)g.dh * (g.kh - 1), span_w = x.w + 2 * g.pw - (int64_t)g.dw * (g.kw - 1);
	g.oh = span_h < 1 ? 0 : (span_h - 1) / g.sh + 1;
	g.ow = span_w < 1 ? 0 : (span_w - 1) / g.sw + 1;
	return g;
}

struct pool_geom nn_pool_geom(const struct nn_node *n, struct nn_shape x, int64_t images)
{
	struct pool_geom g = { .n = images, .h = x.h, .w = x.w, .c = x.c, .k = (int)nn_attr_int(n, "k", 2) };
	g.stride = (int)nn_attr_int(n, "stride", g.k);
	g.pad = (int)nn_attr_int(n, "pad", (g.k - 1) / 2);
	if (g.k < 1 || g.stride < 1 || g.pad < 0)
		return g;
	int64_t span_h = x.h + 2 * g.pad - g.k, span_w = x.w + 2 * g.pad - g.k;
	g.oh = span_h < 0 ? 0 : span_h / g.stride + 1;
	g.ow = span_w < 0 ? 0 : span_w / g.stride + 1;
	return g;
}

int nn_pool_shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out)
{
	struct pool_geom g = nn_pool_geom(n, in[0], 1);
	if (g.k < 1 || g.stride < 1 || g.pad < 0 || g.pad >= g.k)
		return err_set(ERR_CONFIG, "%s: pooling with k %d, stride %d, pad %d; expected k and stride of at least 1 "
		               "and 0 <= pad < k, so that no window is empty", n->name, g.k, g.stride, g.pad);
	*out = (struct nn_shape){ in[0].n, g.oh, g.ow, in[0].c };
	return 0;
}

const struct nn_example nn_pool_examples[] = {
	{ 1, { { 3, 7, 5, 9 } }, .attr = { { "k", 3 }, { "stride", 2 } }, .distinct = true },
	{ 1, { { 1, 1, 1, 1 } }, .attr = { { "k", 3 }, { "stride", 1 } }, .distinct = true },
	{ 1, { { 9, 6, 6, 17 } }, .attr = { { "k", 2 }, { "stride", 2 } }, .distinct = true },
	{ 1, { { 2, 5, 8, 3 } }, .attr = { { "k", 3 }, { "stride", 1 }, { "pad", 0 } }, .distinct = true },
	{ 0 }
};
