/* The darts space against the counts of published cells, its two encodings, and what its networks compute. */
#include "tests/arena.h"
#include "tests/harness.h"

#include "nn/layers.h"
#include "nn/net.h"
#include "nn/op.h"
#include "space/genotype.h"
#include "space/space.h"

#define RANDOM_CODES 10000

static struct space *darts(int64_t size, int64_t classes, const char *options)
{
	struct space_settings set = { .rows = size, .columns = size, .channels = 3, .classes = classes, .options = options };
	struct space *s = space_new(mem, "darts", &set);

	if (!s)
		fail_msg("%s: %s", options ? options : "no options", err_text());
	return s;
}

/* Liu, Simonyan and Yang 2019, second order. */
static const char v2[] =
	"Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
	"('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], "
	"reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
	"('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])";
/* Nguyen and Chang 2021, released cells with four and five nodes. */
static const char isic4[] =
	"Genotype(normal=[('skip_connect',0),('avg_pool_3x3',1),('dil_conv_5x5',0),('dil_conv_3x3',1),"
	"('skip_connect',0),('sep_conv_5x5',1),('skip_connect',0),('avg_pool_3x3',1)],normal_concat=range(2,6),"
	"reduce=[('skip_connect',0),('max_pool_3x3',1),('dil_conv_3x3',0),('dil_conv_5x5',2),('dil_conv_3x3',0),"
	"('sep_conv_3x3',1),('max_pool_3x3',1),('dil_conv_3x3',2)],reduce_concat=range(2,6))";
static const char isic5[] =
	"Genotype(normal=[('avg_pool_3x3',1),('max_pool_3x3',0),('dil_conv_5x5',0),('sep_conv_5x5',1),('dil_conv_3x3',0),"
	"('avg_pool_3x3',1),('dil_conv_5x5',0),('dil_conv_5x5',2),('avg_pool_3x3',0),('max_pool_3x3',1)],normal_concat=range(3,7),"
	"reduce=[('dil_conv_5x5',0),('max_pool_3x3',1),('skip_connect',0),('avg_pool_3x3',1),('skip_connect',0),"
	"('dil_conv_5x5',1),('sep_conv_5x5',0),('avg_pool_3x3',1),('max_pool_3x3',0),('dil_conv_5x5',1)],reduce_concat=range(3,7))";
/* Dong and Yang 2019. */
static const char setn[] =
	"Genotype(normal=[('skip_connect',0),('sep_conv_5x5',1),('sep_conv_5x5',0),('sep_conv_3x3',1),('sep_conv_5x5',1),"
	"('sep_conv_5x5',3),('max_pool_3x3',1),('conv_1x3_3x1',4)],normal_concat=range(2,6),"
	"reduce=[('sep_conv_3x3',0),('sep_conv_5x5',1),('avg_pool_3x3',0),('sep_conv_5x5',1),('avg_pool_3x3',0),"
	"('sep_conv_5x5',1),('avg_pool_3x3',0),('skip_connect',1)],reduce_concat=range(2,6))";

static struct nn_cost cost(struct space *s, const char *text)
{
	uint8_t code[SPACE_MAX_DECISIONS];
	struct nn_cost c;

	assert_ok(s->type->parse(s, text, code));
	assert_ok(space_cost(s, code, &c));
	return c;
}

/* Two operations of isic5's reduction cell reach no output.  The published counts have them, ours do not:
 * dilated 5x5 convolutions at width 64, 16 x 16 pixels, and at width 128, 8 x 8 pixels. */
enum {
	DEAD64 = 64 * 25 + 64 * 64, DEAD128 = 128 * 25 + 128 * 128,
	DEAD_PARAMS = DEAD64 + 2 * 64 + DEAD128 + 2 * 128, DEAD_MACS = DEAD64 * 16 * 16 + DEAD128 * 8 * 8,
};

static void costs_are_exactly_those_of_the_published_cells(void **state)
{
	static const struct { const char *text, *options; int64_t classes, params, macs; } row[] = {
		{ v2, "initial-channels=32:cells=8", 0, 914592, 159760384 },
		{ isic4, "initial-channels=32:cells=8", 0, 760032, 130400256 },
		{ isic5, "initial-channels=32:cells=8:nodes=5", 0, 880800 - DEAD_PARAMS, 150069248 - DEAD_MACS },
		{ v2, "initial-channels=36:cells=20", 10, 3349342, 528359040 },
	};
	static const char *const encoding[] = { "direct", "edge8" };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		for (int e = 0; e < 2; e++) {
			const char *options = arena_printf(mem, "%s:encoding=%s", row[i].options, encoding[e]);
			struct nn_cost c = cost(darts(32, row[i].classes, options), row[i].text);

			assert_int_equal(c.params, row[i].params);
			assert_int_equal(c.macs, row[i].macs);
		}
}

