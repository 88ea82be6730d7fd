/* Learning-rate schedules at points worked out by hand. */
#include "tests/harness.h"

#include "nn/optim.h"

static void warm_up_rises_linearly_to_the_base_rate(void **state)
{
	(void)state;
	for (int kind = 0; nn_schedule_name(kind); kind++) {
		const struct nn_schedule s = { .kind = (enum nn_schedule_kind)kind, .base = 0.4, .warmup = 4, .total = 104, .gamma = 0.1, .every = 30 };
		for (int i = 0; i < 4; i++)
			assert_near(nn_schedule_rate(&s, i), 0.1 * (i + 1), 1e-12);
		assert_near(nn_schedule_rate(&s, 4), 0.4, 1e-12);
	}
}

static void schedules_pass_through_their_points(void **state)
{
	(void)state;
	struct nn_schedule s = { .kind = NN_SCHEDULE_COSINE, .base = 1, .final = 0.2, .warmup = 10, .total = 110, .gamma = 0.5, .every = 30 };
	assert_near(nn_schedule_rate(&s, 35), 0.2 + 0.8 * (1 + sqrt(0.5)) / 2, 1e-12);
	assert_near(nn_schedule_rate(&s, 60), 0.6, 1e-12);
	assert_near(nn_schedule_rate(&s, 110), 0.2, 1e-12);
	assert_near(nn_schedule_rate(&s, 5000), 0.2, 1e-12);
	s.kind = NN_SCHEDULE_LINEAR;
	assert_near(nn_schedule_rate(&s, 35), 0.8, 1e-12);
	assert_near(nn_schedule_rate(&s, 110), 0.2, 1e-12);
	s.kind = NN_SCHEDULE_STEP;
	assert_near(nn_schedule_rate(&s, 39), 1, 1e-12);
	assert_near(nn_schedule_rate(&s, 40), 0.5, 1e-12);
	assert_near(nn_schedule_rate(&s, 70), 0.25, 1e-12);
	s.kind = NN_SCHEDULE_CONSTANT;
	assert_near(nn_schedule_rate(&s, 109), 1, 1e-12);
}

static void schedules_have_names(void **state)
{
	(void)state;
	assert_string_equal(nn_schedule_name(NN_SCHEDULE_COSINE), "cosine");
	assert_string_equal(nn_schedule_name(NN_SCHEDULE_STEP), "step");
	assert_null(nn_schedule_name(4));
	assert_null(nn_schedule_name(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warm_up_rises_linearly_to_the_base_rate),
		cmocka_unit_test(schedules_pass_through_their_points),
		cmocka_unit_test(schedules_have_names),
	};
	return cmocka_run_group_tests_name("schedules", tests, NULL, NULL);
}
