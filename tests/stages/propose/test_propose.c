/* nas-propose: numbering, scoring again, and what it says when nothing can be proposed. */
#include "tests/stages/searched.h"

#include "stages/propose/propose.h"

static struct propose_args args;

static int fresh(void **state)
{
	int status = searched_fresh(state);

	args = (struct propose_args){
		.strategy = "tpe", .space = searched_path("space.h5"), .k = 4, .round = 1, .phase = 1, .seed = 1,
		.settings = strategy_defaults,
	};
	return status;
}

/* Trials of phase 1, scores -0, -1, ...; uses the history file from now on. */
static struct history scored(const char *const *text, int n)
{
	args.history = searched_path("history.h5");
	return searched_history(text, n);
}

static struct history result(void)
{
	struct history p;

	assert_ok(propose(&args, searched_path("candidates.h5"), &recipe, mem));
	assert_ok(candidates_read(&p, searched_path("candidates.h5"), s, mem));
	return p;
}

static void test_the_first_call_numbers_from_zero(void **state)
{
	struct history p = result();

	(void)state;
	assert_int_equal(p.count, 4);
	assert_int_equal(p.trial[0].id, 0);
	assert_int_equal(p.trial[3].id, 3);
	assert_int_equal(p.trial[0].origin, -1);
}

static void test_the_best_legal_old_trials_come_first_then_new_ones(void **state)
{
	static const char *const text[] = { "22222222", "11111111", "20000000", "12000000" };
	struct history h = scored(text, 4), p;

	(void)state;
	s->mask[1][2] = false;                      /* 22222222 and 12000000 are gone */
	assert_ok(space_write(s, args.space, &recipe));
	args.rescore = 3;
	args.round = 2;
	args.phase = 2;
	p = result();
	assert_int_equal(p.count, 2 + 4);
	assert_memory_equal(p.trial[0].code, h.trial[1].code, 8);
	assert_memory_equal(p.trial[1].code, h.trial[2].code, 8);
	assert_int_equal(p.trial[0].origin, 1);
	assert_int_equal(p.trial[1].origin, 2);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(p.trial[i].id, 4 + i);
		assert_int_equal(p.trial[i].phase, 2);
		assert_true(space_legal(s, p.trial[i].code));
		assert_true(i < 2 || p.trial[i].origin == -1);
	}
}

static void test_rounds_and_phases_do_not_go_back(void **state)
{
	static const char *const text[] = { "22222222" };

	(void)state;
	scored(text, 1);
	args.phase = 0;
	assert_fails(propose(&args, searched_path("candidates.h5"), &recipe, mem), ERR_CONFIG, "already holds phase 1");
	args.phase = 1;
	args.round = 0;
	assert_fails(propose(&args, searched_path("candidates.h5"), &recipe, mem), ERR_CONFIG, "already holds round 1");
}

static void test_caps_that_nothing_satisfies_are_explained(void **state)
{
	(void)state;
	args.settings.caps.macs = 1000;
	assert_fails(propose(&args, searched_path("candidates.h5"), &recipe, mem), ERR_CONFIG, "the smallest of 200 random ones have");
	assert_int_not_equal(access(searched_path("candidates.h5"), F_OK), 0);
}

static void test_a_used_up_space_gives_an_empty_file(void **state)
{
	static const char *const text[] = { "11111111" };

	(void)state;
	scored(text, 1);
	for (int d = 0; d < 8; d++)
		s->mask[d][0] = s->mask[d][2] = false;
	assert_ok(space_write(s, args.space, &recipe));
	assert_int_equal(result().count, 0);
}

static void test_an_empty_list_is_an_error(void **state)
{
	FILE *f = fopen(searched_path("list.txt"), "w");

	(void)state;
	assert_non_null(f);
	fputs("# nothing yet\n", f);
	fclose(f);
	args.strategy = "list";
	args.list = searched_path("list.txt");
	assert_fails(propose(&args, searched_path("candidates.h5"), &recipe, mem), ERR_DATA, "list.txt: no architecture");
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, fresh, searched_done)
int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_the_first_call_numbers_from_zero),
		EACH(test_the_best_legal_old_trials_come_first_then_new_ones),
		EACH(test_rounds_and_phases_do_not_go_back),
		EACH(test_caps_that_nothing_satisfies_are_explained),
		EACH(test_a_used_up_space_gives_an_empty_file),
		EACH(test_an_empty_list_is_an_error),
	};
	return cmocka_run_group_tests(tests, searched_setup, searched_teardown);
}
