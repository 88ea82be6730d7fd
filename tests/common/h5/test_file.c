/* Files: what is written comes back, damage of every kind is found, and nothing half-written appears. */
#include "tests/harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/tempfile.h"
#include "h5/file.h"

static const struct h5_field fields[] = {
	{ "/images", H5_U8 | H5_F32, { "image", "row", "column", "channel" }, "1", "pixels" },
	{ "/score", H5_F64, { "image" }, "nat", "scores", .optional = true },
	{ "/count", H5_I64, { 0 }, "1", "a number", .optional = true },
	{ "/name", H5_TEXT, { "image" }, "name", "names", .optional = true },
	{ "/round", H5_I32, { "trial" }, "index", "rounds", .optional = true },
	{ "/trial", H5_I64, { "trial" }, "index", "trials", .optional = true },
	{ "/param/**", H5_F32, { "out", "row", "column", "in" }, "1", "parameters" },
	{ 0 }
};
static const struct h5_attribute attributes[] = {
	{ "phase", H5_I64, "phase" },
	{ "rate", H5_F64, "rate", .optional = true },
	{ "note", H5_TEXT, "note", .optional = true },
	{ 0 }
};
static const struct h5_scale scales[] = { { "image", "/name" }, { "trial", "/trial" }, { 0 } };
static const struct h5_schema schema = {
	.name = "example", .summary = "for tests", .version = 3, .fields = fields, .attributes = attributes, .scales = scales,
};
static const struct h5_schema other = { .name = "other", .summary = "for other tests", .version = 1, .fields = fields };

static char folder[] = "/tmp/nasmill-test-file-XXXXXX";
static char path[128];
static struct h5_recipe recipe;
static struct arena *mem;

#define DIMS(...) ((const int64_t[]){ __VA_ARGS__ })

static int set_up(void **state)
{
	struct h5_recipe_input input = { "data", { { 1, 2, 3 } } };

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/a.h5", folder);
	mem = arena_new();
	recipe = h5_recipe_make(mem, "nas-example", 1, NULL, &input, 1);
	return 0;
}

static int tear_down(void **state)
{
	char command[256];

	(void)state;
	arena_free(mem);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

static int entries(const char *where)
{
	DIR *dir = opendir(where);
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static const float weights[24] = { 0.5f, -1, 2, 3e-39f, INFINITY };   /* one is subnormal */

/* An example with everything in it; n images of 4 x 5 x 3. */
static int write_example(const char *where, int64_t n)
{
	static const char *const names[] = { "a", "", "größer" };
	uint8_t *pixels = arena_alloc(mem, (size_t)n * 60, 1);
	double score[3] = { 1.5, NAN, -INFINITY };
	struct h5_writer *w;
	int64_t i;

	for (i = 0; i < n * 60; i++)
		pixels[i] = (uint8_t)(i * 7 + i / 256);
	TRY(h5_create(&w, where, &schema, &recipe));
	h5_write_begin(w, "/images", H5_U8, 4, DIMS(n, 4, 5, 3));
	h5_write_rows(w, "/images", 0, 1, pixels);
	h5_write_rows(w, "/images", 1, n - 1, pixels + 60);
	if (n == 3) {
		h5_write(w, "/score", H5_F64, 1, DIMS(3), score, 0);
		h5_write_texts(w, "/name", 3, names);
	}
	h5_write_i64(w, "/count", 1ll << 60);
	h5_write(w, "/param/layer0/mb3_k3/expand/weight", H5_F32, 4, DIMS(2, 3, 2, 2), weights, 0);
	h5_write(w, "/param/layer0/mb3_k3/expand/bias", H5_F32, 1, DIMS(2), weights, 0);
	h5_attr_i64(w, "phase", 2);
	h5_attr_f64(w, "rate", 0.1);
	h5_attr_text(w, "note", "");
	return h5_commit(w);
}

static void what_is_written_comes_back(void **state)
{
	struct h5_file *f;
	uint8_t *pixels, rows[120];
	double *score, rate;
	float *param;
	char **names, *note;
	int64_t count, n, phase, dims[H5_MAX_RANK];
	enum h5_type type;
	int rank;

	(void)state;
	assert_ok(write_example(path, 3));
	assert_ok(h5_open(&f, path, &schema));
	assert_string_equal(h5_path(f), path);
	assert_int_equal(h5_file_header(f)->schema_version, 3);
	assert_true(digest_equal(&h5_file_header(f)->recipe, &recipe.digest));
	assert_ok(h5_info(f, "/images", &type, &rank, dims, NULL));
	assert_int_equal(type, H5_U8);
	assert_int_equal(rank, 4);
	assert_int_equal(dims[0] * 1000 + dims[1] * 100 + dims[2] * 10 + dims[3], 3453);
	assert_ok(h5_read(f, "/images", H5_U8, mem, &pixels));
	assert_int_equal(pixels[179], 179 * 7 % 256);
	assert_ok(h5_read_rows(f, "/images", 1, 2, rows));
	assert_memory_equal(rows, pixels + 60, 120);
	assert_ok(h5_read(f, "/score", H5_F64, mem, &score));
	assert_true(score[0] == 1.5 && isnan(score[1]) && score[2] == -INFINITY);
	assert_ok(h5_read(f, "/param/layer0/mb3_k3/expand/weight", H5_F32, mem, &param));
	assert_memory_equal(param, weights, sizeof weights);
	assert_ok(h5_read_i64(f, "/count", &count));
	assert_true(count == 1ll << 60);
	assert_ok(h5_read_texts(f, "/name", mem, &n, &names));
	assert_int_equal(n, 3);
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], "");
	assert_string_equal(names[2], "größer");
	assert_ok(h5_get_i64(f, "phase", &phase));
	assert_ok(h5_get_f64(f, "rate", &rate));
	assert_ok(h5_get_text(f, "note", mem, &note));
	assert_int_equal(phase, 2);
	assert_true(rate == 0.1);
	assert_string_equal(note, "");
	assert_true(h5_has_attr(f, "recipe"));
	assert_false(h5_has_attr(f, "nothing"));
	h5_close(f);
	assert_int_equal(entries(folder), 1);
}

