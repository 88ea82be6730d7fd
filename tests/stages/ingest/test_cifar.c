/* CIFAR folders written here, read back through the whole of ingest. */
#include "scratch.h"

#include "data/dataset.h"
#include "h5/file.h"

enum { PIXELS = 3072, TRAIN = 40, TEST = 12 };

/* Byte j of image i; test images count from 100. */
static uint8_t value(int i, int j)
{
	return (uint8_t)(i * 11 + j * 7 + j / 100);
}

/* n records with `labels` label bytes, of which label(i) is the last. */
static void put_records(const char *name, int first, int n, int labels, int (*label)(int), int cut)
{
	static uint8_t data[TRAIN * (PIXELS + 2)];
	uint8_t *p = data;
	for (int i = first; i < first + n; i++) {
		if (labels == 2)
			*p++ = 19;
		*p++ = (uint8_t)label(i);
		for (int j = 0; j < PIXELS; j++)
			*p++ = value(i, j);
	}
	put(name, data, (size_t)(p - data) - (size_t)cut);
}

static int mod10(int i) { return i % 10; }
static int other(int i) { return (i * 3 + 1) % 10; }
static int zero(int i) { (void)i; return 0; }
static int mod100(int i) { return (i * 13) % 100; }

static void cifar10(const char *folder, int (*label)(int))
{
	char name[128];
	mkdir(at(folder), 0777);
	snprintf(name, sizeof(name), "%s/data_batch_1.bin", folder);
	put_records(name, 0, TRAIN / 2, 1, label, 0);
	snprintf(name, sizeof(name), "%s/data_batch_2.bin", folder);
	put_records(name, TRAIN / 2, TRAIN / 2, 1, label, 0);
	snprintf(name, sizeof(name), "%s/test_batch.bin", folder);
	put_records(name, 100, TEST, 1, label, 0);
}

static int load(struct ingest *in, const char *folder)
{
	const struct ingest_args a = defaults();
	return ingest_load(in, at(folder), &a, scratch.pool, scratch.mem);
}

static void save(const char *folder, const char *dataset, const char *labels)
{
	struct ingest in;
	assert_ok(load(&in, folder));
	const struct h5_recipe_input pixels = { "data", in.digests.pixels }, all = { "data", in.digests.labels };
	const struct opt none[] = { OPT_END };
	const struct h5_recipe d = h5_recipe_make(scratch.mem, "nas-ingest", 1, none, &pixels, 1);
	const struct h5_recipe l = h5_recipe_make(scratch.mem, "nas-ingest", 1, none, &all, 1);
	const char *dataset_path = arena_strdup(scratch.mem, at(dataset)), *labels_path = arena_strdup(scratch.mem, at(labels));
	assert_ok(ingest_save(&in, dataset_path, &d, labels_path, &l));
	ingest_close(&in);
}

/* Planar to interleaved, labels with their images, the test file at the end, statistics of the training images. */
static void every_image_arrives_with_its_label(void **state)
{
	(void)state;
	cifar10("ten", mod10);
	put("ten/batches.meta.txt", "airplane\nautomobile\nbird\n\n", 26);
	save("ten", "ten.h5", "ten-labels.h5");
	struct dataset d;
	struct labels l;
	assert_ok(dataset_read(&d, at("ten.h5"), scratch.mem));
	assert_ok(labels_read(&l, at("ten-labels.h5"), &d, scratch.mem));
	assert_int_equal(d.count, TRAIN + TEST);
	assert_int_equal(d.size[DATA_TRAIN], 36);
	assert_int_equal(d.size[DATA_VALID], 4);
	assert_int_equal(d.size[DATA_TEST], TEST);
	assert_int_equal(d.h * 100 + d.w, 3232);
	assert_int_equal(d.c, 3);
	assert_int_equal(d.type, H5_U8);
	assert_int_equal(l.classes, 10);
	assert_string_equal(l.class_name[0], "airplane");
	assert_string_equal(l.class_name[2], "bird");
	assert_string_equal(l.class_name[9], "9");
	bool seen[200] = { false };
	double sum[3] = { 0 }, square[3] = { 0 };
	for (int64_t i = 0; i < d.count; i++) {
		const uint8_t *p = (const uint8_t *)d.images + i * PIXELS;
		int source = 0;
		while (source < 112 && (value(source, 0) != p[0] || value(source, 1023) != p[3 * 1023] || seen[source]))
			source++;
		assert_true(source < TRAIN || (source >= 100 && source < 112));
		seen[source] = true;
		for (int j = 0; j < PIXELS; j++)
			assert_int_equal(p[j], value(source, j % 3 * 1024 + j / 3));
		assert_int_equal(l.label[i], source % 10);
		assert_int_equal(source >= 100, i >= d.first[DATA_TEST]);
		for (int j = 0; j < PIXELS && i < 36; j++)
			sum[j % 3] += p[j], square[j % 3] += p[j] * p[j];
	}
	for (int k = 0; k < 3; k++) {
		const double mean = sum[k] / (36 * 1024);
		assert_near(d.mean[k], mean, 1e-12);
		assert_near(d.sd[k], sqrt(square[k] / (36 * 1024) - mean * mean), 1e-9);
	}
}

