/* What a report takes from logs and measurements: values worked out by hand. */
#include <sys/stat.h>
#include <unistd.h>

#include "stages/report/run.h"
#include "tests/harness.h"

static char folder[] = "/tmp/nasmill-report.XXXXXX";
static struct arena *mem;

static int setup(void **state)
{
	(void)state;
	mem = arena_new();
	if (!mkdtemp(folder))
		return -1;
	return mkdir(arena_printf(mem, "%s/log", folder), 0777) || mkdir(arena_printf(mem, "%s/measured", folder), 0777);
}

static int teardown(void **state)
{
	(void)state;
	char *command = arena_printf(mem, "rm -rf '%s'", folder);
	int code = system(command);
	arena_free(mem);
	return code;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(arena_printf(mem, "%s/%s", folder, name), "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static double seconds_of(const char *run)
{
	double seconds;
	assert_int_equal(run_seconds(run, mem, &seconds), 0);
	return seconds;
}

static double latency(void)
{
	double ms;
	assert_int_equal(run_latency(folder, mem, &ms), 0);
	return ms;
}

static void no_log_means_unknown_time(void **state)
{
	(void)state;
	assert_true(isnan(seconds_of(arena_printf(mem, "%s/nowhere", folder))));
	assert_true(isnan(latency()));
}

static void a_table_without_the_columns_means_unknown_latency(void **state)
{
	(void)state;
	put("measured/latency.tsv", "member\tmillis\n1\t2.5\n");
	assert_true(isnan(latency()));
	put("measured/latency.tsv", "member\tthreads\tlatency_ms\n1\n");
	assert_true(isnan(latency()));
}

/* a: 10 s; b: 12:00:05 to 12:00:20, of which 5 s beside a; after a pause c: 2.5 s, over midnight. */
static void stages_side_by_side_count_once_and_pauses_not_at_all(void **state)
{
	(void)state;
	put("log/a.log", "2026-01-31T12:00:00.000Z nas-a pid=7 start x=1\n"
	                 "2026-01-31T12:00:10.000Z nas-a pid=7 end seconds=10\n");
	put("log/b.log", "2026-01-31T12:00:05.000Z nas-b pid=8 start\n"
	                 "a line of something else\n"
	                 "2026-01-31T12:00:20.000Z nas-b pid=8 end seconds=15\n");
	put("log/c.log", "2026-01-31T23:59:59.000Z nas-c pid=9 start\n"
	                 "2026-02-01T00:00:01.500Z nas-c pid=9 end seconds=2.5\n");
	put("log/notes.txt", "2020-01-31T23:59:59.000Z nas-c pid=9 start\n");
	assert_near(seconds_of(folder), 22.5, 1e-6);
}

/* a was cut off after 4 s, went on for 10 s; b was made for 15 s and then again for 1 s. */
static void a_resumed_stage_counts_in_full_and_a_repeated_one_once(void **state)
{
	(void)state;
	put("log/a.log", "2026-01-31T12:00:00.000Z nas-a pid=7 start\n"
	                 "2026-01-31T12:00:04.000Z nas-a pid=7 train step=3\n"
	                 "2026-01-31T12:01:00.000Z nas-a pid=70 start\n"
	                 "2026-01-31T12:01:10.000Z nas-a pid=70 end seconds=10\n");
	put("log/b.log", "2026-01-31T13:00:00.000Z nas-b pid=8 start\n"
	                 "2026-01-31T13:00:15.000Z nas-b pid=8 end seconds=15\n"
	                 "2026-01-31T14:00:00.000Z nas-b pid=8 start\n"
	                 "2026-01-31T14:00:01.000Z nas-b pid=8 end seconds=1\n");
	put("log/c.log", "");
	assert_near(seconds_of(folder), 15, 1e-6);
}

static void latency_is_of_the_fewest_threads_and_of_all_members(void **state)
{
	(void)state;
	put("measured/latency.tsv", "member\tcode\tthreads\truns\tlatency_ms\tp10_ms\n"
	                            "1\t20\t2\t50\t0.5\t0.4\n"
	                            "1\t20\t1\t50\t0.75\t0.7\n"
	                            "2\t21\t1\t50\t1.5\t1.4\n"
	                            "all\t-\t1\t50\t2.25\t2.1\n");
	assert_near(latency(), 2.25, 1e-12);
	put("measured/latency.tsv", "something\telse\n1\t2\n");
	assert_true(isnan(latency()));
	put("measured/latency.tsv", "");
	assert_true(isnan(latency()));
}

/* A folder can be opened like a file, and not be read. */
static void what_cannot_be_read_is_an_error(void **state)
{
	(void)state;
	double x;
	assert_int_equal(mkdir(arena_printf(mem, "%s/log/d.log", folder), 0777), 0);
	assert_int_equal(run_seconds(folder, mem, &x), ERR_IO);
	assert_non_null(strstr(err_text(), "/log/d.log: "));
	assert_int_equal(rmdir(arena_printf(mem, "%s/log/d.log", folder)), 0);
	assert_int_equal(unlink(arena_printf(mem, "%s/measured/latency.tsv", folder)), 0);
	assert_int_equal(mkdir(arena_printf(mem, "%s/measured/latency.tsv", folder), 0777), 0);
	assert_int_equal(run_latency(folder, mem, &x), ERR_IO);
	assert_int_equal(rmdir(arena_printf(mem, "%s/measured/latency.tsv", folder)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_log_means_unknown_time),
		cmocka_unit_test(a_table_without_the_columns_means_unknown_latency),
		cmocka_unit_test(stages_side_by_side_count_once_and_pauses_not_at_all),
		cmocka_unit_test(a_resumed_stage_counts_in_full_and_a_repeated_one_once),
		cmocka_unit_test(latency_is_of_the_fewest_threads_and_of_all_members),
		cmocka_unit_test(what_cannot_be_read_is_an_error),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
