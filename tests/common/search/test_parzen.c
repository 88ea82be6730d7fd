/* Parzen estimators against values worked out by hand and the tables of the TPE papers' code. */
#include "tests/harness.h"

#include "search/parzen.h"
#include "tests/common/search/flat.h"
#include "tests/arena.h"

/* p of each code in one decision, kernels from these choices with these weights (NULL: by age). */
static void estimate(struct space *s, int n, const uint8_t *choice, const double *weight, double *p)
{
	struct parzen z;
	const uint8_t **code = ARENA_NEW(mem, const uint8_t *, n);
	double *age = ARENA_NEW(mem, double, n);

	for (int i = 0; i < n; i++)
		code[i] = choice + i;
	parzen_age(n, age);
	parzen_init(&z, s, n, code, weight ? weight : age, 1, NULL, mem);
	for (uint8_t c = 0; c < s->decision[0].choices; c++)
		p[c] = exp(parzen_log(&z, &c, mem));
}

static void test_age_weights_ramp_up_to_the_last_25(void **state)
{
	static const double ramp[] = { 0.033333333333333333, 0.275, 0.516666666666666667, 0.758333333333333333, 1 };
	double w[30];

	(void)state;
	for (int n = 24; n <= 25; n++) {
		parzen_age(n, w);
		for (int i = 0; i < n; i++)
			assert_near(w[i], 1, 0);
	}
	parzen_age(26, w);
	assert_near(w[0], 1.0 / 26, 1e-15);
	for (int i = 1; i < 26; i++)
		assert_near(w[i], 1, 0);
	parzen_age(30, w);
	for (int i = 0; i < 30; i++)
		assert_near(w[i], i < 5 ? ramp[i] : 1, 1e-15);
}

static void test_eight_choices_have_the_tabled_probabilities(void **state)
{
	static const struct { int n, equal; double that, other; } row[] = {
		{ 3, 3, 0.344, 0.094 }, { 10, 10, 0.586, 0.059 }, { 10, 5, 0.322, -1 }, { 25, 25, 0.768, 0.033 },
	};
	struct space *s = flat_space(mem, 1, 8);

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		uint8_t choice[25] = { 0 };
		double p[8];

		for (int k = row[i].equal; k < row[i].n; k++)
			choice[k] = (uint8_t)(1 + k % 5);
		estimate(s, row[i].n, choice, NULL, p);
		if (fabs(p[0] - row[i].that) > 5e-4 || (row[i].other > 0 && fabs(p[7] - row[i].other) > 5e-4))
			fail_msg("n = %d: %g and %g, expected %g and %g", row[i].n, p[0], p[7], row[i].that, row[i].other);
	}
}

static void test_the_worked_example_of_twelve_trials(void **state)
{
	/* losses 5 3 4 1 2 6 7 8 2.5 9 10 11, good are trials 3 and 4 */
	const uint8_t good[] = { 2, 2 }, bad[] = { 0, 1, 1, 3, 0, 3, 2, 0, 1, 3 };
	const double l[] = { .1786, .1786, .4643, .1786 }, g[] = { .2833, .2833, .15, .2833 };
	const double ratio[] = { -.4616, -.4616, 1.1299, -.4616 };
	struct space *s = flat_space(mem, 1, 4);
	double pl[4], pg[4];

	(void)state;
	estimate(s, 2, good, NULL, pl);
	estimate(s, 10, bad, NULL, pg);
	for (int c = 0; c < 4; c++) {
		assert_near(pl[c], l[c], 5e-5);
		assert_near(pg[c], g[c], 5e-5);
		assert_near(log(pl[c] / pg[c]), ratio[c], 5e-5);
	}
}

/* The densities of one decision by itself, all weights 1. */
static void alone(struct space *s, int n, const uint8_t *choice, void (*table)(const struct parzen *, struct parzen_table *),
                  struct parzen_table *t)
{
	const uint8_t **code = ARENA_NEW(mem, const uint8_t *, n);
	double *weight = ARENA_NEW(mem, double, n);
	struct parzen z;

	for (int i = 0; i < n; i++) {
		code[i] = choice + i;
		weight[i] = 1;
	}
	parzen_init(&z, s, n, code, weight, 1, NULL, mem);
	table(&z, t);
}

