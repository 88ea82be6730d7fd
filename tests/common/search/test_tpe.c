/* The tree-structured Parzen estimator as a searcher. */
#include "tests/harness.h"

#include <time.h>
#include "tests/common/search/flat.h"
#include "tests/arena.h"

#ifdef __SANITIZE_ADDRESS__
#define PROPOSAL_MS 400
#else
#define PROPOSAL_MS 20
#endif

extern const struct strategy strategy_tpe, strategy_random;

/* Asks for n more trials in batches, each told before the next; scores by `value`. */
static void search(const struct strategy *strategy, const struct space *s, struct history *h, uint64_t seed, int n, int batch,
                   double (*value)(const uint8_t *code))
{
	struct strategy_settings set = strategy_defaults;

	set.seed = seed;
	h->decisions = s->decisions;
	for (int done = 0; done < n; ) {
		int size = n - done < batch ? n - done : batch;
		struct history p = { .decisions = s->decisions, .round = 1, .phase = 1 };
		struct ask a = { s, h, &set, mem, h->count, &p };

		p.trial = ARENA_NEW(mem, struct trial, size);
		assert_ok(strategy_run(strategy, &a, size));
		assert_int_equal(p.count, size);
		for (int i = 0; i < size; i++)
			flat_tell(h, s, mem, p.trial[i].code, 1, value(p.trial[i].code));
		done += size;
	}
}

static struct history room(int n)
{
	return (struct history){ .trial = ARENA_NEW(mem, struct trial, n) };
}

/* Ten decisions of four: a good choice each, and neighbours that should agree. */
static double landscape(const uint8_t *code)
{
	double sum = 0;

	for (int d = 0; d < 10; d++) {
		sum += code[d] == (d * 7 + 3) % 4;
		if (d)
			sum += 0.5 * (code[d] == (code[d - 1] + 1) % 4);
	}
	return sum;
}

static double sum_of_four(const uint8_t *code)
{
	return code[0] + code[1] - code[2] * code[3];
}

static double best(const struct history *h)
{
	double most = -INFINITY;

	for (int64_t i = 0; i < h->count; i++)
		most = fmax(most, h->trial[i].score);
	return most;
}

static void test_the_number_of_good_trials_follows_the_linear_rule(void **state)
{
	static const int row[][2] = { { 20, 2 }, { 50, 5 }, { 120, 12 }, { 220, 22 }, { 1000, 25 }, { 30, 3 }, { 10, 1 }, { 11, 2 } };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_int_equal(tpe_good(&strategy_defaults.tpe, row[i][0]), row[i][1]);
}

static void test_the_number_of_good_trials_follows_hyperopts_rule(void **state)
{
	static const int row[][3] = { { 20, 2, 1 }, { 50, 2, 2 }, { 120, 3, 3 }, { 220, 4, 3 }, { 1000, 8, 7 } };
	const struct tpe_settings *run = &strategy_profile("csnas")->tpe, *intended = &strategy_profile("csnas-intended")->tpe;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(tpe_good(run, row[i][0]), row[i][1]);
		assert_int_equal(tpe_good(intended, row[i][0]), row[i][2]);
	}
}

static void test_a_thousand_asks_give_no_duplicate(void **state)
{
	struct space *s = flat_space(mem, 10, 4);
	struct history h = room(1000);

	(void)state;
	search(&strategy_tpe, s, &h, 1, 1000, 50, landscape);
	for (int64_t i = 0; i < h.count; i++)
		assert_ptr_equal(history_first(&h, h.trial[i].code), &h.trial[i]);
}

static void test_an_exhausted_space_is_emptied_and_then_gives_none(void **state)
{
	struct space *s = flat_space(mem, 4, 3);
	struct strategy_settings set = strategy_defaults;
	struct history h = room(81), p = { .decisions = 4, .trial = ARENA_NEW(mem, struct trial, 1) };
	struct ask a = { s, &h, &set, mem, 81, &p };

	(void)state;
	search(&strategy_tpe, s, &h, 1, 81, 9, sum_of_four);
	assert_ok(strategy_run(&strategy_tpe, &a, 1));
	assert_int_equal(p.count, 0);
}

static void test_two_hundred_asks_in_one_go_equal_those_that_stopped_at_57(void **state)
{
	struct space *s = flat_space(mem, 10, 4);
	struct history whole = room(200), cut = room(200);

	(void)state;
	search(&strategy_tpe, s, &whole, 5, 200, 1, landscape);
	search(&strategy_tpe, s, &cut, 5, 57, 1, landscape);
	search(&strategy_tpe, s, &cut, 5, 143, 1, landscape);
	for (int i = 0; i < 200; i++)
		assert_memory_equal(whole.trial[i].code, cut.trial[i].code, 10);
}

static void test_batches_are_a_function_of_the_seed(void **state)
{
	struct space *s = flat_space(mem, 10, 4);
	struct history a = room(96), b = room(96), c = room(96);
	int differ = 0;

	(void)state;
	search(&strategy_tpe, s, &a, 5, 96, 16, landscape);
	search(&strategy_tpe, s, &b, 5, 96, 16, landscape);
	search(&strategy_tpe, s, &c, 6, 96, 16, landscape);
	for (int i = 0; i < 96; i++) {
		assert_memory_equal(a.trial[i].code, b.trial[i].code, 10);
		differ += memcmp(a.trial[i].code, c.trial[i].code, 10) != 0;
	}
	assert_true(differ > 90);
}

