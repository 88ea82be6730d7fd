/* nas-shrink: which choices go, and what is written. */
#include "tests/stages/searched.h"

#include "stages/shrink/shrink.h"

static struct shrink_args args;

static struct shrink_args ready(void)
{
	return (struct shrink_args){
		.space = searched_path("space.h5"), .history = searched_path("history.h5"), .shrinker = "marginal",
		.settings = shrink_defaults,
	};
}

static int off(const struct space *of)
{
	int n = 0;

	for (int d = 0; d < of->decisions; d++)
		n += of->decision[d].choices - space_on(of, d);
	return n;
}

/* Good networks begin with 1, bad ones with 2; all else is equal. */
static const char *const told[] = { "10000000", "11000000", "10100000", "20100000", "21000000", "20000000" };

static void test_the_choice_of_the_bad_networks_goes_and_the_old_space_stays(void **state)
{
	struct space *before, *after;

	(void)state;
	searched_history(told, 6);
	args = ready();
	args.settings.drop = 1;
	args.settings.keep = 2;
	args.settings.diversity = 0;
	assert_ok(shrink(&args, searched_path("small.h5"), &recipe, mem));
	assert_ok(space_read(&before, args.space, mem));
	assert_ok(space_read(&after, searched_path("small.h5"), mem));
	assert_int_equal(off(before), 0);
	assert_int_equal(off(after), 1);
	assert_false(after->mask[0][2]);
}

static void test_no_decision_keeps_fewer_choices_than_asked(void **state)
{
	struct space *after;

	(void)state;
	searched_history(told, 6);
	args = ready();
	args.settings.drop = 1000;
	args.settings.keep = 2;
	assert_ok(shrink(&args, searched_path("small.h5"), &recipe, mem));
	assert_ok(space_read(&after, searched_path("small.h5"), mem));
	for (int d = 0; d < after->decisions; d++)
		assert_int_equal(space_on(after, d), 2);
}

static void test_a_history_without_a_scored_trial_is_named(void **state)
{
	struct history h = searched_room(1);

	(void)state;
	searched_tell(&h, "11111111", NAN);
	assert_ok(history_write(&h, searched_path("history.h5"), &recipe));
	args = ready();
	assert_fails(shrink(&args, searched_path("small.h5"), &recipe, mem), ERR_CONFIG, "history.h5: there is no scored trial");
	assert_int_not_equal(access(searched_path("small.h5"), F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEARCHED(test_the_choice_of_the_bad_networks_goes_and_the_old_space_stays),
		SEARCHED(test_no_decision_keeps_fewer_choices_than_asked),
		SEARCHED(test_a_history_without_a_scored_trial_is_named),
	};
	return cmocka_run_group_tests(tests, searched_setup, searched_teardown);
}
