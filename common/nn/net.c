/* A graph bound to weights and a batch, and the walk over its nodes, in memory that net_plan.c laid out.
 *
 * (A net without gradients is planned at its first forward; with fixed statistics it is another walk: infer.h.)
 *
 * Gradients of parameters go straight to the gradient store when the view is contiguous there, else to a
 * small zeroed copy that is added back at the end. */
#include "nn/net.h"

#include <string.h>
#include "base/err.h"
#include "nn/infer.h"

/* ---- context ---------------------------------------------------------------------------------- */

static struct nn_ctx *context(struct arena *mem, const struct backend *be)
{
	struct nn_ctx *ctx = ARENA_NEW(mem, struct nn_ctx, 1);
	ctx->be = be;
	ctx->comm = &comm_local;
	ctx->step = arena_new();
	ctx->start = arena_mark(ctx->step);
	/* of its own: what was touched must outlive the nets of a step, whose memory may be reused */
	ctx->touched.mem = arena_new();
	ctx->touched_start = arena_mark(ctx->touched.mem);
	return ctx;
}

struct nn_ctx *nn_ctx_new(struct arena *mem, struct pool *pool, const struct backend *be)
{
	struct nn_ctx *ctx = context(mem, be);
	ctx->pool = pool;
	ctx->workers = pool ? pool_threads(pool) : 1;
	ctx->worker = ARENA_NEW(mem, struct nn_ctx *, ctx->workers);
	for (int i = 0; i < ctx->workers; i++)
		ctx->worker[i] = context(mem, be);
	return ctx;
}

void nn_ctx_reset(struct nn_ctx *ctx)
{
	arena_rewind(ctx->step, ctx->start);
	arena_rewind(ctx->touched.mem, ctx->touched_start);
	ctx->touched = (struct nn_touched){ .mem = ctx->touched.mem };
}

void nn_ctx_free(struct nn_ctx *ctx)
{
	if (!ctx)
		return;
	for (int i = 0; i < ctx->workers; i++)
		nn_ctx_free(ctx->worker[i]);
	arena_free(ctx->step);
	arena_free(ctx->touched.mem);
	ctx->step = ctx->touched.mem = NULL;
}

/* ---- bind ------------------------------------------------------------------------------------- */

static void copy_box(const struct nn_box *b, const float *tensor, float *packed)
{
	for (int64_t r = 0; r < b->runs; r++)
		memcpy(packed + r * b->length, tensor + nn_box_run(b, r), (size_t)b->length * sizeof(float));
}

static struct nn_box box_of(const struct nn_node *n)
{
	return nn_box(n->full, n->view.offset, n->view.extent);
}

static int find_param(const struct nn_node *n, struct nn_store *s, const char *which, struct nn_param **p)
{
	*p = nn_store_find(s, n->name);
	if (!*p)
		return err_set(ERR_INTERNAL, "parameter %s: the %s have no tensor of this name", n->name, which);
	if (memcmp((*p)->shape, n->full, sizeof n->full))
		return err_set(ERR_INTERNAL, "parameter %s: the %s have shape %ld x %ld x %ld x %ld, the graph expects "
		               "%ld x %ld x %ld x %ld", n->name, which, (long)(*p)->shape[0], (long)(*p)->shape[1],
		               (long)(*p)->shape[2], (long)(*p)->shape[3], (long)n->full[0], (long)n->full[1],
		               (long)n->full[2], (long)n->full[3]);
	return 0;
}

static int bind_param(struct nn_net *net, int i, struct nn_store *values, struct nn_store *grads)
{
	const struct nn_node *n = &net->g->node[i];
	struct nn_tensor *t = &net->tensor[i];
	struct nn_state *s = &net->state[i];
	struct nn_box box = box_of(n);
	struct arena *mem = net->ctx->step;

	TRY(find_param(n, values, "values", &s->value));
	if (box.runs == 1) {
		t->data = s->value->data + nn_box_run(&box, 0);
	} else {
		t->data = arena_raw(mem, (size_t)(box.runs * box.length), sizeof(float));
		copy_box(&box, s->value->data, t->data);
	}
	if (!s->wants)
		return 0;
	TRY(find_param(n, grads, "gradients", &s->gradient));
	t->grad = box.runs == 1 ? s->gradient->data + nn_box_run(&box, 0)
	                        : arena_alloc(mem, (size_t)(box.runs * box.length), sizeof(float));
	nn_touched_add(&net->ctx->touched, s->gradient, n->view.offset, n->view.extent);
	return 0;
}

