/* What every space owes its users: loops over the table. */
#include "tests/harness.h"

#include <unistd.h>
#include "base/hash.h"
#include "h5/recipe.h"
#include "space/space.h"

#define DRAWS 100

static struct space *open_space(struct arena *mem, const struct space_type *t)
{
	struct space_settings set = {
		.rows = 32, .columns = 32, .channels = 3, .classes = 10, .options = space_options_small(t, NULL, mem),
	};
	struct space *s = space_new(mem, t->name, &set);

	if (!s)
		fail_msg("%s: %s", t->name, err_text());
	return s;
}

/* Leaves a random half of the choices on, at least one per decision. */
static void random_mask(struct space *s, struct rng *r)
{
	for (int d = 0; d < s->decisions; d++)
		for (int c = 0; c < s->decision[d].choices; c++)
			if (space_on(s, d) > 1 && rng_below(r, 2))
				s->mask[d][c] = false;
}

static void every_space(void (*fn)(struct space *s, struct rng *r))
{
	for (int i = 0; space_table[i]; i++) {
		struct arena *mem = arena_new();
		struct rng r = rng_stream(7, "test/spaces", 0, 0, 0);

		fn(open_space(mem, space_table[i]), &r);
		arena_free(mem);
	}
}

static void text_is_read_back(struct space *s, struct rng *r)
{
	uint8_t code[SPACE_MAX_DECISIONS], again[SPACE_MAX_DECISIONS];
	char text[SPACE_TEXT];

	for (int i = 0; i < DRAWS; i++) {
		space_uniform(s, r, code);
		s->type->print(s, code, text, sizeof text);
		assert_ok(s->type->parse(s, text, again));
		assert_memory_equal(code, again, s->decisions);
	}
	assert_fails(s->type->parse(s, "", again), ERR_DATA, "expected");
	assert_fails(s->type->parse(s, "no architecture at all", again), ERR_DATA, "expected");
}

static void canonical_is_idempotent(struct space *s, struct rng *r)
{
	uint8_t code[SPACE_MAX_DECISIONS], once[SPACE_MAX_DECISIONS], twice[SPACE_MAX_DECISIONS];

	for (int i = 0; i < DRAWS; i++) {
		space_uniform(s, r, code);
		s->type->canonical(s, code, once);
		s->type->canonical(s, once, twice);
		assert_memory_equal(once, twice, s->decisions);
		assert_int_equal(space_hash(s, code), space_hash(s, once));
		s->type->canonical(s, code, code);          /* in place */
		assert_memory_equal(once, code, s->decisions);
	}
}

static void codes_of_one_network_cost_the_same(struct space *s, struct rng *r)
{
	uint8_t code[SPACE_MAX_DECISIONS], canonical[SPACE_MAX_DECISIONS];
	struct nn_cost a, b;

	for (int i = 0; i < 20; i++) {
		space_uniform(s, r, code);
		s->type->canonical(s, code, canonical);
		assert_ok(space_cost(s, code, &a));
		assert_ok(space_cost(s, canonical, &b));
		assert_int_equal(a.macs, b.macs);
		assert_int_equal(a.params, b.params);
	}
}

static void draws_are_legal_under_a_mask(struct space *s, struct rng *r)
{
	uint8_t code[SPACE_MAX_DECISIONS];

	for (int m = 0; m < 50; m++) {
		for (int d = 0; d < s->decisions; d++)
			for (int c = 0; c < s->decision[d].choices; c++)
				s->mask[d][c] = true;
		random_mask(s, r);
		if (!space_inhabited(s))
			continue;
		for (int i = 0; i < 10; i++) {
			space_uniform(s, r, code);
			assert_true(space_legal(s, code));
			s->type->canonical(s, code, code);
			assert_true(space_legal(s, code));
		}
	}
}

/* First and last choice of six decisions, the last of the others: 64 codes (fewer where there is one choice), each
 * legal and behind the one before, and then the first again. */
