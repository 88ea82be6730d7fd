/* Trials: what a strategy learns from them, and their files. */
#include "tests/harness.h"

#include <unistd.h>
#include "h5/recipe.h"
#include "search/selection.h"
#include "tests/common/search/flat.h"

static struct arena *mem;
static struct space *macro;
static char path[] = "/tmp/test_history_XXXXXX";
static struct h5_recipe recipe;

static int setup(void **state)
{
	struct space_settings set = { .rows = 32, .columns = 32, .channels = 3, .classes = 10, .options = "width=0.25" };
	const struct opt none[] = { OPT_END };
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	mem = arena_new();
	macro = space_new(mem, "macro", &set);
	recipe = h5_recipe_make(mem, "nas-record", 1, none, NULL, 0);
	return macro ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
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
	struct trial *t;

	assert_ok(macro->type->parse(macro, text, code));
	t = flat_tell(h, macro, mem, code, phase, score);
	t->loss = t->top1 = NAN;
	t->macs = 1000 + t->id;
	t->params = 10 + t->id;
}

static void test_values_are_ranks_within_a_phase_over_its_size(void **state)
{
	struct history h = room(7);
	struct observation *o;

	(void)state;
	tell(&h, "20000000", 1, -1);
	tell(&h, "21000000", 1, -3);
	tell(&h, "22000000", 1, -1);
	tell(&h, "10000000", 1, -2);
	tell(&h, "11000000", 2, -90);
	tell(&h, "12000000", 2, -80);
	tell(&h, "00000000", 2, NAN);
	assert_int_equal(history_observations(&h, macro, false, mem, &o), 7);
	/* -1 and -1 share ranks 1 and 2 of 4 */
	assert_near(o[0].value, 1.5 / 4, 0);
	assert_near(o[1].value, 4.0 / 4, 0);
	assert_near(o[2].value, 1.5 / 4, 0);
	assert_near(o[3].value, 3.0 / 4, 0);
	assert_near(o[4].value, 2.0 / 2, 0);
	assert_near(o[5].value, 1.0 / 2, 0);
	assert_true(isinf(o[6].value));
}

static void test_an_architecture_counts_once_with_its_newest_phase(void **state)
{
	struct history h = room(5);
	struct observation *o;

	(void)state;
	tell(&h, "20000000", 1, -1);
	tell(&h, "21000000", 1, -2);
	tell(&h, "20000000", 2, -5);
	tell(&h, "10000000", 2, -4);
	tell(&h, "10000000", 2, -6);
	assert_int_equal(history_observations(&h, macro, false, mem, &o), 3);
	assert_int_equal(o[0].trial->id, 1);
	assert_near(o[0].value, 1, 0);
	assert_int_equal(o[1].trial->id, 2);
	assert_near(o[1].value, 2.0 / 3, 1e-15);
	assert_int_equal(o[2].trial->id, 4);
	assert_near(o[2].value, 1, 0);
	assert_int_equal(history_observations(&h, macro, true, mem, &o), 4);
	assert_int_equal(o[2].trial->id, 3);
	assert_int_equal(history_last_phase(&h), 2);
	assert_ptr_equal(history_first(&h, h.trial[4].code), &h.trial[3]);
	assert_ptr_equal(history_find(&h, 3), &h.trial[3]);
	assert_null(history_find(&h, 5));
}

static void test_trials_with_masked_choices_are_left_out(void **state)
{
	struct history h = room(2);
	struct observation *o;

	(void)state;
	tell(&h, "20000000", 1, -1);
	tell(&h, "21000000", 1, -2);
	macro->mask[1][0] = false;
	assert_int_equal(history_observations(&h, macro, false, mem, &o), 1);
	assert_int_equal(o[0].trial->id, 1);
	assert_near(o[0].value, 1, 0);              /* the rank is among all that were scored */
	macro->mask[1][0] = true;
}

static void test_history_files_keep_every_field(void **state)
{
	struct history h = room(3), again;

	(void)state;
	tell(&h, "20000000", 1, -1.25);
	tell(&h, "21000000", 1, NAN);
	tell(&h, "20000000", 2, -3);
	h.trial[1].status = TRIAL_FAIL;
	h.trial[2].origin = 0;
	h.trial[2].round = 4;
	h.trial[2].top1 = 0.5;
	h.trial[2].loss = 0.75;
	assert_ok(history_write(&h, path, &recipe));
	assert_ok(history_read(&again, path, macro, mem));
	assert_int_equal(again.count, 3);
	for (int i = 0; i < 3; i++) {
		const struct trial *a = &h.trial[i], *b = &again.trial[i];

		assert_true(a->id == b->id && a->origin == b->origin && a->round == b->round && a->phase == b->phase);
		assert_true(a->status == b->status && a->macs == b->macs && a->params == b->params);
		assert_memory_equal(a->code, b->code, 8);
	}
	assert_true(again.trial[0].score == -1.25 && isnan(again.trial[1].score) && again.trial[2].score == -3);
	assert_true(isnan(again.trial[0].top1) && again.trial[2].top1 == 0.5 && again.trial[2].loss == 0.75);
}