/* Rounded to as many digits as are published: millions of parameters, of multiply-adds. */
static void costs_of_the_setn_networks_are_the_published_ones(void **state)
{
	static const struct { int64_t size, classes; const char *options, *params, *macs; } row[] = {
		{ 32, 10, "initial-channels=36:cells=20", "4.619", "722" },
		{ 32, 100, "initial-channels=36:cells=20", "4.671", "722" },
		{ 224, 1000, "initial-channels=73:cells=5:network=imagenet", "5.244", "597.0" },
		{ 224, 1000, "initial-channels=58:cells=8:network=imagenet", "5.340", "599.7" },
		{ 224, 1000, "initial-channels=49:cells=11:network=imagenet", "5.262", "584.1" },
		{ 224, 1000, "initial-channels=44:cells=14:network=imagenet", "5.394", "599.4" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct nn_cost c = cost(darts(row[i].size, row[i].classes, arena_printf(mem, "%s:operations=setn", row[i].options)), setn);
		int digits = row[i].macs[3] ? 1 : 0;

		assert_string_equal(arena_printf(mem, "%.3f", (double)c.params / 1e6), row[i].params);
		assert_string_equal(arena_printf(mem, "%.*f", digits, (double)c.macs / 1e6), row[i].macs);
	}
}

static void the_auxiliary_head_is_there_only_while_training(void **state)
{
	struct space *s = darts(32, 0, "initial-channels=36:cells=20:operations=setn"), training = *s;
	uint8_t code[SPACE_MAX_DECISIONS];
	struct nn_graph *g;
	struct nn_cost c;

	(void)state;
	training.training.auxiliary = true;
	assert_ok(s->type->parse(s, setn, code));
	assert_int_equal(nn_graph_find_output(space_graph(s, code, mem), "auxiliary"), -1);
	g = space_graph(&training, code, mem);
	nn_graph_output(g, "logits", nn_linear(g, "head/linear", nn_graph_find_output(g, "feature"), 10, true));
	nn_graph_output(g, "second", nn_linear(g, "auxiliary/linear", nn_graph_find_output(g, "auxiliary"), 10, true));
	assert_ok(nn_graph_cost(g, &c));
	assert_string_equal(arena_printf(mem, "%.3f", (double)c.params / 1e6), "5.096");
	s = darts(224, 0, "initial-channels=48:cells=14:network=imagenet");
	s->training.auxiliary = true;
	assert_ok(s->type->parse(s, v2, code));
	assert_true(nn_graph_find_output(space_graph(s, code, mem), "auxiliary") >= 0);
}

static int count_ops(const struct nn_graph *g, const char *op)
{
	int n = 0;

	for (int i = 0; i < g->count; i++)
		n += g->node[i].kind == NN_OP && !strcmp(g->node[i].op->name, op);
	return n;
}

static void drop_path_is_on_every_operation_but_the_identity(void **state)
{
	struct space *s = darts(32, 0, "initial-channels=4:cells=8");
	uint8_t code[SPACE_MAX_DECISIONS];

	(void)state;
	assert_ok(s->type->parse(s, v2, code));
	assert_int_equal(count_ops(space_graph(s, code, mem), "droppath"), 0);
	s->training.drop_path = 0.2;
	/* six normal cells with two identities among eight, two reduction cells with three behind a node */
	assert_int_equal(count_ops(space_graph(s, code, mem), "droppath"), 6 * 6 + 2 * 5);
}

/* Numbers of codes of one cell and of different genotypes among them. */
static bool is_op(const struct nn_node *n, const char *op)
{
	return n->kind == NN_OP && !strcmp(n->op->name, op);
}

static bool has_relu(const struct nn_node *n)
{
	return is_op(n, "relu") || (is_op(n, "batchnorm") && nn_attr_int(n, "act", ACT_NONE) == ACT_RELU);
}

/* Length of "cell0/2_from_1/sep_conv_3x3" at the beginning of the name; 0: the node is no part of an operation. */
static size_t operation_name(const struct nn_node *n)
{
	const char *from = n->kind == NN_OP ? strstr(n->name, "_from_") : NULL, *operation = from ? strchr(from, '/') : NULL;

	return operation ? (size_t)(operation + 1 - n->name) + strcspn(operation + 1, "/") : 0;
}

static void check_what_is_read(const struct nn_graph *g)
{
	for (int i = 0; i < g->count; i++) {
		const struct nn_node *n = &g->node[i];
		size_t own = operation_name(n);
		bool plain = is_op(n, "add") || (own && (is_op(n, "maxpool") || is_op(n, "avgpool")));

		for (int k = 0; k < n->n_in; k++) {
			const struct nn_node *in = &g->node[n->in[k]];

			if (in->kind == NN_OP && (plain || (own && strncmp(n->name, in->name, own))) && has_relu(in) == plain)
				fail_msg("%s reads %s", n->name, in->name);
		}
	}
}

/* Pools, and identities (of which the sum is all there is), read a source as it is; convolutions read its ReLU. */
static void convolutions_read_a_relu_and_nothing_else_does(void **state)
{
	static const char *const options[] = { "cells=5", "cells=5:nodes=5:operations=setn:cell-output=all", "cells=5:network=imagenet" };

	(void)state;
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		struct space *s = darts(64, 0, options[i]);
		struct rng r = rng_stream(12, "test/darts", (uint32_t)i, 0, 0);
		uint8_t code[SPACE_MAX_DECISIONS];

		for (int k = 0; k < 100; k++) {
			space_uniform(s, &r, code);
			s->type->canonical(s, code, code);
			check_what_is_read(space_graph(s, code, mem));
		}
	}
}

