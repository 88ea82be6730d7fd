/* Searchers against each other on a synthetic objective, and what their settings promise. */
#include "tests/arena.h"
#include "tests/harness.h"

#include "base/err.h"
#include "tests/common/search/cells.h"

#define SEEDS 50
#define TRIALS 220

extern const struct strategy strategy_tpe, strategy_random, strategy_regularized_evolution;

/* Mean over seeds of the best value after TRIALS trials. */
static double mean_best(const struct strategy *strategy, const struct strategy_settings *profile)
{
	struct space *s = cells_space(mem);
	double sum = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct arena_mark mark = arena_mark(mem);
		struct strategy_settings set = *profile;
		struct history h = { .trial = ARENA_NEW(mem, struct trial, TRIALS) };
		struct cells *z = ARENA_NEW(mem, struct cells, 1);

		set.seed = seed;
		cells_init(z, s, seed);
		sum += cells_search(strategy, &set, s, z, &h, TRIALS, 1, mem);
		arena_rewind(mem, mark);
	}
	return sum / SEEDS;
}

static void test_multivariate_beats_hyperopts_profile_beats_random_search(void **state)
{
	double random = mean_best(&strategy_random, &strategy_defaults);
	double csnas = mean_best(&strategy_tpe, strategy_profile("csnas"));
	double tpe = mean_best(&strategy_tpe, &strategy_defaults);
	double evolution = mean_best(&strategy_regularized_evolution, &strategy_defaults);

	(void)state;
	print_message("best of %d in SD, mean of %d seeds: random %.2f, csnas %.2f, multivariate %.2f, evolution %.2f\n",
	              TRIALS, SEEDS, random, csnas, tpe, evolution);
	/* the standard error of each mean is 0.03 to 0.05 (csnas-tpe.md 3.12); the gaps there are 0.4 to 0.8 */
	assert_true(csnas > random + 0.2);
	assert_true(tpe > csnas + 0.2);
	assert_true(evolution > random + 0.5);
}

static int64_t repeats(const struct history *h)
{
	int64_t n = 0;

	for (int64_t i = 0; i < h->count; i++)
		n += history_first(h, h->trial[i].code) != &h->trial[i];
	return n;
}

static struct history run(const struct strategy *strategy, struct strategy_settings set, int n, int batch)
{
	struct space *s = cells_space(mem);
	struct cells *z = ARENA_NEW(mem, struct cells, 1);
	struct history h = { .trial = ARENA_NEW(mem, struct trial, n) };

	cells_init(z, s, 7);
	assert_true(isfinite(cells_search(strategy, &set, s, z, &h, n, batch, mem)));
	return h;
}

static void test_repeats_come_only_where_they_are_allowed(void **state)
{
	struct strategy_settings set = *strategy_profile("csnas");
	struct history h = run(&strategy_tpe, set, TRIALS, 1);

	(void)state;
	assert_true(repeats(&h) > 0);
	set.repeat = "reject";
	h = run(&strategy_tpe, set, TRIALS, 1);
	assert_int_equal(repeats(&h), 0);
	set.tpe.candidates = 0;
	h = run(&strategy_tpe, set, TRIALS, 8);
	assert_int_equal(repeats(&h), 0);
	h = run(&strategy_regularized_evolution, set, TRIALS, 8);
	assert_int_equal(repeats(&h), 0);
}

static void test_the_liar_keeps_an_exact_search_from_asking_the_same_eight_times(void **state)
{
	struct strategy_settings set = *strategy_profile("csnas-intended");
	int64_t bad, ignore;
	struct history h;

	(void)state;
	h = run(&strategy_tpe, set, TRIALS, 8);
	bad = repeats(&h);
	set.tpe.liar = "ignore";
	h = run(&strategy_tpe, set, TRIALS, 8);
	ignore = repeats(&h);
	/* 196 trials after the start (three batches) in 25 batches: without the liar at most one new code in each */
	if (ignore < 171 || bad > 60)
		fail_msg("%d repeats with pending trials in the bad group, %d without", (int)bad, (int)ignore);
}

