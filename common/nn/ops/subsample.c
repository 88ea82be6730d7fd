/* Every stride-th pixel from an offset on, in rows and columns alike: x (n, h, w, c) -> (n, oh, ow, c) with
 *
 *   y[r][q] = x[offset + stride r][offset + stride q], zero outside,    oh = ceil(h / stride)
 *
 * In front of a 1 x 1 convolution it makes a strided one, and the halves of a factorised reduction (offsets 0
 * and 1) have one shape for odd sizes too.  Attributes: stride (2), offset (0). */
#include <string.h>
#include "base/err.h"
#include "nn/elementwise.h"

static int shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out)
{
	int64_t stride = nn_attr_int(n, "stride", 2), offset = nn_attr_int(n, "offset", 0);
	if (stride < 1 || offset < 0 || offset >= stride)
		return err_set(ERR_CONFIG,
		               "%s: every pixel number %ld + %ld i, expected a stride of at least 1 and an offset "
		               "below it", n->name, (long)offset, (long)stride);
	*out = (struct nn_shape){ in[0].n, (in[0].h + stride - 1) / stride, (in[0].w + stride - 1) / stride, in[0].c };
	return 0;
}

/* Geometry of one call; ranges of the output are whole images. */
struct grid { int64_t stride, offset, h, w, oh, ow, c; };

static struct grid grid(const struct nn_call *c)
{
	struct nn_shape in = c->in[0]->shape, out = c->out->shape;
	return (struct grid){ nn_attr_int(c->node, "stride", 2), nn_attr_int(c->node, "offset", 0), in.h, in.w,
	                      out.h, out.w, in.c };
}

/* Columns of the output that lie in the input. */
static int64_t columns_inside(const struct grid *g)
{
	return (g->w - g->offset + g->stride - 1) / g->stride;
}

static void forward_range(struct nn_call *c, int64_t first, int64_t count)
{
	struct grid g = grid(c);
	float *y = c->out->data + first;
	for (int64_t image = first / (g.oh * g.ow * g.c); count > 0; image++, count -= g.oh * g.ow * g.c)
		for (int64_t r = 0; r < g.oh; r++, y += g.ow * g.c) {
			int64_t row = g.offset + g.stride * r, inside = row < g.h ? columns_inside(&g) : 0;
			c->ctx->be->copy_rows(inside, g.c, c->in[0]->data + ((image * g.h + row) * g.w + g.offset) * g.c,
			                      g.stride * g.c, &c->in[0]->meant, 0, y, g.c);
			memset(y + inside * g.c, 0, (size_t)((g.ow - inside) * g.c) * sizeof(float));
		}
}

static void backward_range(struct nn_call *c, int64_t first, int64_t count)
{
	struct grid g = grid(c);
	int64_t from = first / (g.oh * g.ow * g.c), size = g.h * g.w * g.c;
	const float *dy = c->out->grad + first;
	const struct affine as_it_is = { 0 };
	if (!c->beta[0])
		memset(c->in[0]->grad + from * size, 0, (size_t)(count / (g.oh * g.ow * g.c) * size) * sizeof(float));
	for (int64_t image = from; count > 0; image++, count -= g.oh * g.ow * g.c, dy += g.oh * g.ow * g.c)
		for (int64_t r = 0; r < g.oh && g.offset + g.stride * r < g.h; r++)
			c->ctx->be->copy_rows(columns_inside(&g), g.c, dy + r * g.ow * g.c, g.c, &as_it_is, 1,
			                      c->in[0]->grad + ((image * g.h + g.offset + g.stride * r) * g.w + g.offset) * g.c,
			                      g.stride * g.c);
}

static int forward(struct nn_call *c) { nn_each(c, forward_range); return 0; }
static int backward(struct nn_call *c) { nn_each(c, backward_range); return 0; }

static const struct nn_example examples[] = {
	{ 1, { { 3, 5, 7, 9 } } },
	{ 1, { { 3, 5, 7, 9 } }, .attr = { { "offset", 1 } } },
	{ 1, { { 17, 4, 6, 33 } }, .attr = { { "offset", 1 } } },
	{ 1, { { 2, 7, 8, 3 } }, .attr = { { "stride", 3 }, { "offset", 2 } } },
	{ 1, { { 1, 1, 1, 1 } }, .attr = { { "stride", 1 } } },
	{ 1, { { 1, 1, 1, 4 } }, .attr = { { "offset", 1 } } },
	{ 0 }
};

const struct nn_op nn_op_subsample = {
	.name = "subsample", .summary = "every `stride`-th pixel from `offset` on", .min_in = 1, .max_in = 1,
	.reads_affine = 1, .shape = shape, .forward = forward, .backward = backward, .examples = examples,
};
