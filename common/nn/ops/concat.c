/* Concatenation along channels: y[n][r][.] = x0[n][r][.], x1[n][r][.], ... for every pixel r. */
#include "base/err.h"
#include "nn/elementwise.h"

static int shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out)
{
	*out = in[0];
	for (int i = 1; i < n->n_in; i++) {
		if (in[i].n != in[0].n || in[i].h != in[0].h || in[i].w != in[0].w)
			return err_set(ERR_CONFIG,
			               "%s: input %d of operator concat is %ld x %ld (row, column), expected %ld x %ld "
			               "like the first", n->name, i, (long)in[i].h, (long)in[i].w, (long)in[0].h, (long)in[0].w);
		out->c += in[i].c;
	}
	return 0;
}

static void forward_range(struct nn_call *c, int64_t first, int64_t count)
{
	int64_t all = c->out->shape.c, from = 0;
	for (int i = 0; i < c->n_in; i++) {
		int64_t part = c->in[i]->shape.c;
		c->ctx->be->copy_rows(count / all, part, c->in[i]->data + first / all * part, part, &c->in[i]->meant, 0,
		                      c->out->data + first + from, all);
		from += part;
	}
}

static void backward_range(struct nn_call *c, int64_t first, int64_t count)
{
	const struct affine as_it_is = { 0 };
	int64_t all = c->out->shape.c, from = 0;
	for (int i = 0; i < c->n_in; i++) {
		int64_t part = c->in[i]->shape.c;
		if (c->in[i]->grad)
			c->ctx->be->copy_rows(count / all, part, c->out->grad + first + from, all, &as_it_is, c->beta[i],
			                      c->in[i]->grad + first / all * part, part);
		from += part;
	}
}

static int forward(struct nn_call *c) { nn_each(c, forward_range); return 0; }
static int backward(struct nn_call *c) { nn_each(c, backward_range); return 0; }

static const struct nn_example examples[] = {
	{ 2, { { 3, 5, 7, 9 }, { 3, 5, 7, 4 } } },
	{ 3, { { 1, 1, 1, 1 }, { 1, 1, 1, 2 }, { 1, 1, 1, 3 } } },
	{ 4, { { 9, 3, 2, 16 }, { 9, 3, 2, 1 }, { 9, 3, 2, 17 }, { 9, 3, 2, 8 } } },
	{ 1, { { 2, 3, 3, 5 } } },
	{ 0 }
};

const struct nn_op nn_op_concat = {
	.name = "concat", .summary = "inputs side by side along channels", .min_in = 1, .max_in = NN_MAX_IN,
	.reads_affine = (1u << NN_MAX_IN) - 1, .shape = shape, .forward = forward, .backward = backward,
	.examples = examples,
};