static size_t bytes_of(const char *name, unsigned char *data, size_t size)
{
	FILE *f = fopen(at(name), "rb");
	assert_non_null(f);
	const size_t n = fread(data, 1, size, f);
	fclose(f);
	return n;
}

static void labels_do_not_change_a_byte_of_the_dataset(void **state)
{
	(void)state;
	static int (*const label[3])(int) = { mod10, other, zero };
	static unsigned char a[1 << 20], b[1 << 20], la[1 << 16], lb[1 << 16];
	size_t size = 0, lsize = 0;
	for (int k = 0; k < 3; k++) {
		cifar10("blind", label[k]);
		save("blind", "blind.h5", "blind-labels.h5");
		if (k == 0) {
			size = bytes_of("blind.h5", a, sizeof(a));
			lsize = bytes_of("blind-labels.h5", la, sizeof(la));
			continue;
		}
		assert_int_equal(bytes_of("blind.h5", b, sizeof(b)), size);
		assert_memory_equal(a, b, size);
		assert_int_equal(bytes_of("blind-labels.h5", lb, sizeof(lb)), lsize);
		assert_memory_not_equal(la, lb, lsize);
	}
}

static void cifar100_uses_the_fine_label(void **state)
{
	(void)state;
	mkdir(at("hundred"), 0777);
	put_records("hundred/train.bin", 0, TRAIN, 2, mod100, 0);
	put_records("hundred/test.bin", 100, TEST, 2, mod100, 0);
	struct ingest in;
	assert_ok(load(&in, "hundred"));
	assert_int_equal(in.count, TRAIN + TEST);
	assert_int_equal(in.source.classes, 100);
	for (int64_t i = 0; i < in.count; i++) {
		int record;
		const bool test = sscanf(in.source.name[i], "test.bin#%d", &record) == 1;
		if (!test)
			assert_int_equal(sscanf(in.source.name[i], "train.bin#%d", &record), 1);
		assert_int_equal(in.source.label[i], mod100(record + (test ? 100 : 0)));
	}
	ingest_close(&in);
}

static void damage_is_named(void **state)
{
	(void)state;
	struct ingest in;
	cifar10("cut", mod10);
	put_records("cut/data_batch_2.bin", 0, 5, 1, mod10, 1000);
	assert_fails(load(&in, "cut"), ERR_DATA, "data_batch_2.bin: 14365 bytes, expected a whole number of records of 3073 bytes "
	             "(found 4 records and 2073 bytes)");
	ingest_close(&in);
	put("cut/data_batch_2.bin", "", 0);
	assert_fails(load(&in, "cut"), ERR_DATA, "data_batch_2.bin: 0 bytes");
	ingest_close(&in);
	put_records("cut/data_batch_2.bin", 0, 5, 1, mod100, 0);
	assert_fails(load(&in, "cut"), ERR_DATA, "record 1 has label 13, expected 0 to 9");
	ingest_close(&in);
	put_records("cut/data_batch_2.bin", 0, 5, 1, mod10, 0);
	assert_int_equal(unlink(at("cut/test_batch.bin")), 0);
	assert_fails(load(&in, "cut"), ERR_DATA, "no test_batch.bin");
	ingest_close(&in);
	assert_fails(load(&in, "nowhere"), ERR_NOINPUT, "nowhere");
	ingest_close(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_image_arrives_with_its_label),
		cmocka_unit_test(labels_do_not_change_a_byte_of_the_dataset),
		cmocka_unit_test(cifar100_uses_the_fine_label),
		cmocka_unit_test(damage_is_named),
	};
	return cmocka_run_group_tests(tests, scratch_open, scratch_close);
}
