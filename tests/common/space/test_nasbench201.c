/* The nasbench201 space: published costs of all cells, classes of equal cells, and what they compute. */
#include "tests/arena.h"
#include "tests/harness.h"

#include "nn/net.h"
#include "space/space.h"

enum { CODES = 15625, EDGES = 6, NONE = 0, CONV1 = 2, CONV3 = 3 };

static struct space *nasbench(int64_t size, int64_t classes, const char *options)
{
	struct space_settings set = { .rows = size, .columns = size, .channels = 3, .classes = classes, .options = options };
	struct space *s = space_new(mem, "nasbench201", &set);

	if (!s)
		fail_msg("%s: %s", options ? options : "no options", err_text());
	return s;
}

static void code_of(int number, uint8_t *code)
{
	for (int e = EDGES - 1; e >= 0; e--, number /= 5)
		code[e] = (uint8_t)(number % 5);
}

static int edges_with(const uint8_t *code, int op)
{
	int n = 0;

	for (int e = 0; e < EDGES; e++)
		n += code[e] == op;
	return n;
}

/* The network of a code as it stands, dead edges included, as the benchmark counts it. */
static struct nn_graph *literal(const struct space *s, const uint8_t *code)
{
	struct nn_graph *g = nn_graph_new(mem);

	nn_graph_output(g, "feature", s->type->build(s, code, g));
	assert_ok(nn_graph_check(g));
	return g;
}