static void codes_are_walked_in_order(struct space *s, struct rng *r)
{
	uint8_t first[SPACE_MAX_DECISIONS], code[SPACE_MAX_DECISIONS], last[SPACE_MAX_DECISIONS];
	int64_t size = 1, steps = 1;

	(void)r;
	for (int d = 0; d < s->decisions; d++) {
		for (int c = 0; c < s->decision[d].choices; c++)
			s->mask[d][c] = c == s->decision[d].choices - 1 || (!c && d < 6);
		size *= space_on(s, d);
		first[d] = code[d] = space_nth_on(s, d, 0);
	}
	for (memcpy(last, code, sizeof last); space_next(s, code); memcpy(last, code, sizeof last), steps++) {
		assert_true(space_legal(s, code));
		assert_true(memcmp(last, code, (size_t)s->decisions) < 0);
	}
	assert_int_equal(steps, size);
	assert_true(size > 1);
	assert_memory_equal(code, first, s->decisions);
}

static void every_choice_is_drawn(struct space *s, struct rng *r)
{
	bool seen[SPACE_MAX_DECISIONS][SPACE_MAX_CHOICES] = { 0 };
	uint8_t code[SPACE_MAX_DECISIONS];

	for (int i = 0; i < 2000; i++) {
		space_uniform(s, r, code);
		for (int d = 0; d < s->decisions; d++)
			seen[d][code[d]] = true;
	}
	for (int d = 0; d < s->decisions; d++)
		for (int c = 0; c < s->decision[d].choices; c++)
			assert_true(seen[d][c]);
}

static void graphs_check_and_the_store_holds_their_parameters(struct space *s, struct rng *r)
{
	struct nn_store *store = nn_store_new(s->mem);
	uint8_t code[SPACE_MAX_DECISIONS];

	assert_ok(space_params(s, store));
	for (int i = 0; i < DRAWS; i++) {
		struct nn_graph *g;

		space_uniform(s, r, code);
		g = space_graph(s, code, s->mem);
		if (!g)
			fail_msg("%s", err_text());
		assert_ok(nn_graph_check(g));
		assert_true(nn_graph_find_output(g, "feature") >= 0);
		for (int n = 0; n < g->count; n++) {
			struct nn_param *p;

			if (g->node[n].kind != NN_PARAM)
				continue;
			p = nn_store_find(store, g->node[n].view.name);
			if (!p)
				fail_msg("%s: the store lacks %s", s->type->name, g->node[n].view.name);
			for (int k = 0; k < 4; k++)
				assert_int_equal(p->shape[k], g->node[n].full[k]);
		}
	}
}

static void samplers_are_pure_and_legal(struct space *s, struct rng *r)
{
	uint8_t a[SPACE_MAX_DECISIONS], b[SPACE_MAX_DECISIONS];
	int differ = 0;

	random_mask(s, r);
	for (int i = 0; sampler_table[i]; i++)
		for (int64_t step = 0; step < 50; step++) {
			sampler_table[i]->draw(s, 3, step, 1, a);
			sampler_table[i]->draw(s, 3, step, 1, b);
			assert_memory_equal(a, b, s->decisions);
			assert_true(space_legal(s, a));
			sampler_table[i]->draw(s, 3, step, 2, b);
			differ += memcmp(a, b, (size_t)s->decisions) != 0;
		}
	assert_true(differ > 0);
}

static void files_keep_settings_and_mask(struct space *s, struct rng *r)
{
	const struct opt none[] = { OPT_END };
	struct h5_recipe recipe = h5_recipe_make(s->mem, "nas-space", 1, none, NULL, 0);
	char path[] = "/tmp/test_spaces_XXXXXX";
	struct space *again;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	random_mask(s, r);
	if (!space_inhabited(s))
		s->mask[0][0] = true;
	assert_ok(space_write(s, path, &recipe));
	assert_ok(space_read(&again, path, s->mem));
	assert_ptr_equal(again->type, s->type);
	assert_int_equal(again->settings.rows, s->settings.rows);
	assert_int_equal(again->settings.columns, s->settings.columns);
	assert_int_equal(again->settings.channels, s->settings.channels);
	assert_int_equal(again->settings.classes, s->settings.classes);
	assert_string_equal(again->settings.options, s->settings.options);
	assert_memory_equal(again->option, s->option, sizeof s->option);
	assert_memory_equal(again->mask, s->mask, sizeof s->mask);
	for (int d = 0; d < s->decisions; d++)
		for (int c = 0; c < s->decision[d].choices; c++)
			s->mask[d][c] = d > 0;
	assert_ok(space_write(s, path, &recipe));
	assert_fails(space_read(&again, path, s->mem), ERR_DATA, "every choice of");
	unlink(path);
}