struct nn_net *nn_bind(struct nn_ctx *ctx, const struct nn_graph *g, struct nn_store *values,
                       struct nn_store *grads, int64_t batch)
{
	if (nn_graph_check(g) < 0)
		return NULL;
	if (batch < 1) {
		err_set(ERR_INTERNAL, "a batch of %ld images", (long)batch);
		return NULL;
	}
	struct nn_net *net = ARENA_NEW(ctx->step, struct nn_net, 1);
	net->ctx = ctx;
	net->g = g;
	net->batch = batch;
	net->learns = net->training = grads != NULL;
	net->tensor = ARENA_NEW(ctx->step, struct nn_tensor, g->count);
	net->state = ARENA_NEW(ctx->step, struct nn_state, g->count);
	net->seed = ARENA_NEW(ctx->step, float *, g->n_outputs);
	nn_net_survey(net);
	for (int i = 0; i < g->count; i++)
		if (g->node[i].kind == NN_PARAM && net->state[i].live && bind_param(net, i, values, grads) < 0)
			return NULL;
	if (grads)
		nn_net_plan(net);
	return net;
}

/* ---- inputs, outputs ---------------------------------------------------------------------------- */

static int find_input(const struct nn_net *net, const char *name)
{
	for (int i = 0; i < net->g->count; i++)
		if (net->g->node[i].kind == NN_INPUT && !strcmp(net->g->node[i].name, name))
			return i;
	return err_set(ERR_INTERNAL, "the graph has no input %s", name);
}

static int find_output(const struct nn_net *net, const char *name)
{
	int i = nn_graph_output_number(net->g, name);
	return i >= 0 ? i : err_set(ERR_INTERNAL, "the graph has no output %s", name);
}

float *nn_input(struct nn_net *net, const char *name)
{
	int i = find_input(net, name);
	if (i < 0)
		return NULL;
	struct nn_tensor *t = &net->tensor[i];
	if (!t->data)
		t->data = arena_raw(net->ctx->step, (size_t)nn_shape_floats(t->shape), sizeof(float));
	return t->data;
}

void nn_set_input(struct nn_net *net, const char *name, const float *data)
{
	int i = find_input(net, name);
	if (i >= 0)
		net->tensor[i].data = (float *)(uintptr_t)data;      /* operators only read it */
}

const float *nn_output(struct nn_net *net, const char *name, struct nn_shape *shape)
{
	int i = find_output(net, name);
	if (i < 0)
		return NULL;
	const struct nn_tensor *t = &net->tensor[net->g->output[i].node];
	if (shape)
		*shape = t->shape;
	return t->data;
}

float *nn_seed(struct nn_net *net, const char *output)
{
	int i = find_output(net, output);
	if (i < 0)
		return NULL;
	if (!net->seed[i])
		net->seed[i] = arena_alloc(net->ctx->step, (size_t)nn_shape_floats(net->tensor[net->g->output[i].node].shape),
		                           sizeof(float));
	return net->seed[i];
}

void nn_set_training(struct nn_net *net, bool training) { net->training = training; }
void nn_set_stats(struct nn_net *net, struct nn_stats *stats) { net->stats = stats; }
struct nn_stats *nn_net_stats(struct nn_net *net) { return net ? net->stats : NULL; }

/* ---- running -------------------------------------------------------------------------------------- */

static void prepare(struct nn_net *net, int i, struct nn_call *c, struct nn_tensor **in, float *beta)
{
	const struct nn_node *n = &net->g->node[i];
	for (int k = 0; k < n->n_in; k++)
		in[k] = &net->tensor[n->in[k]];
	*c = (struct nn_call){
		.node = n, .n_in = n->n_in, .in = in, .beta = beta, .out = &net->tensor[i], .keep = net->state[i].keep,
		.lazy = net->state[i].lazy, .lazy_grad = net->state[i].lazy_grad, .finished = net->state[i].finished,
		.ctx = net->ctx, .net = net, .bn_mode = net->mode, .training = net->training,
	};
}

int nn_run_op(struct nn_call *c, bool backward)
{
	const struct nn_ctx *ctx = c->ctx;
	const struct nn_op *op = c->node->op;
	if (ctx->watch)
		ctx->watch(ctx->watch_arg, c->node, backward, false);
	int status = backward ? op->backward(c) : op->forward(c);
	if (ctx->watch)
		ctx->watch(ctx->watch_arg, c->node, backward, true);
	return status;
}

