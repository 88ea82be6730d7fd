#include "stages/evaluate/group.h"

#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "nn/merge.h"
#include "nn/op.h"

enum { GROUP_BYTES = 1 << 30 };

struct entry { struct contestant *c; int decisions; };

/* In the order of their codes neighbours have much in common; equal ones as they came. */
static int by_code(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = memcmp(x->c->code, y->c->code, (size_t)x->decisions);
	return order ? order : x->c < y->c ? -1 : x->c > y->c;
}

/* Bytes that a candidate holds while its group is evaluated, if it shares nothing: sums, their coefficients,
 * outputs.  (What flows in between takes the memory of one network, whatever the group.) */
static double bytes_held(const struct contestant *c, bool features, int64_t rows)
{
	const struct nn_graph *g = c->graph;
	double bytes = 0;
	for (int i = 0; i < g->count; i++)
		if (g->node[i].kind == NN_OP && g->node[i].op->affine)
			bytes += (double)g->node[i].shape.c * (2 * sizeof(double) + 4 * sizeof(float));
	for (int i = 0; i < g->n_outputs; i++)
		if (features || !strcmp(g->output[i].name, "out"))
			bytes += (double)(rows * g->node[g->output[i].node].shape.c) * sizeof(float);
	return bytes;
}

static int make(struct group *g, bool features, struct arena *mem)
{
	const char *const outputs[] = { "out", features ? "feature" : NULL, NULL };
	struct arena *scratch = arena_new();
	const struct nn_graph **graph = ARENA_NEW(scratch, const struct nn_graph *, g->count);
	for (int64_t k = 0; k < g->count; k++) {
		graph[k] = g->member[k]->graph;
		g->member[k]->out = nn_merge_name(mem, (int)k, "out");
		g->member[k]->feature = nn_merge_name(mem, (int)k, "feature");
	}
	g->graph = nn_merge(mem, (int)g->count, graph, outputs);
	g->stats = nn_stats_new(mem);
	arena_free(scratch);
	return g->graph ? 0 : err_code();
}

int groups_make(struct groups *g, struct contestant *c, int64_t count, int decisions, bool features,
                int64_t rows, int64_t together, struct arena *mem)
{
	struct entry *order = ARENA_NEW(mem, struct entry, count + 1);
	struct contestant **member = ARENA_NEW(mem, struct contestant *, count + 1);
	*g = (struct groups){ .group = ARENA_NEW(mem, struct group, count + 1) };
	for (int64_t k = 0; k < count; k++)
		order[k] = (struct entry){ &c[k], decisions };
	qsort(order, (size_t)count, sizeof(*order), by_code);
	for (int64_t k = 0; k < count; k++)
		member[k] = order[k].c;
	for (int64_t first = 0; first < count; first += g->group[g->count++].count) {
		struct group *one = &g->group[g->count];
		double bytes = 0;
		one->member = member + first;
		do
			bytes += bytes_held(member[first + one->count], features, rows);
		while (++one->count < count - first && (together ? one->count < together : bytes < GROUP_BYTES));
		TRY(make(one, features, mem));
	}
	return 0;
}
