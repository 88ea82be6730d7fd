/* Area resampling on images small enough to work out by hand. */
#include "tests/harness.h"

#include "stages/ingest/fit.h"

static struct arena *mem;

static int open_arena(void **state)
{
	(void)state;
	mem = arena_new();
	return 0;
}

static int close_arena(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static struct picture fitted(int64_t h, int64_t w, int64_t c, enum h5_type type, void *data, int64_t H, int64_t W,
                             enum fit_mode mode)
{
	const struct picture in = { .h = h, .w = w, .c = c, .type = type, .data = data };
	struct picture out;
	fit(&in, H, W, mode, mem, &out);
	assert_int_equal(out.h, H);
	assert_int_equal(out.w, W);
	assert_int_equal(out.c, c);
	assert_int_equal(out.type, type);
	return out;
}

static void the_same_size_passes_unchanged(void **state)
{
	(void)state;
	float v[4] = { 1.5f, -2, 1e30f, 0 };
	assert_ptr_equal(fitted(2, 2, 1, H5_F32, v, 2, 2, FIT_CROP).data, v);
}

static void halving_takes_the_mean_of_four_rounded_half_up(void **state)
{
	(void)state;
	uint8_t v[16] = { 0, 1, 10, 20, 0, 1, 30, 40, 255, 255, 7, 7, 255, 254, 8, 8 };
	const uint8_t *out = fitted(4, 4, 1, H5_U8, v, 2, 2, FIT_STRETCH).data;
	assert_int_equal(out[0], 1);         /* 0.5 */
	assert_int_equal(out[1], 25);
	assert_int_equal(out[2], 255);       /* 254.75 */
	assert_int_equal(out[3], 8);         /* 7.5 */
}

/* 3 -> 2: an output pixel covers one and a half source pixels: (a + b/2) / 1.5. */
static void shared_pixels_count_by_their_share(void **state)
{
	(void)state;
	float v[6] = { 0, 100, 3, 40, 9, 10 };       /* 1 x 3, two channels */
	const float *out = fitted(1, 3, 2, H5_F32, v, 1, 2, FIT_STRETCH).data;
	assert_near(out[0], 1, 1e-6);
	assert_near(out[1], 80, 1e-6);
	assert_near(out[2], 7, 1e-6);
	assert_near(out[3], 20, 1e-6);
	uint16_t u[3] = { 0, 30000, 65535 };
	const uint16_t *tall = fitted(3, 1, 1, H5_U16, u, 2, 1, FIT_STRETCH).data;
	assert_int_equal(tall[0], 10000);
	assert_int_equal(tall[1], 53690);    /* (15000 + 65535) / 1.5 */
}

static void enlarging_repeats_pixels(void **state)
{
	(void)state;
	uint8_t v[2] = { 10, 200 };
	const uint8_t *out = fitted(1, 2, 1, H5_U8, v, 2, 4, FIT_STRETCH).data;
	for (int i = 0; i < 8; i++)
		assert_int_equal(out[i], i % 4 < 2 ? 10 : 200);
}

/* 2 x 6 to 2 x 2: the middle two columns. */
static void crop_keeps_the_middle(void **state)
{
	(void)state;
	uint8_t v[12] = { 1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16 };
	const uint8_t *out = fitted(2, 6, 1, H5_U8, v, 2, 2, FIT_CROP).data;
	assert_int_equal(out[0], 3);
	assert_int_equal(out[1], 4);
	assert_int_equal(out[2], 13);
	assert_int_equal(out[3], 14);
	const uint8_t *tall = fitted(6, 2, 1, H5_U8, v, 1, 1, FIT_CROP).data;
	assert_int_equal(tall[0], 9);        /* rows 2, 3: (5 + 6 + 11 + 12) / 4 = 8.5 */
}

/* 2 x 4 to 4 x 4: two rows of content, one of the mean above and below. */
static void pad_shows_everything_on_the_mean_colour(void **state)
{
	(void)state;
	float v[16];
	for (int i = 0; i < 8; i++)
		v[2 * i] = (float)i, v[2 * i + 1] = (float)-i;
	const float *out = fitted(2, 4, 2, H5_F32, v, 4, 4, FIT_PAD).data;
	for (int i = 0; i < 16; i++) {
		const double want = i < 4 || i >= 12 ? 3.5 : i - 4;
		assert_near(out[2 * i], want, 1e-6);
		assert_near(out[2 * i + 1], -want, 1e-6);
	}
	/* 1 x 3 to 2 x 2: step 1.5, content a third high in each row: a third of the row mixed with the mean */
	float row[3] = { 3, 6, 9 };
	const float *half = fitted(1, 3, 1, H5_F32, row, 2, 2, FIT_PAD).data;
	assert_near(half[0], 6 * (2 / 3.) + 4 / 3., 1e-6);      /* (3 + 3) / 1.5 = 4 */
	assert_near(half[3], 6 * (2 / 3.) + 8 / 3., 1e-6);
}

/* The mean of the image survives any shrinking by stretch, whatever the sizes. */
static void stretching_keeps_the_mean(void **state)
{
	(void)state;
	float v[13 * 17];
	double mean = 0;
	for (int i = 0; i < 13 * 17; i++)
		mean += v[i] = (float)((i * 37) % 101);
	mean /= 13 * 17;
	for (int64_t h = 1; h <= 13; h += 3)
		for (int64_t w = 1; w <= 17; w += 5) {
			const float *out = fitted(13, 17, 1, H5_F32, v, h, w, FIT_STRETCH).data;
			double sum = 0;
			for (int64_t i = 0; i < h * w; i++)
				sum += out[i];
			assert_near(sum / (double)(h * w), mean, 1e-5);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_size_passes_unchanged),
		cmocka_unit_test(halving_takes_the_mean_of_four_rounded_half_up),
		cmocka_unit_test(shared_pixels_count_by_their_share),
		cmocka_unit_test(enlarging_repeats_pixels),
		cmocka_unit_test(crop_keeps_the_middle),
		cmocka_unit_test(pad_shows_everything_on_the_mean_colour),
		cmocka_unit_test(stretching_keeps_the_mean),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
