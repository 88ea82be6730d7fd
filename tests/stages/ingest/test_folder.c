/* Folders of TIFF files through the whole of ingest: classes, names, damage, stamps. */
#include "scratch.h"

#include <tiffio.h>
#include "h5/file.h"

enum { SIDE = 8 };

/* A grey picture whose pixels follow from its number. */
static void put_image(const char *name, int number, uint32_t side, uint16_t samples)
{
	uint8_t row[4 * 64];
	TIFF *t = TIFFOpen(at(name), "w");
	assert_non_null(t);
	TIFFSetField(t, TIFFTAG_IMAGEWIDTH, side);
	TIFFSetField(t, TIFFTAG_IMAGELENGTH, side);
	TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 8);
	TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, samples);
	TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
	TIFFSetField(t, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
	for (uint32_t y = 0; y < side; y++) {
		for (uint32_t x = 0; x < side * samples; x++)
			row[x] = (uint8_t)(number * 16 + (int)(y * side + x));
		TIFFWriteScanline(t, row, y, 0);
	}
	TIFFClose(t);
}

static void folder(const char *name)
{
	mkdir(at(name), 0777);
}

/* n images below `root`; image i goes to class[i mod classes], or to the root. */
static void tree(const char *root, int n, const char *const *class, int classes)
{
	char name[256];
	folder(root);
	for (int k = 0; k < classes; k++) {
		snprintf(name, sizeof(name), "%s/%s", root, class[k]);
		folder(name);
	}
	for (int i = 0; i < n; i++) {
		if (classes)
			snprintf(name, sizeof(name), "%s/%s/%d.tif", root, class[i % classes], i);
		else
			snprintf(name, sizeof(name), "%s/%d.TIFF", root, 9 * i % 41);
		put_image(name, i, SIDE, 1);
	}
}

static int load(struct ingest *in, const char *root, const struct ingest_args *a)
{
	return ingest_load(in, arena_strdup(scratch.mem, at(root)), a, scratch.pool, scratch.mem);
}

/* The dataset file of a folder; into data. */
static size_t dataset_of(const char *root, unsigned char *data, size_t size)
{
	struct ingest in;
	const struct ingest_args a = defaults();
	assert_ok(load(&in, root, &a));
	const struct h5_recipe_input pixels = { "data", in.digests.pixels };
	const struct opt none[] = { OPT_END };
	const struct h5_recipe r = h5_recipe_make(scratch.mem, "nas-ingest", 1, none, &pixels, 1);
	const char *dataset = arena_strdup(scratch.mem, at("d.h5"));
	assert_ok(ingest_save(&in, dataset, &r, at("l.h5"), &r));
	ingest_close(&in);
	FILE *f = fopen(dataset, "rb");
	assert_non_null(f);
	const size_t n = fread(data, 1, size, f);
	fclose(f);
	return n;
}

static void classes_in_any_arrangement_or_none_give_the_same_dataset(void **state)
{
	(void)state;
	static const char *const one[] = { "ant", "bee", "cat" }, *const two[] = { "cat", "zebra", "ant" };
	static unsigned char a[1 << 18], b[1 << 18], c[1 << 18];
	tree("one", 40, one, 3);
	tree("two", 40, two, 3);
	tree("flat", 40, NULL, 0);
	const size_t size = dataset_of("one", a, sizeof(a));
	assert_true(size > 40 * SIDE * SIDE);
	assert_int_equal(dataset_of("two", b, sizeof(b)), size);
	assert_int_equal(dataset_of("flat", c, sizeof(c)), size);
	assert_memory_equal(a, b, size);
	assert_memory_equal(a, c, size);
}

/* "a b" < "a" as files ("a b/x" < "a/x"), but classes are sorted by their own names. */
static void classes_are_the_first_folders_sorted_bytewise(void **state)
{
	(void)state;
	static const char *const class[] = { "a b", "a", "Z", "\xc3\xa9t\xc3\xa9" };
	tree("sorted", 24, class, 4);
	folder("sorted/a/deep");
	folder("sorted/a/deep/deeper");
	put_image("sorted/a/deep/deeper/x.tif", 99, SIDE, 1);
	folder("sorted/empty");
	put("sorted/a/notes.txt", "no image", 8);
	put("sorted/a/._0.tif", "macOS leaves these", 18);
	struct ingest in;
	const struct ingest_args a = defaults();
	assert_ok(load(&in, "sorted", &a));
	assert_int_equal(in.count, 25);
	assert_int_equal(in.source.classes, 4);
	static const char *const want[] = { "Z", "a", "a b", "\xc3\xa9t\xc3\xa9" };
	for (int k = 0; k < 4; k++)
		assert_string_equal(in.source.class_name[k], want[k]);
	for (int64_t i = 0; i < 25; i++) {
		const char *class_name = in.source.class_name[in.source.label[i]];
		assert_memory_equal(in.source.name[i], class_name, strlen(class_name));
		assert_int_equal(in.source.name[i][strlen(class_name)], '/');
	}
	ingest_close(&in);
}

