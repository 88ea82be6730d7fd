/* Augmentations: parsing, and what each does to images whose result can be derived by hand. */
#include "tests/harness.h"

#include <stdbool.h>
#include "data/augment.h"

enum { PIXELS_MAX = 40 * 40 * 5 };

static float scratch[4 * PIXELS_MAX], data[PIXELS_MAX], before[PIXELS_MAX];

/* A numbered image: value of (y, x, k) = 100 y + x + k / 10. */
static struct image numbered(int64_t h, int64_t w, int64_t c)
{
	for (int64_t y = 0; y < h; y++)
		for (int64_t x = 0; x < w; x++)
			for (int64_t k = 0; k < c; k++)
				data[(y * w + x) * c + k] = (float)(100 * y + x) + (float)k / 10;
	memcpy(before, data, sizeof(data));
	return (struct image){ h, w, c, data };
}

static void apply(const char *text, struct image *im, uint32_t sample)
{
	struct augment_list list;
	assert_ok(augment_parse(text, &list));
	augment_apply(&list, im, 7, sample, 3, 1, scratch);
}

static void an_unknown_name_argument_or_value_is_refused(void **state)
{
	(void)state;
	struct augment_list list;
	assert_fails(augment_parse("hflip wobble", &list), ERR_USAGE, "wobble");
	assert_fails(augment_parse("hflip(q=1)", &list), ERR_USAGE, "q=1");
	assert_fails(augment_parse("hflip(p=2)", &list), ERR_USAGE, "p=2");
	assert_fails(augment_parse("hflip(p=0.5", &list), ERR_USAGE, "not closed");
	assert_fails(augment_parse("jitter(p)", &list), ERR_USAGE, "p");
}

static void texts_and_presets_give_the_list_they_name(void **state)
{
	(void)state;
	struct augment_list list;
	assert_ok(augment_parse("", &list));
	assert_int_equal(list.count, 0);
	assert_ok(augment_parse("none", &list));
	assert_int_equal(list.count, 0);
	assert_ok(augment_parse("  hflip( p=0.25 )  jitter(hue=0.2:p=1,contrast=0) cutout", &list));
	assert_int_equal(list.count, 3);
	assert_string_equal(list.step[0].augment->name, "hflip");
	assert_near(list.step[0].arg[0], 0.25, 0);
	assert_string_equal(list.step[1].augment->name, "jitter");
	assert_near(list.step[1].arg[0], 0.4, 0);
	assert_near(list.step[1].arg[1], 0, 0);
	assert_near(list.step[1].arg[3], 0.2, 0);
	assert_near(list.step[1].arg[4], 1, 0);
	assert_ok(augment_parse("crop cutout", &list));
	assert_int_equal(list.count, 3);
	assert_string_equal(list.step[0].augment->name, "padcrop");
	static const char *const presets[] = { "none", "crop", "contrast", "contrast-noup" };
	for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
		assert_ok(augment_parse(presets[i], &list));
	assert_int_equal(list.count, 6);
}

static void flips_mirror_every_channel(void **state)
{
	(void)state;
	struct image im = numbered(3, 5, 2);
	apply("hflip(p=1)", &im, 0);
	for (int y = 0; y < 3; y++)
		for (int x = 0; x < 5; x++)
			for (int k = 0; k < 2; k++)
				assert_near(data[(y * 5 + x) * 2 + k], before[(y * 5 + 4 - x) * 2 + k], 0);
	im = numbered(3, 5, 2);
	apply("vflip(p=1)", &im, 0);
	for (int y = 0; y < 3; y++)
		for (int i = 0; i < 10; i++)
			assert_near(data[y * 10 + i], before[(2 - y) * 10 + i], 0);
	im = numbered(3, 5, 2);
	apply("hflip(p=0) vflip(p=0) cutout(p=0) jitter(p=0) blur(p=0) grey(p=0) rot90(p=0)", &im, 0);
	assert_memory_equal(data, before, sizeof(data));
}