static void test_hyperopts_counts_have_the_tabled_probabilities(void **state)
{
	static const struct { int n, equal; double that, other; } row[] = {
		{ 3, 3, 0.364, 0.091 }, { 10, 10, 0.611, 0.056 }, { 10, 5, 0.333, -1 }, { 25, 25, 0.788, 0.030 },
	};
	struct space *s = flat_space(mem, 1, 8);
	struct parzen_table t;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		uint8_t choice[25] = { 0 };

		for (int k = row[i].equal; k < row[i].n; k++)
			choice[k] = (uint8_t)(1 + k % 5);
		alone(s, row[i].n, choice, parzen_counts, &t);
		assert_near(t.p[0][0], row[i].that, 5e-4);
		if (row[i].other > 0)
			assert_near(t.p[0][7], row[i].other, 5e-4);
	}
}

static void test_hyperopts_counts_of_the_worked_example(void **state)
{
	/* losses 5 3 4 1 2 6 7 8 2.5 9 10 11: n_good = 1, good is trial 3 */
	const uint8_t good[] = { 2 }, bad[] = { 0, 1, 1, 2, 3, 0, 3, 2, 0, 1, 3 };
	const double ratio[] = { -.2877, -.2877, .6931, -.2877 };
	struct space *s = flat_space(mem, 1, 4);
	struct parzen_table l, g;

	(void)state;
	alone(s, 1, good, parzen_counts, &l);
	alone(s, 11, bad, parzen_counts, &g);
	for (int c = 0; c < 4; c++) {
		assert_near(l.p[0][c], c == 2 ? .4 : .2, 1e-12);
		assert_near(g.p[0][c], c == 2 ? .2 : 4.0 / 15, 1e-12);
		assert_near(log(l.p[0][c] / g.p[0][c]), ratio[c], 5e-5);
	}
}

static void test_one_decision_by_itself_is_the_mixture(void **state)
{
	const uint8_t choice[] = { 3, 3, 0, 1, 3, 5, 5 };
	struct space *s = flat_space(mem, 1, 6);
	struct parzen_table t;
	double p[6], one[] = { 1, 1, 1, 1, 1, 1, 1 };

	(void)state;
	s->mask[0][4] = false;
	estimate(s, 7, choice, one, p);
	alone(s, 7, choice, parzen_marginals, &t);
	for (int c = 0; c < 6; c++)
		assert_near(t.p[0][c], c == 4 ? 0 : p[c], 1e-14);
}

static void test_a_prior_over_choices_is_what_no_observations_give_and_sums_to_one(void **state)
{
	static const char *const name[] = { "a", "b", "c", "d" };
	struct decision d[] = { { "first", 4, name }, { "second", 4, name } };
	struct space *s = flat_space(mem, 2, 4);
	struct parzen_table q, l;
	const uint8_t code[] = { 1, 2 }, *pointer[] = { code };
	double one = 1, sum = 0, counts = 0;
	struct parzen none, some;
	uint8_t x[2];

	(void)state;
	s->decision = d;
	s->mask[1][3] = false;
	assert_ok(parzen_prior(&q, s, "b=3:d=0.5"));
	assert_near(q.p[0][1], 3 / 5.5, 1e-15);
	assert_near(q.p[0][3], .5 / 5.5, 1e-15);
	assert_near(q.p[1][1], 3 / 5.0, 1e-15);
	parzen_init(&none, s, 0, NULL, NULL, 1, &q, mem);
	parzen_init(&some, s, 1, pointer, &one, 1, &q, mem);
	for (x[0] = 0; x[0] < 4; x[0]++)
		for (x[1] = 0; x[1] < 3; x[1]++) {
			assert_near(exp(parzen_log(&none, x, mem)), q.p[0][x[0]] * q.p[1][x[1]], 1e-15);
			sum += exp(parzen_log(&some, x, mem));
		}
	assert_near(sum, 1, 1e-14);
	parzen_counts(&some, &l);
	for (int c = 0; c < 4; c++)
		counts += l.p[0][c];
	assert_near(counts, 1, 1e-14);
	/* hp.pchoice: C w0 q(c) pseudo-counts */
	assert_near(l.p[0][1], (1 + 4 * 3 / 5.5) / 5, 1e-14);
	assert_int_equal(parzen_prior(&q, s, "e=2"), ERR_USAGE);
	assert_int_equal(parzen_prior(&q, s, "b=0"), ERR_USAGE);
	assert_int_equal(parzen_prior(&q, s, "b"), ERR_USAGE);
}

static void test_no_observations_give_the_uniform_prior(void **state)
{
	double p[5];

	(void)state;
	estimate(flat_space(mem, 1, 5), 0, NULL, NULL, p);
	for (int c = 0; c < 5; c++)
		assert_near(p[c], 0.2, 1e-15);
}

