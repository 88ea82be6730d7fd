/* nas-space: the space is for the images, whatever they are; images too small are refused. */
#include "tests/stages/searched.h"

#include "h5/file.h"
#include "stages/space/make.h"

extern const struct h5_schema h5_schema_dataset;

static const char *images(int64_t rows, int64_t columns, int64_t channels)
{
	const char *path = searched_path("dataset.h5");
	int64_t dims[4] = { 1, rows, columns, channels };
	struct h5_writer *w;

	assert_ok(h5_create(&w, path, &h5_schema_dataset, &recipe));
	assert_ok(h5_write(w, "/images", H5_U8, 4, dims, ARENA_NEW(mem, uint8_t, rows * columns * channels), 0));
	assert_ok(h5_write(w, "/split", H5_U8, 1, dims, "", 0));
	assert_ok(h5_write(w, "/mean", H5_F64, 1, dims + 3, ARENA_NEW(mem, double, channels), 0));
	assert_ok(h5_write(w, "/sd", H5_F64, 1, dims + 3, ARENA_NEW(mem, double, channels), 0));
	assert_ok(h5_commit(w));
	return path;
}

static void test_shape_comes_from_the_images_and_all_choices_are_on(void **state)
{
	struct space_args a = space_defaults;
	struct space *made;

	(void)state;
	a.small = true;
	a.classes = 4;
	for (int i = 0; space_table[i]; i++) {
		a.space = space_table[i]->name;
		assert_ok(make_space(&a, images(48, 40, 5), searched_path("made.h5"), &recipe, mem));
		assert_ok(space_read(&made, searched_path("made.h5"), mem));
		assert_ptr_equal(made->type, space_table[i]);
		assert_int_equal(made->settings.rows, 48);
		assert_int_equal(made->settings.columns, 40);
		assert_int_equal(made->settings.channels, 5);
		assert_int_equal(made->settings.classes, 4);
		assert_string_equal(made->settings.options, space_options_small(space_table[i], NULL, mem));
		for (int d = 0; d < made->decisions; d++)
			assert_int_equal(space_on(made, d), made->decision[d].choices);
	}
}

static void test_what_is_not_there_is_refused_and_nothing_is_written(void **state)
{
	struct space_args a = space_defaults;
	const char *out = searched_path("made.h5");

	(void)state;
	a.space = "nonesuch";
	assert_fails(make_space(&a, images(32, 32, 3), out, &recipe, mem), ERR_USAGE, "unknown space \"nonesuch\"; there are: ");
	a.space = "macro";
	a.options = "cells=3";
	assert_fails(make_space(&a, images(32, 32, 3), out, &recipe, mem), ERR_CONFIG, "space macro has no option cells; it has: width");
	a.options = "";
	assert_fails(make_space(&a, searched_path("none.h5"), out, &recipe, mem), ERR_NOINPUT, "none.h5");
	assert_fails(make_space(&a, searched_path("space.h5"), out, &recipe, mem), ERR_DATA, "space.h5");
	assert_int_not_equal(access(out, F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEARCHED(test_shape_comes_from_the_images_and_all_choices_are_on),
		SEARCHED(test_what_is_not_there_is_refused_and_nothing_is_written),
	};
	return cmocka_run_group_tests(tests, searched_setup, searched_teardown);
}