static void count_genotypes(bool edges, int64_t *codes, int64_t *genotypes)
{
	static const char *const operation[] = { "a", "b", "c", "d", "e", "f", "g" };
	const struct genotype_form f = { .nodes = 2, .first = 2, .operations = 7, .operation = operation, .edges = edges };
	struct decision *decision;
	int n = genotype_decisions(&f, mem, &decision), half = n / 2;
	uint8_t code[SPACE_MAX_DECISIONS] = { 0 };
	static bool seen[3][7][7][7][7];

	memset(seen, 0, sizeof seen);
	*codes = *genotypes = 0;
	for (int d = 0; d >= 0; ++*codes) {
		struct genotype g;

		genotype_decode(&f, code, &g);
		bool *here = &seen[g.node[0][1].from[0] + g.node[0][1].from[1] - 1][g.node[0][0].op[0]][g.node[0][0].op[1]]
		                  [g.node[0][1].op[0]][g.node[0][1].op[1]];
		*genotypes += !*here;
		*here = true;
		for (d = half - 1; d >= 0 && ++code[d] == decision[d].choices; d--)
			code[d] = 0;
	}
}

static void the_space_is_as_large_as_the_formulas_say(void **state)
{
	static const struct { const char *options; double size; } row[] = {
		{ "nodes=4", 1.077e18 }, { "nodes=5", 5.817e23 }, { "nodes=4:encoding=edge8", 1.93e25 },
		{ "nodes=5:encoding=edge8", 1.33e36 }, { "operations=setn", 9.1e16 },
	};
	int64_t codes, genotypes;

	(void)state;
	count_genotypes(false, &codes, &genotypes);
	assert_int_equal(codes, 7203);
	assert_int_equal(genotypes, 7203);
	count_genotypes(true, &codes, &genotypes);
	assert_int_equal(codes, 32768);
	assert_int_equal(genotypes, 7203);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct space *s = darts(32, 0, row[i].options);

		assert_near(pow(10, space_log10_size(s)) / row[i].size, 1, 0.005);
	}
	assert_int_equal(darts(32, 0, "nodes=4")->decisions, 22);
	assert_int_equal(darts(32, 0, "nodes=5")->decisions, 28);
	assert_int_equal(darts(32, 0, "nodes=4:encoding=edge8")->decisions, 28);
	assert_int_equal(darts(32, 0, "nodes=5:encoding=edge8")->decisions, 40);
}