/* The linear layer has classes more multiply-adds in the benchmark: it counts adding the bias. */
static void costs_are_those_of_the_benchmark(void **state)
{
	static const struct { int64_t size, classes; double macs, macs3, macs1; int64_t params; } row[] = {
		{ 32, 10, 7783050, 35389440, 3932160, 73306 }, { 32, 100, 7788900, 35389440, 3932160, 79156 },
		{ 16, 120, 1953400, 8847360, 983040, 80456 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct space *s = nasbench(row[i].size, row[i].classes, NULL);
		int64_t linear = 64 * row[i].classes;

		for (int n = 0; n < CODES; n += 311) {
			uint8_t code[EDGES], canonical[EDGES];
			struct nn_cost c;
			int n3, n1;

			code_of(n, code);
			n3 = edges_with(code, CONV3);
			n1 = edges_with(code, CONV1);
			assert_ok(nn_graph_cost(literal(s, code), &c));
			assert_int_equal(c.params + linear + row[i].classes, row[i].params + 243040 * n3 + 28000 * n1);
			/* 1.9534 M has five digits */
			assert_near((double)(c.macs + linear + row[i].classes), row[i].macs + row[i].macs3 * n3 + row[i].macs1 * n1,
			            row[i].size == 16 ? 5e-5 : 0);
			s->type->canonical(s, code, canonical);
			assert_ok(space_cost(s, code, &c));
			assert_int_equal(c.params, row[i].params + 243040 * edges_with(canonical, CONV3) + 28000 * edges_with(canonical, CONV1));
		}
	}
}

static void every_code_costs_what_its_convolutions_cost(void **state)
{
	struct space *s = nasbench(8, 0, "cells=1:initial-channels=4");
	struct nn_cost none, c;
	uint8_t code[EDGES] = { 0 };
	/* widths 4, 8, 16 at 8, 4 and 2 pixels: weights and batch-norm; multiply-adds */
	int64_t params1 = 16 + 64 + 256 + 2 * (4 + 8 + 16), params3 = 9 * (16 + 64 + 256) + 2 * (4 + 8 + 16);
	int64_t macs1 = 16 * 64 + 64 * 16 + 256 * 4;

	(void)state;
	assert_ok(nn_graph_cost(literal(s, code), &none));
	for (int n = 0; n < CODES; n++) {
		struct arena_mark mark = arena_mark(mem);

		code_of(n, code);
		assert_ok(nn_graph_cost(literal(s, code), &c));
		assert_int_equal(c.params - none.params, params3 * edges_with(code, CONV3) + params1 * edges_with(code, CONV1));
		assert_int_equal(c.macs - none.macs, macs1 * (9 * edges_with(code, CONV3) + edges_with(code, CONV1)));
		arena_rewind(mem, mark);
	}
}

static void all_codes_are_read_back_and_fall_into_4930_classes(void **state)
{
	struct space *s = nasbench(32, 10, NULL);
	int classes = 0, constant = 0;

	(void)state;
	for (int n = 0; n < CODES; n++) {
		uint8_t code[EDGES], again[EDGES], canonical[EDGES];
		char text[SPACE_TEXT];

		code_of(n, code);
		s->type->print(s, code, text, sizeof text);
		assert_ok(s->type->parse(s, text, again));
		assert_memory_equal(code, again, EDGES);
		s->type->canonical(s, code, canonical);
		s->type->canonical(s, canonical, again);
		assert_memory_equal(canonical, again, EDGES);
		classes += !memcmp(code, canonical, EDGES);
		constant += edges_with(canonical, NONE) == EDGES;
		assert_true(edges_with(canonical, NONE) >= edges_with(code, NONE));
	}
	assert_int_equal(classes, 4930);
	assert_int_equal(constant, 341);
}

static void equal_cells_are_recognised(void **state)
{
	static const struct { const char *code, *canonical; } row[] = {
		/* an identity in front is dissolved */
		{ "|skip_connect~0|+|none~0|nor_conv_3x3~1|+|none~0|none~1|skip_connect~2|",
		  "|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|" },
		/* what follows a zero is zero */
		{ "|none~0|+|none~0|nor_conv_1x1~1|+|avg_pool_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|",
		  "|none~0|+|none~0|none~1|+|avg_pool_3x3~0|none~1|none~2|" },
		/* nothing arrives */
		{ "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|none~0|none~1|none~2|",
		  "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|" },
	};
	struct space *s = nasbench(32, 10, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		uint8_t code[EDGES];
		char text[SPACE_TEXT];

		assert_ok(s->type->parse(s, row[i].code, code));
		s->type->canonical(s, code, code);
		s->type->print(s, code, text, sizeof text);
		assert_string_equal(text, row[i].canonical);
	}
}

/* ---- what networks compute ------------------------------------------------------------------------ */

enum { IMAGES = 4, SIZE = 8 };

/* Weights that depend on the operation and the cell but not on the edge: then codes of one expression must agree. */
static void tie_edges(struct nn_store *values)
{
	for (int i = 0; i < values->count; i++) {
		struct nn_param *p = values->param[i];
		const char *edge = strstr(p->name, "_from_");
		const char *name = edge ? arena_printf(mem, "%.*s%s", (int)(edge - p->name - 1), p->name, strchr(edge, '/')) : p->name;
		struct rng r = rng_stream(4, name, 0, 0, 0);
		double sd = sqrt(2.0 / (double)(p->count / p->shape[0]));

		for (int64_t k = 0; k < p->count; k++)
			p->data[k] = p->init == NN_INIT_ONE ? 1 : p->init == NN_INIT_ZERO ? 0 : (float)(sd * rng_normal(&r));
	}
}

static const float *features(const struct nn_graph *g, struct nn_store *values, int64_t *count)
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
	for (int64_t i = 0; i < IMAGES * SIZE * SIZE * 3; i++)
		image[i] = (float)rng_normal(&r);
	assert_ok(nn_forward(net, NN_BN_BATCH));
	out = nn_output(net, "feature", &shape);
	*count = shape.n * shape.c;
	copy = memcpy(ARENA_NEW(mem, float, *count), out, (size_t)*count * sizeof *copy);
	nn_ctx_free(ctx);
	return copy;
}

