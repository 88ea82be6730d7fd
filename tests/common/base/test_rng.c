/* Philox4x32-10 against the known answers that its authors publish with Random123 (kat_vectors), and the
 * properties that streams promise. */
#include "tests/harness.h"

#include <gsl/gsl_randist.h>

#include "base/hash.h"
#include "base/rng.h"

static void philox_gives_the_authors_known_answers(void **state)
{
	static const struct { uint32_t counter[4], key[2], want[4]; } known[] = {
		{ { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
		{ { ~0u, ~0u, ~0u, ~0u }, { ~0u, ~0u }, { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
		{ { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 },
		  { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
	};
	uint32_t out[4];
	size_t i;
	int j;

	(void)state;
	for (i = 0; i < sizeof known / sizeof *known; i++) {
		philox4x32_10(known[i].counter, known[i].key, out);
		for (j = 0; j < 4; j++)
			assert_int_equal(out[j], known[i].want[j]);
	}
}

static void a_stream_is_the_blocks_of_its_counter_in_order(void **state)
{
	struct rng r = rng_stream(7, "crop", 11, 3, 1);
	uint64_t key = hash64_text("crop") ^ 7;
	uint32_t words[2] = { (uint32_t)key, (uint32_t)(key >> 32) }, block[4];
	uint32_t draw;
	int j;

	(void)state;
	for (draw = 0; draw < 5; draw++) {
		philox4x32_10((uint32_t[4]){ draw, 11, 3, 1 }, words, block);
		for (j = 0; j < 4; j++)
			assert_int_equal(rng_u32(&r), block[j]);
	}
}

static void every_argument_of_a_stream_matters(void **state)
{
	struct rng r[] = {
		rng_stream(1, "crop", 0, 0, 0), rng_stream(2, "crop", 0, 0, 0), rng_stream(1, "flip", 0, 0, 0),
		rng_stream(1, "crop", 1, 0, 0), rng_stream(1, "crop", 0, 1, 0), rng_stream(1, "crop", 0, 0, 1),
		rng_stream(1ull << 40, "crop", 0, 0, 0),
	};
	uint32_t first[7];
	int i, j;

	(void)state;
	for (i = 0; i < 7; i++) {
		first[i] = rng_u32(&r[i]);
		for (j = 0; j < i; j++)
			assert_int_not_equal(first[i], first[j]);
	}
}

/* 64 neighbouring streams (the usual case: one per sample): correlation of each pair over 1,024 draws has SD
 * 1/32 if they are independent; 2,016 pairs stay below 5 SD. */
static void neighbouring_streams_are_uncorrelated(void **state)
{
	static double value[64][1024];
	int s, t, i;

	(void)state;
	for (s = 0; s < 64; s++) {
		struct rng r = rng_stream(5, "independence", (uint32_t)s, 0, 0);

		for (i = 0; i < 1024; i++)
			value[s][i] = (rng_uniform(&r) - 0.5) * sqrt(12);
	}
	for (s = 0; s < 64; s++)
		for (t = 0; t < s; t++) {
			double sum = 0;

			for (i = 0; i < 1024; i++)
				sum += value[s][i] * value[t][i];
			assert_true(fabs(sum / 1024) < 5.0 / 32);
		}
}

static void uniform_stays_below_one_and_open_inside(void **state)
{
	struct rng top = { .word = { ~0u, ~0u, 0, 0 }, .left = 4 };

	(void)state;
	assert_true(rng_uniform(&top) < 1);
	assert_true(rng_open(&top) < 1);
	assert_true(rng_uniform(&top) == 0);
	assert_true(rng_open(&top) > 0);
}

/* Chi-squared with 6 degrees of freedom: 22.5 has probability 0.001. */
static void below_is_uniform_and_in_range(void **state)
{
	struct rng r = rng_stream(1, "below", 0, 0, 0);
	int count[7] = { 0 }, i;
	double chi = 0;

	(void)state;
	for (i = 0; i < 70000; i++) {
		uint32_t k = rng_below(&r, 7);

		assert_in_range(k, 0, 6);
		count[k]++;
	}
	for (i = 0; i < 7; i++)
		chi += (count[i] - 10000.0) * (count[i] - 10000.0) / 10000;
	assert_true(chi < 22.5);
	for (i = 0; i < 100; i++)
		assert_int_equal(rng_below(&r, 1), 0);
}

/* n = 3 * 2^30: of the 2^32 words 2^30 must be rejected, those with small low parts of the product. */
static void below_rejects_what_would_bias_it(void **state)
{
	struct rng r = { .word = { 0, 1, 5, 9 }, .left = 4 };

	(void)state;
	/* word 0 -> product 0, low part 0 < 2^30: rejected; word 1 -> low part 3 * 2^30: accepted, 0 */
	assert_int_equal(rng_below(&r, 3u << 30), 0);
	assert_int_equal(r.left, 2);
}

static void normal_has_the_moments_of_a_normal(void **state)
{
	struct rng r = rng_stream(1, "normal", 0, 0, 0);
	double sum = 0, square = 0, fourth = 0;
	int i, n = 100000;

	(void)state;
	for (i = 0; i < n; i++) {
		double x = rng_normal(&r);

		sum += x;
		square += x * x;
		fourth += x * x * x * x;
	}
	assert_near(sum / n, 0, 4 / sqrt(n));
	assert_near(square / n, 1, 4 * sqrt(2.0 / n));
	assert_near(fourth / n, 3, 4 * sqrt(96.0 / n));
}

static void shuffle_is_a_permutation_and_reaches_all_orders(void **state)
{
	struct rng r = rng_stream(1, "shuffle", 0, 0, 0);
	int count[6] = { 0 }, i;

	(void)state;
	for (i = 0; i < 6000; i++) {
		uint32_t item[3] = { 0, 1, 2 };

		rng_shuffle(&r, item, 3);
		assert_int_equal((1 << item[0]) | (1 << item[1]) | (1 << item[2]), 7);
		count[2 * item[0] + (item[1] > item[2])]++;
	}
	for (i = 0; i < 6; i++)
		assert_in_range(count[i], 880, 1120);      /* 4 SD of a binomial around 1,000 */
	rng_shuffle(&r, NULL, 0);
}

static void the_gsl_view_draws_the_same_words(void **state)
{
	struct rng a = rng_stream(3, "gsl", 0, 0, 0), b = a;
	gsl_rng *view = rng_gsl(&a);
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		assert_int_equal(gsl_rng_get(view), rng_u32(&b));
	assert_true(gsl_rng_uniform(view) == rng_uniform(&b));
	assert_in_range(gsl_ran_binomial(view, 0.5, 10), 0, 10);
	gsl_rng_free(view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(philox_gives_the_authors_known_answers),
		cmocka_unit_test(a_stream_is_the_blocks_of_its_counter_in_order),
		cmocka_unit_test(every_argument_of_a_stream_matters),
		cmocka_unit_test(neighbouring_streams_are_uncorrelated),
		cmocka_unit_test(uniform_stays_below_one_and_open_inside),
		cmocka_unit_test(below_is_uniform_and_in_range),
		cmocka_unit_test(below_rejects_what_would_bias_it),
		cmocka_unit_test(normal_has_the_moments_of_a_normal),
		cmocka_unit_test(shuffle_is_a_permutation_and_reaches_all_orders),
		cmocka_unit_test(the_gsl_view_draws_the_same_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