static void test_it_beats_random_search_over_30_seeds(void **state)
{
	struct space *s = flat_space(mem, 10, 4);
	double tpe = 0, uniform = 0;
	int wins = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct arena_mark mark = arena_mark(mem);
		struct history a = room(96), b = room(96);

		search(&strategy_tpe, s, &a, seed, 96, 8, landscape);
		search(&strategy_random, s, &b, seed, 96, 8, landscape);
		tpe += best(&a) / 30;
		uniform += best(&b) / 30;
		wins += best(&a) > best(&b);
		arena_rewind(mem, mark);
	}
	if (tpe < uniform + 1 || wins < 20)
		fail_msg("mean best %g, random search %g, better in %d of 30", tpe, uniform, wins);
}

/* Share of 200 proposals whose first gene is 0, with `crowd` failed or pending trials there. */
static double share_of_first(struct space *s, const struct history *h, const struct history *pending)
{
	struct strategy_settings set = strategy_defaults;
	int first = 0;

	for (int64_t id = 0; id < 200; id++) {
		struct history p = { .decisions = s->decisions, .count = pending->count };
		struct ask a = { s, h, &set, mem, 1000 + id, &p };

		p.trial = ARENA_NEW(mem, struct trial, pending->count + 1);
		if (pending->count)
			memcpy(p.trial, pending->trial, (size_t)pending->count * sizeof *p.trial);
		assert_ok(strategy_run(&strategy_tpe, &a, 1));
		first += p.trial[pending->count].code[0] == 0;
	}
	return first / 200.0;
}

static void test_pending_and_failed_trials_push_proposals_away(void **state)
{
	struct space *s = flat_space(mem, 8, 4);
	struct history h = room(80), crowd = room(30), none = { .decisions = 8 };
	struct rng r = rng_stream(9, "test/tpe", 0, 0, 0);
	double before, pending, failed;
	uint8_t code[8];

	(void)state;
	for (int i = 0; i < 30; i++) {
		space_uniform(s, &r, code);
		flat_tell(&h, s, mem, code, 1, rng_uniform(&r));
	}
	before = share_of_first(s, &h, &none);
	for (int i = 0; i < 30; i++) {
		space_uniform(s, &r, code);
		code[0] = 0;
		flat_tell(&crowd, s, mem, code, 1, NAN);
	}
	pending = share_of_first(s, &h, &crowd);
	for (int i = 0; i < 30; i++)
		flat_tell(&h, s, mem, crowd.trial[i].code, 1, NAN)->status = TRIAL_FAIL;
	failed = share_of_first(s, &h, &none);
	if (pending > 0.7 * before || failed > 0.7 * before)
		fail_msg("%g of the proposals, %g with pending, %g with failed trials there", before, pending, failed);
}

static void test_choices_that_are_off_are_not_proposed_and_their_trials_are_forgotten(void **state)
{
	struct space *s = flat_space(mem, 10, 4);
	struct history h = room(120);

	(void)state;
	search(&strategy_tpe, s, &h, 3, 60, 10, landscape);
	for (int d = 0; d < 9; d++)
		s->mask[d][(d * 7 + 3) % 4] = s->mask[d][d % 2] = false;
	for (int c = 0; c < 3; c++)
		s->mask[9][c] = false;              /* one choice is left */
	search(&strategy_tpe, s, &h, 3, 60, 10, landscape);
	for (int i = 60; i < 120; i++)
		assert_true(space_legal(s, h.trial[i].code));
}

static void test_a_proposal_after_10000_trials_of_28_decisions_is_quick(void **state)
{
	struct space *s = flat_space(mem, 28, 8);
	struct history h = room(10000), p = { .decisions = 28, .trial = ARENA_NEW(mem, struct trial, 5) };
	struct strategy_settings set = strategy_defaults;
	struct ask a = { s, &h, &set, mem, 10000, &p };
	struct rng r = rng_stream(1, "test/tpe", 0, 0, 0);
	struct timespec from, to;
	uint8_t code[28];
	double ms;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		space_uniform(s, &r, code);
		flat_tell(&h, s, mem, code, 1, rng_uniform(&r));
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	assert_ok(strategy_run(&strategy_tpe, &a, 5));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	ms = ((double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) * 1e-6) / 5;
	print_message("%.1f ms per proposal\n", ms);
	assert_true(ms < PROPOSAL_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_number_of_good_trials_follows_the_linear_rule),
		cmocka_unit_test(test_the_number_of_good_trials_follows_hyperopts_rule),
		cmocka_unit_test(test_a_thousand_asks_give_no_duplicate),
		cmocka_unit_test(test_an_exhausted_space_is_emptied_and_then_gives_none),
		cmocka_unit_test(test_two_hundred_asks_in_one_go_equal_those_that_stopped_at_57),
		cmocka_unit_test(test_batches_are_a_function_of_the_seed),
		cmocka_unit_test(test_it_beats_random_search_over_30_seeds),
		cmocka_unit_test(test_pending_and_failed_trials_push_proposals_away),
		cmocka_unit_test(test_choices_that_are_off_are_not_proposed_and_their_trials_are_forgotten),
		cmocka_unit_test(test_a_proposal_after_10000_trials_of_28_decisions_is_quick),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
