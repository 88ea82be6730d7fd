/* Merging by hash-consing (Ershov 1958): every node is looked up by what it is made of; the numbers of equal
 * nodes are equal, so the numbers of the inputs stand for everything above.  A graph is then a list of
 * numbers; in lexicographic order of these lists graphs stand beside those with which they share most, and
 * new nodes are taken in that order. */
#include "nn/merge.h"

#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/hash.h"
#include "nn/op.h"

struct distinct {                        /* a node that differs from all others */
	const struct nn_node *node;      /* where it was first met; its inputs are numbers of that graph, */
	const int *in;                   /* these are distinct nodes */
	int merged;                      /* its node in the merged graph, or -1 */
};

struct part { int graph, length; const int *list; const int *output; };  /* a graph as distinct nodes */

struct merging {
	struct arena *mem;               /* scratch */
	struct distinct *all;
	int count, capacity;
	struct nn_index index;           /* of all */
	struct name { const char *text; int used; } *name;
	struct nn_index names;           /* of name */
	struct nn_graph *merged;
};

/* ---- equal nodes ------------------------------------------------------------------------------------ */

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static uint64_t key(const struct nn_node *n, const int *in)
{
	uint64_t hash = mix(0, (uint64_t)n->kind);
	if (n->kind != NN_OP)            /* views differ rarely where names do not */
		return mix(hash, hash64_text(n->name));
	hash = mix(hash, hash64_text(n->op->name));
	for (int i = 0; i < n->n_attr; i++)
		hash = mix(hash, (uint64_t)n->attr[i].i);
	for (int i = 0; i < n->n_in; i++)
		hash = mix(hash, (uint64_t)in[i]);
	return hash;
}

static bool equal(const struct distinct *d, const struct nn_node *n, const int *in)
{
	const struct nn_node *o = d->node;
	if (o->kind != n->kind || memcmp(&o->shape, &n->shape, sizeof n->shape))
		return false;
	if (n->kind == NN_INPUT)
		return !strcmp(o->name, n->name);
	if (n->kind == NN_PARAM)
		return !strcmp(o->name, n->name) && !memcmp(o->view.offset, n->view.offset, sizeof n->view.offset) &&
		       !memcmp(o->full, n->full, sizeof n->full);
	if (o->op != n->op || o->n_in != n->n_in || o->n_attr != n->n_attr)
		return false;
	for (int i = 0; i < n->n_attr; i++)
		if (strcmp(o->attr[i].name, n->attr[i].name) || o->attr[i].i != n->attr[i].i ||
		    memcmp(&o->attr[i].f, &n->attr[i].f, sizeof n->attr[i].f))
			return false;
	return !n->n_in || !memcmp(d->in, in, (size_t)n->n_in * sizeof *in);
}

static int number_of(struct merging *m, const struct nn_node *n, const int *in)
{
	uint64_t hash = key(n, in), probe = hash;
	for (int k; (k = nn_index_next(&m->index, hash, &probe)) >= 0; )
		if (equal(&m->all[k], n, in))
			return k;
	ARENA_GROW(m->mem, m->all, m->count, m->capacity, 1024);
	nn_index_put(&m->index, m->mem, hash, m->count);
	m->all[m->count] = (struct distinct){ n, in, -1 };
	return m->count++;
}

/* ---- graphs as lists -------------------------------------------------------------------------------- */

