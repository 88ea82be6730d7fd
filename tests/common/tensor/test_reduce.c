/* Where partial results meet. */
#include "tests/harness.h"
#include "tensor/reduce.h"

enum { CHUNKS = 7, C = 3, ROWS = 40 };

/* Deterministic numbers of mean 1,000 and standard deviation 1 (uniform over sqrt(12)). */
static double value(int i)
{
	return 1000 + (fmod(i * 0.6180339887498949, 1) - 0.5) * sqrt(12);
}

static void moments_of_chunks_merge_to_those_of_all_rows(void **unused)
{
	static const int64_t rows[CHUNKS] = { 1, 9, 0, 4, 20, 5, 1 };   /* one of them empty */
	double mean[CHUNKS * C] = { 0 }, m2[CHUNKS * C] = { 0 }, got_mean[C], got_m2[C];
	int at = 0;

	(void)unused;
	for (int k = 0; k < CHUNKS; at += (int)rows[k++])
		for (int j = 0; j < C; j++) {
			double *m = &mean[k * C + j];

			for (int r = at; r < at + rows[k]; r++)
				*m += value(r * C + j) / (double)rows[k];
			for (int r = at; r < at + rows[k]; r++)
				m2[k * C + j] += pow(value(r * C + j) - *m, 2);
		}
	assert_int_equal(at, ROWS);
	reduce_moments(CHUNKS, C, rows, mean, m2, got_mean, got_m2);
	for (int j = 0; j < C; j++) {
		double sum = 0, squares = 0;

		for (int r = 0; r < ROWS; r++)
			sum += value(r * C + j);
		for (int r = 0; r < ROWS; r++)
			squares += pow(value(r * C + j) - sum / ROWS, 2);
		assert_near(got_mean[j], sum / ROWS, 1e-15);
		assert_near(got_m2[j], squares, 1e-11);         /* (mean / SD)^2 would cost 6 digits, merging costs 2 */
	}
}

static void moments_of_two_numbers_are_known(void **unused)
{
	const int64_t rows[2] = { 1, 3 };
	const double mean[2] = { 2, 6 }, m2[2] = { 0, 8 };     /* 2; 4, 6, 8 */
	double got_mean, got_m2;

	(void)unused;
	reduce_moments(2, 1, rows, mean, m2, &got_mean, &got_m2);
	assert_near(got_mean, 5, 0);
	assert_near(got_m2, 20, 0);
	reduce_moments(0, 1, rows, mean, m2, &got_mean, &got_m2);
	assert_near(got_mean, 0, 0);
	assert_near(got_m2, 0, 0);
}

/* 1e16 swallows a 1 in double: only the sum from the left gives these values. */
static void partial_sums_are_added_in_the_order_of_chunks(void **unused)
{
	const double parts[] = { 1e16, 1,   1, -1e16,   -1e16, 1e16,   1, 1 };
	double out[2];

	(void)unused;
	reduce_sums(out, parts, 4, 2);
	assert_near(out[0], 1, 0);
	assert_near(out[1], 1, 0);
}

static void gradients_are_added_in_double_and_rounded_once(void **unused)
{
	enum { COUNT = 1300 };          /* more than two strips */
	static float dst[COUNT], parts[3 * COUNT];

	(void)unused;
	for (int i = 0; i < COUNT; i++) {
		dst[i] = (float)i;
		parts[i] = 16777216;            /* 2^24: in float, adding 1 to it changes nothing */
		parts[COUNT + i] = 1;
		parts[2 * COUNT + i] = -16777216;
	}
	reduce_add(dst, parts, 3, COUNT);
	for (int i = 0; i < COUNT; i++)
		assert_near(dst[i], i + 1, 0);
	reduce_add(dst, parts, 0, COUNT);
	assert_near(dst[COUNT - 1], COUNT, 0);
}

static void a_span_of_a_gradient_is_added_alone(void **unused)
{
	const float parts[] = { 9, 1, 2, 9, 9, 9, 3, 4, 9, 9 };
	float dst[2] = { 10, 20 };

	(void)unused;
	reduce_add_strided(dst, parts + 1, 2, 2, 5);
	assert_near(dst[0], 14, 0);
	assert_near(dst[1], 26, 0);
}

static void one_process_has_nothing_to_gather(void **unused)
{
	double part = 3;

	(void)unused;
	assert_int_equal(comm_local.size, 1);
	assert_ok(comm_local.gather(&comm_local, &part, 1, sizeof(part)));
	assert_near(part, 3, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_of_chunks_merge_to_those_of_all_rows),
		cmocka_unit_test(moments_of_two_numbers_are_known),
		cmocka_unit_test(partial_sums_are_added_in_the_order_of_chunks),
		cmocka_unit_test(gradients_are_added_in_double_and_rounded_once),
		cmocka_unit_test(a_span_of_a_gradient_is_added_alone),
		cmocka_unit_test(one_process_has_nothing_to_gather),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
