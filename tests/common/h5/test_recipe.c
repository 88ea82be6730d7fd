/* Recipes: the same facts give the same text, whatever the order; a difference is named. */
#include "tests/harness.h"

#include "h5/recipe.h"

static int64_t k = 16, threads = 2;
static double rate = 0.05;
static const char *strategy = "tpe", *list;
static const struct opt options[] = {
	OPT_LONG("k", &k, 0, 100, ""), OPT_EXEC_LONG("threads", &threads, 0, 64, ""), OPT_TEXT("strategy", &strategy, ""),
	OPT_REAL("rate", &rate, 0, 1, ""), OPT_TEXT("list", &list, ""), OPT_END
};
static const struct h5_recipe_input inputs[] = {
	{ "space", { { 1 } } }, { "scores", { { 3 } } }, { "scores", { { 2 } } }, { "history", { { 4 } } },
};
static struct arena *mem;

static struct h5_recipe make(void)
{
	return h5_recipe_make(mem, "nas-propose", 1, options, inputs, 4);
}

static void facts_are_sorted_and_execution_options_left_out(void **state)
{
	struct h5_recipe r = make();
	struct digest d = hash128(r.text, strlen(r.text));

	(void)state;
	assert_string_equal(r.text,
		"stage nas-propose 1\noption k 16\noption list \noption rate 0.05\noption strategy tpe\n"
		"input history 04000000000000000000000000000000\n"
		"input scores 03000000000000000000000000000000\n"
		"input scores 02000000000000000000000000000000\n"
		"input space 01000000000000000000000000000000\n");
	assert_true(digest_equal(&d, &r.digest));
	r = h5_recipe_make(mem, "nas-x", 2, NULL, NULL, 0);
	assert_string_equal(r.text, "stage nas-x 2\n");
}

static void execution_options_change_nothing_and_recorded_ones_do(void **state)
{
	struct h5_recipe a = make(), b;

	(void)state;
	threads = 7;
	b = make();
	assert_true(digest_equal(&a.digest, &b.digest));
	k = 17;
	b = make();
	assert_false(digest_equal(&a.digest, &b.digest));
	threads = 2;
	k = 16;
}

static void texts_of_any_length_count_to_their_end(void **state)
{
	char *a = arena_alloc(mem, 10001, 1), *b = arena_alloc(mem, 10001, 1);
	struct h5_recipe one, two;

	(void)state;
	memset(a, 'x', 10000);
	memset(b, 'x', 10000);
	b[9999] = 'y';
	list = a;
	one = make();
	list = b;
	two = make();
	list = NULL;
	assert_false(digest_equal(&one.digest, &two.digest));
}

static void expect(const char *there, const char *now, const char *want)
{
	char text[200];

	h5_recipe_difference(there, now, text, sizeof text);
	assert_string_equal(text, want);
}

static void the_first_difference_is_named(void **state)
{
	(void)state;
	expect("stage a 1\noption k 1\n", "stage a 1\noption k 1\n", "");
	expect("stage a 1\noption lr 0.05\n", "stage a 1\noption lr 0.1\n", "option lr: 0.05 there, 0.1 now");
	expect("stage a 1\n", "stage a 2\n", "stage: a 1 there, a 2 now");
	expect("stage a 1\noption b 1\noption c 2\n", "stage a 1\noption c 2\n", "option b: 1 there, none now");
	expect("stage a 1\noption c 2\n", "stage a 1\noption b 1\noption c 2\n", "option b: none there, 1 now");
	expect("stage a 1\noption c 2\n", "stage a 1\noption c 2\ninput x 00\n", "input x: none there, 00 now");
	expect("stage a 1\ninput x 00\n", "stage a 1\ninput x 01\n", "input x: its content changed");
	expect("stage a 1\noption augment crop 4, flip\n", "stage a 1\noption augment crop 4\n",
	       "option augment: crop 4, flip there, crop 4 now");
	expect("", "stage a 1\n", "stage a: none there, 1 now");
}

/* What a damaged or foreign attribute may hold. */
static void odd_recipes_do_no_harm(void **state)
{
	char text[8];

	(void)state;
	h5_recipe_difference("x", "\n\n", text, sizeof text);
	h5_recipe_difference("option", "option ", text, sizeof text);
	h5_recipe_difference("stage", "input", text, sizeof text);
	h5_recipe_difference("option a b c", "option a b d\n", text, sizeof text);
	assert_int_equal(strlen(text), 7);      /* cut, not overrun */
}

static int set_up(void **state)
{
	(void)state;
	mem = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_sorted_and_execution_options_left_out),
		cmocka_unit_test(execution_options_change_nothing_and_recorded_ones_do),
		cmocka_unit_test(texts_of_any_length_count_to_their_end),
		cmocka_unit_test(the_first_difference_is_named),
		cmocka_unit_test(odd_recipes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
