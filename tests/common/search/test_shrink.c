/* Shrinking a space. */
#include "tests/harness.h"

#include "search/shrinker.h"
#include "tests/common/search/flat.h"
#include "tests/arena.h"

extern const struct shrinker shrinker_marginal;

/* All 16 codes of four decisions of two; choice 1 of decision 0 is worth 8, of decision 1 4, of decision 2 -2,
 * of decision 3 -1: scores -3 .. 12, all different. */
static struct history factorial(const struct space *s)
{
	static const double worth[] = { 8, 4, -2, -1 };
	struct history h = { .trial = ARENA_NEW(mem, struct trial, 16) };

	for (int n = 0; n < 16; n++) {
		uint8_t code[4];
		double score = 0;

		for (int d = 0; d < 4; d++) {
			code[d] = (uint8_t)(n >> d & 1);
			score += code[d] * worth[d];
		}
		flat_tell(&h, s, mem, code, 1, score);
	}
	return h;
}

static const struct shrink_row *find(const struct shrink_row *row, int64_t rows, int decision, int choice)
{
	for (int64_t i = 0; i < rows; i++)
		if (row[i].decision == decision && row[i].choice == choice)
			return &row[i];
	fail_msg("no row for decision %d, choice %d", decision, choice);
	return NULL;
}

static void test_marginal_quality_and_diversity_are_what_the_formulas_say(void **state)
{
	/* Ranks over 16: with choice 1 of decision 0 come ranks 1 .. 8, mean 4.5/16; without, 12.5/16.
	 * The good half is that half: decision 0 is the same in it, the other three take all 8 values.  Distance
	 * of one to the 7 others: 3 x 4 differing decisions of 7 x 4. */
	struct space *s = flat_space(mem, 4, 2);
	struct history h = factorial(s);
	struct shrink_settings set = { .drop = 0, .keep = 1, .diversity = 0.25 };
	struct shrink_row *row;
	const struct shrink_row *one, *zero;
	int64_t rows;

	(void)state;
	assert_ok(shrinker_marginal.shrink(s, &h, &set, mem, &row, &rows));
	assert_int_equal(rows, 8);
	one = find(row, rows, 0, 1);
	zero = find(row, rows, 0, 0);
	assert_int_equal(one->trials, 8);
	assert_near(one->quality, 1 - 4.5 / 16, 1e-14);
	assert_near(zero->quality, 1 - 12.5 / 16, 1e-14);
	assert_near(one->diversity, 12.0 / 28, 1e-14);
	assert_near(zero->diversity, 0, 0);
	assert_near(one->merit, 0.75 * (8 * (1 - 4.5 / 16) + 0.5) / 9 + 0.25 * 12 / 28, 1e-14);
	assert_near(find(row, rows, 3, 1)->diversity, 12.0 / 28, 1e-14);
}

static void test_the_worst_choices_go_first_and_each_decision_keeps_its_share(void **state)
{
	struct space *s = flat_space(mem, 4, 2);
	struct history h = factorial(s);
	struct shrink_settings set = { .drop = 2, .keep = 1, .diversity = 0 };
	struct shrink_row *row;
	int64_t rows;

	(void)state;
	assert_ok(shrinker_marginal.shrink(s, &h, &set, mem, &row, &rows));
	assert_true(find(row, rows, 0, 0)->off && find(row, rows, 1, 0)->off);
	assert_false(s->mask[0][0] || s->mask[1][0]);
	assert_int_equal(space_on(s, 0) + space_on(s, 1) + space_on(s, 2) + space_on(s, 3), 6);
	set.drop = 100;
	assert_ok(shrinker_marginal.shrink(s, &h, &set, mem, &row, &rows));
	for (int d = 0; d < 4; d++)
		assert_int_equal(space_on(s, d), 1);
	assert_true(s->mask[2][0] && s->mask[3][0]);
}

