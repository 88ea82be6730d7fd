/* y[n][r][c] = x[n][r][c] s[n][c]: the last step of squeeze-and-excitation; s is (n, 1, 1, c). */
#include "base/err.h"
#include "nn/elementwise.h"

static int shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out)
{
	if (in[1].n != in[0].n || in[1].h != 1 || in[1].w != 1 || in[1].c != in[0].c)
		return err_set(ERR_CONFIG, "%s: scales are %ld x %ld x %ld (row, column, channel), expected 1 x 1 x %ld", n->name,
		               (long)in[1].h, (long)in[1].w, (long)in[1].c, (long)in[0].c);
	*out = in[0];
	return 0;
}

/* Images and pixels of a range of elements. */
struct part { int64_t n, rows, c, scale; };

static struct part part(const struct nn_call *c, int64_t first, int64_t count)
{
	struct nn_shape s = c->out->shape;
	int64_t size = nn_image_size(s);
	return (struct part){ count / size, s.h * s.w, s.c, first / size * s.c };
}

static void forward_range(struct nn_call *c, int64_t first, int64_t count)
{
	struct part p = part(c, first, count);
	c->ctx->be->chan_scale(p.n, p.rows, p.c, c->in[0]->data + first, c->in[1]->data + p.scale, 0,
	                       c->out->data + first);
}

static void backward_range(struct nn_call *c, int64_t first, int64_t count)
{
	const struct backend *be = c->ctx->be;
	const float *dy = c->out->grad + first;
	struct part p = part(c, first, count);
	if (c->in[0]->grad)
		be->chan_scale(p.n, p.rows, p.c, dy, c->in[1]->data + p.scale, c->beta[0], c->in[0]->grad + first);
	if (c->in[1]->grad)
		be->chan_dot(p.n, p.rows, p.c, c->in[0]->data + first, dy, c->beta[1], c->in[1]->grad + p.scale);
}

static int forward(struct nn_call *c) { nn_each(c, forward_range); return 0; }
static int backward(struct nn_call *c) { nn_each(c, backward_range); return 0; }

static const struct nn_example examples[] = {
	{ 2, { { 3, 5, 7, 9 }, { 3, 1, 1, 9 } } },
	{ 2, { { 1, 1, 1, 1 }, { 1, 1, 1, 1 } } },
	{ 2, { { 17, 4, 3, 33 }, { 17, 1, 1, 33 } } },
	{ 0 }
};

const struct nn_op nn_op_channel_scale = {
	.name = "channel_scale", .summary = "each channel of each image times a number", .min_in = 2, .max_in = 2,
	.needs = 3, .shape = shape, .forward = forward, .backward = backward, .examples = examples,
};