static void check_code(const struct space *s, const uint8_t *code)
{
	uint8_t again[SPACE_MAX_DECISIONS], canonical[SPACE_MAX_DECISIONS];
	char text[SPACE_TEXT];

	s->type->print(s, code, text, sizeof text);
	assert_true(strlen(text) < sizeof text - 1);
	assert_ok(s->type->parse(s, text, again));
	assert_memory_equal(code, again, s->decisions);
	s->type->canonical(s, code, canonical);
	s->type->canonical(s, canonical, again);
	assert_memory_equal(canonical, again, s->decisions);
	s->type->print(s, canonical, text, sizeof text);
	assert_int_equal(strncmp(text, "Genotype(", 9), 0);
	assert_ok(s->type->parse(s, text, again));
	assert_memory_equal(canonical, again, s->decisions);
}

static void random_codes_are_read_back_and_canonical_forms_are_final(void **state)
{
	static const char *const options[] = {
		"nodes=4", "nodes=5", "nodes=4:encoding=edge8", "nodes=5:encoding=edge8:cell-output=all", "nodes=5:operations=setn",
	};

	(void)state;
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		struct space *s = darts(32, 0, options[i]);
		struct rng r = rng_stream(11, "test/darts", (uint32_t)i, 0, 0);
		uint8_t code[SPACE_MAX_DECISIONS];

		for (int k = 0; k < RANDOM_CODES; k++) {
			space_uniform(s, &r, code);
			check_code(s, code);
		}
	}
}