static void any_file_name_works(void **state)
{
	(void)state;
	folder("odd");
	static const char *const name[] = { "odd/a b.tif", "odd/$HOME.tif", "odd/new\nline.tif", "odd/%s%n.tif", "odd/'\"`;#:.tiff",
	                                    "odd/\xff\xfe.tif", "odd/..tif", "odd/-rf.TIF", "odd/a#1.tif", "odd/*.TiFf" };
	for (int i = 0; i < 10; i++)
		put_image(name[i], i, SIDE, 1);
	struct ingest in;
	const struct ingest_args a = defaults();
	assert_ok(load(&in, "odd", &a));
	assert_int_equal(in.count, 10);
	assert_int_equal(in.source.classes, 0);
	assert_int_equal(in.source.label[0], -1);
	ingest_close(&in);
}

static void images_that_cannot_be_read_are_all_named_or_passed_over(void **state)
{
	(void)state;
	tree("bad", 20, NULL, 0);
	put("bad/aa.tif", "no", 2);
	put("bad/zz.tif", "TIFF? no", 8);
	struct ingest in;
	struct ingest_args a = defaults();
	const int code = load(&in, "bad", &a);
	assert_int_equal(code, ERR_DATA);
	assert_non_null(strstr(err_text(), "2 of 22 images cannot be read"));
	assert_non_null(strstr(err_text(), "aa.tif: "));
	assert_non_null(strstr(err_text(), "zz.tif: "));
	assert_non_null(strstr(err_text(), "--skip-bad"));
	err_clear();
	ingest_close(&in);
	a.skip_bad = 1;
	assert_fails(load(&in, "bad", &a), ERR_DATA, "2 of 22");
	ingest_close(&in);
	a.skip_bad = 2;
	assert_ok(load(&in, "bad", &a));
	assert_int_equal(in.count, 20);
	assert_int_equal(in.skipped, 2);
	ingest_close(&in);

	char name[32];
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "bad/no%02d.tif", i);
		put(name, "no", 2);
	}
	assert_fails(load(&in, "bad", &a), ERR_DATA, "and 12 more");
	ingest_close(&in);
}

static void images_must_be_alike(void **state)
{
	(void)state;
	struct ingest in;
	struct ingest_args a = defaults();
	tree("sizes", 12, NULL, 0);
	put_image("sizes/wide.tif", 3, 2 * SIDE, 1);
	assert_fails(load(&in, "sizes", &a), ERR_DATA, "wide.tif has 16 rows x 16 columns, 0.TIFF has 8 x 8; bring them to one size with --size");
	ingest_close(&in);
	a.size = "4x6";
	assert_ok(load(&in, "sizes", &a));
	assert_int_equal(in.count, 13);
	assert_int_equal(in.h * 10 + in.w, 46);
	ingest_close(&in);
	put_image("sizes/wide.tif", 3, SIDE, 2);
	assert_fails(load(&in, "sizes", &a), ERR_DATA, "wide.tif has 2 channels of type u8, 0.TIFF has 1 of type u8");
	ingest_close(&in);
}

static void too_few_images_are_refused(void **state)
{
	(void)state;
	struct ingest in;
	struct ingest_args a = defaults();
	folder("few");
	assert_fails(load(&in, "few", &a), ERR_DATA, "no image in this folder");
	ingest_close(&in);
	put_image("few/x.tif", 1, SIDE, 1);
	assert_fails(load(&in, "few", &a), ERR_DATA, "1 image to divide 80:10:10");
	ingest_close(&in);
	a.split = "1:0:0";
	assert_ok(load(&in, "few", &a));
	assert_int_equal(in.split[DATA_TRAIN], 1);
	ingest_close(&in);
}