/* The mixture written out: no logarithms. */
static double plain(const struct space *s, int n, const uint8_t (*code)[3], const double *w, const uint8_t *x)
{
	double lam = 1.0 / (n + 1), sum = 1, total = 1;

	for (int d = 0; d < 3; d++)
		sum /= space_on(s, d);
	for (int i = 0; i < n; i++) {
		double k = w[i];

		for (int d = 0; d < 3; d++)
			k *= ((code[i][d] == x[d]) + lam) / (1 + space_on(s, d) * lam);
		sum += k;
		total += w[i];
	}
	return sum / total;
}

static void test_three_decisions_equal_the_mixture_written_out_and_sum_to_one(void **state)
{
	struct space *s = flat_space(mem, 3, 5);
	struct rng r = rng_stream(2, "test/parzen", 0, 0, 0);
	const uint8_t *pointer[30];
	uint8_t code[30][3], x[3];
	double weight[30], sum = 0;
	struct parzen z;

	(void)state;
	s->mask[1][0] = s->mask[1][3] = s->mask[2][4] = false;      /* 5 x 3 x 4 are on */
	for (int i = 0; i < 30; i++) {
		space_uniform(s, &r, code[i]);
		pointer[i] = code[i];
	}
	parzen_age(30, weight);
	parzen_init(&z, s, 30, pointer, weight, 1, NULL, mem);
	for (x[0] = 0; x[0] < 5; x[0]++)
		for (x[1] = 0; x[1] < 5; x[1]++)
			for (x[2] = 0; x[2] < 5; x[2]++) {
				double p = exp(parzen_log(&z, x, mem));

				if (!space_legal(s, x))
					continue;
				sum += p;
				assert_near(p / plain(s, 30, code, weight, x), 1, 1e-13);
			}
	assert_near(sum, 1, 1e-13);
}

static void test_draws_follow_the_density(void **state)
{
	struct space *s = flat_space(mem, 2, 3);
	const uint8_t a[] = { 0, 1 }, b[] = { 2, 1 };
	const uint8_t *const code[] = { a, b };
	const double weight[] = { 1, 0.5 };
	struct rng r = rng_stream(3, "test/parzen", 0, 0, 0);
	int count[3][3] = { 0 }, draws = 90000;
	double chi = 0;
	struct parzen z;
	uint8_t x[2];

	(void)state;
	parzen_init(&z, s, 2, code, weight, 1, NULL, mem);
	for (int i = 0; i < draws; i++) {
		parzen_draw(&z, &r, x);
		count[x[0]][x[1]]++;
	}
	for (x[0] = 0; x[0] < 3; x[0]++)
		for (x[1] = 0; x[1] < 3; x[1]++) {
			double want = draws * exp(parzen_log(&z, x, mem)), off = count[x[0]][x[1]] - want;

			chi += off * off / want;
		}
	assert_true(chi < 26.1);                    /* 8 degrees of freedom, p = 0.001 */
}

static void test_choices_that_are_off_are_never_drawn(void **state)
{
	struct space *s = flat_space(mem, 2, 4);
	const uint8_t a[] = { 1, 2 };
	const uint8_t *const code[] = { a };
	const double weight[] = { 1 };
	struct rng r = rng_stream(4, "test/parzen", 0, 0, 0);
	struct parzen z;
	uint8_t x[2];

	(void)state;
	s->mask[0][0] = s->mask[0][3] = false;
	for (int c = 0; c < 4; c++)
		s->mask[1][c] = c == 2;             /* a single choice: certain */
	parzen_init(&z, s, 1, code, weight, 1, NULL, mem);
	for (int i = 0; i < 5000; i++) {
		parzen_draw(&z, &r, x);
		assert_true(space_legal(s, x));
	}
	/* (1 + 1/2) / (1 + 2/2) and the prior: (3/4 + 1/2) / 2 */
	assert_near(exp(parzen_log(&z, a, mem)), 0.625, 1e-14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_age_weights_ramp_up_to_the_last_25),
		cmocka_unit_test(test_eight_choices_have_the_tabled_probabilities),
		cmocka_unit_test(test_the_worked_example_of_twelve_trials),
		cmocka_unit_test(test_hyperopts_counts_have_the_tabled_probabilities),
		cmocka_unit_test(test_hyperopts_counts_of_the_worked_example),
		cmocka_unit_test(test_one_decision_by_itself_is_the_mixture),
		cmocka_unit_test(test_a_prior_over_choices_is_what_no_observations_give_and_sums_to_one),
		cmocka_unit_test(test_no_observations_give_the_uniform_prior),
		cmocka_unit_test(test_three_decisions_equal_the_mixture_written_out_and_sum_to_one),
		cmocka_unit_test(test_draws_follow_the_density),
		cmocka_unit_test(test_choices_that_are_off_are_never_drawn),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
