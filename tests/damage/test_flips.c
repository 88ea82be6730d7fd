/* One bit of a file turned over, anywhere: the reader refuses the file.  The example files are made from the
 * schemas; `test_flips FILE...` does the same to files of a real run (make soak). */
#include "tests/harness.h"

#include "base/rng.h"
#include "tests/damage/children.h"
#include "tests/damage/example.h"
#include "tests/reliability.h"

enum { SEED = 1, NEAR = 64 << 10 };

static char folder[64];

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

struct victim { char path[128]; unsigned char *bytes; size_t size; int fd; };

static void put_byte(const struct victim *v, size_t at, unsigned char value)
{
	if (pwrite(v->fd, &value, 1, (off_t)at) != 1)
		abort();
}

static enum case_result flip(const struct victim *v, size_t at, int bit)
{
	struct h5_file *f;
	int code;

	put_byte(v, at, (unsigned char)(v->bytes[at] ^ 1 << bit));
	code = h5_open(&f, v->path, NULL);
	h5_close(f);
	put_byte(v, at, v->bytes[at]);
	const bool explained = code < 0 && strstr(err_text(), v->path);
	err_clear();
	return code == 0 ? CASE_READ : explained ? CASE_REFUSED : CASE_WRONG;
}

static enum case_result near(void *arg, long number)
{
	return flip(arg, (size_t)number / 8, (int)(number % 8));
}

/* Beyond the first 64 KiB, or anywhere in a file that is shorter. */
static enum case_result anywhere(void *arg, long number)
{
	const struct victim *v = arg;
	struct rng r = rng_stream(SEED, v->path, (uint32_t)number, 0, 0);
	const size_t from = v->size > 2 * NEAR ? NEAR : 0;

	return flip(v, from + rng_below(&r, (uint32_t)(v->size - from)), (int)rng_below(&r, 8));
}

static struct cases flips, randoms;

static void add(struct cases *sum, const struct cases *c, const char *name)
{
	if (c->died || c->result[CASE_WRONG] || c->result[CASE_READ])
		print_error("%s: %ld died (first: %ld), %ld undetected, %ld without a message (first: %ld)\n", name, c->died,
		            c->first_dead, c->result[CASE_READ], c->result[CASE_WRONG], c->first_wrong);
	sum->died += c->died;
	for (int i = 0; i < CASE_RESULTS; i++)
		sum->result[i] += c->result[i];
}

static void flip_file(const char *name)
{
	struct victim v = { .bytes = malloc(EXAMPLE_ROOM) };
	struct cases c;
	long bits;

	snprintf(v.path, sizeof v.path, "%s/victim.h5", folder);
	v.size = example_load(name, v.bytes);
	assert_in_range(v.size, 512, EXAMPLE_ROOM - 1);
	v.fd = open(v.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	example_store(v.fd, v.bytes, v.size);
	assert_ok(example_read(v.path));
	bits = 8 * (long)(v.size < NEAR ? v.size : NEAR);
	c = cases_run(near, &v, 0, count_of(bits < 6000 ? bits : 6000, bits));
	add(&flips, &c, name);
	c = cases_run(anywhere, &v, 0, count_of(1000, 10000));
	add(&randoms, &c, name);
	close(v.fd);
	unlink(v.path);
	free(v.bytes);
}

static void finish(const char *report, const char *what)
{
	const long n = flips.result[CASE_REFUSED] + flips.result[CASE_READ] + flips.result[CASE_WRONG] + flips.died;
	const long m = randoms.result[CASE_REFUSED] + randoms.result[CASE_READ] + randoms.result[CASE_WRONG] + randoms.died;
	const long bad = n - flips.result[CASE_REFUSED], worse = m - randoms.result[CASE_REFUSED];

	print_message("%ld single bits from the start on, %ld anywhere: %ld violations\n", n, m, bad + worse);
	reliability_line(report, 1, "7a", soaking() ? "every bit of the first 64 KiB turned over" : "every bit of the first 750 bytes turned over",
	                 what, n, bad, SEED);
	reliability_line(report, 0, "7a", "random bit turned over, beyond 64 KiB where there is a beyond", what, m, worse, SEED);
	assert_int_equal(bad + worse, 0);
}

static void every_bit_that_is_turned_over_is_found(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/example.h5", folder);
	for (int i = 0; h5_schema_table[i]; i++) {
		assert_ok(example_write(path, h5_schema_table[i]));
		flip_file(path);
		unlink(path);
	}
	finish("flips", "an example of every schema");
}

static char **files;

static void every_bit_of_these_files_that_is_turned_over_is_found(void **state)
{
	(void)state;
	for (; *files; files++)
		flip_file(*files);
	finish("flips-run", "files of a run");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest examples[] = { cmocka_unit_test(every_bit_that_is_turned_over_is_found) };
	const struct CMUnitTest given[] = { cmocka_unit_test(every_bit_of_these_files_that_is_turned_over_is_found) };

	files = argv + 1;
	return argc > 1 ? cmocka_run_group_tests(given, set_up, tear_down) : cmocka_run_group_tests(examples, set_up, tear_down);
}