/* The four turns of a 2 x 2 image a b / c d, anticlockwise. */
static void right_angle_turns_are_the_four_turns_and_all_occur(void **state)
{
	(void)state;
	static const float turned[4][4] = { { 0, 1, 100, 101 }, { 1, 101, 0, 100 }, { 101, 100, 1, 0 }, { 100, 0, 101, 1 } };
	int seen[4] = { 0 };
	for (uint32_t s = 0; s < 400; s++) {
		struct image im = numbered(2, 2, 1);
		apply("rot90", &im, s);
		int which = 0;
		while (which < 4 && memcmp(data, turned[which], sizeof(turned[0])))
			which++;
		assert_in_range(which, 0, 3);
		seen[which]++;
	}
	for (int k = 0; k < 4; k++)
		assert_in_range(seen[k], 60, 140);      /* 100 +- 4.6 SD */
	for (uint32_t s = 0; s < 20; s++) {              /* not square: the size stays, so half turns only */
		struct image im = numbered(2, 3, 1);
		apply("rot90", &im, s);
		assert_true(data[0] == 0 || data[0] == 102);
		assert_near(data[0] + data[5], 102, 0);
	}
}

/* Every pixel is either 0 from outside or the shifted original, with one shift for all; all 81 shifts occur. */
static void padcrop_shifts_by_up_to_an_eighth(void **state)
{
	(void)state;
	bool seen[9][9] = { { false } };
	for (uint32_t s = 0; s < 2000; s++) {
		struct image im = numbered(32, 32, 1);
		for (int i = 0; i < 1024; i++)
			before[i] = data[i] += 1;
		apply("padcrop", &im, s);
		const int centre = (int)data[16 * 32 + 16] - 1, dy = centre / 100 - 16, dx = centre % 100 - 16;
		assert_in_range(dy + 4, 0, 8);
		assert_in_range(dx + 4, 0, 8);
		seen[dy + 4][dx + 4] = true;
		for (int y = 0; y < 32; y++)
			for (int x = 0; x < 32; x++) {
				const bool within = y + dy >= 0 && y + dy < 32 && x + dx >= 0 && x + dx < 32;
				assert_near(data[y * 32 + x], within ? before[(y + dy) * 32 + x + dx] : 0, 0);
			}
	}
	for (int i = 0; i < 81; i++)
		assert_true(seen[i / 9][i % 9]);
}

static void cutout_blanks_one_square(void **state)
{
	(void)state;
	int64_t most = 0;
	for (uint32_t s = 0; s < 200; s++) {
		struct image im = numbered(20, 24, 3);
		for (int i = 0; i < 20 * 24 * 3; i++)
			data[i] = 1;
		apply("cutout", &im, s);
		int64_t blank = 0, top = 99, bottom = -1, left = 99, right = -1;
		for (int64_t y = 0; y < 20; y++)
			for (int64_t x = 0; x < 24; x++) {
				const float *p = &data[(y * 24 + x) * 3];
				assert_true(p[0] == p[1] && p[1] == p[2]);
				if (p[0] != 0)
					continue;
				blank++;
				top = y < top ? y : top, bottom = y > bottom ? y : bottom;
				left = x < left ? x : left, right = x > right ? x : right;
			}
		assert_int_equal(blank, (bottom - top + 1) * (right - left + 1));
		assert_true(bottom - top < 10 && right - left < 10);
		most = blank > most ? blank : most;
	}
	assert_int_equal(most, 100);       /* half of the shorter side, squared */
}

static void grey_is_luma_and_needs_three_channels(void **state)
{
	(void)state;
	struct image im = numbered(4, 4, 3);
	apply("grey(p=1)", &im, 0);
	for (int i = 0; i < 16; i++)
		for (int k = 0; k < 3; k++)
			assert_near(data[3 * i + k], 0.299 * before[3 * i] + 0.587 * before[3 * i + 1] + 0.114 * before[3 * i + 2], 1e-6);
	for (int c = 1; c <= 5; c += c == 2 ? 2 : 1) {
		im = numbered(4, 4, c);
		apply("grey(p=1)", &im, 0);
		assert_memory_equal(data, before, sizeof(data));
	}
}

