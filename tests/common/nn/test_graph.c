/* Graphs: shapes, cost, parameters, messages. */
#include "tests/harness.h"

#include "nn/layers.h"
#include "nn/net.h"

static struct arena *mem;

static int setup(void **state) { (void)state; mem = arena_new(); return 0; }
static int teardown(void **state) { (void)state; arena_free(mem); return 0; }

static void assert_shape(const struct nn_graph *g, int node, int64_t h, int64_t w, int64_t c)
{
	if (g->failed)
		fail_msg("%s", err_text());
	const struct nn_shape s = g->node[node].shape;
	if (s.n != 1 || s.h != h || s.w != w || s.c != c)
		fail_msg("%s: %ld x %ld x %ld x %ld, expected 1 x %ld x %ld x %ld", g->node[node].name, (long)s.n, (long)s.h,
		         (long)s.w, (long)s.c, (long)h, (long)w, (long)c);
}

static void shapes_follow_stride_dilation_and_kernel(void **state)
{
	(void)state;
	struct nn_graph *g = nn_graph_new(mem);
	int x = nn_graph_input(g, "image", 33, 20, 6);
	assert_shape(g, nn_conv(g, "a", x, 8, 3, 1), 33, 20, 8);
	assert_shape(g, nn_conv(g, "b", x, 8, 3, 2), 17, 10, 8);         /* floor((n - 1) / 2) + 1 */
	assert_shape(g, nn_conv(g, "c", x, 8, 1, 2), 17, 10, 8);
	assert_shape(g, nn_conv_full(g, "d", x, 4, 5, 3, 1, 3, 2, 2), 33, 7, 4);
	assert_shape(g, nn_dwconv(g, "e", x, 5, 2, 1), 17, 10, 6);
	assert_shape(g, nn_maxpool(g, "f", x, 3, 2), 17, 10, 6);
	assert_shape(g, nn_avgpool(g, "g", x, 2, 2), 16, 10, 6);
	assert_shape(g, nn_concat(g, "h", 2, (int[]){ x, x }), 33, 20, 12);
	assert_shape(g, nn_global_pool(g, "i", x), 1, 1, 6);
	assert_shape(g, nn_linear(g, "j", x, 10, true), 1, 1, 10);
	assert_shape(g, nn_squeeze_excite(g, "k", x, 4, ACT_SIGMOID), 33, 20, 6);
	assert_shape(g, nn_inverted_residual(g, "l", x, 6, 3, 1, 3, ACT_RELU), 33, 20, 6);
	assert_shape(g, nn_inverted_residual(g, "m", x, 9, 5, 2, 6, ACT_RELU), 17, 10, 9);
}

static void cost_of_an_inverted_residual_is_what_the_formula_says(void **state)
{
	(void)state;
	struct nn_graph *g = nn_graph_new(mem);
	struct nn_cost cost;
	int x = nn_graph_input(g, "image", 16, 12, 8);
	nn_inverted_residual(g, "mb", x, 8, 5, 1, 6, ACT_RELU);
	assert_ok(nn_graph_cost(g, &cost));
	/* 48 = 6 x 8 channels inside */
	assert_int_equal(cost.macs, 16 * 12 * (8 * 48 + 48 * 25 + 48 * 8));
	assert_int_equal(cost.params, 8 * 48 + 48 * 25 + 48 * 8 + 2 * (48 + 48 + 8));

	g = nn_graph_new(mem);
	x = nn_graph_input(g, "image", 9, 9, 6);
	nn_linear(g, "fc", nn_global_pool(g, "pool", nn_conv_full(g, "conv", x, 4, 3, 3, 2, 2, 1, 2)), 10, true);
	assert_ok(nn_graph_cost(g, &cost));
	assert_int_equal(cost.macs, 5 * 5 * 4 * 9 * 3 + 4 * 10);
	assert_int_equal(cost.params, 4 * 9 * 3 + 4 * 10 + 10);
}

static void a_tensor_used_twice_costs_its_parameters_once(void **state)
{
	(void)state;
	struct nn_graph *g = nn_graph_new(mem);
	struct nn_cost cost;
	int x = nn_graph_input(g, "image", 4, 4, 8);
	int w = nn_graph_param(g, "shared/weight", (int64_t[]){ 8, 1, 1, 8 }, NN_INIT_HE, true, 0);
	x = nn_graph_op(g, "conv", "first", 2, (int[]){ x, w }, 0, NULL);
	x = nn_graph_op(g, "conv", "second", 2, (int[]){ x, w }, 0, NULL);
	int again = nn_graph_param(g, "shared/weight", (int64_t[]){ 8, 1, 1, 8 }, NN_INIT_HE, true, 0);
	nn_graph_op(g, "conv", "third", 2, (int[]){ x, again }, 0, NULL);
	assert_ok(nn_graph_cost(g, &cost));
	assert_int_equal(cost.params, 64);
	assert_int_equal(cost.macs, 3 * 16 * 64);
}