int nn_forward(struct nn_net *net, enum nn_bn_mode mode)
{
	struct arena *mem = net->ctx->step;
	struct nn_tensor *in[NN_MAX_IN];
	struct nn_call c;

	net->mode = mode;
	if (mode == NN_BN_FIXED && !net->training && !net->learns) {
		TRY(nn_infer(net));
		net->progress = FORWARD_DONE;
		return 0;
	}
	if (!net->planned)
		nn_net_plan(net);
	for (int i = 0; i < net->g->count; i++) {
		const struct nn_node *n = &net->g->node[i];
		if (!net->state[i].live)
			continue;
		if (n->kind == NN_INPUT && !net->tensor[i].data)
			return err_set(ERR_INTERNAL, "input %s was not set before nn_forward", n->name);
		if (n->kind != NN_OP)
			continue;
		/* what an operator takes from the arena while it runs is scratch */
		struct arena_mark mark = arena_mark(mem);
		prepare(net, i, &c, in, NULL);
		if (!c.keep && net->state[i].keep_floats)
			c.keep = arena_raw(mem, net->state[i].keep_floats, sizeof(float));
		TRY(nn_run_op(&c, false));
		arena_rewind(mem, mark);
	}
	net->progress = FORWARD_DONE;
	return 0;
}

/* The gradient of node i: what its readers left, plus what was seeded.  NULL: nothing. */
static float *gather_gradient(struct nn_net *net, int i)
{
	struct nn_tensor *t = &net->tensor[i];
	float *grad = net->state[i].has ? t->grad : NULL;
	for (int o = 0; net->state[i].is_output && o < net->g->n_outputs; o++) {
		if (net->g->output[o].node != i || !net->seed[o])
			continue;
		if (grad)
			net->ctx->be->axpby(nn_shape_floats(t->shape), 1, net->seed[o], 1, grad);
		else
			grad = net->seed[o];
	}
	return grad;
}

static void add_box(const struct nn_box *b, float *packed, float *tensor)
{
	for (int64_t r = 0; r < b->runs; r++) {
		float *to = tensor + nn_box_run(b, r), *from = packed + r * b->length;
		for (int64_t k = 0; k < b->length; k++) {
			to[k] += from[k];
			from[k] = 0;
		}
	}
}

int nn_backward(struct nn_net *net)
{
	struct arena *mem = net->ctx->step;
	struct nn_tensor *in[NN_MAX_IN], out;
	float beta[NN_MAX_IN];
	struct nn_call c;

	if (!net->learns)
		return err_set(ERR_INTERNAL, "nn_backward on a net that was bound without gradients");
	if (net->progress != FORWARD_DONE)
		return err_set(ERR_INTERNAL, "nn_backward needs an nn_forward of its own before it");
	net->progress = BOUND;
	for (int i = 0; i < net->g->count; i++) {
		net->state[i].has = net->g->node[i].kind == NN_PARAM;    /* stores hold sums */
		net->state[i].finished = false;
	}
	for (int i = net->g->count - 1; i >= 0; i--) {
		const struct nn_node *n = &net->g->node[i];
		if (!net->state[i].wants || n->kind != NN_OP)
			continue;
		prepare(net, i, &c, in, beta);
		out = net->tensor[i];
		out.grad = gather_gradient(net, i);
		if (!out.grad)
			continue;
		c.out = &out;
		for (int k = 0; k < n->n_in; k++) {
			struct nn_state *s = &net->state[n->in[k]];
			beta[k] = s->has ? 1 : 0;
			s->has = true;
		}
		c.finish = n->n_in && net->state[n->in[0]].finisher == i;
		if (c.finish)
			net->state[n->in[0]].finished = true;
		struct arena_mark mark = arena_mark(mem);
		TRY(nn_run_op(&c, true));
		arena_rewind(mem, mark);
	}
	for (int i = 0; i < net->g->count; i++) {
		const struct nn_node *n = &net->g->node[i];
		if (n->kind != NN_PARAM || !net->state[i].wants)
			continue;
		struct nn_box box = box_of(n);
		if (box.runs > 1)
			add_box(&box, net->tensor[i].grad, net->state[i].gradient->data);
	}
	return 0;
}
