/* Ranks, rank correlation and Hamming diversity. */
#include "tests/harness.h"

#include "base/rng.h"
#include "search/diversity.h"
#include "search/rank.h"

static void test_ties_share_the_mean_of_their_ranks(void **state)
{
	const double value[] = { 3, 1, 3, 2, 3, 1 }, want[] = { 5, 1.5, 5, 3, 5, 1.5 };
	struct arena *mem = arena_new();
	double rank[6];

	(void)state;
	rank_average(value, 6, mem, rank);
	for (int i = 0; i < 6; i++)
		assert_near(rank[i], want[i], 0);
	arena_free(mem);
}

/* tau-b by its definition: all pairs. */
static double slow_kendall(const double *x, const double *y, int n)
{
	double agree = 0, untied_x = 0, untied_y = 0;

	for (int i = 0; i < n; i++)
		for (int j = 0; j < i; j++) {
			int a = (x[i] > x[j]) - (x[i] < x[j]), b = (y[i] > y[j]) - (y[i] < y[j]);

			agree += a * b;
			untied_x += a != 0;
			untied_y += b != 0;
		}
	return agree / sqrt(untied_x * untied_y);
}

static void test_kendall_equals_the_count_over_all_pairs_with_and_without_ties(void **state)
{
	struct arena *mem = arena_new();
	struct rng r = rng_stream(1, "test/kendall", 0, 0, 0);
	double x[200], y[200];

	(void)state;
	for (int round = 0; round < 200; round++) {
		int n = 2 + (int)rng_below(&r, 199), distinct = 2 + (int)rng_below(&r, round < 100 ? 6 : 100000);

		for (int i = 0; i < n; i++) {
			x[i] = rng_below(&r, (uint32_t)distinct);
			y[i] = rng_below(&r, 3) ? x[i] : rng_below(&r, (uint32_t)distinct);
		}
		x[0] = -1;
		y[1] = -1;
		assert_near(rank_kendall(x, y, n, mem), slow_kendall(x, y, n), 1e-14);
	}
	arena_free(mem);
}

static void test_correlations_of_a_known_example(void **state)
{
	/* x: 1 2 3 4 5, y: 1 3 2 5 5.  Nine of ten pairs untied in y; concordant 8, discordant 1:
	 * tau-b = 7 / sqrt(10 x 9).  Ranks of y: 1 3 2 4.5 4.5; rho = 8.5 / sqrt(10 x 9.5). */
	const double x[] = { 1, 2, 3, 4, 5 }, y[] = { 1, 3, 2, 5, 5 };
	struct arena *mem = arena_new();

	(void)state;
	assert_near(rank_kendall(x, y, 5, mem), 7 / sqrt(90), 1e-15);
	assert_near(rank_spearman(x, y, 5, mem), 8.5 / sqrt(95), 1e-15);
	arena_free(mem);
}

static void test_a_constant_has_no_correlation(void **state)
{
	const double x[] = { 1, 2, 3 }, y[] = { 4, 4, 4 };
	struct arena *mem = arena_new();

	(void)state;
	assert_true(isnan(rank_kendall(x, y, 3, mem)));
	assert_true(isnan(rank_spearman(x, y, 3, mem)));
	assert_true(isnan(rank_kendall(x, y, 1, mem)));
	arena_free(mem);
}

static void test_weighted_tau_of_a_known_example(void **state)
{
	/* x: 3 2 1, y: 3 1 2.  Places by x: 0 1 2, so pairs weigh (0,1) 1 + 1/2, (0,2) 1 + 1/3, (1,2) 1/2 + 1/3; the last is
	 * discordant: tau = (3/2 + 4/3 - 5/6) / (3/2 + 4/3 + 5/6) = 2 / (11/3).  Places by y exchange points 1 and 2: the same. */
	const double x[] = { 3, 2, 1 }, y[] = { 3, 1, 2 }, worst[] = { 2, 3, 1 };
	struct arena *mem = arena_new();

	(void)state;
	assert_near(rank_weighted_kendall(x, y, 3, mem), 6.0 / 11, 1e-15);
	assert_near(rank_weighted_kendall(x, x, 3, mem), 1, 1e-15);
	/* the pair at the top exchanged costs more than the one at the bottom: 2/3 / (11/3) */
	assert_near(rank_weighted_kendall(x, worst, 3, mem), 2.0 / 11, 1e-15);
	assert_near(rank_kendall(x, worst, 3, mem), rank_kendall(x, y, 3, mem), 1e-15);
	arena_free(mem);
}

