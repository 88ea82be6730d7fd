/* Schemas: the tables are sound, and a file that breaks one is refused by writer and reader with the place, what
 * was found and what was expected. */
#include "tests/harness.h"

#include <unistd.h>

#include "h5/file.h"

static char folder[] = "/tmp/nasmill-test-schema-XXXXXX";
static char path[128];
static struct h5_recipe recipe;
static struct arena *mem;

#define DIMS(...) ((const int64_t[]){ __VA_ARGS__ })

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/a.h5", folder);
	mem = arena_new();
	recipe = h5_recipe_make(mem, "nas-example", 1, NULL, NULL, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(mem);
	unlink(path);
	return rmdir(folder);
}

/* Two schemas of one name and version: a file is written by the first and read by the second. */
static struct h5_field written[8], wanted[8];
static struct h5_attribute written_attributes[3], wanted_attributes[3];
static const struct h5_schema writes = {
	.name = "example", .summary = "", .version = 1, .fields = written, .attributes = written_attributes,
};
static const struct h5_schema reads = {
	.name = "example", .summary = "", .version = 1, .fields = wanted, .attributes = wanted_attributes,
};

static const uint8_t zeros[4096];

static void start(void)
{
	static const struct h5_field images = { "/images", H5_U8, { "image", "row", "column", "channel" }, "1", "pixels" };

	memset(written, 0, sizeof written);
	memset(wanted, 0, sizeof wanted);
	memset(written_attributes, 0, sizeof written_attributes);
	memset(wanted_attributes, 0, sizeof wanted_attributes);
	wanted[0] = written[0] = images;
}

/* Writes /images, 5 x 1 x 1 x 1 (or of rank 3), and what else the second field asks for with 6 elements. */
static int write_with(int rank)
{
	struct h5_writer *w;

	TRY(h5_create(&w, path, &writes, &recipe));
	h5_write(w, "/images", (enum h5_type)written[0].types, rank, DIMS(5, 1, 1, 1), zeros, 0);
	if (written[1].path)
		h5_write(w, written[1].path, (enum h5_type)written[1].types, 1, DIMS(6), zeros, 0);
	if (written_attributes[0].name)
		h5_attr_i64(w, written_attributes[0].name, 1);
	return h5_commit(w);
}

static int read_back(void)
{
	struct h5_file *f;
	int code = h5_open(&f, path, &reads);

	h5_close(f);
	return code;
}

static void a_wrong_rank_is_refused(void **state)
{
	(void)state;
	start();
	written[0].dim[3] = NULL;
	assert_ok(write_with(3));
	assert_fails(read_back(), ERR_DATA, "a.h5:/images: rank 3, expected 4 (image, row, column, channel)");
	start();
	assert_fails(write_with(3), ERR_INTERNAL, "a.h5:/images: rank 3, expected 4 (image, row, column, channel)");
	wanted[0].dim[0] = NULL;
	assert_ok(write_with(4));
	assert_fails(read_back(), ERR_DATA, "rank 4, expected 0 (a single value)");
}

static void a_wrong_type_is_refused(void **state)
{
	(void)state;
	start();
	wanted[0].types = H5_U16 | H5_F32;
	assert_ok(write_with(4));
	assert_fails(read_back(), ERR_DATA, "a.h5:/images: type u8, expected u16 or f32");
	start();
	written[0].types = H5_F32;
	assert_ok(write_with(4));
	assert_fails(read_back(), ERR_DATA, "a.h5:/images: type f32, expected u8");
}

static void dimensions_of_one_name_must_agree(void **state)
{
	(void)state;
	start();
	written[1] = (struct h5_field){ "/round", H5_I32, { "trial" }, "index", "rounds" };
	wanted[1] = (struct h5_field){ "/round", H5_I32, { "image" }, "index", "rounds" };
	assert_ok(write_with(4));
	assert_fails(read_back(), ERR_DATA, "a.h5:/round: image is 6, but 5 elsewhere in this file");
	written[1] = wanted[1];
	assert_fails(write_with(4), ERR_INTERNAL, "a.h5:/round: image is 6, but 5 elsewhere in this file");
}

static void what_no_field_describes_is_refused(void **state)
{
	(void)state;
	start();
	written[1] = (struct h5_field){ "/extra/deep", H5_I32, { "trial" }, "index", "rounds" };
	assert_ok(write_with(4));
	assert_fails(read_back(), ERR_DATA, "a.h5:/extra/deep: unknown to schema example, version 1");
	start();
	written_attributes[0] = (struct h5_attribute){ "phase", H5_I64, "phase" };
	assert_ok(write_with(4));
	assert_fails(read_back(), ERR_DATA, "attribute \"phase\" is unknown");
	start();
	written_attributes[0] = (struct h5_attribute){ "phase", H5_I64, "phase" };
	wanted_attributes[0] = (struct h5_attribute){ "phase", H5_F64, "phase" };
	assert_ok(write_with(4));
	assert_fails(read_back(), ERR_DATA, "attribute \"phase\" is i64, expected f64");
}

