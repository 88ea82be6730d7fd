/* Order and split from pixels and seed alone. */
#include "tests/harness.h"

#include "stages/ingest/ingest.h"

static struct order_entry entry(int64_t image, const char *name, uint64_t seed)
{
	uint8_t pixel = (uint8_t)(image * 37);
	const struct picture p = { .h = 1, .w = 1, .c = 1, .type = H5_U8, .data = &pixel };
	struct order_entry e = { .pixels = order_pixels(&p), .image = image, .name = name };
	e.key = order_key(&e.pixels, seed);
	return e;
}

static void order_depends_on_pixels_not_on_the_way_they_came(void **state)
{
	(void)state;
	struct order_entry a[20], b[20];
	for (int64_t i = 0; i < 20; i++) {
		a[i] = entry(i, "x", 1);
		b[i] = entry((i * 7 + 3) % 20, "y", 1);
	}
	order_sort(a, 20);
	order_sort(b, 20);
	for (int i = 0; i < 20; i++)
		assert_int_equal(a[i].image, b[i].image);
}

static void another_seed_gives_another_order(void **state)
{
	(void)state;
	struct order_entry a[20], b[20];
	int same = 0;
	for (int64_t i = 0; i < 20; i++)
		a[i] = entry(i, "x", 1), b[i] = entry(i, "x", 2);
	order_sort(a, 20);
	order_sort(b, 20);
	for (int i = 0; i < 20; i++)
		same += a[i].image == b[i].image;
	assert_true(same < 8);
}

static void equal_images_are_told_apart_by_name_and_test_images_come_last(void **state)
{
	(void)state;
	struct order_entry e[4] = { entry(1, "b", 1), entry(1, "a", 1), entry(2, "c", 1), entry(3, "d", 1) };
	e[0].image = 10;
	e[2].test = true;
	order_sort(e, 4);
	assert_int_equal(e[3].image, 2);
	const int at = e[0].image == 3 ? 1 : 0;
	assert_string_equal(e[at].name, "a");
	assert_string_equal(e[at + 1].name, "b");
}

/* Geometry and type are part of what is hashed. */
static void the_digest_knows_shape_and_type(void **state)
{
	(void)state;
	uint8_t v[8] = { 0 };
	const struct picture p[4] = { { .h = 2, .w = 4, .c = 1, .type = H5_U8, .data = v }, { .h = 4, .w = 2, .c = 1, .type = H5_U8, .data = v },
	                              { .h = 2, .w = 2, .c = 2, .type = H5_U8, .data = v }, { .h = 2, .w = 2, .c = 1, .type = H5_U16, .data = v } };
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < i; k++) {
			const struct digest a = order_pixels(&p[i]), b = order_pixels(&p[k]);
			assert_false(digest_equal(&a, &b));
		}
}

static void splits_have_the_sizes_asked_for(void **state)
{
	(void)state;
	static const struct { int64_t count, test, share[3], want[3]; } cases[] = {
		{ 10000, 0, { 80, 10, 10 }, { 8000, 1000, 1000 } },
		{ 10000, 0, { 8000, 1000, 1000 }, { 8000, 1000, 1000 } },
		{ 60000, 10000, { 90, 10, 0 }, { 45000, 5000, 10000 } },
		{ 60000, 10000, { 80, 10, 10 }, { 44444, 5556, 10000 } },
		{ 10, 0, { 80, 10, 10 }, { 8, 1, 1 } },
		{ 7, 0, { 1, 0, 0 }, { 7, 0, 0 } },
		{ 5, 0, { 80, 10, 10 }, { 3, 1, 1 } },        /* 0.5 is rounded up */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t size[3];
		assert_ok(order_split(cases[i].count, cases[i].test, cases[i].share, size));
		for (int k = 0; k < 3; k++)
			assert_int_equal(size[k], cases[i].want[k]);
	}
}

static void too_few_images_say_how_many_are_needed(void **state)
{
	(void)state;
	int64_t size[3];
	const int64_t share[3] = { 80, 10, 10 };
	assert_fails(order_split(1, 0, share, size), ERR_DATA, "1 image to divide");
	assert_fails(order_split(4, 0, share, size), ERR_DATA, "5 at least are needed");
	assert_fails(order_split(11, 10, share, size), ERR_DATA, "5 at least are needed");
}

static void split_and_size_texts_are_checked(void **state)
{
	(void)state;
	int64_t share[3], h, w;
	assert_ok(ingest_parse_split("auto", true, share));
	assert_int_equal(share[DATA_TRAIN], 90);
	assert_int_equal(share[DATA_TEST], 0);
	assert_ok(ingest_parse_split("auto", false, share));
	assert_int_equal(share[DATA_TRAIN], 80);
	static const char *const bad[] = { "", "80", "80:10", "80:10:10:0", "0:50:50", "a:b:c", "80:-10:30", "80:10:10x" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(ingest_parse_split(bad[i], false, share), ERR_USAGE, "80:10:10");
	assert_ok(ingest_parse_size("24x32", &h, &w));
	assert_int_equal(h, 24);
	assert_int_equal(w, 32);
	assert_ok(ingest_parse_size("0", &h, &w));
	assert_int_equal(h + w, 0);
	assert_ok(ingest_parse_size("7", &h, &w));
	assert_int_equal(h * 10 + w, 77);
	static const char *const sizes[] = { "", "x", "3x", "x3", "0x0", "3x0", "-1", "3y3", "3x3x3", "65537" };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_fails(ingest_parse_size(sizes[i], &h, &w), ERR_USAGE, "--size");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_depends_on_pixels_not_on_the_way_they_came),
		cmocka_unit_test(another_seed_gives_another_order),
		cmocka_unit_test(equal_images_are_told_apart_by_name_and_test_images_come_last),
		cmocka_unit_test(the_digest_knows_shape_and_type),
		cmocka_unit_test(splits_have_the_sizes_asked_for),
		cmocka_unit_test(too_few_images_say_how_many_are_needed),
		cmocka_unit_test(split_and_size_texts_are_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
