/* Hard caps on cost, in strategies and in selection. */
#include "tests/harness.h"

#include "search/pick.h"
#include "tests/common/search/flat.h"

extern const struct strategy strategy_tpe, strategy_random, strategy_best;

static struct arena *mem;
static struct space *s;

static int setup(void **state)
{
	struct space_settings set = { .rows = 32, .columns = 32, .channels = 3, .classes = 10 };

	(void)state;
	mem = arena_new();
	s = space_new(mem, "macro", &set);
	return s ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static struct history room(int n)
{
	return (struct history){ .decisions = 8, .trial = ARENA_NEW(mem, struct trial, n) };
}

static void tell(struct history *h, const char *text, int32_t phase, double score)
{
	uint8_t code[8];
	struct nn_cost cost;
	struct trial *t;

	assert_ok(s->type->parse(s, text, code));
	assert_ok(space_cost(s, code, &cost));
	t = flat_tell(h, s, mem, code, phase, score);
	t->macs = cost.macs;
	t->params = cost.params;
}

static void test_a_code_at_the_cap_is_allowed_and_one_above_is_not(void **state)
{
	uint8_t code[8];

	(void)state;
	assert_ok(s->type->parse(s, "11111111", code));
	assert_int_equal(caps_allow(s, &(struct caps){ 0, 0 }, code), 1);
	assert_int_equal(caps_allow(s, &(struct caps){ 53246464, 1588874 }, code), 1);
	assert_int_equal(caps_allow(s, &(struct caps){ 53246463, 0 }, code), 0);
	assert_int_equal(caps_allow(s, &(struct caps){ 0, 1588873 }, code), 0);
}

static void proposals_stay_below(const struct strategy *strategy)
{
	struct strategy_settings set = strategy_defaults;
	struct history h = room(60);

	set.caps = (struct caps){ 40000000, 1500000 };
	for (int round = 0; round < 3; round++) {
		struct history p = room(20);
		struct ask a = { s, &h, &set, mem, h.count, &p };

		assert_ok(strategy_run(strategy, &a, 20));
		assert_int_equal(p.count, 20);
		for (int i = 0; i < 20; i++) {
			assert_true(p.trial[i].macs <= 40000000 && p.trial[i].params <= 1500000);
			flat_tell(&h, s, mem, p.trial[i].code, 1, (double)p.trial[i].macs);
		}
	}
}

static void test_random_and_tpe_propose_below_the_caps(void **state)
{
	(void)state;
	proposals_stay_below(&strategy_random);
	proposals_stay_below(&strategy_tpe);
}

static void test_caps_that_one_network_satisfies_find_it(void **state)
{
	struct strategy_settings set = strategy_defaults;
	struct history h = room(0), p = room(2);
	struct ask a = { s, &h, &set, mem, 0, &p };
	uint8_t smallest[8] = { 0 };

	(void)state;
	set.caps.macs = 7713280;
	assert_ok(strategy_run(&strategy_random, &a, 2));
	assert_int_equal(p.count, 1);
	assert_memory_equal(p.trial[0].code, smallest, 8);
}

static void test_caps_that_nothing_satisfies_give_no_candidate(void **state)
{
	struct strategy_settings set = strategy_defaults;
	struct history h = room(0), p = room(1);
	struct ask a = { s, &h, &set, mem, 0, &p };

	(void)state;
	set.caps.macs = 1000;
	assert_ok(strategy_run(&strategy_tpe, &a, 1));
	assert_int_equal(p.count, 0);
}

static struct history scored(void)
{
	struct history h = room(8);

	tell(&h, "22222222", 1, 9);                 /* another phase: its score means nothing here */
	tell(&h, "22222220", 2, -1.0);
	tell(&h, "11111111", 2, -2.0);
	tell(&h, "11111110", 2, -2.5);
	tell(&h, "22110000", 2, -3.0);
	tell(&h, "00000000", 2, -4.0);
	tell(&h, "21111111", 2, NAN);
	h.trial[6].status = TRIAL_FAIL;
	return h;
}

static void test_best_is_the_best_of_the_last_phase_within_the_caps(void **state)
{
	struct history h = scored();
	const struct trial **member;
	int64_t n;

	(void)state;
	assert_ok(pick("best", &h, s, &(struct caps){ 0, 0 }, mem, &member, &n));
	assert_int_equal(n, 1);
	assert_int_equal(member[0]->id, 1);
	assert_ok(pick("best", &h, s, &(struct caps){ 53246464, 0 }, mem, &member, &n));
	assert_int_equal(member[0]->id, 2);
}

static void test_pareto_keeps_what_nothing_cheaper_beats(void **state)
{
	struct history h = scored();
	const struct trial **member;
	int64_t n;

	(void)state;
	tell(&h, "22111111", 2, -2.2);              /* dearer and worse than 11111111 */
	assert_ok(pick("pareto", &h, s, &(struct caps){ 0, 0 }, mem, &member, &n));
	for (int64_t i = 0; i < n; i++) {
		assert_int_not_equal(member[i]->id, 7);
		if (i)
			assert_true(member[i]->score < member[i - 1]->score && member[i]->macs < member[i - 1]->macs);
	}
	assert_int_equal(member[0]->id, 1);
	assert_int_equal(member[n - 1]->id, 5);
}

static void test_an_ensemble_weighs_rank_against_distance(void **state)
{
	/* five trials, quality 1 .75 .5 .25 0, and the share of decisions that differ from 22222220:
	 *   11111111: 8/8, .75 + 1 = 1.75       11111110: 7/8, .5 + .875 = 1.375
	 *   22110000: 5/8, .25 + .625           00000000: 7/8, 0 + .875
	 * then, to 22222220 and 11111111: 11111110 .5 + (7 + 1)/16 = 1, 22110000 .25 + (5 + 6)/16 = .9375,
	 * 00000000 (7 + 8)/16 = .9375 */
	struct history h = scored();
	const struct trial **member;
	int64_t n;

	(void)state;
	assert_ok(pick("ensemble:3", &h, s, &(struct caps){ 0, 0 }, mem, &member, &n));
	assert_int_equal(n, 3);
	assert_int_equal(member[0]->id, 1);
	assert_int_equal(member[1]->id, 2);
	assert_int_equal(member[2]->id, 3);
}

static void test_too_tight_caps_tell_the_smallest_network_seen(void **state)
{
	struct history h = scored(), empty = room(0);
	const struct trial **member;
	int64_t n;

	(void)state;
	assert_fails(pick("best", &h, s, &(struct caps){ 1000, 0 }, mem, &member, &n), ERR_CONFIG, "7713280 multiply-adds");
	assert_fails(pick("ensemble:6", &h, s, &(struct caps){ 0, 0 }, mem, &member, &n), ERR_CONFIG, "only 5 trials");
	assert_fails(pick("best", &empty, s, &(struct caps){ 0, 0 }, mem, &member, &n), ERR_CONFIG, "no scored trial");
	assert_fails(pick("ensemble:0", &h, s, &(struct caps){ 0, 0 }, mem, &member, &n), ERR_USAGE, "ensemble:N");
	assert_fails(pick("worst", &h, s, &(struct caps){ 0, 0 }, mem, &member, &n), ERR_USAGE, "best, pareto");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_code_at_the_cap_is_allowed_and_one_above_is_not),
		cmocka_unit_test(test_random_and_tpe_propose_below_the_caps),
		cmocka_unit_test(test_caps_that_one_network_satisfies_find_it),
		cmocka_unit_test(test_caps_that_nothing_satisfies_give_no_candidate),
		cmocka_unit_test(test_best_is_the_best_of_the_last_phase_within_the_caps),
		cmocka_unit_test(test_pareto_keeps_what_nothing_cheaper_beats),
		cmocka_unit_test(test_an_ensemble_weighs_rank_against_distance),
		cmocka_unit_test(test_too_tight_caps_tell_the_smallest_network_seen),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