static void large_datasets_are_chunked_and_come_back(void **state)
{
	struct h5_file *f;
	uint8_t row[60];
	int64_t i;

	(void)state;
	assert_ok(write_example(path, 20000));
	assert_ok(h5_open(&f, path, &schema));
	for (i = 0; i < 20000; i += 4999) {
		assert_ok(h5_read_rows(f, "/images", i, 1, row));
		assert_int_equal(row[7], (uint8_t)((i * 60 + 7) * 7 + (i * 60 + 7) / 256));
	}
	assert_fails(h5_read_rows(f, "/images", 19999, 2, row), ERR_DATA, "2 rows from 19999 on");
	assert_fails(h5_read_rows(f, "/images", INT64_MAX, 1, row), ERR_DATA, "rows");
	assert_fails(h5_read_rows(f, "/nothing", 0, 1, row), ERR_DATA, "no such dataset");
	assert_ok(h5_read_rows(f, "/images", 0, 1, row));
	h5_close(f);
}

static unsigned char *load(const char *where, size_t *size)
{
	FILE *file = fopen(where, "rb");
	unsigned char *data;

	fseek(file, 0, SEEK_END);
	*size = (size_t)ftell(file);
	rewind(file);
	data = arena_raw(mem, *size, 1);
	assert_int_equal(fread(data, 1, *size, file), *size);
	fclose(file);
	return data;
}

static void save(const char *where, const unsigned char *data, size_t size)
{
	FILE *file = fopen(where, "wb");

	assert_int_equal(fwrite(data, 1, size, file), size);
	fclose(file);
}

static void two_writes_give_the_same_bytes(void **state)
{
	unsigned char *a, *b;
	size_t na, nb;

	(void)state;
	assert_ok(write_example(path, 3000));
	a = load(path, &na);
	usleep(2100000);       /* object times count seconds */
	assert_ok(write_example(path, 3000));
	b = load(path, &nb);
	assert_int_equal(na, nb);
	assert_memory_equal(a, b, na);
}

static void expect_damaged(const char *where)
{
	struct h5_header h;
	struct h5_file *f;

	if (h5_header_verify(where, &h) != ERR_DATA || !*err_text())
		fail_msg("damage not found");
	err_clear();
	assert_int_equal(h5_open(&f, where, &schema), ERR_DATA);
	assert_null(f);
	err_clear();
}