static int read_graph(struct merging *m, const struct nn_graph *g, const char *const *outputs, int n_outputs,
                      struct part *p)
{
	bool *live = ARENA_NEW(m->mem, bool, g->count + 1);
	int *number = ARENA_NEW(m->mem, int, g->count + 1), *list = ARENA_NEW(m->mem, int, g->count + 1);
	int *output = ARENA_NEW(m->mem, int, n_outputs + 1);
	TRY(nn_graph_check(g));
	for (int o = 0; o < n_outputs; o++) {
		output[o] = nn_graph_find_output(g, outputs[o]);
		if (output[o] < 0)
			return err_set(ERR_INTERNAL, "nn_merge: graph %d has no output %s", p->graph, outputs[o]);
		live[output[o]] = true;
	}
	for (int i = g->count - 1; i >= 0; i--)
		for (int k = 0; live[i] && k < g->node[i].n_in; k++)
			live[g->node[i].in[k]] = true;
	for (int i = 0; i < g->count; i++) {
		const struct nn_node *n = &g->node[i];
		if (!live[i])
			continue;
		int *in = ARENA_NEW(m->mem, int, n->n_in + 1);
		for (int k = 0; k < n->n_in; k++)
			in[k] = number[n->in[k]];
		list[p->length++] = number[i] = number_of(m, n, in);
	}
	for (int o = 0; o < n_outputs; o++)
		output[o] = number[output[o]];
	p->list = list;
	p->output = output;
	return 0;
}

static int by_list(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	for (int i = 0; i < x->length && i < y->length; i++)
		if (x->list[i] != y->list[i])
			return x->list[i] < y->list[i] ? -1 : 1;
	return x->length != y->length ? x->length - y->length : x->graph - y->graph;
}

/* ---- the merged graph ------------------------------------------------------------------------------- */

/* The name, then name#2, name#3, ... : operators of a graph have different ones. */
static const char *unique(struct merging *m, const char *wish)
{
	uint64_t hash = hash64_text(wish), probe = hash;
	for (int k; (k = nn_index_next(&m->names, hash, &probe)) >= 0; )
		if (!strcmp(m->name[k].text, wish))
			return arena_printf(m->mem, "%s#%d", wish, ++m->name[k].used);
	m->name[m->names.used] = (struct name){ wish, 1 };
	nn_index_put(&m->names, m->mem, hash, m->names.used);
	return wish;
}

static void put(struct merging *m, struct distinct *d)
{
	const struct nn_node *n = d->node;
	struct nn_graph *g = m->merged;
	int in[NN_MAX_IN];
	if (n->kind == NN_INPUT) {
		d->merged = nn_graph_input(g, n->name, n->shape.h, n->shape.w, n->shape.c);
	} else if (n->kind == NN_PARAM) {
		d->merged = nn_graph_param_view(g, &n->view, n->full, n->init, n->decay, n->group);
	} else {
		for (int k = 0; k < n->n_in; k++)
			in[k] = m->all[d->in[k]].merged;
		d->merged = nn_graph_op(g, n->op->name, unique(m, n->name), n->n_in, in, n->n_attr, n->attr);
	}
}

const char *nn_merge_name(struct arena *mem, int graph, const char *output)
{
	return arena_printf(mem, "%d/%s", graph, output);
}

struct nn_graph *nn_merge(struct arena *mem, int count, const struct nn_graph *const *graphs,
                          const char *const *outputs)
{
	struct merging m = { .mem = arena_new(), .merged = nn_graph_new(mem) };
	struct part *part = ARENA_NEW(m.mem, struct part, count + 1);
	int status = 0, n_outputs = 0;
	while (outputs[n_outputs])
		n_outputs++;
	for (int k = 0; k < count && status >= 0; k++) {
		part[k].graph = k;
		status = read_graph(&m, graphs[k], outputs, n_outputs, &part[k]);
	}
	if (status >= 0) {
		m.name = ARENA_NEW(m.mem, struct name, m.count + 1);
		qsort(part, (size_t)count, sizeof *part, by_list);
		for (int k = 0; k < count; k++) {
			for (int i = 0; i < part[k].length; i++)
				if (m.all[part[k].list[i]].merged < 0)
					put(&m, &m.all[part[k].list[i]]);
			for (int o = 0; o < n_outputs; o++)
				nn_graph_output(m.merged, nn_merge_name(m.mem, part[k].graph, outputs[o]),
				                m.all[part[k].output[o]].merged);
		}
		status = nn_graph_check(m.merged);
	}
	arena_free(m.mem);
	return status < 0 ? NULL : m.merged;
}
