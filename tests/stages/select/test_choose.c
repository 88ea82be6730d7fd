/* nas-select: who is chosen, and what it says when nobody can be. */
#include "tests/stages/searched.h"

#include "search/selection.h"
#include "stages/select/choose.h"

static const char *const told[] = { "22222222", "11111111", "10100100", "21111111", "10000000" };
static struct history h;

static struct choose_args ready(const char *how)
{
	struct choose_args a = choose_defaults;

	h = searched_history(told, 5);
	a.pick = how;
	a.space = searched_path("space.h5");
	a.history = searched_path("history.h5");
	return a;
}

/* The trials that are chosen, in order, are these. */
static void chooses(const struct choose_args *a, int n, const int64_t *trial)
{
	struct selection sel;

	assert_ok(choose(a, searched_path("selection.h5"), &recipe, mem));
	assert_ok(selection_read(&sel, searched_path("selection.h5"), mem));
	assert_string_equal(sel.pick, a->pick);
	assert_int_equal(sel.members.count, n);
	for (int i = 0; i < n; i++) {
		const struct trial *t = &sel.members.trial[i], *was = &h.trial[trial[i]];

		assert_int_equal(t->id, trial[i]);
		assert_memory_equal(t->code, was->code, 8);
		assert_true(t->score == was->score && t->macs == was->macs && t->params == was->params);
	}
}

static void test_best_is_the_highest_score(void **state)
{
	struct choose_args a = ready("best");

	(void)state;
	chooses(&a, 1, (const int64_t[]){ 0 });
}

static void test_a_cap_of_exactly_its_cost_lets_a_network_through_and_one_less_does_not(void **state)
{
	struct choose_args a = ready("best");

	(void)state;
	a.max_macs = h.trial[1].macs;
	chooses(&a, 1, (const int64_t[]){ 1 });
	a.max_macs--;
	chooses(&a, 1, (const int64_t[]){ 2 });
	a.max_macs = 0;
	a.max_params = h.trial[2].params;
	chooses(&a, 1, (const int64_t[]){ 2 });
	a.max_params--;
	chooses(&a, 1, (const int64_t[]){ 4 });
}

static void test_a_pareto_front_leaves_out_what_is_worse_and_dearer(void **state)
{
	struct choose_args a = ready("pareto");

	(void)state;
	assert_true(h.trial[3].macs > h.trial[1].macs);      /* trial 3 is dearer than 1, and scored below it */
	chooses(&a, 4, (const int64_t[]){ 0, 1, 2, 4 });
}

static void test_an_ensemble_holds_each_network_once_and_begins_with_the_best(void **state)
{
	struct choose_args a = ready("ensemble:5");
	struct selection sel;
	int seen = 0;

	(void)state;
	assert_ok(choose(&a, searched_path("selection.h5"), &recipe, mem));
	assert_ok(selection_read(&sel, searched_path("selection.h5"), mem));
	assert_int_equal(sel.members.count, 5);
	assert_int_equal(sel.members.trial[0].id, 0);
	for (int i = 0; i < 5; i++)
		seen |= 1 << sel.members.trial[i].id;
	assert_int_equal(seen, 31);
}

static void test_what_cannot_be_chosen_is_explained_with_the_name_of_the_history(void **state)
{
	struct choose_args a = ready("ensemble:6");
	const char *out = searched_path("selection.h5");
	struct history none = searched_room(1);

	(void)state;
	assert_fails(choose(&a, out, &recipe, mem), ERR_CONFIG, "history.h5: --pick ensemble:6: only 5 trials");
	a.pick = "best";
	a.max_macs = 1000;
	assert_fails(choose(&a, out, &recipe, mem), ERR_CONFIG, "history.h5: none of the 5 trials of the last phase (1)");
	a.pick = "worst";
	assert_fails(choose(&a, out, &recipe, mem), ERR_USAGE, "--pick worst: expected best, pareto or ensemble:N");
	searched_tell(&none, "11111111", NAN);
	assert_ok(history_write(&none, a.history, &recipe));
	a.pick = "best";
	assert_fails(choose(&a, out, &recipe, mem), ERR_CONFIG, "history.h5: there is no scored trial");
	assert_int_not_equal(access(out, F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEARCHED(test_best_is_the_highest_score),
		SEARCHED(test_a_cap_of_exactly_its_cost_lets_a_network_through_and_one_less_does_not),
		SEARCHED(test_a_pareto_front_leaves_out_what_is_worse_and_dearer),
		SEARCHED(test_an_ensemble_holds_each_network_once_and_begins_with_the_best),
		SEARCHED(test_what_cannot_be_chosen_is_explained_with_the_name_of_the_history),
	};
	return cmocka_run_group_tests(tests, searched_setup, searched_teardown);
}