static void every_flipped_bit_is_found(void **state)
{
	struct rng r = rng_stream(1, "flips", 0, 0, 0);
	unsigned char *data, bit;
	size_t size, i;
	char bad[160];
	int fd, k;

	(void)state;
	snprintf(bad, sizeof bad, "%s/bad.h5", folder);
	assert_ok(write_example(path, 3));
	data = load(path, &size);
	assert_true(size > 4096);
	save(bad, data, size);
	fd = open(bad, O_WRONLY);
	for (k = 0; k < 8 * 4096 + 500; k++) {
		i = k < 8 * 4096 ? (size_t)k / 8 : 4096 + rng_below(&r, (uint32_t)(size - 4096));
		bit = (unsigned char)(data[i] ^ 1u << k % 8);
		assert_int_equal(pwrite(fd, &bit, 1, (off_t)i), 1);
		expect_damaged(bad);
		assert_int_equal(pwrite(fd, &data[i], 1, (off_t)i), 1);
	}
	close(fd);
	assert_ok(h5_header_verify(bad, &(struct h5_header){ 0 }));
	unlink(bad);
}

static void truncated_and_extended_files_are_found(void **state)
{
	static const size_t sizes[] = { 0, 1, 7, 8, 100, 511, 512, 513, 4096 };
	unsigned char *data;
	struct h5_header h;
	size_t size, i;
	char bad[160];

	(void)state;
	snprintf(bad, sizeof bad, "%s/bad.h5", folder);
	assert_ok(write_example(path, 3));
	data = load(path, &size);
	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		save(bad, data, sizes[i]);
		expect_damaged(bad);
		assert_int_equal(h5_header_read(bad, &h), ERR_DATA);
		err_clear();
	}
	save(bad, data, size - 1);
	expect_damaged(bad);
	data = memcpy(arena_alloc(mem, size + 1, 1), data, size);
	save(bad, data, size + 1);
	assert_fails(h5_header_verify(bad, &h), ERR_DATA, "bytes long, expected");
	unlink(bad);
}

static void files_of_others_are_refused(void **state)
{
	struct h5_header h;
	struct h5_file *f;
	char bad[160];

	(void)state;
	snprintf(bad, sizeof bad, "%s/bad.h5", folder);
	save(bad, (const unsigned char *)"\211HDF\r\n\032\n", 8);
	assert_fails(h5_open(&f, bad, &schema), ERR_DATA, "is no nasmill file");
	unlink(bad);
	assert_fails(h5_open(&f, bad, &schema), ERR_NOINPUT, "No such file");
	assert_fails(h5_open(&f, folder, &schema), ERR_DATA, "is a folder");
	assert_int_equal(mkfifo(bad, 0600), 0);
	assert_fails(h5_header_read(bad, &h), ERR_DATA, "no regular file");     /* and does not wait for a writer */
	unlink(bad);
}

static void another_schema_or_version_is_refused(void **state)
{
	struct h5_schema newer = schema;
	struct h5_file *f;

	(void)state;
	newer.version = 4;
	assert_ok(write_example(path, 3));
	assert_fails(h5_open(&f, path, &other), ERR_DATA, "is a example file, expected other (for other tests)");
	assert_fails(h5_open(&f, path, &newer), ERR_DATA, "version 3 of schema example, expected 4");
	assert_fails(h5_open(&f, path, NULL), ERR_DATA, "schema \"example\" is unknown");
}

static void nothing_appears_under_the_real_name_after_a_failure(void **state)
{
	struct h5_writer *w;
	char fresh[160];

	(void)state;
	snprintf(fresh, sizeof fresh, "%s/sub/fresh.h5", folder);
	assert_ok(h5_create(&w, fresh, &schema, &recipe));
	assert_ok(h5_write_begin(w, "/images", H5_U8, 4, DIMS(3, 1, 1, 1)));
	assert_ok(h5_write_rows(w, "/images", 0, 2, "ab"));
	assert_ok(h5_attr_i64(w, "phase", 1));
	assert_fails(h5_commit(w), ERR_INTERNAL, "/images: 2 rows written, expected 3");
	assert_ok(h5_create(&w, fresh, &schema, &recipe));
	h5_abandon(w);
	h5_abandon(NULL);
	snprintf(fresh, sizeof fresh, "%s/sub", folder);
	assert_int_equal(entries(fresh), 0);
}

/* One image in a file of its own, complete but for h5_commit; bad: it lacks an attribute. */
static struct h5_writer *uncommitted(const char *name, bool bad)
{
	struct h5_writer *w;
	char where[160];

	snprintf(where, sizeof where, "%s/pair/%s", folder, name);
	assert_ok(h5_create(&w, where, &schema, &recipe));
	assert_ok(h5_write(w, "/images", H5_U8, 4, DIMS(1, 1, 1, 1), "a", 0));
	if (!bad)
		assert_ok(h5_attr_i64(w, "phase", 1));
	return w;
}

