/* nas-propose: numbering, scoring again, and what it says when nothing can be proposed. */
#include "tests/harness.h"

#include <unistd.h>
#include "base/log.h"
#include "base/opt.h"
#include "stages/propose/propose.h"

static struct arena *mem;
static struct space *s;
static struct h5_recipe recipe;
static struct propose_args args;
static char folder[] = "/tmp/test_propose_XXXXXX";
static char *space_path, *history_path, *out_path, *list_path;

static int setup(void **state)
{
	(void)state;
	log_quiet(true);
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return rmdir(folder);
}

static int fresh(void **state)
{
	struct space_settings set = { .width = 0.25, .rows = 32, .columns = 32, .channels = 3, .classes = 10 };
	const struct opt none[] = { OPT_END };

	(void)state;
	mem = arena_new();
	recipe = h5_recipe_make(mem, "test", 1, none, NULL, 0);
	space_path = arena_printf(mem, "%s/space.h5", folder);
	history_path = arena_printf(mem, "%s/history.h5", folder);
	out_path = arena_printf(mem, "%s/candidates.h5", folder);
	list_path = arena_printf(mem, "%s/list.txt", folder);
	s = space_new(mem, "macro", &set);
	args = (struct propose_args){
		.strategy = "tpe", .space = space_path, .k = 4, .round = 1, .phase = 1, .seed = 1, .settings = strategy_defaults,
	};
	return s && space_write(s, space_path, &recipe) >= 0 ? 0 : -1;
}

static int done(void **state)
{
	(void)state;
	unlink(space_path);
	unlink(history_path);
	unlink(out_path);
	unlink(list_path);
	arena_free(mem);
	return 0;
}

/* Trials of phase 1, scores -0, -1, ...; uses the history file from now on. */
static struct history scored(const char *const *text, int n)
{
	struct history h = { .decisions = 8, .trial = ARENA_NEW(mem, struct trial, n) };

	for (int i = 0; i < n; i++) {
		uint8_t *code = ARENA_NEW(mem, uint8_t, 8);

		assert_ok(s->type->parse(s, text[i], code));
		h.trial[h.count++] = (struct trial){
			.id = i, .origin = -1, .round = 1, .phase = 1, .status = TRIAL_DONE, .code = code, .score = -i,
			.loss = NAN, .top1 = NAN, .macs = 1, .params = 1,
		};
	}
	assert_ok(history_write(&h, history_path, &recipe));
	args.history = history_path;
	return h;
}

static struct history result(void)
{
	struct history p;

	assert_ok(propose(&args, out_path, &recipe, mem));
	assert_ok(candidates_read(&p, out_path, s, mem));
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
	assert_ok(space_write(s, space_path, &recipe));
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
	assert_fails(propose(&args, out_path, &recipe, mem), ERR_CONFIG, "already holds phase 1");
	args.phase = 1;
	args.round = 0;
	assert_fails(propose(&args, out_path, &recipe, mem), ERR_CONFIG, "already holds round 1");
}

static void test_caps_that_nothing_satisfies_are_explained(void **state)
{
	(void)state;
	args.settings.caps.macs = 1000;
	assert_fails(propose(&args, out_path, &recipe, mem), ERR_CONFIG, "the smallest of 200 random ones have");
	assert_int_not_equal(access(out_path, F_OK), 0);
}

static void test_a_used_up_space_gives_an_empty_file(void **state)
{
	static const char *const text[] = { "11111111" };

	(void)state;
	scored(text, 1);
	for (int d = 0; d < 8; d++)
		s->mask[d][0] = s->mask[d][2] = false;
	assert_ok(space_write(s, space_path, &recipe));
	assert_int_equal(result().count, 0);
}

static void test_an_empty_list_is_an_error(void **state)
{
	FILE *f = fopen(list_path, "w");

	(void)state;
	assert_non_null(f);
	fputs("# nothing yet\n", f);
	fclose(f);
	args.strategy = "list";
	args.list = list_path;
	assert_fails(propose(&args, out_path, &recipe, mem), ERR_DATA, "list.txt: no architecture");
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, fresh, done)
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
	return cmocka_run_group_tests(tests, setup, teardown);
}