/* Any number of channels: v <- gain v + offset with the ranges asked for. */
static void brightness_and_contrast_are_one_straight_line(void **state)
{
	(void)state;
	for (int c = 1; c <= 5; c++)
		for (uint32_t s = 0; s < 50; s++) {
			struct image im = numbered(3, 3, c);
			apply("jitter(p=1,brightness=0.5,contrast=0.3,saturation=0,hue=0)", &im, s);
			const double gain = (data[8 * c] - data[0]) / (before[8 * c] - before[0]), offset = data[0];
			assert_in_range((int)(1000 * gain), 700, 1300);
			assert_true(fabs(offset) <= 0.5);
			for (int i = 0; i < 9 * c; i++)
				assert_near(data[i], gain * before[i] + offset, 1e-5);
		}
}

/* Saturation and hue leave the mean of the three and, for hue alone, the distance from grey. */
static void hue_turns_about_the_grey_axis(void **state)
{
	(void)state;
	double largest = 0;
	for (uint32_t s = 0; s < 200; s++) {
		data[0] = 1, data[1] = -0.5f, data[2] = 0.25f;
		struct image im = { 1, 1, 3, data };
		apply("jitter(p=1,brightness=0,contrast=0,saturation=0,hue=0.1)", &im, s);
		const double a[3] = { 0.75, -0.75, 0 };
		double b[3], dot = 0, length = 0;
		for (int k = 0; k < 3; k++) {
			b[k] = data[k] - 0.25;
			dot += a[k] * b[k];
			length += b[k] * b[k];
		}
		assert_near(b[0] + b[1] + b[2], 0, 1e-6);
		assert_near(length, 1.125, 1e-5);
		const double turn = acos(fmin(1, dot / 1.125)) / (2 * M_PI);
		assert_true(turn <= 0.1 + 1e-6);
		largest = fmax(largest, turn);
	}
	assert_true(largest > 0.09);
}

static void blur_keeps_constants_and_is_a_gaussian(void **state)
{
	(void)state;
	struct image im = { 7, 4, 2, data };
	for (int i = 0; i < 56; i++)
		data[i] = 3;
	apply("blur(p=1,low=5,high=5)", &im, 0);
	for (int i = 0; i < 56; i++)
		assert_near(data[i], 3, 1e-6);

	im = (struct image){ 21, 21, 1, data };
	memset(data, 0, sizeof(data));
	data[10 * 21 + 10] = 1;
	apply("blur(p=1,low=1.5,high=1.5)", &im, 0);
	double sum = 0;
	for (int i = 0; i < 441; i++)
		sum += data[i];
	assert_near(sum, 1, 1e-5);
	for (int d = 1; d <= 4; d++) {
		const double want = data[10 * 21 + 10] * exp(-d * d / (2 * 1.5 * 1.5));
		assert_near(data[10 * 21 + 10 + d], want, 1e-6);
		assert_near(data[10 * 21 + 10 - d], want, 1e-6);
		assert_near(data[(10 + d) * 21 + 10], want, 1e-6);
		assert_near(data[(10 - d) * 21 + 10], want, 1e-6);
	}
}

/* Row blur at the edges against the definition, for images narrower than the kernel as well. */
static void blur_repeats_the_edges(void **state)
{
	(void)state;
	for (int64_t w = 1; w <= 9; w++) {
		struct image im = numbered(1, w, 2);
		for (int i = 0; i < 2 * w; i++)
			before[i] = data[i] = (float)((i * 7) % 5);
		apply("blur(p=1,low=1,high=1)", &im, 0);
		for (int64_t x = 0; x < w; x++)
			for (int k = 0; k < 2; k++) {
				double sum = 0, weight = 0;
				for (int64_t d = -3; d <= 3; d++) {
					const int64_t at = x + d < 0 ? 0 : x + d >= w ? w - 1 : x + d;
					sum += exp(-(double)(d * d) / 2) * before[at * 2 + k];
					weight += exp(-(double)(d * d) / 2);
				}
				assert_near(data[x * 2 + k], sum / weight, 1e-6);
			}
	}
}