static void files_that_belong_together_appear_together_or_not_at_all(void **state)
{
	struct h5_writer *w[2] = { uncommitted("a.h5", false), uncommitted("b.h5", true) };
	char pair[160];

	(void)state;
	snprintf(pair, sizeof pair, "%s/pair", folder);
	assert_fails(h5_commit_all(w, 2), ERR_INTERNAL, "b.h5:/: attribute \"phase\" is missing");
	assert_int_equal(entries(pair), 0);
	w[0] = uncommitted("a.h5", false);
	w[1] = uncommitted("b.h5", false);
	assert_int_equal(entries(pair), 2);      /* under their temporary names */
	assert_ok(h5_commit_all(w, 2));
	assert_int_equal(entries(pair), 2);
	snprintf(pair, sizeof pair, "%s/pair/b.h5", folder);
	assert_int_equal(access(pair, F_OK), 0);
}

static void a_failed_write_is_remembered_by_commit(void **state)
{
	struct h5_writer *w;

	(void)state;
	assert_ok(h5_create(&w, path, &schema, &recipe));
	assert_int_equal(h5_write(w, "/nowhere", H5_U8, 0, NULL, "", 0), ERR_INTERNAL);
	assert_ok(h5_write(w, "/images", H5_U8, 4, DIMS(1, 1, 1, 1), "a", 0));
	assert_ok(h5_attr_i64(w, "phase", 1));
	assert_fails(h5_commit(w), ERR_INTERNAL, "/nowhere: unknown to schema example");
}

static void conversion_is_lossless_or_refused(void **state)
{
	struct h5_file *f;
	int64_t *wide;
	float *real;
	uint8_t *narrow;
	int32_t *whole;

	(void)state;
	assert_ok(write_example(path, 3));
	assert_ok(h5_open(&f, path, &schema));
	assert_ok(h5_read(f, "/images", H5_I64, mem, &wide));
	assert_int_equal(wide[10], 70);
	assert_ok(h5_read(f, "/images", H5_F32, mem, &real));
	assert_true(real[10] == 70);
	assert_ok(h5_read(f, "/score", H5_F32, mem, &real));
	assert_true(real[0] == 1.5f && isnan(real[1]) && real[2] == -INFINITY);
	assert_fails(h5_read(f, "/score", H5_I32, mem, &whole), ERR_DATA, "/score: element 0 (f64) does not fit i32");
	assert_fails(h5_read(f, "/count", H5_U8, mem, &narrow), ERR_DATA, "does not fit u8");
	assert_ok(h5_read(f, "/count", H5_F32, mem, &real));          /* 2^60 is a float */
	assert_fails(h5_read(f, "/name", H5_U8, mem, &narrow), ERR_DATA, "type text, expected u8");
	assert_fails(h5_read(f, "/images", H5_TEXT, mem, &narrow), ERR_DATA, "type u8, expected text");
	assert_fails(h5_read_i64(f, "/score", wide), ERR_DATA, "3 values, expected one");
	h5_close(f);
}

static void odd_paths_are_answered_not_crashed_on(void **state)
{
	static const char *const odd[] = { "", "/", "//", "images", "/images/", "/images/x", "/param", "/param/",
		"/param//layer0", "/param/./layer0", "/..", "/nothing/at/all", "/images\n", "/%s%n" };
	char huge[5000];
	struct h5_file *f;
	uint8_t *data;
	size_t i;

	(void)state;
	memset(huge, '/', sizeof huge - 1);
	huge[sizeof huge - 1] = '\0';
	assert_ok(write_example(path, 3));
	assert_ok(h5_open(&f, path, &schema));
	for (i = 0; i < sizeof odd / sizeof *odd; i++) {
		assert_false(h5_has(f, odd[i]));
		assert_fails(h5_read(f, odd[i], H5_U8, mem, &data), ERR_DATA, "no such dataset");
	}
	assert_false(h5_has(f, huge));
	memset(huge + 1, 'a', sizeof huge - 2);
	assert_false(h5_has(f, huge));
	assert_true(h5_has(f, "/images"));
	h5_close(f);
}

static int append(void *arg, const char *found)
{
	strcat(strcat(arg, found), " ");
	return 0;
}

static int stop(void *arg, const char *found)
{
	append(arg, found);
	return -7;
}

