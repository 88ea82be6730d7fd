/* Building graphs: nodes, shapes, names, cost. */
#include "nn/graph.h"

#include <string.h>
#include "base/err.h"
#include "base/hash.h"
#include "nn/op.h"

struct nn_graph *nn_graph_new(struct arena *mem)
{
	struct nn_graph *g = ARENA_NEW(mem, struct nn_graph, 1);
	g->mem = mem;
	return g;
}

static int fail(struct nn_graph *g, int code)
{
	if (!g->failed)
		g->failed = code;
	return 0;
}

static struct nn_node *append(struct nn_graph *g)
{
	ARENA_GROW(g->mem, g->node, g->count, g->capacity, 128);
	return &g->node[g->count];
}

int nn_graph_input(struct nn_graph *g, const char *name, int64_t h, int64_t w, int64_t c)
{
	if (g->failed)
		return 0;
	if (h < 1 || w < 1 || c < 1)
		return fail(g, err_set(ERR_CONFIG, "graph input %s: %ld x %ld x %ld (row, column, channel), "
		                       "expected sizes of at least 1", name, (long)h, (long)w, (long)c));
	struct nn_node *n = append(g);
	n->kind = NN_INPUT;
	n->name = arena_strdup(g->mem, name);
	n->shape = (struct nn_shape){ 1, h, w, c };
	n->batched = true;
	return g->count++;
}

int nn_graph_param(struct nn_graph *g, const char *name, const int64_t shape[4], enum nn_init init,
                   bool decay, int group)
{
	struct nn_view whole = { .name = name };
	return nn_graph_param_view(g, &whole, shape, init, decay, group);
}

int nn_graph_param_view(struct nn_graph *g, const struct nn_view *v, const int64_t full[4], enum nn_init init,
                        bool decay, int group)
{
	if (g->failed)
		return 0;
	struct nn_node *n = append(g);
	n->kind = NN_PARAM;
	n->name = arena_strdup(g->mem, v->name);
	n->view.name = n->name;
	for (int d = 0; d < 4; d++) {
		int64_t extent = v->extent[d] ? v->extent[d] : full[d] - v->offset[d];
		if (full[d] < 1 || extent < 1 || v->offset[d] < 0 || v->offset[d] + extent > full[d])
			return fail(g, err_set(ERR_CONFIG, "parameter %s: dimension %d of the view is %ld + %ld, "
			                       "expected a part of 0 .. %ld", v->name, d, (long)v->offset[d],
			                       (long)extent, (long)full[d]));
		n->full[d] = full[d];
		n->view.offset[d] = v->offset[d];
		n->view.extent[d] = extent;
	}
	const int64_t *e = n->view.extent;
	n->shape = (struct nn_shape){ e[0], e[1], e[2], e[3] };
	n->init = init;
	n->decay = decay;
	n->group = group;
	return g->count++;
}

/* Operators that take parameters say which inputs those are; all other inputs are of one kind. */
static int check_kinds(const struct nn_graph *g, const struct nn_node *n, bool *batched)
{
	int first = -1;
	for (int i = 0; i < n->n_in; i++) {
		const struct nn_node *in = &g->node[n->in[i]];
		if (n->op->params >> i & 1) {
			if (in->batched)
				return err_set(ERR_CONFIG, "%s: input %d (%s) of operator %s has one value per image, "
				               "expected a parameter", n->name, i, in->name, n->op->name);
		} else if (first < 0) {
			first = i;
			*batched = in->batched;
		} else if (in->batched != *batched) {
			return err_set(ERR_CONFIG, "%s: operator %s mixes images (%s) and parameters (%s)", n->name,
			               n->op->name, g->node[n->in[*batched ? first : i]].name,
			               g->node[n->in[*batched ? i : first]].name);
		}
	}
	return 0;
}

static int check_name(struct nn_graph *g, const char *name)
{
	uint64_t hash = hash64_text(name), probe = hash;
	for (int k; (k = nn_index_next(&g->names, hash, &probe)) >= 0; )
		if (!strcmp(g->node[k].name, name))
			return err_set(ERR_CONFIG, "%s: two operators of one graph have this name; statistics and random "
			               "streams are kept by name", name);
	nn_index_put(&g->names, g->mem, hash, g->count);
	return 0;
}

