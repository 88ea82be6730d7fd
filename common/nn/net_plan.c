/* The plan of a bound net: which tensors stay lazy, who shares gradients, what lies where in memory.
 *
 * The memory plan follows the walk that will happen, once, before anything is computed:
 *
 *      forward, node 0 .. last:  take the output's range; give back inputs that were read for the last time
 *      backward, last .. node 0: take gradient ranges of inputs at their first contribution; give back the
 *                                node's own gradient, and activations that nobody reads again
 *
 * Ranges of outputs are never given back.
 *
 * Lazy are the output of a batch-norm or ReLU all of whose readers apply it themselves, and the gradient of a
 * batch-norm's input where that is a convolution and has no other reader (op.h: struct nn_tensor).  A ReLU
 * that is the only reader of its input passes its gradient on in place.
 * A sum hands its gradient on: one input takes the range over, others read it before that one adds to it. */
#include <stdint.h>
#include "nn/bound.h"

static bool runs(const struct nn_net *net, int i)
{
	return net->state[i].live && net->g->node[i].kind == NN_OP;
}

/* ---- who reads what ------------------------------------------------------------------------------- */

/* Operator n can be given input k unstored.  An activation by itself joins the map of a batch-norm that has none. */
static bool applies(const struct nn_net *net, const struct nn_node *n, int k)
{
	const struct nn_node *in = &net->g->node[n->in[k]];
	if (!(n->op->reads_affine >> k & 1))
		return false;
	return !n->op->affine ||
	       (in->kind == NN_OP && in->op->normalises && nn_attr_int(in, "act", ACT_NONE) == ACT_NONE);
}

void nn_net_survey(struct nn_net *net)
{
	const struct nn_graph *g = net->g;
	for (int i = 0; i < g->n_outputs; i++)
		net->state[g->output[i].node].live = net->state[g->output[i].node].is_output = true;
	for (int i = g->count - 1; i >= 0; i--) {
		struct nn_state *s = &net->state[i];
		s->source = i;
		s->finisher = s->merger = -1;
		s->lazy = g->node[i].kind == NN_OP && g->node[i].op->affine && g->node[i].batched && !s->is_output;
	}
	for (int i = g->count - 1; i >= 0; i--) {
		const struct nn_node *n = &g->node[i];
		for (int k = 0; net->state[i].live && k < n->n_in; k++) {
			struct nn_state *in = &net->state[n->in[k]];
			in->live = true;
			in->readers++;
			in->first_reader = i;
			in->lazy = in->lazy && applies(net, n, k);
		}
	}
	for (int i = 0; i < g->count; i++) {
		const struct nn_node *n = &g->node[i];
		struct nn_state *s = &net->state[i];
		net->tensor[i].shape = n->shape;
		if (n->batched)
			net->tensor[i].shape.n = net->batch;
		if (!s->live)
			continue;
		if (n->kind == NN_PARAM)
			s->wants = net->learns && !n->frozen;
		for (int k = 0; k < n->n_in; k++)
			s->wants |= net->state[n->in[k]].wants;
	}
}

/* ---- lazy tensors --------------------------------------------------------------------------------- */

static void settle(struct nn_net *net, int i)
{
	const struct nn_node *n = &net->g->node[i], *from = &net->g->node[n->in[0]], *reader;
	struct nn_state *s = &net->state[i], *in = &net->state[n->in[0]];

	s->lazy = s->lazy && from->kind == NN_OP;
	if (s->lazy)
		s->source = in->source;
	bool fused = from->kind == NN_OP && from->op->fuses, alone = s->wants && in->wants && in->readers == 1 && !in->is_output;
	if (fused && n->op->normalises)
		in->merger = i;
	if (n->op->normalises)
		s->lazy_grad = in->unfinished = fused && alone;
	else
		s->in_place = alone && !s->is_output;
	reader = &net->g->node[s->first_reader];
	if (s->lazy && s->wants && reader->op->fuses && reader->in[0] == i)
		s->finisher = s->first_reader;
}