static void released_cells_are_the_same_in_both_encodings(void **state)
{
	static const struct { const char *text, *options; } cell[] = {
		{ v2, "nodes=4" }, { isic4, "nodes=4" }, { isic5, "nodes=5" }, { setn, "operations=setn" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cell / sizeof *cell; i++) {
		struct space *direct = darts(32, 0, cell[i].options);
		struct space *edges = darts(32, 0, arena_printf(mem, "%s:encoding=edge8", cell[i].options));
		uint8_t a[SPACE_MAX_DECISIONS], b[SPACE_MAX_DECISIONS];
		char by_pairs[SPACE_TEXT], by_edges[SPACE_TEXT];

		assert_ok(direct->type->parse(direct, cell[i].text, a));
		assert_ok(edges->type->parse(edges, cell[i].text, b));
		direct->type->canonical(direct, a, a);
		edges->type->canonical(edges, b, b);
		direct->type->print(direct, a, by_pairs, sizeof by_pairs);
		edges->type->print(edges, b, by_edges, sizeof by_edges);
		assert_string_equal(by_pairs, by_edges);
	}
}

static void an_edge_code_keeps_its_first_two_sources_and_none_becomes_a_max_pool(void **state)
{
	/* nodes of either cell: 0 and 1 both none; 1, 2 coded; only 2 coded (0 becomes a pool); 1, 3, 4 coded */
	static const char code[] = "edge8:" "00" "034" "0060" "03050" "00" "034" "0060" "03050";
	static const char want[] =
		"Genotype(normal=[('max_pool_3x3',0),('max_pool_3x3',1),('skip_connect',1),('sep_conv_3x3',2),('max_pool_3x3',0),"
		"('dil_conv_3x3',2),('skip_connect',1),('sep_conv_5x5',3)],normal_concat=range(2,6),reduce=[";
	struct space *s = darts(32, 0, "encoding=edge8");
	uint8_t raw[SPACE_MAX_DECISIONS];
	char text[SPACE_TEXT];

	(void)state;
	assert_ok(s->type->parse(s, code, raw));
	s->type->canonical(s, raw, raw);
	s->type->print(s, raw, text, sizeof text);
	assert_int_equal(strncmp(text, want, strlen(want)), 0);
}

static void nodes_that_reach_no_output_do_not_count(void **state)
{
	struct space *s = darts(32, 0, "nodes=5:cells=3:initial-channels=8");
	uint8_t a[SPACE_MAX_DECISIONS], b[SPACE_MAX_DECISIONS];
	struct nn_cost without, with;

	(void)state;
	/* node 2 of the reduction cell of isic5 is read by nobody */
	assert_ok(s->type->parse(s, isic5, a));
	memcpy(b, a, sizeof b);
	for (int d = 0; d < s->decisions; d++)
		if (!strcmp(s->decision[d].name, "reduce_2_first"))
			b[d] = 4;
	assert_memory_not_equal(a, b, s->decisions);
	assert_int_equal(space_hash(s, a), space_hash(s, b));
	s = darts(32, 0, "nodes=5:cells=3:initial-channels=8:cell-output=all");
	assert_int_not_equal(space_hash(s, a), space_hash(s, b));
	assert_ok(space_cost(s, a, &with));
	assert_ok(space_cost(darts(32, 0, "nodes=5:cells=3:initial-channels=8"), a, &without));
	assert_true(with.params > without.params);
}

/* ---- what networks compute ------------------------------------------------------------------------ */

#define IMAGES 3

/* Features of a graph as it is, with weights of the store and statistics of the batch. */
static const float *features(const struct nn_graph *g, struct nn_store *values, const struct space *s, int64_t *count)
{
	struct nn_ctx *ctx = nn_ctx_new(mem, NULL, backend_find("cpu"));
	struct nn_net *net = nn_bind(ctx, g, values, NULL, IMAGES);
	struct rng r = rng_stream(3, "image", 0, 0, 0);
	struct nn_shape shape;
	float *image, *copy;
	const float *out;

	if (!net)
		fail_msg("%s", err_text());
	image = nn_input(net, "image");
	for (int64_t i = 0; i < IMAGES * s->settings.rows * s->settings.columns * s->settings.channels; i++)
		image[i] = (float)rng_normal(&r);
	assert_ok(nn_forward(net, NN_BN_BATCH));
	out = nn_output(net, "feature", &shape);
	*count = IMAGES * nn_image_size(shape);
	copy = memcpy(ARENA_NEW(mem, float, *count), out, (size_t)*count * sizeof *copy);
	nn_ctx_free(ctx);
	return copy;
}

/* build() on a code that is not canonical, and on its canonical form: the same numbers from the same weights. */
static void codes_of_one_network_compute_the_same(void **state)
{
	static const char *const options[] = { "encoding=edge8", "encoding=edge8:nodes=5", "nodes=5" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct space *s = darts(7, 0, arena_printf(mem, "initial-channels=4:cells=3:%s", options[i]));
		struct rng r = rng_stream(5, "test/darts", (uint32_t)i, 0, 0);
		struct nn_store *values = nn_store_new(mem);

		assert_ok(space_params(s, values));
		nn_init_store(values, 2);
		for (int k = 0, changed = 0; changed < 8; k++) {
			uint8_t code[SPACE_MAX_DECISIONS], canonical[SPACE_MAX_DECISIONS];
			struct nn_graph *g = nn_graph_new(mem);
			const float *a, *b;
			int64_t count, again;

			assert_true(k < 1000);
			space_uniform(s, &r, code);
			s->type->canonical(s, code, canonical);
			if (!memcmp(code, canonical, (size_t)s->decisions))
				continue;
			changed++;
			nn_graph_output(g, "feature", s->type->build(s, code, g));
			assert_ok(nn_graph_check(g));
			a = features(g, values, s, &count);
			b = features(space_graph(s, canonical, mem), values, s, &again);
			assert_int_equal(count, again);
			for (int64_t j = 0; j < count; j++)
				assert_near(a[j], b[j], 1e-6);
		}
	}
}

static void the_store_has_every_parameter_of_random_codes(void **state)
{
	static const char *const options[] = { "nodes=5:encoding=edge8", "nodes=5", "operations=setn:network=imagenet", "cells=1" };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct space *s = darts(32, 0, arena_printf(mem, "initial-channels=4:cells=3:%s", options[i]));
		struct rng r = rng_stream(6, "test/darts", (uint32_t)i, 0, 0);
		struct nn_store *store = nn_store_new(mem);
		uint8_t code[SPACE_MAX_DECISIONS];

		assert_ok(space_params(s, store));
		for (int k = 0; k < 100; k++) {
			int before = store->count;

			space_uniform(s, &r, code);
			assert_ok(nn_graph_params(space_graph(s, code, mem), store));
			assert_int_equal(store->count, before);
		}
		assert_non_null(nn_store_find(store, "cell0/3_from_1/sep_conv_3x3/depthwise2/weight"));
	}
}

static void networks_share_the_weights_of_an_operation_on_an_edge(void **state)
{
	struct space *s = darts(32, 0, "initial-channels=4:cells=3");
	struct nn_store *a = nn_store_new(mem), *b = nn_store_new(mem);
	uint8_t code[SPACE_MAX_DECISIONS];

	(void)state;
	assert_ok(s->type->parse(s, v2, code));
	assert_ok(nn_graph_params(space_graph(s, code, mem), a));
	code[2] = 2;                 /* another pair and another operation for node 3: node 2 stays */
	code[3] = 6;
	assert_ok(nn_graph_params(space_graph(s, code, mem), b));
	assert_non_null(nn_store_find(a, "cell0/2_from_0/sep_conv_3x3/pointwise1/weight"));
	assert_non_null(nn_store_find(b, "cell0/2_from_0/sep_conv_3x3/pointwise1/weight"));
}