int nn_graph_op(struct nn_graph *g, const char *op, const char *name, int n_in, const int *in, int n_attr,
                const struct nn_attr *attr)
{
	if (g->failed)
		return 0;
	const struct nn_op *o = plugin_find(PLUGIN_TABLE(nn_op_table), "operator", op);
	if (!o)
		return fail(g, ERR_INTERNAL);
	if (n_in < o->min_in || n_in > o->max_in || n_in > NN_MAX_IN)
		return fail(g, err_set(ERR_CONFIG, "%s: operator %s has %d inputs, expected %d to %d", name, op, n_in,
		                       o->min_in, o->max_in));
	struct nn_shape shapes[NN_MAX_IN];
	for (int i = 0; i < n_in; i++) {
		if (in[i] < 0 || in[i] >= g->count)
			return fail(g, err_set(ERR_INTERNAL, "%s: input %d is node %d of %d", name, i, in[i], g->count));
		shapes[i] = g->node[in[i]].shape;
	}

	struct nn_node *n = append(g);
	n->kind = NN_OP;
	n->name = arena_strdup(g->mem, name);
	n->op = o;
	n->n_in = n_in;
	n->in = memcpy(ARENA_NEW(g->mem, int, n_in), in, (size_t)n_in * sizeof *in);
	n->n_attr = n_attr;
	struct nn_attr *copy = ARENA_NEW(g->mem, struct nn_attr, n_attr + 1);
	for (int i = 0; i < n_attr; i++) {
		copy[i] = attr[i];
		copy[i].name = arena_strdup(g->mem, attr[i].name);
	}
	n->attr = copy;
	int code = check_name(g, n->name);
	if (!code)
		code = check_kinds(g, n, &n->batched);
	if (!code)
		code = o->shape(n, shapes, &n->shape);
	if (!code && (n->shape.n < 1 || n->shape.h < 1 || n->shape.w < 1 || n->shape.c < 1))
		code = err_set(ERR_CONFIG, "%s: operator %s on %ld x %ld x %ld (row, column, channel) leaves nothing; "
		               "the input is too small", name, op, (long)shapes[0].h, (long)shapes[0].w, (long)shapes[0].c);
	if (code)
		return fail(g, code);
	return g->count++;
}

void nn_graph_output(struct nn_graph *g, const char *name, int node)
{
	if (g->failed)
		return;
	if (node < 0 || node >= g->count || g->node[node].kind != NN_OP) {
		fail(g, err_set(ERR_INTERNAL, "graph output %s: node %d of %d is not an operator", name, node, g->count));
		return;
	}
	if (nn_graph_output_number(g, name) >= 0) {
		fail(g, err_set(ERR_INTERNAL, "graph output %s: this name is taken", name));
		return;
	}
	ARENA_GROW(g->mem, g->output, g->n_outputs, g->output_capacity, 4);
	nn_index_put(&g->output_names, g->mem, hash64_text(name), g->n_outputs);
	g->output[g->n_outputs++] = (struct nn_output){ arena_strdup(g->mem, name), node };
}

int nn_graph_output_number(const struct nn_graph *g, const char *name)
{
	uint64_t hash = hash64_text(name), probe = hash;
	for (int k; (k = nn_index_next(&g->output_names, hash, &probe)) >= 0; )
		if (!strcmp(g->output[k].name, name))
			return k;
	return -1;
}

int nn_graph_find_output(const struct nn_graph *g, const char *name)
{
	int k = nn_graph_output_number(g, name);
	return k < 0 ? -1 : g->output[k].node;
}

int nn_graph_check(const struct nn_graph *g)
{
	if (g->failed)
		return g->failed;
	if (!g->n_outputs)
		return err_set(ERR_INTERNAL, "a graph without outputs computes nothing; call nn_graph_output");
	return 0;
}

int64_t nn_attr_int(const struct nn_node *n, const char *name, int64_t otherwise)
{
	for (int i = 0; i < n->n_attr; i++)
		if (!strcmp(n->attr[i].name, name))
			return n->attr[i].i;
	return otherwise;
}

double nn_attr_float(const struct nn_node *n, const char *name, double otherwise)
{
	for (int i = 0; i < n->n_attr; i++)
		if (!strcmp(n->attr[i].name, name))
			return n->attr[i].f;
	return otherwise;
}

/* The first node that holds this view of this tensor? */
static bool first_of_view(const struct nn_graph *g, struct nn_index *seen, int i)
{
	const struct nn_view *v = &g->node[i].view;
	uint64_t hash = hash64_text(v->name), probe = hash;
	for (int k; (k = nn_index_next(seen, hash, &probe)) >= 0; ) {
		const struct nn_view *o = &g->node[k].view;
		if (!strcmp(o->name, v->name) && !memcmp(o->offset, v->offset, sizeof o->offset) &&
		    !memcmp(o->extent, v->extent, sizeof o->extent))
			return false;
	}
	nn_index_put(seen, g->mem, hash, i);
	return true;
}

int nn_graph_cost(const struct nn_graph *g, struct nn_cost *cost)
{
	*cost = (struct nn_cost){ 0 };
	if (g->failed)
		return g->failed;
	struct arena_mark mark = arena_mark(g->mem);
	struct nn_index seen = { 0 };
	for (int i = 0; i < g->count; i++) {
		const struct nn_node *n = &g->node[i];
		if (n->kind == NN_PARAM && first_of_view(g, &seen, i)) {
			const int64_t *e = n->view.extent;
			cost->params += e[0] * e[1] * e[2] * e[3];
		} else if (n->kind == NN_OP && n->op->macs) {
			struct nn_shape shapes[NN_MAX_IN];
			for (int k = 0; k < n->n_in; k++)
				shapes[k] = g->node[n->in[k]].shape;
			cost->macs += n->op->macs(n, shapes);
		}
	}
	arena_rewind(g->mem, mark);
	return 0;
}

int nn_graph_params(const struct nn_graph *g, struct nn_store *s)
{
	if (g->failed)
		return g->failed;
	for (int i = 0; i < g->count; i++) {
		const struct nn_node *n = &g->node[i];
		if (n->kind == NN_PARAM && !nn_store_add(s, n->name, n->full, n->init, n->decay, n->group))
			return ERR_DATA;
	}
	return 0;
}