static void test_keep_two_leaves_binary_decisions_alone(void **state)
{
	struct space *s = flat_space(mem, 4, 2);
	struct history h = factorial(s);
	struct shrink_settings set = { .drop = 8, .keep = 2, .diversity = 0.2 };
	struct shrink_row *row;
	int64_t rows;

	(void)state;
	assert_ok(shrinker_marginal.shrink(s, &h, &set, mem, &row, &rows));
	for (int64_t i = 0; i < rows; i++)
		assert_false(row[i].off);
}

static void test_diversity_saves_a_choice_of_few_but_different_networks(void **state)
{
	/* Choices 1 and 2 of decision 0 have the same quality; those with 2 differ more from the rest. */
	static const struct { uint8_t code[4]; double score; } trial[] = {
		{ { 0, 0, 0, 0 }, 9 }, { { 0, 0, 0, 1 }, 8 }, { { 1, 0, 0, 0 }, 6 }, { { 2, 2, 2, 2 }, 6 },
		{ { 0, 1, 1, 0 }, 3 }, { { 1, 1, 0, 1 }, 1 }, { { 2, 1, 0, 1 }, 1 }, { { 0, 1, 2, 1 }, 0 },
	};

	(void)state;
	for (int weight = 0; weight < 2; weight++) {
		struct space *s = flat_space(mem, 4, 3);
		struct history h = { .trial = ARENA_NEW(mem, struct trial, 8) };
		struct shrink_settings set = { .drop = 0, .keep = 1, .diversity = weight ? 0.3 : 0 };
		struct shrink_row *row;
		double gap;
		int64_t rows;

		for (int i = 0; i < 8; i++)
			flat_tell(&h, s, mem, trial[i].code, 1, trial[i].score);
		assert_ok(shrinker_marginal.shrink(s, &h, &set, mem, &row, &rows));
		gap = find(row, rows, 0, 2)->merit - find(row, rows, 0, 1)->merit;
		assert_true(weight ? gap > 0.01 : fabs(gap) < 1e-14);
	}
}

static void test_the_space_keeps_a_network_whose_canonical_form_is_on(void **state)
{
	struct space_settings settings = { .rows = 32, .columns = 32, .channels = 3, .options = "width=0.25" };
	struct shrink_settings set = { .drop = 100, .keep = 1, .diversity = 0.2 };

	(void)state;
	for (uint32_t seed = 0; seed < 20; seed++) {
		struct space *s = space_new(mem, "macro", &settings);
		struct history h = { .trial = ARENA_NEW(mem, struct trial, 30) };
		struct rng r = rng_stream(seed, "test/shrink", 0, 0, 0);
		struct shrink_row *row;
		int64_t rows;

		for (int i = 0; i < 30; i++) {
			uint8_t code[8];

			space_uniform(s, &r, code);
			s->type->canonical(s, code, code);
			/* identities early, blocks late: the worst for a canonical form */
			flat_tell(&h, s, mem, code, 1, (code[3] == 0) + (code[6] == 0) + 0.1 * rng_uniform(&r));
		}
		assert_ok(shrinker_marginal.shrink(s, &h, &set, mem, &row, &rows));
		assert_true(space_inhabited(s));
	}
}

static void test_no_scored_trial_is_an_error(void **state)
{
	struct space *s = flat_space(mem, 4, 2);
	struct history h = { .decisions = 4 };
	struct shrink_row *row;
	int64_t rows;

	(void)state;
	assert_fails(shrinker_marginal.shrink(s, &h, &shrink_defaults, mem, &row, &rows), ERR_CONFIG, "no scored trial");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marginal_quality_and_diversity_are_what_the_formulas_say),
		cmocka_unit_test(test_the_worst_choices_go_first_and_each_decision_keeps_its_share),
		cmocka_unit_test(test_keep_two_leaves_binary_decisions_alone),
		cmocka_unit_test(test_diversity_saves_a_choice_of_few_but_different_networks),
		cmocka_unit_test(test_the_space_keeps_a_network_whose_canonical_form_is_on),
		cmocka_unit_test(test_no_scored_trial_is_an_error),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