static void parameters_have_names_shapes_and_decay_of_their_layers(void **state)
{
	(void)state;
	struct nn_graph *g = nn_graph_new(mem);
	struct nn_store *s = nn_store_new(mem);
	int x = nn_graph_input(g, "image", 8, 8, 3);
	x = nn_conv_bn(g, "stem", x, 16, 3, 2, ACT_RELU);
	nn_linear(g, "head/fc", nn_global_pool(g, "pool", x), 10, true);
	assert_ok(nn_graph_params(g, s));
	const struct { const char *name; int64_t shape[4]; enum nn_init init; bool decay; } want[] = {
		{ "stem/weight", { 16, 3, 3, 3 }, NN_INIT_HE, true },
		{ "stem/bn/scale", { 1, 1, 1, 16 }, NN_INIT_ONE, false },
		{ "stem/bn/shift", { 1, 1, 1, 16 }, NN_INIT_ZERO, false },
		{ "head/fc/weight", { 10, 1, 1, 16 }, NN_INIT_XAVIER, true },
		{ "head/fc/bias", { 1, 1, 1, 10 }, NN_INIT_ZERO, false },
	};
	assert_int_equal(s->count, 5);
	for (int i = 0; i < 5; i++) {
		const struct nn_param *p = nn_store_find(s, want[i].name);
		assert_non_null(p);
		assert_memory_equal(p->shape, want[i].shape, sizeof p->shape);
		assert_int_equal(p->init, want[i].init);
		assert_int_equal(p->decay, want[i].decay);
		assert_ptr_equal(s->param[p->index], p);
	}
	assert_ok(nn_graph_params(g, s));        /* a second time changes nothing */
	assert_int_equal(s->count, 5);
}

/* The graph that build() makes reports this; later calls do no harm. */
#define assert_refused(text) do { \
	assert_true(nn_graph_check(g) < 0); \
	x = nn_conv_bn(g, "later", x, 8, 3, 1, ACT_RELU); \
	nn_graph_output(g, "out", nn_inverted_residual(g, "later/mb", x, 8, 3, 1, 3, ACT_RELU)); \
	assert_fails(nn_graph_check(g) < 0 ? -1 : 0, -1, text); \
	g = nn_graph_new(mem); x = nn_graph_input(g, "image", 8, 8, 6); } while (0)

static void the_first_mistake_is_reported_with_its_place(void **state)
{
	(void)state;
	struct nn_graph *g = nn_graph_new(mem);
	int x = nn_graph_input(g, "image", 8, 8, 6);

	nn_graph_op(g, "convolution", "a", 1, &x, 0, NULL);
	assert_refused("convolution");
	nn_graph_op(g, "conv", "stem/conv", 1, &x, 0, NULL);
	assert_refused("stem/conv: operator conv has 1 inputs, expected 2 to 2");
	nn_conv_full(g, "layer/grouped", x, 8, 3, 3, 1, 1, 1, 4);
	assert_refused("layer/grouped");
	nn_add(g, "layer/add", x, nn_conv(g, "c", x, 6, 3, 2));
	assert_refused("layer/add: input 1 of operator add is 4 x 4 x 6 (row, column, channel), expected 8 x 8 x 6");
	nn_conv_full(g, "layer/large", x, 8, 9, 9, 1, 1, 0, 1);
	assert_refused("layer/large");
	nn_conv(g, "twice", nn_conv(g, "twice", x, 6, 1, 1), 6, 1, 1);
	assert_refused("twice: two operators");
	nn_graph_param_view(g, &(struct nn_view){ "wide", { 4, 0, 0, 0 }, { 5, 0, 0, 0 } }, (int64_t[]){ 8, 1, 1, 6 }, NN_INIT_HE, true, 0);
	assert_refused("parameter wide: dimension 0 of the view is 4 + 5, expected a part of 0 .. 8");
	nn_graph_op(g, "conv", "mixed", 2, (int[]){ x, x }, 0, NULL);
	assert_refused("expected a parameter");
	nn_graph_op(g, "add", "mixed", 2, (int[]){ x, nn_graph_param(g, "w", (int64_t[]){ 1, 8, 8, 6 }, NN_INIT_HE, true, 0) }, 0, NULL);
	assert_refused("mixes images (image) and parameters (w)");
	nn_graph_op(g, "avgpool", "pool", 1, &x, 2, (struct nn_attr[]){ { "k", 9 }, { "pad", 0 } });
	assert_refused("the input is too small");
	nn_dropout(g, "drop", x, 1);
	assert_refused("expected 0 <= p < 1");
	nn_graph_output(g, "out", 17);
	assert_refused("graph output out");
	nn_graph_input(g, "empty", 0, 8, 3);
	assert_refused("graph input empty: 0 x 8 x 3");

	struct nn_graph *none = nn_graph_new(mem);
	assert_fails(nn_graph_check(none), ERR_INTERNAL, "without outputs");
}