/* A stamp answers for the same files, and for no others. */
static void a_stamp_holds_until_a_file_changes(void **state)
{
	(void)state;
	struct ingest in;
	struct ingest_args a = defaults();
	struct ingest_digests d;
	tree("stamped", 12, NULL, 0);
	a.stamp = arena_strdup(scratch.mem, at("stamp"));
	const char *root = arena_strdup(scratch.mem, at("stamped"));
	assert_int_equal(ingest_digests(&d, root, &a, scratch.mem), 0);
	assert_ok(load(&in, "stamped", &a));
	const struct ingest_digests told = in.digests;
	assert_int_equal(access(a.stamp, F_OK), -1);      /* loading alone, as for a recipe, makes no file */
	assert_ok(ingest_stamp(&in, a.stamp));
	ingest_close(&in);
	assert_int_equal(ingest_digests(&d, root, &a, scratch.mem), 1);
	assert_memory_equal(&d, &told, sizeof(d));

	put_image("stamped/0.TIFF", 0, SIDE, 1);      /* the same pixels again: another time, so it must be read */
	assert_int_equal(ingest_digests(&d, root, &a, scratch.mem), 0);
	assert_ok(load(&in, "stamped", &a));
	assert_memory_equal(&in.digests, &told, sizeof(told));
	assert_int_equal(ingest_digests(&d, root, &a, scratch.mem), 0);     /* nor does it change one */
	assert_ok(ingest_stamp(&in, a.stamp));
	ingest_close(&in);
	assert_int_equal(ingest_digests(&d, root, &a, scratch.mem), 1);

	const char *before = arena_strdup(scratch.mem, at("stamped/0.TIFF"));
	assert_int_equal(rename(before, at("stamped/other.tif")), 0);
	assert_int_equal(ingest_digests(&d, root, &a, scratch.mem), 0);
	assert_ok(load(&in, "stamped", &a));
	assert_true(digest_equal(&in.digests.pixels, &told.pixels));
	assert_false(digest_equal(&in.digests.labels, &told.labels));
	ingest_close(&in);

	put_image("stamped/other.tif", 77, SIDE, 1);
	assert_ok(load(&in, "stamped", &a));
	assert_false(digest_equal(&in.digests.pixels, &told.pixels));
	ingest_close(&in);
	put("stamp", "nasmill stamp 1\nlisting zz", 26);
	assert_int_equal(ingest_digests(&d, root, &a, scratch.mem), 0);
}

static void a_stamp_made_by_passing_over_images_is_not_for_the_strict(void **state)
{
	(void)state;
	struct ingest in;
	struct ingest_args a = defaults();
	struct ingest_digests d;
	tree("lenient", 12, NULL, 0);
	put("lenient/bad.tif", "no", 2);
	a.stamp = arena_strdup(scratch.mem, at("lenient-stamp"));
	const char *root = arena_strdup(scratch.mem, at("lenient"));
	a.skip_bad = 3;
	assert_ok(load(&in, "lenient", &a));
	assert_ok(ingest_stamp(&in, a.stamp));
	ingest_close(&in);
	assert_int_equal(ingest_digests(&d, root, &a, scratch.mem), 1);
	a.skip_bad = 0;
	assert_int_equal(ingest_digests(&d, root, &a, scratch.mem), 0);
}

/* Sizes of the split, and its images disjoint, for every number of threads. */
static void threads_do_not_matter(void **state)
{
	(void)state;
	tree("threads", 30, NULL, 0);
	struct order_entry first[30];
	for (int threads = 1; threads <= 3; threads++) {
		struct ingest in;
		const struct ingest_args a = defaults();
		struct pool *pool = pool_new(threads);
		assert_ok(ingest_load(&in, arena_strdup(scratch.mem, at("threads")), &a, pool, scratch.mem));
		assert_int_equal(in.split[0] * 10000 + in.split[1] * 100 + in.split[2], 240303);
		for (int i = 0; i < 30; i++) {
			if (threads == 1)
				first[i] = in.order[i];
			assert_int_equal(first[i].image, in.order[i].image);
			assert_int_equal(first[i].key, in.order[i].key);
		}
		ingest_close(&in);
		pool_free(pool);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_in_any_arrangement_or_none_give_the_same_dataset),
		cmocka_unit_test(classes_are_the_first_folders_sorted_bytewise),
		cmocka_unit_test(any_file_name_works),
		cmocka_unit_test(images_that_cannot_be_read_are_all_named_or_passed_over),
		cmocka_unit_test(images_must_be_alike),
		cmocka_unit_test(too_few_images_are_refused),
		cmocka_unit_test(a_stamp_holds_until_a_file_changes),
		cmocka_unit_test(a_stamp_made_by_passing_over_images_is_not_for_the_strict),
		cmocka_unit_test(threads_do_not_matter),
	};
	return cmocka_run_group_tests(tests, scratch_open, scratch_close);
}
