#include "nn/elementwise.h"

#include <string.h>
#include "base/err.h"

int nn_same_shape(const struct nn_node *n, const struct nn_shape *in, struct nn_shape *out)
{
	for (int i = 1; i < n->n_in; i++)
		if (memcmp(&in[i], &in[0], sizeof *in))
			return err_set(ERR_CONFIG, "%s: input %d of operator %s is %ld x %ld x %ld (row, column, channel), "
			               "expected %ld x %ld x %ld like the first", n->name, i, n->op->name, (long)in[i].h,
			               (long)in[i].w, (long)in[i].c, (long)in[0].h, (long)in[0].w, (long)in[0].c);
	*out = in[0];
	return 0;
}

struct each {
	struct nn_call *c;
	void (*fn)(struct nn_call *c, int64_t first, int64_t count);
	struct nn_chunks k;
};

static void each_chunk(void *arg, int64_t task, int worker)
{
	const struct each *e = arg;
	struct nn_shape s = e->c->out->shape;
	(void)worker;
	e->fn(e->c, nn_chunk_first(e->k, task) * nn_image_size(s),
	      nn_chunk_images(e->k, task, s.n) * nn_image_size(s));
}

void nn_each(struct nn_call *c, void (*fn)(struct nn_call *c, int64_t first, int64_t count))
{
	struct nn_shape s = c->out->shape;
	/* 16,384 numbers outweigh the waking of a thread */
	struct each e = { c, fn, nn_chunk(s.n, nn_image_size(s), 16384) };
	nn_parallel(c->ctx, e.k.count, each_chunk, &e);
}

struct act_arg { struct nn_call *c; enum act act; struct nn_chunks k; };

static void act_forward_chunk(void *arg, int64_t task, int worker)
{
	const struct act_arg *a = arg;
	const struct nn_call *c = a->c;
	int64_t size = nn_image_size(c->out->shape), first = nn_chunk_first(a->k, task) * size;
	(void)worker;
	c->ctx->be->act_fwd(a->act, nn_chunk_images(a->k, task, c->out->shape.n) * size, c->in[0]->data + first,
	                    c->out->data + first);
}

static void act_backward_chunk(void *arg, int64_t task, int worker)
{
	const struct act_arg *a = arg;
	const struct nn_call *c = a->c;
	int64_t size = nn_image_size(c->out->shape), first = nn_chunk_first(a->k, task) * size;
	(void)worker;
	c->ctx->be->act_bwd(a->act, nn_chunk_images(a->k, task, c->out->shape.n) * size, c->in[0]->data + first,
	                    c->out->grad + first, c->beta[0], c->in[0]->grad + first);
}

static int act_run(struct nn_call *c, enum act act, pool_fn *fn)
{
	struct nn_shape s = c->out->shape;
	struct act_arg a = { c, act, nn_chunk(s.n, nn_image_size(s), 16384) };
	nn_parallel(c->ctx, a.k.count, fn, &a);
	return 0;
}

int nn_act_forward(struct nn_call *c, enum act act) { return act_run(c, act, act_forward_chunk); }
int nn_act_backward(struct nn_call *c, enum act act) { return act_run(c, act, act_backward_chunk); }

const struct nn_example nn_act_examples[] = {
	{ 1, { { 3, 5, 7, 9 } } },
	{ 1, { { 1, 1, 1, 1 } } },
	{ 1, { { 17, 3, 3, 33 } } },
	{ 1, { { 2, 4, 4, 8 } }, .offset = 3 },          /* around the upper bends of relu6 and the h- forms */
	{ 0 }
};