static void count_reads(struct nn_net *net)
{
	for (int i = 0; i < net->g->count; i++) {
		const struct nn_node *n = &net->g->node[i];
		struct nn_state *s = &net->state[i];
		if (!runs(net, i))
			continue;
		for (int k = 0; k < n->n_in; k++) {
			struct nn_state *from = &net->state[net->state[n->in[k]].source];
			from->reads++;
			if (s->wants && n->op->needs >> k & 1)
				from->backward_reads++;
		}
		if (s->wants && (n->op->needs & NN_NEEDS_OUT || s->unfinished))
			s->backward_reads++;
	}
}

/* ---- ranges --------------------------------------------------------------------------------------- */

static void give(struct nn_space *space, struct nn_range **r)
{
	if (*r)
		nn_range_give(space, *r);
	*r = NULL;
}

/* Room for the partials of a tensor; a chunk is at least one slice. */
static int64_t most_chunks(const struct nn_net *net) { return (net->batch + NN_SLICE - 1) / NN_SLICE; }

static void take_partials(struct nn_net *net, struct nn_space *space, int i, size_t *first)
{
	size_t floats = sizeof(double) / sizeof(float) * (size_t)(most_chunks(net) * (2 * net->tensor[i].shape.c + 1));
	net->state[i].partials = nn_range_take(space, floats);
	*first = net->state[i].partials->first;
}

static struct nn_partials *place_partials(const struct nn_net *net, int i, float *at)
{
	struct nn_partials *p = ARENA_NEW(net->ctx->step, struct nn_partials, 1);
	int64_t chunks = most_chunks(net);
	p->a = (double *)(void *)at;
	p->b = p->a + chunks * net->tensor[i].shape.c;
	p->rows = (int64_t *)(void *)(p->b + chunks * net->tensor[i].shape.c);
	return p;
}

static void plan_forward(struct nn_net *net, struct nn_space *space)
{
	for (int i = 0; i < net->g->count; i++) {
		const struct nn_node *n = &net->g->node[i];
		struct nn_state *s = &net->state[i];
		if (!runs(net, i))
			continue;
		if (s->source == i) {
			s->data = nn_range_take(space, (size_t)nn_shape_floats(net->tensor[i].shape));
			s->data_first = s->data->first;
			s->has_data = true;
		}
		if (s->merger >= 0)
			take_partials(net, space, i, &s->moments_first);
		if (n->n_in && net->state[n->in[0]].merger == i)
			give(space, &net->state[n->in[0]].partials);
		for (int k = 0; k < n->n_in; k++) {
			struct nn_state *from = &net->state[net->state[n->in[k]].source];
			if (--from->reads == 0 && !from->backward_reads && !from->is_output)
				give(space, &from->data);
		}
	}
}

/* The gradient of sum i may stand for that of its input b as well as for that of input a, which will be
 * added to: b only reads it, and is done before anything else writes it. */
static bool may_borrow(const struct nn_net *net, int i, int b, int a)
{
	const struct nn_node *n = &net->g->node[b];
	const struct nn_state *s = &net->state[b];
	if (!n->op->normalises || nn_attr_int(n, "act", ACT_NONE) != ACT_NONE || s->readers != 1 || s->is_output)
		return false;
	int until = s->lazy_grad ? n->in[0] : b;         /* where it is read last */
	if (a >= until)
		return false;
	for (int r = until; r < i; r++)
		for (int k = 0; runs(net, r) && k < net->g->node[r].n_in; k++)
			if (net->g->node[r].in[k] == a)
				return false;
	return true;
}

static bool takes_gradient(const struct nn_net *net, int i)
{
	return net->state[i].wants && net->g->node[i].kind == NN_OP && !net->state[i].has_grad;
}

