/* Strategies other than TPE, and what all of them owe. */
#include "tests/harness.h"

#include <unistd.h>
#include "tests/common/search/flat.h"

extern const struct strategy strategy_random, strategy_list, strategy_best, strategy_tpe;

static struct arena *mem;
static struct space *s;
static char path[] = "/tmp/test_strategies_XXXXXX";

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static int fresh(void **state)
{
	struct space_settings set = { .rows = 32, .columns = 32, .channels = 3, .classes = 10, .options = "width=0.25" };

	(void)state;
	mem = arena_new();
	s = space_new(mem, "macro", &set);
	return s ? 0 : -1;
}

static int done(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static struct history room(int n)
{
	return (struct history){ .decisions = 8, .trial = ARENA_NEW(mem, struct trial, n) };
}

static int ask(const struct strategy *strategy, const struct history *h, int64_t first_id, int64_t k,
               const struct strategy_settings *set, struct history *p)
{
	struct ask a = { s, h, set, mem, first_id, p };

	return strategy_run(strategy, &a, k);
}

static void test_every_strategy_proposes_canonical_legal_codes_and_new_ones_unless_it_repeats(void **state)
{
	(void)state;
	s->mask[0][0] = s->mask[4][2] = false;
	for (int i = 0; strategy_table[i]; i++) {
		const struct strategy *strategy = strategy_table[i];
		struct strategy_settings set = strategy_defaults;
		struct history h = room(40), p = room(20);
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		for (int k = 0; k < 20; k++)
			fputs("20110020\n", f);
		fclose(f);
		set.file = path;
		for (int k = 0; k < 40; k++) {
			struct rng r = rng_stream(1, "test/strategies", (uint32_t)k, 0, 0);
			uint8_t code[8];

			space_uniform(s, &r, code);
			s->type->canonical(s, code, code);
			flat_tell(&h, s, mem, code, 1, rng_uniform(&r));
		}
		assert_ok(ask(strategy, &h, 40, 20, &set, &p));
		assert_int_equal(p.count, 20);
		for (int k = 0; k < 20; k++) {
			const struct trial *t = &p.trial[k];
			uint8_t canonical[8];
			struct nn_cost cost;

			s->type->canonical(s, t->code, canonical);
			assert_memory_equal(canonical, t->code, 8);
			assert_true(space_legal(s, t->code));
			assert_int_equal(t->id, 40 + k);
			assert_ok(space_cost(s, t->code, &cost));
			assert_true(cost.macs == t->macs && cost.params == t->params);
			if (strategy->repeats)
				continue;
			assert_int_equal(t->origin, -1);
			assert_null(history_first(&h, t->code));
			assert_ptr_equal(history_first(&p, t->code), t);
		}
	}
}

static void test_random_is_uniform_over_canonical_codes(void **state)
{
	/* 9 x 21 x 21 canonical codes.  First stage: 9 equally likely pairs; last stage: 21 triples. */
	struct strategy_settings set = strategy_defaults;
	struct history h = room(0), p = room(1);
	int first[9] = { 0 }, last[27] = { 0 }, n = 9000;
	double chi_first = 0, chi_last = 0;

	(void)state;
	for (int i = 0; i < n; i++) {
		struct arena_mark mark = arena_mark(mem);
		const uint8_t *c;

		p.count = 0;
		assert_ok(ask(&strategy_random, &h, i, 1, &set, &p));
		c = p.trial[0].code;
		first[c[0] * 3 + c[1]]++;
		last[c[5] * 9 + c[6] * 3 + c[7]]++;
		arena_rewind(mem, mark);
	}
	for (int i = 0; i < 9; i++)
		chi_first += (first[i] - n / 9.0) * (first[i] - n / 9.0) / (n / 9.0);
	for (int i = 0; i < 27; i++) {
		if (i / 3 % 3 == 0 && i % 3)
			assert_int_equal(last[i], 0);       /* identity before a block */
		else
			chi_last += (last[i] - n / 21.0) * (last[i] - n / 21.0) / (n / 21.0);
	}
	assert_true(chi_first < 26.1);              /* 8 and 20 degrees of freedom, p = 0.001 */
	assert_true(chi_last < 45.3);
}

static void test_a_proposal_depends_on_seed_and_id_but_not_on_the_batch(void **state)
{
	struct strategy_settings set = strategy_defaults;
	struct history h = room(0), whole = room(6), tail = room(1);

	(void)state;
	assert_ok(ask(&strategy_random, &h, 0, 6, &set, &whole));
	assert_ok(ask(&strategy_random, &h, 5, 1, &set, &tail));
	assert_memory_equal(whole.trial[5].code, tail.trial[0].code, 8);
}

static void test_random_empties_a_masked_space_and_stops(void **state)
{
	struct strategy_settings set = strategy_defaults;
	struct history h = room(0), p = room(20);

	(void)state;
	for (int d = 0; d < 8; d++)
		for (int c = 0; c < 3; c++)
			s->mask[d][c] = d < 2 ? c < 2 : d == 7 ? c != 1 : c == 1;
	assert_ok(ask(&strategy_random, &h, 0, 20, &set, &p));
	assert_int_equal(p.count, 8);               /* 2 x 2 x 2 */
}

static void write_list(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_a_list_is_read_line_by_line_and_brought_to_canonical_form(void **state)
{
	struct strategy_settings set = strategy_defaults;
	struct history h = room(1), p = room(5);
	char text[SPACE_TEXT];
	uint8_t code[8];

	(void)state;
	set.file = path;
	write_list("# known networks\n\n  11111111\t# all k3\n20102012\r\n11111111");
	assert_ok(s->type->parse(s, "20120012", code));
	flat_tell(&h, s, mem, code, 1, -1);
	assert_ok(ask(&strategy_list, &h, 1, 5, &set, &p));
	assert_int_equal(p.count, 3);
	s->type->print(s, p.trial[0].code, text, sizeof text);
	assert_string_equal(text, "11111111");
	assert_int_equal(p.trial[0].origin, -1);
	s->type->print(s, p.trial[1].code, text, sizeof text);
	assert_string_equal(text, "20120012");
	assert_int_equal(p.trial[1].origin, 0);
	assert_int_equal(p.trial[2].origin, 1);
}

static void test_mistakes_in_a_list_are_named_by_file_and_line(void **state)
{
	struct strategy_settings set = strategy_defaults;
	struct history h = room(0), p = room(5);

	(void)state;
	assert_fails(ask(&strategy_list, &h, 0, 5, &set, &p), ERR_USAGE, "--list");
	set.file = "/nonexistent/list.txt";
	assert_fails(ask(&strategy_list, &h, 0, 5, &set, &p), ERR_NOINPUT, "/nonexistent/list.txt");
	set.file = path;
	write_list("11111111\n# comment\n1111111x\n");
	assert_fails(ask(&strategy_list, &h, 0, 5, &set, &p), ERR_DATA, ":3: architecture \"1111111x\", layer7");
	p.count = 0;
	write_list("11111111\n");
	s->mask[2][1] = false;
	assert_fails(ask(&strategy_list, &h, 0, 5, &set, &p), ERR_DATA, ":1: architecture \"11111111\" uses mb3_k3 of layer2");
	s->mask[2][1] = true;
	set.caps.macs = 1000;
	assert_fails(ask(&strategy_list, &h, 0, 5, &set, &p), ERR_DATA, ":1: architecture \"11111111\" is over the caps");
}

static void test_best_repeats_the_best_of_the_last_phase_in_order(void **state)
{
	struct strategy_settings set = strategy_defaults;
	static const char *const text[] = { "22222222", "11111111", "20000000", "10000000", "00000000" };
	static const double score[] = { 9, -3, -1, -2, -4 };
	struct history h = room(5), p = room(9);

	(void)state;
	for (int i = 0; i < 5; i++) {
		uint8_t code[8];

		assert_ok(s->type->parse(s, text[i], code));
		flat_tell(&h, s, mem, code, i ? 2 : 1, score[i]);
	}
	h.trial[3].origin = 0;
	assert_ok(ask(&strategy_best, &h, 5, 3, &set, &p));
	assert_int_equal(p.count, 3);
	assert_int_equal(p.trial[0].origin, 2);
	assert_int_equal(p.trial[1].origin, 0);     /* the first trial of a trial that is itself a repetition */
	assert_int_equal(p.trial[2].origin, 1);
	p.count = 0;
	assert_ok(ask(&strategy_best, &h, 5, 9, &set, &p));
	assert_int_equal(p.count, 4);
}

static void test_old_trials_to_score_again_are_legal_the_best_and_of_earlier_phases(void **state)
{
	static const struct { const char *text; int32_t phase; double score; } row[] = {
		{ "22222222", 1, -1 }, { "11111111", 1, -2 }, { "20000000", 1, -3 }, { "10000000", 1, -4 }, { "11111111", 2, -9 },
	};
	const struct trial **best;
	struct history h = room(5);

	(void)state;
	for (int i = 0; i < 5; i++) {
		uint8_t code[8];

		assert_ok(s->type->parse(s, row[i].text, code));
		flat_tell(&h, s, mem, code, row[i].phase, row[i].score);
	}
	s->mask[1][2] = false;                      /* 22222222 is gone, 11111111 is known in phase 2 */
	assert_int_equal(ask_best(&h, s, &(struct caps){ 0, 0 }, 0, 1, 16, mem, &best), 2);
	assert_int_equal(best[0]->id, 2);
	assert_int_equal(best[1]->id, 3);
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, fresh, done)
int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_every_strategy_proposes_canonical_legal_codes_and_new_ones_unless_it_repeats),
		EACH(test_random_is_uniform_over_canonical_codes),
		EACH(test_a_proposal_depends_on_seed_and_id_but_not_on_the_batch),
		EACH(test_random_empties_a_masked_space_and_stops),
		EACH(test_a_list_is_read_line_by_line_and_brought_to_canonical_form),
		EACH(test_mistakes_in_a_list_are_named_by_file_and_line),
		EACH(test_best_repeats_the_best_of_the_last_phase_in_order),
		EACH(test_old_trials_to_score_again_are_legal_the_best_and_of_earlier_phases),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