static void test_candidates_keep_round_and_phase_even_when_there_are_none(void **state)
{
	struct history p = room(2), again;

	(void)state;
	p.round = 3;
	p.phase = 2;
	assert_ok(candidates_write(&p, path, "tpe", &recipe));
	assert_ok(candidates_read(&again, path, macro, mem));
	assert_int_equal(again.count, 0);
	assert_int_equal(again.round, 3);
	assert_int_equal(again.phase, 2);
	tell(&p, "20000000", 2, NAN);
	assert_ok(candidates_write(&p, path, "tpe", &recipe));
	assert_ok(candidates_read(&again, path, macro, mem));
	assert_int_equal(again.trial[0].round, 3);
	assert_int_equal(again.trial[0].phase, 2);
	assert_int_equal(again.trial[0].status, TRIAL_PENDING);
	assert_int_equal(again.trial[0].macs, 1000);
}

static void test_scores_hold_supervised_columns_only_where_they_were_measured(void **state)
{
	struct history p = room(2), again;

	(void)state;
	p.phase = 2;
	tell(&p, "20000000", 2, -1);
	tell(&p, "21000000", 2, -2);
	assert_ok(scores_write(&p, path, "ntxent", &recipe));
	assert_ok(scores_read(&again, path, macro, mem));
	assert_true(isnan(again.trial[0].top1) && again.trial[1].score == -2 && again.trial[1].phase == 2);
	p.trial[1].top1 = 0.25;
	assert_ok(scores_write(&p, path, "ntxent", &recipe));
	assert_ok(scores_read(&again, path, macro, mem));
	assert_true(isnan(again.trial[0].top1) && again.trial[1].top1 == 0.25);
}

static void test_files_that_make_no_sense_are_refused(void **state)
{
	struct history h = room(3), again;
	uint8_t high[8] = { 0, 0, 7 }, loose[8] = { 0, 0, 0, 0, 1 };

	(void)state;
	tell(&h, "20000000", 1, -1);
	tell(&h, "21000000", 1, -2);
	h.trial[1].id = 0;
	assert_ok(history_write(&h, path, &recipe));
	assert_fails(history_read(&again, path, macro, mem), ERR_DATA, "ids that ascend");
	h.trial[1].id = 1;
	h.trial[1].code = high;
	assert_ok(history_write(&h, path, &recipe));
	assert_fails(history_read(&again, path, macro, mem), ERR_DATA, "trial 1, layer2: choice 7, expected 0 to 2");
	h.trial[1].code = loose;
	assert_ok(history_write(&h, path, &recipe));
	assert_fails(history_read(&again, path, macro, mem), ERR_DATA, "canonical");
	h.trial[1].code = h.trial[0].code;
	h.trial[1].score = NAN;
	assert_ok(history_write(&h, path, &recipe));
	assert_fails(history_read(&again, path, macro, mem), ERR_DATA, "no finite number");
	h.trial[1].score = 0;
	h.trial[1].origin = 1;
	assert_ok(history_write(&h, path, &recipe));
	assert_fails(history_read(&again, path, macro, mem), ERR_DATA, "an earlier one");
	h.trial[1].origin = 0;
	h.trial[1].status = 3;
	assert_ok(history_write(&h, path, &recipe));
	assert_fails(history_read(&again, path, macro, mem), ERR_DATA, "status 3");
	assert_fails(candidates_read(&again, path, macro, mem), ERR_DATA, "candidates");
}

static void test_selections_bring_their_space(void **state)
{
	struct history h = room(2);
	const struct trial *member[2];
	struct selection sel;
	char text[SPACE_TEXT];

	(void)state;
	tell(&h, "20122110", 2, -1);
	tell(&h, "11111111", 2, -2);
	member[0] = &h.trial[1];
	member[1] = &h.trial[0];
	assert_ok(selection_write(macro, member, 2, "pareto", path, &recipe));
	assert_ok(selection_read(&sel, path, mem));
	assert_string_equal(sel.pick, "pareto");
	assert_int_equal(sel.space->settings.rows, macro->settings.rows);
	assert_int_equal(sel.space->settings.classes, macro->settings.classes);
	assert_string_equal(sel.space->settings.options, macro->settings.options);
	assert_int_equal(sel.members.count, 2);
	assert_int_equal(sel.members.trial[0].id, 1);
	sel.space->type->print(sel.space, sel.members.trial[1].code, text, sizeof text);
	assert_string_equal(text, "20122110");
}

static void test_selections_of_an_unknown_space_are_named(void **state)
{
	struct space stranger = *macro;
	struct space_type type = *macro->type;
	struct history h = room(1);
	const struct trial *member[1];
	struct selection sel;

	(void)state;
	type.name = "nonesuch";
	stranger.type = &type;
	tell(&h, "20122110", 1, -1);
	member[0] = &h.trial[0];
	assert_ok(selection_write(&stranger, member, 1, "best", path, &recipe));
	assert_fails(selection_read(&sel, path, mem), ERR_DATA, "attribute space: unknown space \"nonesuch\"; there are: ");
	assert_ok(selection_write(&stranger, member, 1, "best", path, &recipe));
	assert_fails(selection_read(&sel, path, mem), ERR_DATA, path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_are_ranks_within_a_phase_over_its_size),
		cmocka_unit_test(test_an_architecture_counts_once_with_its_newest_phase),
		cmocka_unit_test(test_trials_with_masked_choices_are_left_out),
		cmocka_unit_test(test_history_files_keep_every_field),
		cmocka_unit_test(test_candidates_keep_round_and_phase_even_when_there_are_none),
		cmocka_unit_test(test_scores_hold_supervised_columns_only_where_they_were_measured),
		cmocka_unit_test(test_files_that_make_no_sense_are_refused),
		cmocka_unit_test(test_selections_bring_their_space),
		cmocka_unit_test(test_selections_of_an_unknown_space_are_named),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
