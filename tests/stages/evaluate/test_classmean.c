/* Nearest class mean on features whose geometry is known. */
#include "tests/harness.h"
#include "stages/evaluate/classmean.h"

static int set_up(void **state)
{
	*state = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	arena_free(*state);
	return 0;
}

static void logits_are_cosines_with_the_class_means_over_the_temperature(void **state)
{
	/* class 0: both axes once, lengths do not matter: mean direction 45 degrees; class 1: the first axis */
	const float feature[] = { 5, 0,  0, 0.1f,  2, 0 };
	const int32_t label[] = { 0, 0, 1 };
	const float query[] = { 0, 3 };
	float logits[2];
	struct classmean *m = classmean_new(*state, 2, 2);
	classmean_add(m, 2, feature, label);
	classmean_add(m, 1, feature + 4, label + 2);
	classmean_finish(m);
	classmean_logits(m, 0.5, 1, query, logits);
	assert_near(logits[0], sqrt(0.5) / 0.5, 1e-6);
	assert_near(logits[1], 0, 1e-6);
}

static void a_zero_feature_and_an_empty_class_stay_finite(void **state)
{
	const float zero[] = { 0, 0 };
	const int32_t label[] = { 0 };
	float logits[2] = { 7, 7 };
	struct classmean *m = classmean_new(*state, 2, 2);
	classmean_add(m, 1, zero, label);
	classmean_finish(m);
	classmean_logits(m, 0.5, 1, zero, logits);
	assert_near(logits[0], 0, 0);
	assert_near(logits[1], 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logits_are_cosines_with_the_class_means_over_the_temperature),
		cmocka_unit_test(a_zero_feature_and_an_empty_class_stay_finite),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