static void what_is_missing_is_named(void **state)
{
	(void)state;
	start();
	assert_ok(write_with(4));
	wanted[1] = (struct h5_field){ "/group/score", H5_F64, { "image" }, "nat", "scores of images" };
	assert_fails(read_back(), ERR_DATA, "a.h5:/group/score: is missing (scores of images)");
	wanted[1].optional = true;
	assert_ok(read_back());
	wanted_attributes[0] = (struct h5_attribute){ "phase", H5_I64, "phase" };
	assert_fails(read_back(), ERR_DATA, "attribute \"phase\" is missing");
	wanted_attributes[0].optional = true;
	assert_ok(read_back());
}

static void another_unit_is_refused(void **state)
{
	(void)state;
	start();
	wanted[0].units = "m";
	assert_ok(write_with(4));
	assert_fails(read_back(), ERR_DATA, "a.h5:/images: its unit is \"1\", expected \"m\"");
}

static void wildcards_match_below_their_group_only(void **state)
{
	static const struct h5_field f[] = {
		{ "/param/**", H5_F32, { "out", "in" }, "1", "" }, { "/step", H5_I64, { 0 }, "1", "" }, { 0 }
	};
	static const struct h5_schema s = { .name = "x", .version = 1, .fields = f };

	(void)state;
	assert_ptr_equal(h5_schema_field(&s, "/param/a"), &f[0]);
	assert_ptr_equal(h5_schema_field(&s, "/param/a/b/c"), &f[0]);
	assert_ptr_equal(h5_schema_field(&s, "/step"), &f[1]);
	assert_null(h5_schema_field(&s, "/param"));
	assert_null(h5_schema_field(&s, "/param/"));
	assert_null(h5_schema_field(&s, "/params/a"));
	assert_null(h5_schema_field(&s, "/step/a"));
	assert_null(h5_schema_field(&s, ""));
}

static void datasets_below_a_wildcard_need_not_agree(void **state)
{
	struct h5_writer *w;

	(void)state;
	start();
	wanted[1] = written[1] = (struct h5_field){ "/param/**", H5_U8, { "out", "row", "column", "in" }, "1", "" };
	assert_ok(h5_create(&w, path, &writes, &recipe));
	h5_write(w, "/images", H5_U8, 4, DIMS(1, 1, 1, 1), zeros, 0);
	h5_write(w, "/param/a", H5_U8, 4, DIMS(2, 3, 3, 2), zeros, 0);
	h5_write(w, "/param/b/c", H5_U8, 2, DIMS(7, 5), zeros, 0);
	h5_write(w, "/param/b/d", H5_U8, 1, DIMS(9), zeros, 0);
	assert_ok(h5_commit(w));
	assert_ok(read_back());
}

/* For every schema there is: sound enough for the checks and the documentation to be right. */
static void every_schema_is_sound(void **state)
{
	const struct h5_schema *const *s;
	const struct h5_field *f;
	const struct h5_attribute *a;
	const struct h5_scale *c;

	(void)state;
	assert_non_null(h5_schema_table[0]);
	for (s = h5_schema_table; *s; s++) {
		assert_in_range(strlen((*s)->name), 1, 32);
		assert_true((*s)->version >= 1 && *(*s)->summary);
		for (f = (*s)->fields; f->path; f++) {
			assert_int_equal(f->path[0], '/');
			assert_true(f->types && !(f->types & ~127u));
			assert_true(f->units && *f->units && f->description && *f->description);
			assert_ptr_equal(h5_schema_field(*s, f->path), f);      /* named once, hidden by no wildcard */
		}
		for (a = (*s)->attributes; a && a->name; a++) {
			assert_true(a->type == H5_I64 || a->type == H5_F64 || a->type == H5_TEXT);
			assert_true(a->description && *a->description);
			assert_true(strcmp(a->name, "schema") && strcmp(a->name, "stage") && strcmp(a->name, "recipe"));
		}
		for (c = (*s)->scales; c && c->path; c++) {
			assert_true(c - (*s)->scales < H5_MAX_SCALES);
			f = h5_schema_field(*s, c->path);
			assert_non_null(f);
			assert_true(f->dim[0] && !f->dim[1]);                   /* coordinates: one for each place */
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_rank_is_refused),
		cmocka_unit_test(a_wrong_type_is_refused),
		cmocka_unit_test(dimensions_of_one_name_must_agree),
		cmocka_unit_test(what_no_field_describes_is_refused),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(another_unit_is_refused),
		cmocka_unit_test(wildcards_match_below_their_group_only),
		cmocka_unit_test(datasets_below_a_wildcard_need_not_agree),
		cmocka_unit_test(every_schema_is_sound),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