static void test_pairs_of_groups_add_up_and_the_top_is_what_it_says(void **state)
{
	const double x[] = { 9, 8, 7, 1, 2, 3 }, y[] = { 1, 3, 2, 10, 20, 30 };
	struct arena *mem = arena_new();
	struct kendall a, b;

	(void)state;
	a = rank_kendall_pairs(x, y, 3, mem);            /* one concordant, two discordant */
	b = rank_kendall_pairs(x + 3, y + 3, 3, mem);
	assert_near(a.net, -1, 0);
	assert_near(rank_kendall_tau((struct kendall){ a.net + b.net, a.x + b.x, a.y + b.y }), 2.0 / 6, 1e-15);
	assert_near(rank_precision(x, y, 6, 4, mem), 2.0 / 4, 0);        /* predicted 0 1 2 5, true 5 4 3 1 */
	assert_near(rank_best_of_top(x, y, 6, 3, mem), 3, 0);
	assert_near(rank_best_of_top(x, y, 6, 100, mem), 30, 0);
	arena_free(mem);
}

static void test_intraclass_correlation_of_a_known_example(void **state)
{
	/* Shrout and Fleiss 1979, table 2: six subjects, four judges; table 4 gives ICC(1,1) = .17 */
	static const double x[] = { 9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7 };
	static const double same[] = { 1, 1, 2, 2, 5, 5 };

	(void)state;
	/* between 11.24, within 6.26 (table 3) */
	assert_near(rank_intraclass(x, 6, 4), (11.24 - 6.26) / (11.24 + 3 * 6.26), 1e-3);
	assert_near(rank_intraclass(same, 3, 2), 1, 1e-15);
	assert_true(isnan(rank_intraclass(same, 6, 1)));
}

static void test_diversity_is_the_share_of_decisions_that_differ(void **state)
{
	const uint8_t a[] = { 0, 1, 2, 0 }, b[] = { 0, 1, 1, 1 }, c[] = { 1, 1, 1, 1 };
	const uint8_t *const all[] = { a, b, c };

	(void)state;
	assert_near(diversity_hamming(a, b, 4), 0.5, 0);
	assert_near(diversity_hamming(a, c, 4), 0.75, 0);
	assert_near(diversity_to(a, all + 1, 2, 4), 0.625, 0);
	assert_near(diversity_to(a, all, 0, 4), 0, 0);
	struct arena *mem = arena_new();
	for (int i = 0; i < 3; i++)
		assert_true(diversity_to_counted(all[i], diversity_count(all, 3, 4, mem), 3, 4) == diversity_to(all[i], all, 3, 4));
	assert_near(diversity_to_counted(a, diversity_count(all, 0, 4, mem), 0, 4), 0, 0);
	arena_free(mem);
	assert_near(diversity_mean(all, 3, 4), (0.5 + 0.75 + 0.25) / 3, 1e-15);
	assert_near(diversity_mean(all, 1, 4), 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ties_share_the_mean_of_their_ranks),
		cmocka_unit_test(test_kendall_equals_the_count_over_all_pairs_with_and_without_ties),
		cmocka_unit_test(test_correlations_of_a_known_example),
		cmocka_unit_test(test_a_constant_has_no_correlation),
		cmocka_unit_test(test_weighted_tau_of_a_known_example),
		cmocka_unit_test(test_pairs_of_groups_add_up_and_the_top_is_what_it_says),
		cmocka_unit_test(test_intraclass_correlation_of_a_known_example),
		cmocka_unit_test(test_diversity_is_the_share_of_decisions_that_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