static void visiting_names_every_dataset_in_order(void **state)
{
	char list[500] = "";
	struct h5_file *f;

	(void)state;
	assert_ok(write_example(path, 3));
	assert_ok(h5_open(&f, path, &schema));
	assert_ok(h5_visit(f, "/param", append, list));
	assert_string_equal(list, "/param/layer0/mb3_k3/expand/bias /param/layer0/mb3_k3/expand/weight ");
	*list = '\0';
	assert_ok(h5_visit(f, "/", append, list));
	assert_string_equal(list, "/count /images /name /param/layer0/mb3_k3/expand/bias "
	                    "/param/layer0/mb3_k3/expand/weight /score ");
	*list = '\0';
	assert_int_equal(h5_visit(f, "/", stop, list), -7);
	assert_string_equal(list, "/count ");
	assert_ok(h5_visit(f, "/absent", append, list));
	assert_string_equal(list, "/count ");
	h5_close(f);
}

static void empty_dimensions_and_texts_survive(void **state)
{
	struct h5_writer *w;
	struct h5_file *f;
	int64_t dims[H5_MAX_RANK], n;
	uint8_t *data;
	char **texts;

	(void)state;
	assert_ok(h5_create(&w, path, &schema, &recipe));
	h5_write(w, "/images", H5_U8, 4, DIMS(0, 4, 4, 3), NULL, 0);
	h5_write_texts(w, "/name", 0, NULL);
	h5_attr_i64(w, "phase", 0);
	assert_ok(h5_commit(w));
	assert_ok(h5_open(&f, path, &schema));
	assert_ok(h5_info(f, "/images", NULL, NULL, dims, NULL));
	assert_int_equal(dims[0], 0);
	assert_ok(h5_read(f, "/images", H5_U8, mem, &data));
	assert_ok(h5_read_texts(f, "/name", mem, &n, &texts));
	assert_int_equal(n, 0);
	h5_close(f);
}

/* Needs root for the small file system. */
static void a_full_disk_is_reported_at_every_size(void **state)
{
	char small[160], where[200];
	int64_t n;
	int full = 0, good = 0;

	(void)state;
	snprintf(small, sizeof small, "%s/small", folder);
	mkdir(small, 0700);
	if (mount("tmpfs", small, "tmpfs", 0, "size=256k")) {
		print_message("skipped: no small file system\n");
		return;
	}
	snprintf(where, sizeof where, "%s/a.h5", small);
	for (n = 500; n < 9000; n += 250) {
		int code = write_example(where, n);

		unlink(where);
		if (code) {
			assert_fails(code, ERR_IO, "a.h5: cannot ");
			full++;
		} else
			good++;
		assert_int_equal(entries(small), 0);
	}
	assert_ok(write_example(where, 3));      /* what failed holds no space and no open file */
	umount(small);
	assert_true(full > 10 && good > 10);
}

static void a_full_disk_is_named_as_such(void **state)
{
	char small[160], where[200];
	int code;

	(void)state;
	snprintf(small, sizeof small, "%s/small", folder);
	mkdir(small, 0700);
	if (mount("tmpfs", small, "tmpfs", 0, "size=128k")) {
		print_message("skipped: no small file system\n");
		return;
	}
	snprintf(where, sizeof where, "%s/a.h5", small);
	code = write_example(where, 20000);
	umount(small);
	assert_fails(code, ERR_IO, "a.h5: cannot write: the disk is full; make room and run it again");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_comes_back),
		cmocka_unit_test(large_datasets_are_chunked_and_come_back),
		cmocka_unit_test(two_writes_give_the_same_bytes),
		cmocka_unit_test(every_flipped_bit_is_found),
		cmocka_unit_test(truncated_and_extended_files_are_found),
		cmocka_unit_test(files_of_others_are_refused),
		cmocka_unit_test(another_schema_or_version_is_refused),
		cmocka_unit_test(nothing_appears_under_the_real_name_after_a_failure),
		cmocka_unit_test(files_that_belong_together_appear_together_or_not_at_all),
		cmocka_unit_test(a_failed_write_is_remembered_by_commit),
		cmocka_unit_test(conversion_is_lossless_or_refused),
		cmocka_unit_test(odd_paths_are_answered_not_crashed_on),
		cmocka_unit_test(visiting_names_every_dataset_in_order),
		cmocka_unit_test(empty_dimensions_and_texts_survive),
		cmocka_unit_test(a_full_disk_is_reported_at_every_size),
		cmocka_unit_test(a_full_disk_is_named_as_such),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