static void test_an_exact_proposal_is_the_best_choice_of_every_decision(void **state)
{
	/* csnas-tpe.md 3.11, example 2: both kernels suggest choice 2 */
	static const double loss[] = { 5, 3, 4, 1, 2, 6, 7, 8, 2.5, 9, 10, 11 };
	static const uint8_t choice[] = { 0, 1, 1, 2, 2, 3, 0, 3, 2, 0, 1, 3 };
	struct strategy_settings set = *strategy_profile("csnas-intended");
	struct space *s = flat_space(mem, 1, 4);
	struct history h = { .trial = ARENA_NEW(mem, struct trial, 12) };
	struct history p = { .decisions = 1, .round = 1, .phase = 1, .trial = ARENA_NEW(mem, struct trial, 1) };
	struct ask a = { s, &h, &set, mem, 12, &p };

	(void)state;
	for (int i = 0; i < 12; i++)
		flat_tell(&h, s, mem, &choice[i], 1, -loss[i]);
	set.tpe.startup = 10;
	for (int kernel = 0; kernel < 2; kernel++) {
		set.tpe.kernel = tpe_kernels(kernel);
		p.count = 0;
		assert_ok(strategy_run(&strategy_tpe, &a, 1));
		assert_int_equal(p.trial[0].code[0], 2);
	}
}

static void test_settings_that_do_not_go_together_are_refused(void **state)
{
	struct strategy_settings set = strategy_defaults;
	struct history h = run(&strategy_random, set, 20, 20), p = { .decisions = CELLS_DECISIONS, .trial = ARENA_NEW(mem, struct trial, 1) };
	struct ask a = { cells_space(mem), &h, &set, mem, 20, &p };

	(void)state;
	set.tpe.kernel = "hyperopt";
	assert_int_equal(strategy_run(&strategy_tpe, &a, 1), ERR_USAGE);
	set = strategy_defaults;
	set.tpe.candidates = 0;
	assert_int_equal(strategy_run(&strategy_tpe, &a, 1), ERR_USAGE);
}

static void test_weights_by_improvement_find_more_than_random_search(void **state)
{
	struct strategy_settings set = strategy_defaults;
	struct history random = run(&strategy_random, set, TRIALS, 1), ei;
	double most = -INFINITY, least = -INFINITY;

	(void)state;
	set.tpe.weights = "ei";
	set.tpe.good_share = 0.15;
	ei = run(&strategy_tpe, set, TRIALS, 1);
	for (int i = 0; i < TRIALS; i++) {
		most = fmax(most, ei.trial[i].score);
		least = fmax(least, random.trial[i].score);
	}
	assert_true(most > least);
}

static void test_a_child_differs_from_a_parent_of_the_population_in_one_decision(void **state)
{
	struct strategy_settings set = strategy_defaults;
	struct history h = run(&strategy_regularized_evolution, set, 120, 1);

	(void)state;
	for (int i = 20; i < 120; i++) {
		int least = CELLS_DECISIONS;

		for (int j = i - 20; j < i; j++) {
			int differ = 0;

			for (int d = 0; d < CELLS_DECISIONS; d++)
				differ += h.trial[i].code[d] != h.trial[j].code[d];
			least = differ < least ? differ : least;
		}
		/* two where the first child was known already */
		assert_in_range(least, 1, 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_multivariate_beats_hyperopts_profile_beats_random_search),
		cmocka_unit_test(test_repeats_come_only_where_they_are_allowed),
		cmocka_unit_test(test_the_liar_keeps_an_exact_search_from_asking_the_same_eight_times),
		cmocka_unit_test(test_an_exact_proposal_is_the_best_choice_of_every_decision),
		cmocka_unit_test(test_settings_that_do_not_go_together_are_refused),
		cmocka_unit_test(test_weights_by_improvement_find_more_than_random_search),
		cmocka_unit_test(test_a_child_differs_from_a_parent_of_the_population_in_one_decision),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
