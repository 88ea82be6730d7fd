/* shapes10: reproducible, balanced, and not solvable from single pixels. */
#include "tests/harness.h"

#include "stages/ingest/shapes10.h"

enum { SIZE = SHAPES10_SIDE * SHAPES10_SIDE * 3, TRAIN = 1500, TEST = 500 };

static void an_image_is_a_function_of_seed_and_number(void **state)
{
	(void)state;
	uint8_t a[SIZE], b[SIZE];
	shapes10_draw(1, 5, a);
	shapes10_draw(1, 6, b);
	assert_memory_not_equal(a, b, SIZE);
	shapes10_draw(1, 5, b);
	assert_memory_equal(a, b, SIZE);
	shapes10_draw(2, 5, b);
	assert_memory_not_equal(a, b, SIZE);
}

static void images_use_the_whole_range_and_differ_within_a_class(void **state)
{
	(void)state;
	uint8_t image[SIZE], first[SIZE];
	int least = 255, most = 0;
	double sum = 0;
	shapes10_draw(1, 0, first);
	for (uint32_t i = 10; i < 1000; i += 10) {
		shapes10_draw(1, i, image);
		double apart = 0;
		for (int k = 0; k < SIZE; k++) {
			least = image[k] < least ? image[k] : least;
			most = image[k] > most ? image[k] : most;
			sum += image[k];
			apart += abs(image[k] - first[k]);
		}
		assert_true(apart / SIZE > 10);
	}
	assert_true(least < 10 && most > 245);
	assert_in_range((int)(sum / SIZE / 99), 70, 180);
}

/* The linear classifier of the class means (nearest mean) is easily stated, and stays far below 60 %. */
static void class_means_say_little(void **state)
{
	(void)state;
	static double mean[SHAPES10_CLASSES][SIZE];
	uint8_t image[SIZE];
	for (uint32_t i = 0; i < TRAIN; i++) {
		shapes10_draw(3, i, image);
		for (int k = 0; k < SIZE; k++)
			mean[i % SHAPES10_CLASSES][k] += image[k] / (double)(TRAIN / SHAPES10_CLASSES);
	}
	int right = 0;
	for (uint32_t i = TRAIN; i < TRAIN + TEST; i++) {
		shapes10_draw(3, i, image);
		int best = 0;
		double least = INFINITY;
		for (int c = 0; c < SHAPES10_CLASSES; c++) {
			double d = 0;
			for (int k = 0; k < SIZE; k++)
				d += (image[k] - mean[c][k]) * (image[k] - mean[c][k]);
			if (d < least)
				least = d, best = c;
		}
		right += best == (int)(i % SHAPES10_CLASSES);
	}
	assert_true(right < TEST * 0.4);
}

static void classes_have_ten_names(void **state)
{
	(void)state;
	for (int i = 0; i < SHAPES10_CLASSES; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(shapes10_class_name(i), shapes10_class_name(k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_is_a_function_of_seed_and_number),
		cmocka_unit_test(images_use_the_whole_range_and_differ_within_a_class),
		cmocka_unit_test(class_means_say_little),
		cmocka_unit_test(classes_have_ten_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
