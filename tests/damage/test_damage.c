/* Files with damage in them whose digest was computed again, so that libhdf5 and the schema check see it: a
 * forgery, or a bug of ours.  Each is refused with a message, or read; none ends the reader, hangs it or takes
 * much memory. */
#include "tests/harness.h"

#include "base/rng.h"
#include "tests/damage/children.h"
#include "tests/damage/example.h"
#include "tests/reliability.h"

enum { SEED = 1 };

static char folder[64];

struct victim {
	const char *name;
	unsigned char *whole, *bytes;
	size_t size;
	int fd;
	char path[128];
};

static int set_up(void **state)
{
	(void)state;
	return example_folder(folder, sizeof folder);
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(folder);
}

static void victim_new(struct victim *v, const struct h5_schema *schema)
{
	char path[128];

	snprintf(path, sizeof path, "%s/example.h5", folder);
	assert_ok(example_write(path, schema));
	assert_ok(example_read(path));
	*v = (struct victim){ .name = schema->name, .whole = malloc(EXAMPLE_ROOM), .bytes = malloc(EXAMPLE_ROOM) };
	v->size = example_load(path, v->whole);
	unlink(path);
	snprintf(v->path, sizeof v->path, "%s/victim.h5", folder);
	v->fd = open(v->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	example_sign(v->whole, v->size);
	example_store(v->fd, v->whole, v->size);
	assert_ok(example_read(v->path));            /* so what is refused below is refused for its damage */
}

static void victim_free(struct victim *v)
{
	close(v->fd);
	unlink(v->path);
	free(v->whole);
	free(v->bytes);
}

static enum case_result try(struct victim *v, size_t size)
{
	example_sign(v->bytes, size);
	example_store(v->fd, v->bytes, size);
	if (example_read(v->path) == 0)
		return CASE_READ;
	const bool explained = err_text()[0] && err_code() < 0;
	err_clear();
	return explained ? CASE_REFUSED : CASE_WRONG;
}

/* 1 to 16 bytes from some place on, 70 % of them in the first 4 KiB of the HDF5 part. */
static enum case_result some_bytes(void *arg, long number)
{
	struct victim *v = arg;
	struct rng r = rng_stream(SEED, v->name, (uint32_t)number, 0, 0);
	const size_t body = v->size - 512, near = body < 4096 ? body : 4096;
	const size_t n = 1 + rng_below(&r, 16);
	const size_t at = 512 + rng_below(&r, (uint32_t)(rng_below(&r, 10) < 7 ? near : body));

	memcpy(v->bytes, v->whole, v->size);
	for (size_t i = at; i < at + n && i < v->size; i++)
		v->bytes[i] = (unsigned char)rng_below(&r, 256);
	return try(v, v->size);
}

static enum case_result cut_off(void *arg, long number)
{
	struct victim *v = arg;
	struct rng r = rng_stream(SEED, v->name, (uint32_t)number, 1, 0);

	memcpy(v->bytes, v->whole, v->size);
	return try(v, 513 + rng_below(&r, (uint32_t)(v->size - 513)));
}

static void every_schema(case_fn *fn, long n, int begin, const char *row, const char *fault, const char *how)
{
	long runs = 0, bad = 0;

	for (int i = 0; h5_schema_table[i]; i++) {
		struct victim v;
		struct cases c;

		victim_new(&v, h5_schema_table[i]);
		c = cases_run(fn, &v, 0, n);
		print_message("%s, %s: %zu bytes: %ld refused, %ld read, %ld died, %ld without a message\n", v.name, fault, v.size,
		              c.result[CASE_REFUSED], c.result[CASE_READ], c.died, c.result[CASE_WRONG]);
		if (c.died || c.result[CASE_WRONG])
			print_error("%s: first death: %ld, first without a message: %ld\n", v.name, c.first_dead, c.first_wrong);
		runs += n;
		bad += c.died + c.result[CASE_WRONG];
		victim_free(&v);
	}
	reliability_line("damage", begin, row, fault, how, runs, bad, SEED);
	assert_int_equal(bad, 0);
}

static void damaged_bytes_under_a_right_digest_end_no_reader(void **state)
{
	(void)state;
	every_schema(some_bytes, count_of(100, 1000), 1, "7b", "1 to 16 bytes of HDF5, digest computed again", "every schema, read in full");
}

static void files_cut_off_under_a_right_digest_end_no_reader(void **state)
{
	(void)state;
	every_schema(cut_off, count_of(20, 200), 0, "7c", "HDF5 cut off, length and digest computed again", "every schema, read in full");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_bytes_under_a_right_digest_end_no_reader),
		cmocka_unit_test(files_cut_off_under_a_right_digest_end_no_reader),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
