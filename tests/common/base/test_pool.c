/* The pool runs each task exactly once, whatever the number of threads, and loses no wake-up. */
#include "tests/harness.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/pool.h"

struct tally { _Atomic int runs[4096]; _Atomic int bad_worker; int threads, pause; };

static void count_task(void *arg, int64_t task, int worker)
{
	struct tally *t = arg;

	atomic_fetch_add(&t->runs[task], 1);
	if (worker < 0 || worker >= t->threads)
		atomic_store(&t->bad_worker, 1);
	if (t->pause)
		usleep((unsigned int)t->pause);
}

static void expect_runs(struct tally *t, int tasks, int each)
{
	int i;

	for (i = 0; i < 4096; i++)
		assert_int_equal(t->runs[i], i < tasks ? each : 0);
	assert_int_equal(t->bad_worker, 0);
}

static void each_task_runs_once_for_every_size(void **state)
{
	static const int sizes[] = { 0, 1, 2, 3, 7, 100, 4096 };
	int threads, i;

	(void)state;
	for (threads = 1; threads <= 5; threads++) {
		struct pool *p = pool_new(threads);

		assert_int_equal(pool_threads(p), threads);
		for (i = 0; i < 7; i++) {
			struct tally t = { .threads = threads };

			pool_run(p, sizes[i], count_task, &t);
			expect_runs(&t, sizes[i], 1);
		}
		pool_free(p);
	}
}

/* Thousands of short jobs, with and without pauses long enough for workers to fall asleep. */
static void many_short_jobs_lose_nothing(void **state)
{
	int threads, i;

	(void)state;
	for (threads = 2; threads <= 5; threads++) {
		struct tally t = { .threads = threads };
		struct pool *p = pool_new(threads);

		for (i = 0; i < 3000; i++) {
			pool_run(p, 3, count_task, &t);
			if (i % 50 == 0)
				usleep(100);
		}
		expect_runs(&t, 3, 3000);
		pool_free(p);
	}
}

static void background_tasks_run_once_beside_foreground_jobs(void **state)
{
	int threads, round, i;

	(void)state;
	for (threads = 1; threads <= 5; threads++) {
		struct pool *p = pool_new(threads);

		for (round = 0; round < 50; round++) {
			struct tally back = { .threads = threads, .pause = round % 5 ? 0 : 20 };
			struct tally front = { .threads = threads };

			pool_background(p, 64, count_task, &back);
			for (i = 0; i < 20; i++)
				pool_run(p, 8, count_task, &front);
			pool_finish(p);
			expect_runs(&back, 64, 1);
			expect_runs(&front, 8, 20);
		}
		pool_free(p);
	}
}

static void a_second_background_set_waits_for_the_first(void **state)
{
	struct tally t = { .threads = 3 };
	struct pool *p = pool_new(3);
	int i;

	(void)state;
	for (i = 0; i < 200; i++)
		pool_background(p, 16, count_task, &t);
	pool_finish(p);
	pool_finish(p);
	expect_runs(&t, 16, 200);
	pool_free(p);
}

static void freeing_a_pool_finishes_its_background_work(void **state)
{
	struct tally t = { .threads = 2, .pause = 10 };
	struct pool *p = pool_new(2);

	(void)state;
	pool_background(p, 100, count_task, &t);
	pool_free(p);
	expect_runs(&t, 100, 1);
	pool_free(NULL);
}

static void background_work_proceeds_while_the_caller_is_busy(void **state)
{
	struct tally t = { .threads = 2 };
	struct pool *p = pool_new(2);
	int i;

	(void)state;
	pool_background(p, 10, count_task, &t);
	for (i = 0; i < 5000 && !t.runs[9]; i++)
		usleep(1000);
	assert_int_equal(t.runs[9], 1);
	pool_finish(p);
	pool_free(p);
}

static void the_default_size_is_the_affinity_mask(void **state)
{
	struct pool *p = pool_new(0);

	(void)state;
	assert_int_equal(pool_threads(p), pool_cpus());
	assert_true(pool_cpus() >= 1);
	pool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_task_runs_once_for_every_size),
		cmocka_unit_test(many_short_jobs_lose_nothing),
		cmocka_unit_test(background_tasks_run_once_beside_foreground_jobs),
		cmocka_unit_test(a_second_background_set_waits_for_the_first),
		cmocka_unit_test(freeing_a_pool_finishes_its_background_work),
		cmocka_unit_test(background_work_proceeds_while_the_caller_is_busy),
		cmocka_unit_test(the_default_size_is_the_affinity_mask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
