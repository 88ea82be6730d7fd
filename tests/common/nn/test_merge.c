/* Merged graphs: the numbers of each graph alone, every common beginning once, memory of one path. */
#include "tests/harness.h"

#include "base/rng.h"
#include "nn/layers.h"
#include "nn/merge.h"
#include "nn/net.h"
#include "nn/op.h"
#include "space/space.h"

enum { CANDIDATES = 64, SIDE = 16, BATCH = 5, BATCHES = 2 };

static struct arena *mem;
static struct space *space;
static const char *const out_only[] = { "out", NULL }, *const both[] = { "out", "feature", NULL };

static int setup(void **state)
{
	(void)state;
	mem = arena_new();
	space = space_new(mem, "macro", &(struct space_settings){ .rows = SIDE, .columns = SIDE, .channels = 3, .options = "width=0.25" });
	return space ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static const struct nn_graph *candidate(const uint8_t *code)
{
	struct nn_graph *g = space_graph(space, code, mem);
	assert_non_null(g);
	nn_graph_output(g, "out", nn_linear(g, "fc", nn_graph_find_output(g, "feature"), 3, true));
	return g;
}

static void draw(const struct nn_graph **graph)
{
	struct rng r = rng_stream(2, "merge", 0, 0, 0);
	for (int k = 0; k < CANDIDATES; k++) {
		uint8_t code[SPACE_MAX_DECISIONS];
		space_uniform(space, &r, code);
		space->type->canonical(space, code, code);
		graph[k] = candidate(code);
	}
}

static struct nn_store *values_of(int count, const struct nn_graph *const *graph)
{
	struct nn_store *s = nn_store_new(mem);
	for (int k = 0; k < count; k++)
		assert_ok(nn_graph_params(graph[k], s));
	nn_init_store(s, 3);
	return s;
}

static const float *images(int64_t n)
{
	struct rng r = rng_stream(5, "images", 0, 0, 0);
	float *x = arena_raw(mem, (size_t)(n * SIDE * SIDE * 3), sizeof *x);
	for (int64_t i = 0; i < n * SIDE * SIDE * 3; i++)
		x[i] = (float)rng_normal(&r);
	return x;
}

static struct nn_net *forward(struct nn_ctx *ctx, const struct nn_graph *g, struct nn_store *values, int64_t batch,
                              const float *image, enum nn_bn_mode mode, struct nn_stats *stats)
{
	nn_ctx_reset(ctx);
	struct nn_net *net = nn_bind(ctx, g, values, NULL, batch);
	if (!net)
		fail_msg("%s", err_text());
	nn_set_input(net, "image", image);
	nn_set_stats(net, stats);
	assert_ok(nn_forward(net, mode));
	return net;
}

/* Statistics over the batches, then the outputs of the last one. */
static struct nn_net *evaluate(struct nn_ctx *ctx, const struct nn_graph *g, struct nn_store *values, const float *image,
                               struct nn_stats *stats)
{
	for (int b = 0; b < BATCHES; b++)
		forward(ctx, g, values, BATCH, image + b * BATCH * SIDE * SIDE * 3, NN_BN_ACCUMULATE, stats);
	nn_stats_finish(stats);
	return forward(ctx, g, values, BATCH, image, NN_BN_FIXED, stats);
}

static bool same_stat(const struct nn_stat *a, const struct nn_stat *b)
{
	size_t bytes = (size_t)a->c * sizeof(double);
	return a->c == b->c && !memcmp(a->mean, b->mean, bytes) && !memcmp(a->var, b->var, bytes);
}

/* Among the merged statistics, under this name or name#2, name#3, ... */
static bool has_stat(const struct nn_stats *merged, const struct nn_stat *wanted)
{
	size_t length = strlen(wanted->name);
	for (int i = 0; i < merged->count; i++) {
		const char *name = merged->stat[i].name;
		if (!strncmp(name, wanted->name, length) && (!name[length] || name[length] == '#') && same_stat(&merged->stat[i], wanted))
			return true;
	}
	return false;
}

static void merged_candidates_have_the_bits_of_each_alone(void **state)
{
	(void)state;
	const struct nn_graph *graph[CANDIDATES];
	draw(graph);
	struct nn_store *values = values_of(CANDIDATES, graph);
	const float *image = images(BATCHES * BATCH);
	struct nn_graph *merged = nn_merge(mem, CANDIDATES, graph, both);
	assert_non_null(merged);
	struct nn_ctx *alone = nn_ctx_new(mem, NULL, backend_find("cpu"));
	for (int threads = 1; threads <= 3; threads++) {
		struct pool *pool = pool_new(threads);
		struct nn_ctx *ctx = nn_ctx_new(mem, pool, backend_find("cpu"));
		struct nn_stats *all = nn_stats_new(mem);
		struct nn_net *net = evaluate(ctx, merged, values, image, all);
		for (int k = threads - 1; k < CANDIDATES; k += 3) {
			struct nn_stats *stats = nn_stats_new(mem);
			struct nn_net *one = evaluate(alone, graph[k], values, image, stats);
			for (int o = 0; both[o]; o++) {
				struct nn_shape s;
				const float *want = nn_output(one, both[o], &s), *got = nn_output(net, nn_merge_name(mem, k, both[o]), NULL);
				assert_memory_equal(got, want, (size_t)(s.n * s.c) * sizeof *got);
			}
			for (int i = 0; i < stats->count; i++)
				if (!has_stat(all, &stats->stat[i]))
					fail_msg("statistics of %s of candidate %d are not among the merged ones", stats->stat[i].name, k);
		}
		nn_ctx_free(ctx);
		pool_free(pool);
	}
	nn_ctx_free(alone);
}

/* Distinct prefixes: layer i of two candidates is one layer exactly when they agree up to i. */
static void every_common_beginning_is_there_once(void **state)
{
	(void)state;
	const struct nn_graph *graph[CANDIDATES];
	draw(graph);
	struct nn_graph *merged = nn_merge(mem, CANDIDATES, graph, out_only);
	int64_t prefixes = 0, norms = 0;
	for (int k = 0; k < CANDIDATES; k++)
		for (int i = 0; i < graph[k]->count; i++) {
			/* batch-norms of a graph are in the order of its layers; new ones end a prefix that no earlier graph has */
			bool seen = graph[k]->node[i].kind != NN_OP || strcmp(graph[k]->node[i].op->name, "batchnorm");
			for (int e = 0; e < k && !seen; e++) {
				int n = 0;
				while (n <= i && n < graph[e]->count && !strcmp(graph[e]->node[n].name, graph[k]->node[n].name))
					n++;
				seen = n > i;
			}
			prefixes += !seen;
		}
	for (int i = 0; i < merged->count; i++)
		norms += merged->node[i].kind == NN_OP && !strcmp(merged->node[i].op->name, "batchnorm");
	assert_int_equal(norms, prefixes);
}

static const struct nn_graph *chain(const char *first, const char *second, double factor)
{
	struct nn_graph *g = nn_graph_new(mem);
	int x = nn_conv_bn(g, first, nn_graph_input(g, "image", SIDE, SIDE, 3), 4, 3, 1, ACT_RELU);
	x = nn_conv_bn(g, second, x, 4, 1, 1, ACT_NONE);
	nn_graph_output(g, "out", nn_grad_scale(g, factor > 0 ? "scale" : "another name", nn_global_pool(g, "pool", x), fabs(factor)));
	return g;
}

static int count_op(const struct nn_graph *g, const char *op)
{
	int n = 0;
	for (int i = 0; i < g->count; i++)
		n += g->node[i].kind == NN_OP && !strcmp(g->node[i].op->name, op);
	return n;
}

static void nodes_are_one_when_they_are_made_alike_whatever_their_name(void **state)
{
	(void)state;
	const struct nn_graph *graph[] = {
		chain("a", "c", 1), chain("a", "d", 1), chain("b", "c", 1), chain("a", "c", 2), chain("a", "c", -1), chain("a", "c", 1),
	};
	struct nn_graph *m = nn_merge(mem, 6, graph, out_only);
	assert_non_null(m);
	assert_int_equal(count_op(m, "conv"), 5);           /* a, a c, a d, b, b c */
	assert_int_equal(count_op(m, "globalpool"), 3);
	assert_int_equal(count_op(m, "grad_scale"), 4);     /* factor 2 is another one, another name is not */
	int out[6];
	for (int k = 0; k < 6; k++)
		out[k] = nn_graph_find_output(m, nn_merge_name(mem, k, "out"));
	assert_int_equal(out[0], out[4]);
	assert_int_equal(out[0], out[5]);
	assert_int_not_equal(out[0], out[1]);
	assert_int_not_equal(out[0], out[2]);
	assert_int_not_equal(out[0], out[3]);
}

static void different_views_of_one_tensor_are_different(void **state)
{
	(void)state;
	const struct nn_graph *graph[3];
	for (int k = 0; k < 3; k++) {
		struct nn_graph *g = nn_graph_new(mem);
		int x = nn_graph_input(g, "image", SIDE, SIDE, 3);
		struct nn_view v = { .name = "w", .offset = { k == 1 ? 2 : 0 }, .extent = { 2, 1, 1, 3 } };
		int w = nn_graph_param_view(g, &v, (int64_t[]){ 4, 1, 1, 3 }, NN_INIT_HE, true, 0);
		nn_graph_output(g, "out", nn_graph_op(g, "conv", "conv", 2, (int[]){ x, w }, 0, NULL));
		assert_ok(nn_graph_check(g));
		graph[k] = g;
	}
	struct nn_graph *m = nn_merge(mem, 3, graph, out_only);
	assert_int_equal(count_op(m, "conv"), 2);
	assert_int_equal(nn_graph_find_output(m, "0/out"), nn_graph_find_output(m, "2/out"));
	assert_null(nn_merge(mem, 3, graph, both));
	assert_non_null(strstr(err_text(), "graph 0 has no output feature"));
	err_clear();
}

/* Floats per image that a walk in the order of the nodes must hold at once: no plan can do with less. */
static int64_t least_memory(const struct nn_graph *g)
{
	int *last = ARENA_NEW(mem, int, g->count);
	int64_t now = 0, most = 0;
	for (int i = 0; i < g->count; i++)
		for (int k = 0; k < g->node[i].n_in; k++)
			last[g->node[i].in[k]] = i;
	for (int i = 0; i < g->count; i++) {
		if (g->node[i].kind != NN_OP)
			continue;
		now += nn_image_size(g->node[i].shape);
		most = now > most ? now : most;
		for (int k = 0; k < i; k++)
			if (g->node[k].kind == NN_OP && last[k] == i)
				now -= nn_image_size(g->node[k].shape);
	}
	return most;
}

static void memory_is_that_of_one_path_and_one_held_tensor_per_level(void **state)
{
	(void)state;
	enum { N = 32 };
	const struct nn_graph *graph[CANDIDATES], *widest;
	uint8_t twos[8] = { 2, 2, 2, 2, 2, 2, 2, 2 };
	draw(graph);
	widest = candidate(twos);
	struct nn_store *values = values_of(CANDIDATES, graph);
	assert_ok(nn_graph_params(widest, values));
	nn_init_store(values, 3);
	const float *image = images(N);
	struct nn_graph *merged = nn_merge(mem, CANDIDATES, graph, out_only);

	/* held: the outputs of stem and layers, 8 channels at 16 x 16, then 16 at 8 x 8, 32 at 4 x 4, 64 at 2 x 2 */
	int64_t held = 8 * 256 + 2 * 16 * 64 + 3 * 32 * 16 + 3 * 64 * 4, outputs = 3 * CANDIDATES;
	int64_t bound = least_memory(widest) + held + outputs;
	assert_in_range(least_memory(merged), 1, bound);

	/* The plan: a buffer is at most twice what it holds. */
	struct nn_ctx *ctx = nn_ctx_new(mem, NULL, backend_find("cpu"));
	struct nn_stats *stats = nn_stats_new(mem);
	size_t bookkeeping = 1 << 20;
	forward(ctx, merged, values, N, image, NN_BN_ACCUMULATE, stats);
	assert_in_range(arena_peak(ctx->step), 1, 2 * (size_t)(N * bound) * sizeof(float) + bookkeeping);
	nn_ctx_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(merged_candidates_have_the_bits_of_each_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(every_common_beginning_is_there_once, setup, teardown),
		cmocka_unit_test_setup_teardown(nodes_are_one_when_they_are_made_alike_whatever_their_name, setup, teardown),
		cmocka_unit_test_setup_teardown(different_views_of_one_tensor_are_different, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_is_that_of_one_path_and_one_held_tensor_per_level, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