static void codes_of_one_class_compute_the_same(void **state)
{
	struct space *s = nasbench(SIZE, 0, "cells=1:initial-channels=4");
	struct nn_store *values = nn_store_new(mem);
	int compared = 0;

	(void)state;
	assert_ok(space_params(s, values));
	tie_edges(values);
	for (int n = 0; n < CODES; n += 53) {
		uint8_t code[EDGES], canonical[EDGES];
		int64_t count, again;
		const float *a, *b;

		code_of(n, code);
		s->type->canonical(s, code, canonical);
		if (!memcmp(code, canonical, EDGES))
			continue;
		a = features(literal(s, code), values, &count);
		b = features(space_graph(s, code, mem), values, &again);
		assert_int_equal(count, again);
		for (int64_t k = 0; k < count; k++)
			assert_near(a[k], b[k], 1e-4);
		compared++;
	}
	assert_true(compared > 100);
}

/* So that the comparison above means something. */
static void codes_of_different_classes_compute_otherwise(void **state)
{
	struct space *s = nasbench(SIZE, 0, "cells=1:initial-channels=4");
	struct nn_store *values = nn_store_new(mem);
	const float *last = NULL;

	(void)state;
	assert_ok(space_params(s, values));
	tie_edges(values);
	for (int n = 0; n < CODES; n += 997) {
		uint8_t code[EDGES], canonical[EDGES];
		int64_t count;
		const float *a;
		double far = 0;

		code_of(n, code);
		s->type->canonical(s, code, canonical);
		if (memcmp(code, canonical, EDGES))
			continue;
		a = features(space_graph(s, code, mem), values, &count);
		for (int64_t k = 0; last && k < count; k++)
			far = fmax(far, fabs(a[k] - last[k]));
		assert_true(!last || far > 0.01);
		last = a;
	}
}

static void the_store_has_every_parameter_of_every_class(void **state)
{
	struct space *s = nasbench(8, 0, "cells=1:initial-channels=4");
	struct nn_store *store = nn_store_new(mem);
	int count;

	(void)state;
	assert_ok(space_params(s, store));
	count = store->count;
	for (int n = 0; n < CODES; n++) {
		struct arena_mark mark = arena_mark(mem);
		uint8_t code[EDGES], canonical[EDGES];

		code_of(n, code);
		s->type->canonical(s, code, canonical);
		if (!memcmp(code, canonical, EDGES)) {
			assert_ok(nn_graph_params(space_graph(s, code, mem), store));
			assert_int_equal(store->count, count);
		}
		arena_rewind(mem, mark);
	}
	assert_non_null(nn_store_find(store, "stage2/cell0/3_from_1/nor_conv_3x3/weight"));
}

static void bad_texts_and_images_are_refused(void **state)
{
	struct space *s = nasbench(32, 10, NULL);
	uint8_t code[EDGES];

	(void)state;
	assert_fails(s->type->parse(s, "|none~0|+|none~0|none~1|+|none~0|none~1|none~2", code), ERR_DATA, "ends with \"\", expected \"|\"");
	assert_fails(s->type->parse(s, "|none~0|+|none~1|none~1|+|none~0|none~1|none~2|", code), ERR_DATA, "2_from_0: \"none~1");
	assert_fails(s->type->parse(s, "|none~0|none~0|none~1|+|none~0|none~1|none~2|", code), ERR_DATA, "2_from_0: \"|none~0");
	assert_fails(s->type->parse(s, "|sep~0|", code), ERR_DATA, "1_from_0: \"sep~0|\", expected none, skip_connect");
	assert_null(space_new(mem, "nasbench201", &(struct space_settings){ .rows = 30, .columns = 32, .channels = 3 }));
	assert_fails(err_code(), ERR_CONFIG, "30 x 32 pixels, expected multiples of 4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(costs_are_those_of_the_benchmark),
		cmocka_unit_test(every_code_costs_what_its_convolutions_cost),
		cmocka_unit_test(all_codes_are_read_back_and_fall_into_4930_classes),
		cmocka_unit_test(equal_cells_are_recognised),
		cmocka_unit_test(codes_of_one_class_compute_the_same),
		cmocka_unit_test(codes_of_different_classes_compute_otherwise),
		cmocka_unit_test(the_store_has_every_parameter_of_every_class),
		cmocka_unit_test(bad_texts_and_images_are_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
