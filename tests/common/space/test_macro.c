/* The macro space against the numbers of NAS-Bench-Macro. */
#include "tests/arena.h"
#include "tests/harness.h"

#include "space/space.h"

static struct space *macro(double width, int64_t size, int64_t classes)
{
	struct space_settings set = {
		.rows = size, .columns = size, .channels = 3, .classes = classes, .options = arena_printf(mem, "width=%g", width),
	};
	struct space *s = space_new(mem, "macro", &set);

	if (!s)
		fail_msg("%s", err_text());
	return s;
}

static struct nn_cost cost(struct space *s, const char *text)
{
	uint8_t code[SPACE_MAX_DECISIONS];
	struct nn_cost c;

	assert_ok(s->type->parse(s, text, code));
	assert_ok(space_cost(s, code, &c));
	return c;
}

static void test_costs_are_those_of_the_published_table(void **state)
{
	static const struct { const char *code; int64_t params, macs; } row[] = {
		{ "00000000", 387882, 7713280 },
		{ "11111111", 1588874, 53246464 },
		{ "22222222", 2932586, 105660928 },
	};
	struct space *s = macro(1, 32, 10);

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct nn_cost c = cost(s, row[i].code);

		assert_int_equal(c.params, row[i].params);
		assert_int_equal(c.macs, row[i].macs);
	}
}

static void test_the_classifier_counts_only_where_there_are_classes(void **state)
{
	struct nn_cost with = cost(macro(1, 32, 10), "11111111"), without = cost(macro(1, 32, 0), "11111111");

	(void)state;
	/* 1280 x 10 weights and 10 shifts */
	assert_int_equal(with.params - without.params, 12810);
	assert_int_equal(with.macs - without.macs, 12800);
}

static void test_narrow_networks_have_widths_that_are_multiples_of_8(void **state)
{
	/* width 0.25: stem 8, stages 16, 32, 64, head 320; all identities:
	 *   params  stem 27 x 8 + 16, layer0 8 x 16 + 32, layer2 16 x 32 + 64, layer5 32 x 64 + 128,
	 *           head 64 x 320 + 640, classifier 320 x 10 + 10
	 *   macs    216 x 1024 + 128 x 256 + 512 x 64 + 2048 x 16 + 20480 x 16 + 3200 */
	struct nn_cost c = cost(macro(0.25, 32, 10), "00000000");

	(void)state;
	assert_int_equal(c.params, 232 + 160 + 576 + 2176 + 21120 + 3210);
	assert_int_equal(c.macs, 221184 + 32768 + 32768 + 32768 + 327680 + 3200);
	/* the smallest width is 8 everywhere: 232 + 3 (64 + 16) + 64 + 16 + 90 */
	c = cost(macro(0.001, 32, 10), "00000000");
	assert_int_equal(c.params, 232 + 240 + 80 + 90);
}

static void test_3969_of_6561_codes_are_canonical(void **state)
{
	struct space *s = macro(1, 32, 10);
	int canonical = 0;

	(void)state;
	for (int n = 0; n < 6561; n++) {
		uint8_t code[8], form[8];

		for (int i = 0, rest = n; i < 8; i++, rest /= 3)
			code[i] = (uint8_t)(rest % 3);
		s->type->canonical(s, code, form);
		canonical += !memcmp(code, form, 8);
	}
	assert_int_equal(canonical, 3969);
}

static void test_identities_move_to_the_end_of_their_stage_and_the_rest_keeps_its_order(void **state)
{
	static const char *const pair[][2] = {
		{ "00000000", "00000000" }, { "01001002", "01010020" }, { "20102012", "20120012" }, { "20122110", "20122110" },
		{ "00201102", "00210120" },
	};
	struct space *s = macro(1, 32, 10);

	(void)state;
	for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
		uint8_t code[8];
		char text[SPACE_TEXT];

		assert_ok(s->type->parse(s, pair[i][0], code));
		s->type->canonical(s, code, code);
		s->type->print(s, code, text, sizeof text);
		assert_string_equal(text, pair[i][1]);
	}
}

static void test_the_store_holds_the_documented_names(void **state)
{
	static const char *const name[] = {
		"stem/weight", "stem/bn/scale", "layer0/identity/weight", "layer3/mb6_k5/expand/weight",
		"layer3/mb6_k5/depthwise/bn/shift", "layer7/mb3_k3/project/weight", "head/weight",
	};
	struct space *s = macro(1, 32, 10);
	struct nn_store *store = nn_store_new(mem);

	(void)state;
	assert_ok(space_params(s, store));
	for (size_t i = 0; i < sizeof name / sizeof *name; i++)
		if (!nn_store_find(store, name[i]))
			fail_msg("the store lacks %s", name[i]);
	assert_null(nn_store_find(store, "layer1/identity/weight"));
	/* stem 3, head 3, three strided identities of 3, 8 x 2 blocks of 9 */
	assert_int_equal(store->count, 3 + 3 + 9 + 144);
}

static void test_bad_codes_are_refused_by_place(void **state)
{
	struct space *s = macro(1, 32, 10);
	uint8_t code[8];

	(void)state;
	assert_fails(s->type->parse(s, "2012211", code), ERR_DATA, "7 characters, expected 8");
	assert_fails(s->type->parse(s, "201221100", code), ERR_DATA, "9 characters, expected 8");
	assert_fails(s->type->parse(s, "20132110", code), ERR_DATA, "layer3: '3'");
}

static void test_small_images_are_refused_and_8_pixels_work(void **state)
{
	struct space_settings set = { .rows = 7, .columns = 32, .channels = 3 };

	(void)state;
	assert_null(space_new(mem, "macro", &set));
	assert_fails(err_code(), ERR_CONFIG, "7 x 32 pixels, expected at least 8 x 8");
	assert_true(cost(macro(1, 8, 0), "22222222").macs > 0);
	assert_true(cost(macro(1, 33, 0), "22222222").macs > 0);
}

static void test_a_mask_can_leave_no_network(void **state)
{
	struct space *s = macro(1, 32, 10);

	(void)state;
	assert_true(space_inhabited(s));
	s->mask[3][1] = s->mask[3][2] = false;      /* layer3 is the identity, */
	assert_true(space_inhabited(s));
	s->mask[4][0] = false;                      /* and a block follows: it would move to layer3 */
	assert_false(space_inhabited(s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_costs_are_those_of_the_published_table),
		cmocka_unit_test(test_the_classifier_counts_only_where_there_are_classes),
		cmocka_unit_test(test_narrow_networks_have_widths_that_are_multiples_of_8),
		cmocka_unit_test(test_3969_of_6561_codes_are_canonical),
		cmocka_unit_test(test_identities_move_to_the_end_of_their_stage_and_the_rest_keeps_its_order),
		cmocka_unit_test(test_the_store_holds_the_documented_names),
		cmocka_unit_test(test_bad_codes_are_refused_by_place),
		cmocka_unit_test(test_small_images_are_refused_and_8_pixels_work),
		cmocka_unit_test(test_a_mask_can_leave_no_network),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