static void images_of_odd_sizes_work(void **state)
{
	static const int64_t size[] = { 1, 2, 5, 9, 33 };
	uint8_t code[SPACE_MAX_DECISIONS];

	(void)state;
	for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
		struct space *s = darts(size[i], 10, "cells=3:initial-channels=3");

		assert_ok(s->type->parse(s, v2, code));
		if (!space_graph(s, code, mem))
			fail_msg("%lld pixels: %s", (long long)size[i], err_text());
		s = darts(size[i], 10, "cells=5:initial-channels=7:network=imagenet");
		if (!space_graph(s, code, mem))
			fail_msg("%lld pixels: %s", (long long)size[i], err_text());
	}
}

static void bad_genotypes_are_refused_by_place(void **state)
{
	struct space *s = darts(32, 0, NULL);
	uint8_t code[SPACE_MAX_DECISIONS];
	char text[SPACE_TEXT + 64];

	(void)state;
	assert_ok(s->type->parse(s, v2, code));
	s->type->print(s, code, text, SPACE_TEXT);
	strcat(text, "x");
	assert_fails(s->type->parse(s, text, code), ERR_DATA, "the end: \"x\", expected nothing");
	assert_fails(s->type->parse(s, "Genotype(normal=[('none',0)", code), ERR_DATA, "normal: \"'none',0)\", expected one of 'max_pool_3x3'");
	assert_fails(s->type->parse(s, "Genotype(normal=[('skip_connect',2)", code), ERR_DATA, "expected a number from 0 to 1");
	assert_fails(s->type->parse(s, "Genotype(normal=[('skip_connect',1),('skip_connect',1)", code), ERR_DATA, "another source");
	assert_fails(s->type->parse(s, isic5, code), ERR_DATA, "expected ]");
	assert_fails(s->type->parse(s, setn, code), ERR_DATA, "expected one of");
	assert_fails(s->type->parse(s, "edge8:0000000000000000000000000000", code), ERR_DATA, "expected Genotype");
	s = darts(32, 0, "encoding=edge8");
	assert_fails(s->type->parse(s, "edge8:00", code), ERR_DATA, "2 digits, expected 28");
	assert_fails(s->type->parse(s, "edge8:0000000000000000000000000008", code), ERR_DATA, "reduce_5_from_4: '8'");
	s = darts(32, 0, NULL);
	assert_null(space_new(mem, "darts", &(struct space_settings){ .rows = 8, .columns = 8, .channels = 3, .options = "nodes=6" }));
	assert_fails(err_code(), ERR_CONFIG, "nodes=6: expected a whole number from 4 to 5");
	assert_null(space_new(mem, "darts", &(struct space_settings){ .rows = 8, .columns = 8, .channels = 3, .options = "encoding=row1" }));
	assert_fails(err_code(), ERR_CONFIG, "encoding=row1: expected one of direct, edge8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(costs_are_exactly_those_of_the_published_cells),
		cmocka_unit_test(costs_of_the_setn_networks_are_the_published_ones),
		cmocka_unit_test(the_auxiliary_head_is_there_only_while_training),
		cmocka_unit_test(drop_path_is_on_every_operation_but_the_identity),
		cmocka_unit_test(convolutions_read_a_relu_and_nothing_else_does),
		cmocka_unit_test(the_space_is_as_large_as_the_formulas_say),
		cmocka_unit_test(random_codes_are_read_back_and_canonical_forms_are_final),
		cmocka_unit_test(released_cells_are_the_same_in_both_encodings),
		cmocka_unit_test(an_edge_code_keeps_its_first_two_sources_and_none_becomes_a_max_pool),
		cmocka_unit_test(nodes_that_reach_no_output_do_not_count),
		cmocka_unit_test(codes_of_one_network_compute_the_same),
		cmocka_unit_test(the_store_has_every_parameter_of_random_codes),
		cmocka_unit_test(networks_share_the_weights_of_an_operation_on_an_edge),
		cmocka_unit_test(images_of_odd_sizes_work),
		cmocka_unit_test(bad_genotypes_are_refused_by_place),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