static void a_whole_crop_is_the_image(void **state)
{
	(void)state;
	struct image im = numbered(9, 9, 3);
	apply("rrcrop(scale=1,ratio=1)", &im, 0);
	for (int i = 0; i < 243; i++)
		assert_near(data[i], before[i], 1e-5);
}

/* A ramp stays a ramp inside; its slopes are the crop's share of width and height. */
static void a_crop_of_a_ramp_is_a_ramp_of_the_right_slope(void **state)
{
	(void)state;
	double smallest = 1, largest = 0;
	for (uint32_t s = 0; s < 300; s++) {
		struct image im = numbered(32, 32, 1);
		apply("rrcrop(scale=0.2)", &im, s);
		const double dx = data[16 * 32 + 20] - data[16 * 32 + 12], dy = data[20 * 32 + 16] - data[12 * 32 + 16];
		const double w = dx / 8, h = dy / 800;           /* share of the side */
		for (int x = 12; x < 20; x++)
			assert_near(data[16 * 32 + x], data[16 * 32 + 12] + (x - 12) * w, 1e-5);
		assert_true(w <= 1 + 1e-4 && h <= 1 + 1e-4 && w * h > 0.2 - 1e-3);
		assert_true(w / h > 0.75 - 1e-3 && w / h < 4 / 3. + 1e-3);
		assert_true(data[0] >= 0 && data[1023] <= 3131);
		smallest = fmin(smallest, w * h), largest = fmax(largest, w * h);
	}
	assert_true(smallest < 0.25 && largest > 0.85);
}

static void the_same_stream_gives_the_same_image_and_another_view_another(void **state)
{
	(void)state;
	struct augment_list list;
	float first[32 * 32 * 3];
	assert_ok(augment_parse("contrast-noup blur(p=1) cutout", &list));
	for (int round = 0; round < 3; round++) {
		struct image im = numbered(32, 32, 3);
		augment_apply(&list, &im, 1, 2, 3, round == 2, scratch);
		if (round == 0)
			memcpy(first, data, sizeof(first));
		else
			assert_int_equal(memcmp(first, data, sizeof(first)) == 0, round == 1);
	}
}

static void every_augmentation_takes_every_shape(void **state)
{
	(void)state;
	static const int64_t shape[][3] = { { 1, 1, 1 }, { 1, 7, 3 }, { 5, 1, 2 }, { 2, 3, 5 }, { 40, 40, 5 } };
	for (int a = 0; augment_table[a]; a++)
		for (size_t s = 0; s < sizeof(shape) / sizeof(shape[0]); s++)
			for (uint32_t i = 0; i < 20; i++) {
				struct image im = numbered(shape[s][0], shape[s][1], shape[s][2]);
				apply(augment_table[a]->name, &im, i);
				for (int64_t j = 0; j < im.h * im.w * im.c; j++)
					assert_true(isfinite(data[j]));
				assert_int_equal(im.h, shape[s][0]);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_name_argument_or_value_is_refused),
		cmocka_unit_test(texts_and_presets_give_the_list_they_name),
		cmocka_unit_test(flips_mirror_every_channel),
		cmocka_unit_test(right_angle_turns_are_the_four_turns_and_all_occur),
		cmocka_unit_test(padcrop_shifts_by_up_to_an_eighth),
		cmocka_unit_test(cutout_blanks_one_square),
		cmocka_unit_test(grey_is_luma_and_needs_three_channels),
		cmocka_unit_test(brightness_and_contrast_are_one_straight_line),
		cmocka_unit_test(hue_turns_about_the_grey_axis),
		cmocka_unit_test(blur_keeps_constants_and_is_a_gaussian),
		cmocka_unit_test(blur_repeats_the_edges),
		cmocka_unit_test(a_whole_crop_is_the_image),
		cmocka_unit_test(a_crop_of_a_ramp_is_a_ramp_of_the_right_slope),
		cmocka_unit_test(the_same_stream_gives_the_same_image_and_another_view_another),
		cmocka_unit_test(every_augmentation_takes_every_shape),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
