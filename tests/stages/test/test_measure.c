/* Metrics of four hand-made predictions. */
#include "tests/harness.h"
#include "stages/test/measure.h"

/* class:             0    1    2          true  predicted  confidence */
static const float p[] = {
	0.5f,  0.25f, 0.25f,            /* 0     0          0.5       right */
	0.25f, 0.75f, 0,                /* 1     1          0.75      right */
	0,     1,     0,                /* 0     1          1         wrong */
	0.5f,  0.5f,  0,                /* 1     0 (first)  0.5       wrong */
};
static const int32_t label[] = { 0, 1, 0, 1 };

static struct measure *measured(struct arena *mem)
{
	struct measure *m = measure_new(mem, 3, 4);
	measure_add(m, 1, p, label);
	measure_add(m, 3, p + 3, label + 1);
	measure_finish(m);
	return m;
}

static void top1_and_loss_are_means_over_images(void **state)
{
	struct measure *m = measured(*state);
	assert_int_equal(m->images, 4);
	assert_near(m->top1, 0.5, 0);
	assert_near(m->loss, (2 * -log(0.5) - log(0.75) - log(1e-30)) / 4, 1e-6);
}

static void confusion_counts_true_by_predicted(void **state)
{
	static const int64_t want[] = { 1, 1, 0,  1, 1, 0,  0, 0, 0 };
	struct measure *m = measured(*state);
	for (int i = 0; i < 9; i++)
		assert_int_equal(m->confusion[i], want[i]);
}

static void a_class_without_images_has_no_accuracy(void **state)
{
	struct measure *m = measured(*state);
	assert_near(m->class_top1[0], 0.5, 0);
	assert_near(m->class_top1[1], 0.5, 0);
	assert_true(isnan(m->class_top1[2]));
}

/* Bins of width 1/4, upper end included: 0.5 twice in the second (one right), 0.75 in the third (right),
 * 1 in the fourth (wrong): ECE = 2/4 |1/2 - 1/2| + 1/4 |1 - 3/4| + 1/4 |0 - 1| = 5/16. */
static void calibration_error_weighs_bins_by_images(void **state)
{
	static const int64_t images[] = { 0, 2, 1, 1 };
	struct measure *m = measured(*state);
	for (int b = 0; b < 4; b++)
		assert_int_equal(m->bin_images[b], images[b]);
	assert_true(isnan(m->bin_top1[0]));
	assert_near(m->bin_confidence[1], 0.5, 0);
	assert_near(m->bin_top1[2], 1, 0);
	assert_near(m->ece, 5.0 / 16, 1e-12);
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(top1_and_loss_are_means_over_images),
		cmocka_unit_test(confusion_counts_true_by_predicted),
		cmocka_unit_test(a_class_without_images_has_no_accuracy),
		cmocka_unit_test(calibration_error_weighs_bins_by_images),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
