/* dataset.h5 and labels.h5: read back as written, and refused when they make no sense. */
#include "tests/harness.h"

#include <unistd.h>
#include "data/dataset.h"
#include "h5/file.h"

extern const struct h5_schema h5_schema_dataset, h5_schema_labels;

enum { N = 6, H = 2, W = 3, C = 2 };

static char folder[] = "/tmp/nasmill-dataset-XXXXXX", dataset_path[64], labels_path[64];
static struct arena *mem;
static struct h5_recipe recipe;

static int open_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(dataset_path, sizeof(dataset_path), "%s/dataset.h5", folder);
	snprintf(labels_path, sizeof(labels_path), "%s/labels.h5", folder);
	mem = arena_new();
	const struct opt none[] = { OPT_END };
	recipe = h5_recipe_make(mem, "nas-ingest", 1, none, NULL, 0);
	return 0;
}

static int close_folder(void **state)
{
	(void)state;
	arena_free(mem);
	unlink(dataset_path);
	unlink(labels_path);
	return rmdir(folder);
}

static void write_dataset(enum h5_type type, const void *images, const uint8_t split[N], const double *sd)
{
	struct h5_writer *w;
	const int64_t dims[] = { N, H, W, C };
	const double mean[C] = { 1, 2 };
	assert_ok(h5_create(&w, dataset_path, &h5_schema_dataset, &recipe));
	assert_ok(h5_write(w, "/images", type, 4, dims, images, 0));
	assert_ok(h5_write(w, "/split", H5_U8, 1, dims, split, 0));
	assert_ok(h5_write(w, "/mean", H5_F64, 1, dims + 3, mean, 0));
	assert_ok(h5_write(w, "/sd", H5_F64, 1, dims + 3, sd, 0));
	assert_ok(h5_commit(w));
}

static void write_labels(int64_t count, const int32_t *label, int64_t classes)
{
	struct h5_writer *w;
	static const char *const text[] = { "a", "bee", "", "d", "e", "f", "g" };
	assert_ok(h5_create(&w, labels_path, &h5_schema_labels, &recipe));
	assert_ok(h5_write(w, "/label", H5_I32, 1, &count, label, 0));
	if (classes)
		assert_ok(h5_write_texts(w, "/class_name", classes, text));
	assert_ok(h5_write_texts(w, "/source_name", count, text));
	assert_ok(h5_commit(w));
}

static const uint8_t good_split[N] = { 0, 0, 0, 1, 2, 2 };
static const double sd[C] = { 0.5, 4 };

static void every_source_type_is_kept(void **state)
{
	(void)state;
	uint8_t u8[N * H * W * C];
	uint16_t u16[N * H * W * C];
	float f32[N * H * W * C];
	for (int i = 0; i < N * H * W * C; i++)
		u8[i] = (uint8_t)(3 * i), u16[i] = (uint16_t)(900 * i), f32[i] = (float)i / 7 - 2;
	static const enum h5_type types[] = { H5_U8, H5_U16, H5_F32 };
	const void *const data[] = { u8, u16, f32 };
	for (int t = 0; t < 3; t++) {
		struct dataset d;
		write_dataset(types[t], data[t], good_split, sd);
		assert_ok(dataset_read(&d, dataset_path, mem));
		assert_int_equal(d.type, types[t]);
		assert_int_equal(d.count * 1000 + d.h * 100 + d.w * 10 + d.c, 6232);
		assert_memory_equal(d.images, data[t], h5_type_size(types[t]) * N * H * W * C);
		assert_int_equal(d.size[0] * 100 + d.size[1] * 10 + d.size[2], 312);
		assert_int_equal(d.first[0] * 100 + d.first[1] * 10 + d.first[2], 34);
		float out[H * W * C];
		dataset_image(&d, 4, out);
		for (int i = 0; i < H * W * C; i++) {
			const int at = 4 * H * W * C + i;
			const double v = t == 0 ? u8[at] : t == 1 ? u16[at] : f32[at];
			assert_near(out[i], (v - (i % 2 ? 2 : 1)) / sd[i % 2], 1e-6);
		}
	}
}

static void splits_out_of_order_and_empty_spreads_are_refused(void **state)
{
	(void)state;
	static const uint8_t images[N * H * W * C], back[N] = { 0, 1, 0, 1, 2, 2 }, beyond[N] = { 0, 0, 0, 1, 2, 3 },
	                     no_train[N] = { 1, 1, 1, 1, 2, 2 };
	static const double none[C] = { 1, 0 }, nan_[C] = { NAN, 1 };
	struct dataset d;
	write_dataset(H5_U8, images, back, sd);
	assert_fails(dataset_read(&d, dataset_path, mem), ERR_DATA, "/split: 0 at 2");
	write_dataset(H5_U8, images, beyond, sd);
	assert_fails(dataset_read(&d, dataset_path, mem), ERR_DATA, "/split: 3 at 5");
	write_dataset(H5_U8, images, no_train, sd);
	assert_fails(dataset_read(&d, dataset_path, mem), ERR_DATA, "no training image");
	write_dataset(H5_U8, images, good_split, none);
	assert_fails(dataset_read(&d, dataset_path, mem), ERR_DATA, "/sd: 0 for channel 1");
	write_dataset(H5_U8, images, good_split, nan_);
	assert_fails(dataset_read(&d, dataset_path, mem), ERR_DATA, "/sd: nan for channel 0");
	assert_fails(dataset_read(&d, labels_path, mem), ERR_NOINPUT, "labels.h5");
}

static void labels_fit_their_dataset(void **state)
{
	(void)state;
	static const uint8_t images[N * H * W * C];
	static const int32_t good[N + 1] = { 0, 1, -1, 2, 0, 1, 0 }, high[N] = { 0, 1, 2, 3, 0, 0 }, unknown[N] = { -1, -1, -1, -1, -1, -1 };
	struct dataset d;
	struct labels l;
	write_dataset(H5_U8, images, good_split, sd);
	assert_ok(dataset_read(&d, dataset_path, mem));
	write_labels(N, good, 3);
	assert_ok(labels_read(&l, labels_path, &d, mem));
	assert_int_equal(l.classes, 3);
	assert_string_equal(l.class_name[1], "bee");
	assert_memory_equal(l.label, good, sizeof(high));
	write_labels(N, unknown, 0);
	assert_ok(labels_read(&l, labels_path, &d, mem));
	assert_int_equal(l.classes, 0);
	write_labels(N + 1, good, 3);
	assert_fails(labels_read(&l, labels_path, &d, mem), ERR_DATA, "7 labels, expected one for each of 6 images");
	write_labels(N, high, 3);
	assert_fails(labels_read(&l, labels_path, &d, mem), ERR_DATA, "/label: 3 at 3, expected -1 to 2");
	assert_fails(labels_read(&l, dataset_path, &d, mem), ERR_DATA, "dataset");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_source_type_is_kept),
		cmocka_unit_test(splits_out_of_order_and_empty_spreads_are_refused),
		cmocka_unit_test(labels_fit_their_dataset),
	};
	return cmocka_run_group_tests(tests, open_folder, close_folder);
}
