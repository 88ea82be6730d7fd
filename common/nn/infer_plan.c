/* The plan of an inference: units, segments, buffers.  See infer.h. */
#include "nn/infer.h"

extern const struct nn_op nn_op_add;

enum { MOST_IMAGES = 32 };       /* in a chunk: 512 rows of a matrix product at 4 x 4 pixels */

struct planning {
	struct nn_net *net;
	struct nn_inference *plan;
	int *readers, *reader;       /* per node: how many live operators read it, and the last of them */
	int *unit_of;                /* per node: the unit that leaves it, or -1 */
	int *last_segment;           /* per node: where it is read last */
};

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static bool runs(const struct nn_net *net, int i)
{
	return net->state[i].live && net->g->node[i].kind == NN_OP && net->g->node[i].batched;
}

static void find_readers(struct planning *p)
{
	const struct nn_graph *g = p->net->g;
	for (int i = 0; i < g->count; i++)
		for (int k = 0; runs(p->net, i) && k < g->node[i].n_in; k++) {
			p->readers[g->node[i].in[k]]++;
			p->reader[g->node[i].in[k]] = i;
		}
}

/* The operator that alone reads node i, which is no output; or -1. */
static int sole_reader(const struct planning *p, int i)
{
	return p->readers[i] == 1 && !p->net->state[i].is_output ? p->reader[i] : -1;
}

/* ---- units ---------------------------------------------------------------------------------------- */

static void fold(struct planning *p, struct nn_unit *u)
{
	const struct nn_node *node = p->net->g->node;
	int a = node[u->node].op->epilogue ? sole_reader(p, u->node) : -1;
	if (a < 0 || !node[a].op->affine || node[a].in[0] != u->node)
		return;
	u->out = u->affine = a;
	int s = sole_reader(p, a);
	if (s < 0 || node[s].op != &nn_op_add || node[s].n_in != 2)
		return;
	int other = node[s].in[0] == a ? node[s].in[1] : node[s].in[0];
	if (other > u->node)             /* not there yet when the unit runs */
		return;
	u->out = u->sum = s;
	u->addend = other;
}

static void make_units(struct planning *p)
{
	const struct nn_graph *g = p->net->g;
	struct nn_inference *plan = p->plan;
	bool *folded = ARENA_NEW(p->net->ctx->step, bool, g->count);
	plan->unit = ARENA_NEW(p->net->ctx->step, struct nn_unit, g->count);
	for (int i = 0; i < g->count; i++) {
		p->unit_of[i] = -1;
		if (!runs(p->net, i) || folded[i])
			continue;
		struct nn_unit *u = &plan->unit[plan->units];
		*u = (struct nn_unit){ .node = i, .affine = -1, .sum = -1, .addend = -1, .out = i };
		fold(p, u);
		if (u->affine >= 0)
			folded[u->affine] = true;
		if (u->sum >= 0)
			folded[u->sum] = true;
		plan->units++;
	}
	for (int k = 0; k < plan->units; k++)
		p->unit_of[plan->unit[k].out] = k;
}

/* ---- segments ------------------------------------------------------------------------------------- */

/* Images that give an operator the rows it wants, a power of two; 0: it takes them as they come. */
static int64_t images_wanted(const struct nn_node *n)
{
	int64_t rows = n->shape.h * n->shape.w, images = 1;
	while (n->op->min_rows && images < MOST_IMAGES && images * rows < n->op->min_rows)
		images *= 2;
	return n->op->min_rows ? images : 0;
}

/* A chunk suits the most demanding operator, and every worker gets as many as any other. */
static int64_t chunk_images(const struct planning *p)
{
	int64_t most = 1, batch = p->net->batch, workers = p->net->ctx->workers;
	for (int k = 0; k < p->plan->units; k++) {
		int64_t images = images_wanted(&p->net->g->node[p->plan->unit[k].node]);
		most = images > most ? images : most;
	}
	int64_t chunks = (batch + most - 1) / most;
	chunks = (chunks + workers - 1) / workers * workers;
	return (batch + chunks - 1) / chunks;
}

static void cut(struct planning *p)
{
	const struct nn_node *node = p->net->g->node;
	struct nn_inference *plan = p->plan;
	for (int k = 0; k < plan->units; k++) {
		struct nn_unit *u = &plan->unit[k];
		int source = p->unit_of[node[u->node].in[0]];
		u->piece = images_wanted(&node[u->node]);
		if (!u->piece)
			u->piece = source >= 0 ? plan->unit[source].piece : k ? u[-1].piece : 1;
		u->piece = least(u->piece, plan->chunk);
		u->segment = k ? u[-1].segment + (u->piece != u[-1].piece) : 0;
	}
}