#define OVER_ALL(name) static void test_##name(void **state) { (void)state; every_space(name); }
OVER_ALL(text_is_read_back)
OVER_ALL(canonical_is_idempotent)
OVER_ALL(codes_of_one_network_cost_the_same)
OVER_ALL(draws_are_legal_under_a_mask)
OVER_ALL(codes_are_walked_in_order)
OVER_ALL(every_choice_is_drawn)
OVER_ALL(graphs_check_and_the_store_holds_their_parameters)
OVER_ALL(samplers_are_pure_and_legal)
OVER_ALL(files_keep_settings_and_mask)

static void test_unknown_spaces_and_bad_settings_are_refused(void **state)
{
	struct space_settings set = { .rows = 32, .columns = 32, .channels = 3 };
	struct arena *mem = arena_new();

	(void)state;
	assert_null(space_new(mem, "nonesuch", &set));
	assert_fails(err_code(), ERR_USAGE, "macro");
	set.options = "width=0";
	assert_null(space_new(mem, "macro", &set));
	assert_fails(err_code(), ERR_CONFIG, "width=0: expected a number from 0.001 to 64");
	set.options = "cells=3";
	assert_null(space_new(mem, "macro", &set));
	assert_fails(err_code(), ERR_CONFIG, "space macro has no option cells; it has: width");
	set.options = "width";
	assert_null(space_new(mem, "macro", &set));
	assert_fails(err_code(), ERR_CONFIG, "expected name=value");
	set.options = NULL;
	set.channels = 0;
	assert_null(space_new(mem, "macro", &set));
	assert_fails(err_code(), ERR_CONFIG, "rows, columns, channels");
	arena_free(mem);
}

/* What the message of a user would be status 64 for is status 65 when a file says it. */
static void test_files_of_unknown_spaces_and_bad_settings_are_named(void **state)
{
	const struct space_type *macro = plugin_find(PLUGIN_TABLE(space_table), "space", "macro");
	struct arena *mem = arena_new();
	struct space *s = open_space(mem, macro), *again;
	struct space_type stranger = *s->type;
	struct h5_recipe recipe = h5_recipe_make(mem, "nas-space", 1, NULL, NULL, 0);
	char path[] = "/tmp/test_spaces_XXXXXX", text[256];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	stranger.name = "nonesuch";
	s->type = &stranger;
	assert_ok(space_write(s, path, &recipe));
	snprintf(text, sizeof text, "%s:/: attribute space: unknown space \"nonesuch\"; there are: ", path);
	assert_fails(space_read(&again, path, mem), ERR_DATA, text);
	s->type = macro;
	s->settings.options = "width=-1";
	assert_ok(space_write(s, path, &recipe));
	snprintf(text, sizeof text, "%s:/: attributes: width=-1: expected", path);
	assert_fails(space_read(&again, path, mem), ERR_DATA, text);
	unlink(path);
	arena_free(mem);
}

static void test_the_later_of_two_values_holds_and_options_print_in_full(void **state)
{
	struct space_settings set = { .rows = 32, .columns = 32, .channels = 3, .options = "width=0.5::width=2:" };
	struct arena *mem = arena_new();
	struct space *s = space_new(mem, "macro", &set);

	(void)state;
	assert_string_equal(s->settings.options, "width=2");
	assert_string_equal(space_options_small(s->type, "width=3", mem), "width=0.25:width=3");
	set.options = NULL;
	assert_string_equal(space_new(mem, "macro", &set)->settings.options, "width=1");
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_read_back),
		cmocka_unit_test(test_canonical_is_idempotent),
		cmocka_unit_test(test_codes_of_one_network_cost_the_same),
		cmocka_unit_test(test_draws_are_legal_under_a_mask),
		cmocka_unit_test(test_codes_are_walked_in_order),
		cmocka_unit_test(test_every_choice_is_drawn),
		cmocka_unit_test(test_graphs_check_and_the_store_holds_their_parameters),
		cmocka_unit_test(test_samplers_are_pure_and_legal),
		cmocka_unit_test(test_files_keep_settings_and_mask),
		cmocka_unit_test(test_unknown_spaces_and_bad_settings_are_refused),
		cmocka_unit_test(test_files_of_unknown_spaces_and_bad_settings_are_named),
		cmocka_unit_test(test_the_later_of_two_values_holds_and_options_print_in_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
