/* Many candidates with shared weights: each network by itself, and all of them as one merged graph.
 *
 *   candidates.tsv   uniform candidates of space macro, batch-norm recalibrated on a batch and then scored on it;
 *                    ideal = operations of all networks / operations of the merged graph */
#include <math.h>
#include <string.h>
#include "base/die.h"
#include "base/err.h"
#include "base/log.h"
#include "nn/merge.h"
#include "tests/bench/bench.h"
#include "tests/bench/supernet.h"

enum { SCORE_THREADS = 2 };

extern const struct sampler sampler_uniform;
static const char *const scored[] = { "out", NULL };

struct crowd {
	struct supernet net;
	int count;
	const struct nn_graph **graph, *merged;
	int64_t dim;                     /* of an output */
	float *single, *together;        /* outputs, (count, rows, dim) */
};

static void draw(struct crowd *c, int count)
{
	struct supernet *n = &c->net;
	const struct space *s = n->training.space;
	c->count = count;
	c->graph = ARENA_NEW(n->mem, const struct nn_graph *, count);
	for (int k = 0; k < count; k++) {
		uint8_t code[SPACE_MAX_DECISIONS];
		char text[SPACE_TEXT];
		sampler_uniform.draw(s, 1, k, 0, code);
		s->type->print(s, code, text, sizeof text);
		c->graph[k] = supernet_graph(n, text);
	}
	c->merged = nn_merge(n->mem, count, c->graph, scored);
	if (!c->merged)
		die_on(err_code());
	c->dim = c->graph[0]->node[nn_graph_find_output(c->graph[0], "out")].shape.c;
	c->single = arena_raw(n->mem, (size_t)(count * n->rows * c->dim), sizeof(float));
	c->together = arena_raw(n->mem, (size_t)(count * n->rows * c->dim), sizeof(float));
}

static struct nn_net *forward(struct crowd *c, const struct nn_graph *g, struct nn_stats *stats, enum nn_bn_mode mode)
{
	const struct training *t = &c->net.training;
	struct nn_net *net = network_forward(t->ctx, g, t->values, &c->net.batch, mode, stats);
	if (!net)
		die_on(err_code());
	return net;
}

static struct nn_net *evaluate(struct crowd *c, const struct nn_graph *g, struct arena *mem)
{
	struct nn_stats *stats = nn_stats_new(mem);
	forward(c, g, stats, NN_BN_ACCUMULATE);
	nn_stats_finish(stats);
	return forward(c, g, stats, NN_BN_FIXED);
}

static void keep(struct crowd *c, struct nn_net *net, const char *output, int k, float *all)
{
	int64_t floats = c->net.rows * c->dim;
	memcpy(all + k * floats, nn_output(net, output, NULL), (size_t)floats * sizeof(float));
}

static void one_by_one(void *arg)
{
	struct crowd *c = arg;
	struct arena *mem = arena_new();
	for (int k = 0; k < c->count; k++)
		keep(c, evaluate(c, c->graph[k], mem), "out", k, c->single);
	arena_free(mem);
}

static void merged(void *arg)
{
	struct crowd *c = arg;
	struct arena *mem = arena_new();
	struct nn_net *net = evaluate(c, c->merged, mem);
	for (int k = 0; k < c->count; k++)
		keep(c, net, nn_merge_name(mem, k, "out"), k, c->together);
	arena_free(mem);
}

static double ideal(const struct crowd *c)
{
	struct nn_cost cost;
	double all = 0;
	for (int k = 0; k < c->count; k++) {
		die_on(nn_graph_cost(c->graph[k], &cost));
		all += (double)cost.macs;
	}
	die_on(nn_graph_cost(c->merged, &cost));
	return all / (double)cost.macs;
}

int main(int argc, char **argv)
{
	static const struct bench_column columns[] = {
		{ "candidates", 0, 0 }, { "batch", 0, 0 }, { "threads", 0, 0 }, { "one_by_one_s", 0, 3 }, { "merged_s", 0, 3 },
		{ "ratio", 0, 2 }, { "ideal", 0, 2 }, BENCH_TEXT("same_bits", 0), { 0 }
	};
	static const struct { int candidates; int64_t batch; } run[] = { { 64, 64 }, { 600, 16 } };
	struct bench b;
	bench_begin(&b, argc, argv, "candidates", "evaluation of many candidates", NULL);
	struct bench_table *t = bench_table(&b, "candidates", columns);
	for (size_t i = 0; i < sizeof run / sizeof *run; i++) {
		int count = b.tiny ? run[i].candidates / 16 : run[i].candidates;
		struct crowd c;
		if (!bench_wanted(&b, "%d candidates", run[i].candidates))
			continue;
		supernet_open(&c.net, path_set("uniform"), "crossentropy", b.tiny ? 8 : 32, b.tiny ? 8 : run[i].batch, SCORE_THREADS);
		draw(&c, count);
		double single = bench_seconds(&b, one_by_one, &c), together = bench_seconds(&b, merged, &c);
		bool same = !memcmp(c.single, c.together, (size_t)(count * c.net.rows * c.dim) * sizeof(float));
		bench_row(t, (double)count, (double)c.net.rows, (double)SCORE_THREADS, single, together, single / together, ideal(&c),
		          same ? "yes" : "no");
		supernet_close(&c.net);
	}
	bench_table_close(t);
	return bench_end(&b);
}