/* ---- buffers -------------------------------------------------------------------------------------- */

/* fn for every node whose value a unit reads from a worker's memory */
#define EACH_READ(p, u, i, ...) do { \
		const struct nn_node *n_ = &(p)->net->g->node[(u)->node]; \
		for (int k_ = 0; k_ <= n_->n_in; k_++) { \
			int i = k_ < n_->n_in ? n_->in[k_] : (u)->addend; \
			if (i >= 0 && (p)->unit_of[i] >= 0 && !(p)->net->state[i].is_output) { __VA_ARGS__ } \
		} \
	} while (0)

static void find_homes(struct planning *p)
{
	struct nn_inference *plan = p->plan;
	for (int k = 0; k < plan->units; k++) {
		const struct nn_unit *u = &plan->unit[k];
		EACH_READ(p, u, i, {
			p->last_segment[i] = u->segment;
			plan->home[i].whole |= plan->unit[p->unit_of[i]].segment != u->segment;
		});
	}
}

struct pools { struct nn_space whole, small; };

/* Buffers of the units first .. last - 1: one segment. */
static void plan_segment(struct planning *p, struct pools *pools, struct nn_range **held, int first, int last)
{
	struct nn_inference *plan = p->plan;
	int *reads = p->readers;         /* of the small ones: to come */
	for (int k = first; k < last; k++) {
		const struct nn_unit *u = &plan->unit[k];
		struct nn_home *home = &plan->home[u->out];
		if (!p->net->state[u->out].is_output) {
			int64_t images = home->whole ? plan->chunk : u->piece;
			struct nn_shape s = p->net->g->node[u->out].shape;
			held[u->out] = nn_range_take(home->whole ? &pools->whole : &pools->small,
			                             (size_t)(images * nn_image_size(s)));
			home->first = held[u->out]->first;
		}
		EACH_READ(p, u, i, {
			if (--reads[i] == 0 && !plan->home[i].whole)
				nn_range_give(&pools->small, held[i]);
		});
	}
	for (int k = first; k < last; k++)
		EACH_READ(p, &plan->unit[k], i, {
			if (plan->home[i].whole && p->last_segment[i] == plan->unit[k].segment && held[i]) {
				nn_range_give(&pools->whole, held[i]);
				held[i] = NULL;
			}
		});
}

static void plan_buffers(struct planning *p)
{
	struct nn_inference *plan = p->plan;
	struct arena *mem = p->net->ctx->step;
	struct nn_range **held = ARENA_NEW(mem, struct nn_range *, p->net->g->count);
	struct pools pools = { .whole = { .mem = mem }, .small = { .mem = mem } };
	for (int first = 0, last; first < plan->units; first = last) {
		for (last = first; last < plan->units && plan->unit[last].segment == plan->unit[first].segment; last++)
			;
		plan_segment(p, &pools, held, first, last);
	}
	for (int k = 0; k < plan->units; k++)            /* the small ones come first in memory */
		if (plan->home[plan->unit[k].out].whole)
			plan->home[plan->unit[k].out].first += pools.small.floats;
	plan->floats = (pools.small.floats + pools.whole.floats + 1023) / 1024 * 1024;
	plan->memory = arena_raw(mem, (size_t)p->net->ctx->workers * plan->floats, sizeof(float));
}

struct nn_inference *nn_infer_plan(struct nn_net *net)
{
	struct arena *mem = net->ctx->step;
	int count = net->g->count;
	struct planning p = {
		.net = net, .plan = ARENA_NEW(mem, struct nn_inference, 1), .readers = ARENA_NEW(mem, int, count),
		.reader = ARENA_NEW(mem, int, count), .unit_of = ARENA_NEW(mem, int, count),
		.last_segment = ARENA_NEW(mem, int, count),
	};
	p.plan->home = ARENA_NEW(mem, struct nn_home, count);
	p.plan->affine = ARENA_NEW(mem, struct affine, count);
	find_readers(&p);
	make_units(&p);
	p.plan->chunk = chunk_images(&p);
	cut(&p);
	find_homes(&p);
	plan_buffers(&p);
	return p.plan;
}
