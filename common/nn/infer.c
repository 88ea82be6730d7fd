/* The walk of an inference.  See infer.h. */
#include "nn/infer.h"

#include "base/err.h"

static struct nn_call call_of(struct nn_net *net, struct nn_ctx *ctx, int i, struct nn_tensor **in,
                              struct nn_tensor *out)
{
	const struct nn_node *n = &net->g->node[i];
	return (struct nn_call){ .node = n, .n_in = n->n_in, .in = in, .out = out, .ctx = ctx, .net = net,
	                         .bn_mode = NN_BN_FIXED };
}

/* ---- once for the batch ----------------------------------------------------------------------------- */

/* Operators that depend on parameters alone, the coefficients of affine ones, and room for the outputs. */
static int prepare(struct nn_net *net)
{
	struct arena *mem = net->ctx->step;
	for (int i = 0; i < net->g->count; i++) {
		const struct nn_node *n = &net->g->node[i];
		struct nn_tensor *in[NN_MAX_IN], *t = &net->tensor[i];
		if (!net->state[i].live)
			continue;
		if (n->kind == NN_INPUT && !t->data)
			return err_set(ERR_INTERNAL, "input %s was not set before nn_forward", n->name);
		if (n->kind != NN_OP)
			continue;
		if (!t->data && (!n->batched || net->state[i].is_output))
			t->data = arena_raw(mem, (size_t)nn_shape_floats(t->shape), sizeof(float));
		if (n->batched && !n->op->affine)
			continue;
		struct nn_shape shapes[NN_MAX_IN];
		for (int k = 0; k < n->n_in; k++) {
			in[k] = &net->tensor[n->in[k]];
			shapes[k] = in[k]->shape;
		}
		struct nn_call c = call_of(net, net->ctx, i, in, t);
		if (n->op->keep)
			c.keep = arena_raw(mem, n->op->keep(n, shapes, t->shape.n), sizeof(float));
		struct arena_mark mark = arena_mark(mem);
		TRY(n->batched ? n->op->affine(&c, &net->inference->affine[i]) : nn_run_op(&c, false));
		arena_rewind(mem, mark);
	}
	return 0;
}

/* ---- one worker, some images ------------------------------------------------------------------------ */

struct turn {
	struct nn_net *net;
	struct nn_ctx *ctx;          /* the worker's own */
	float *memory;
	int64_t first, images;       /* of the chunk, in the batch */
};

/* The value of node i for `images` images from number `at` of the chunk. */
static struct nn_tensor value(const struct turn *t, int i, int64_t at, int64_t images)
{
	const struct nn_node *n = &t->net->g->node[i];
	const struct nn_home *home = &t->net->inference->home[i];
	struct nn_tensor v = t->net->tensor[i];
	if (!n->batched)
		return v;
	int64_t size = nn_image_size(n->shape);
	v.shape.n = images;
	v.meant = (struct affine){ 0 };          /* here outputs are stored as they are meant */
	v.moments = NULL;
	if (n->kind == NN_INPUT || t->net->state[i].is_output)
		v.data += (t->first + at) * size;
	else
		v.data = t->memory + home->first + (home->whole ? at * size : 0);
	return v;
}

static int run_unit(const struct turn *t, const struct nn_unit *u, int64_t at, int64_t images)
{
	const struct nn_node *n = &t->net->g->node[u->node];
	const struct affine *affine = t->net->inference->affine;
	struct nn_tensor value_in[NN_MAX_IN], *in[NN_MAX_IN], out = value(t, u->out, at, images);
	for (int k = 0; k < n->n_in; k++) {
		value_in[k] = value(t, n->in[k], at, images);
		in[k] = &value_in[k];
	}
	if (n->op->affine) {
		const struct affine *a = &affine[u->node];
		t->ctx->be->bn_apply(images * out.shape.h * out.shape.w, out.shape.c, in[0]->data, a, out.data);
		return 0;
	}
	struct nn_call c = call_of(t->net, t->ctx, u->node, in, &out);
	struct nn_epilogue after;
	if (u->affine >= 0) {
		after = (struct nn_epilogue){ .affine = affine[u->affine] };
		if (u->sum >= 0)
			after.add = value(t, u->addend, at, images).data;
		c.after = &after;
	}
	struct arena_mark mark = arena_mark(t->ctx->step);
	if (n->op->keep) {
		struct nn_shape shapes[NN_MAX_IN];
		for (int k = 0; k < n->n_in; k++)
			shapes[k] = in[k]->shape;
		c.keep = arena_raw(t->ctx->step, n->op->keep(n, shapes, images), sizeof(float));
	}
	int status = nn_run_op(&c, false);
	arena_rewind(t->ctx->step, mark);
	return status;
}

static int run_chunk(const struct turn *t)
{
	const struct nn_inference *plan = t->net->inference;
	for (int first = 0, last; first < plan->units; first = last) {
		int64_t piece = plan->unit[first].piece;
		for (last = first; last < plan->units && plan->unit[last].segment == plan->unit[first].segment; last++)
			;
		for (int64_t at = 0; at < t->images; at += piece)
			for (int k = first; k < last; k++)
				TRY(run_unit(t, &plan->unit[k], at, t->images - at < piece ? t->images - at : piece));
	}
	return 0;
}

struct run { struct nn_net *net; int *status; };         /* status: per chunk */

static void take_chunk(void *arg, int64_t chunk, int worker)
{
	const struct run *r = arg;
	struct nn_net *net = r->net;
	int64_t left = net->batch - chunk * net->inference->chunk;
	struct turn t = {
		net, net->ctx->worker[worker], net->inference->memory + (size_t)worker * net->inference->floats,
		chunk * net->inference->chunk, left < net->inference->chunk ? left : net->inference->chunk,
	};
	r->status[chunk] = run_chunk(&t);
}

int nn_infer(struct nn_net *net)
{
	if (!net->inference)
		net->inference = nn_infer_plan(net);
	TRY(prepare(net));
	int64_t chunks = (net->batch + net->inference->chunk - 1) / net->inference->chunk;
	struct run r = { net, ARENA_NEW(net->ctx->step, int, chunks) };
	net->ctx->worker[0]->watch = net->ctx->watch;    /* one worker stands for all */
	net->ctx->worker[0]->watch_arg = net->ctx->watch_arg;
	nn_parallel(net->ctx, chunks, take_chunk, &r);
	for (int64_t k = 0; k < chunks; k++)
		TRY(r.status[k]);
	return 0;
}