static void pass_gradient(struct nn_net *net, int i)
{
	const struct nn_node *n = &net->g->node[i];
	struct nn_state *s = &net->state[i];
	int heir = -1;
	if (!n->op->passes || s->is_output || !s->grad)
		return;
	for (int k = 0; k < n->n_in; k++)
		if (takes_gradient(net, n->in[k]) && !net->state[n->in[k]].is_output && (heir < 0 || n->in[k] < heir))
			heir = n->in[k];
	if (heir < 0)
		return;
	for (int k = 0; k < n->n_in; k++)
		if (n->in[k] == heir || (takes_gradient(net, n->in[k]) && may_borrow(net, i, n->in[k], heir))) {
			net->state[n->in[k]].grad_first = s->grad_first;
			net->state[n->in[k]].has_grad = true;
		}
	net->state[heir].grad = s->grad;
	s->grad = NULL;
}

static void plan_backward(struct nn_net *net, struct nn_space *space)
{
	for (int i = net->g->count - 1; i >= 0; i--) {
		const struct nn_node *n = &net->g->node[i];
		struct nn_state *s = &net->state[i];
		if (!s->wants || n->kind != NN_OP)
			continue;
		pass_gradient(net, i);
		if (n->n_in && net->state[n->in[0]].finisher == i)
			take_partials(net, space, n->in[0], &net->state[n->in[0]].sums_first);
		if (s->finisher >= 0)
			give(space, &s->partials);
		for (int k = 0; k < n->n_in; k++) {
			struct nn_state *in = &net->state[n->in[k]];
			if (!takes_gradient(net, n->in[k]))
				continue;
			if (s->lazy_grad || s->in_place) {       /* k == 0; parameters have gradients of their own */
				in->grad = s->grad;
				s->grad = NULL;
				in->grad_first = s->grad_first;
				in->has_grad = s->in_place;
				continue;
			}
			in->grad = nn_range_take(space, (size_t)nn_shape_floats(net->tensor[n->in[k]].shape));
			in->grad_first = in->grad->first;
			in->has_grad = true;
		}
		give(space, &s->grad);
		for (int k = 0; k <= n->n_in; k++) {     /* the last one: this node's own output */
			struct nn_state *from = &net->state[k < n->n_in ? net->state[n->in[k]].source : i];
			bool reads = k < n->n_in ? n->op->needs >> k & 1 : n->op->needs & NN_NEEDS_OUT || s->unfinished;
			if (reads && --from->backward_reads == 0 && !from->is_output)
				give(space, &from->data);
		}
	}
}

static void place(struct nn_net *net, const struct nn_space *space)
{
	struct arena *mem = net->ctx->step;
	float *base = arena_raw(mem, space->floats, sizeof(float));
	for (int i = 0; i < net->g->count; i++) {
		const struct nn_node *n = &net->g->node[i];
		struct nn_state *s = &net->state[i];
		struct nn_tensor *t = &net->tensor[i];
		if (s->has_data)
			t->data = base + s->data_first;
		else if (s->source != i)
			t->data = net->tensor[s->source].data;
		if (s->has_grad)
			t->grad = base + s->grad_first;
		if (s->merger >= 0)
			t->moments = place_partials(net, i, base + s->moments_first);
		if (s->finisher >= 0)
			t->sums = place_partials(net, i, base + s->sums_first);
		if (!runs(net, i) || !n->op->keep)
			continue;
		struct nn_shape in[NN_MAX_IN];
		for (int k = 0; k < n->n_in; k++)
			in[k] = net->tensor[n->in[k]].shape;
		s->keep_floats = n->op->keep(n, in, t->shape.n);
		if (s->wants || s->lazy)
			s->keep = arena_raw(mem, s->keep_floats, sizeof(float));
	}
}

void nn_net_plan(struct nn_net *net)
{
	struct nn_space space = { .mem = net->ctx->step };
	for (int i = 0; i < net->g->count; i++)
		if (runs(net, i) && net->g->node[i].op->affine && net->g->node[i].batched)
			settle(net, i);
	count_reads(net);
	plan_forward(net, &space);
	plan_backward(net, &space);
	place(net, &space);
	net->planned = true;
}