static void one_name_with_two_shapes_is_refused(void **state)
{
	(void)state;
	struct nn_graph *g = nn_graph_new(mem);
	struct nn_store *s = nn_store_new(mem);
	nn_graph_param(g, "w", (int64_t[]){ 8, 3, 3, 4 }, NN_INIT_HE, true, 0);
	nn_graph_param(g, "w", (int64_t[]){ 8, 3, 3, 5 }, NN_INIT_HE, true, 0);
	assert_fails(nn_graph_params(g, s), ERR_DATA, "parameter w: shape 8 x 3 x 3 x 5, but the store has it as 8 x 3 x 3 x 4");
}

static void attributes_are_found_by_name(void **state)
{
	(void)state;
	struct nn_graph *g = nn_graph_new(mem);
	int bn = nn_batchnorm(g, "bn", nn_graph_input(g, "image", 8, 8, 6), ACT_HSWISH);
	assert_int_equal(nn_attr_int(&g->node[bn], "act", -1), ACT_HSWISH);
	assert_near(nn_attr_float(&g->node[bn], "eps", -1), 1e-5, 0);
	assert_int_equal(nn_attr_int(&g->node[bn], "missing", -7), -7);
}

static void runs_of_a_box_cover_it_once(void **state)
{
	(void)state;
	const int64_t shape[4] = { 3, 4, 5, 6 };
	const int64_t offset[][4] = { { 0 }, { 1, 0, 0, 0 }, { 0, 0, 0, 2 }, { 1, 1, 1, 1 }, { 2, 0, 3, 0 } };
	const int64_t extent[][4] = { { 3, 4, 5, 6 }, { 2, 4, 5, 6 }, { 3, 4, 5, 1 }, { 2, 2, 3, 4 }, { 1, 4, 2, 6 } };
	const int64_t runs[] = { 1, 1, 60, 12, 4 };
	for (int t = 0; t < 5; t++) {
		int hit[360] = { 0 };
		struct nn_box b = nn_box(shape, offset[t], extent[t]);
		assert_int_equal(b.runs, runs[t]);
		for (int64_t r = 0; r < b.runs; r++)
			for (int64_t k = 0; k < b.length; k++)
				hit[nn_box_run(&b, r) + k]++;
		for (int64_t i = 0; i < 360; i++) {
			int64_t at[4] = { i / 120, i / 30 % 4, i / 6 % 5, i % 6 };
			bool inside = true;
			for (int d = 0; d < 4; d++)
				inside = inside && at[d] >= offset[t][d] && at[d] < offset[t][d] + extent[t][d];
			assert_int_equal(hit[i], inside);
		}
	}
}

static void a_store_finds_thousands_of_names(void **state)
{
	(void)state;
	struct nn_store *s = nn_store_new(mem);
	char name[32];
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "layer%d/weight", i);
		assert_non_null(nn_store_add(s, name, (int64_t[]){ 1, 1, 1, 1 + i % 7 }, NN_INIT_ZERO, false, 0));
	}
	struct nn_store *like = nn_store_like(mem, s);
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "layer%d/weight", i);
		assert_int_equal(nn_store_find(s, name)->index, i);
		assert_int_equal(nn_store_find(like, name)->count, 1 + i % 7);
	}
	assert_null(nn_store_find(s, "layer3000/weight"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_follow_stride_dilation_and_kernel),
		cmocka_unit_test(cost_of_an_inverted_residual_is_what_the_formula_says),
		cmocka_unit_test(a_tensor_used_twice_costs_its_parameters_once),
		cmocka_unit_test(parameters_have_names_shapes_and_decay_of_their_layers),
		cmocka_unit_test(the_first_mistake_is_reported_with_its_place),
		cmocka_unit_test(one_name_with_two_shapes_is_refused),
		cmocka_unit_test(attributes_are_found_by_name),
		cmocka_unit_test(runs_of_a_box_cover_it_once),
		cmocka_unit_test(a_store_finds_thousands_of_names),
	};
	return cmocka_run_group_tests_name("graph", tests, setup, teardown);
}
