/* Thread pool.  Two jobs may be open, the one of pool_run and the background one; a free worker
 * prefers the first.
 *
 * A job's `state` is its number of workers inside, plus OPEN while tasks may be left.  A worker enters by
 * compare-and-swap, only while OPEN is set; whoever finds no task left clears OPEN; when state reaches 0
 * nobody is or can get inside, and the fields may be written again.
 *
 * Sleeping: a sleeper raises its flag, then looks for work once more, under the lock; a poster publishes
 * work, then looks at the flag.  Both in sequentially consistent order, so one of them sees the other. */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/err.h"
#include "base/log.h"

#define OPEN 0x40000000
#define SPIN_SECONDS 20e-6

struct job {
	_Alignas(64) _Atomic int64_t next;
	_Alignas(64) _Atomic int state;
	pool_fn *fn;
	void *arg;
	int64_t tasks;
};

struct pool {
	struct job front, back;
	_Alignas(64) _Atomic int sleepers;     /* workers asleep, or about to be */
	_Atomic int waiting;                   /* the caller sleeps until a job is empty */
	_Atomic bool quit;
	bool spin;                             /* pointless where threads share a processor */
	bool back_posted;
	int threads;
	pthread_mutex_t lock;
	pthread_cond_t work, idle;
	pthread_t *thread;
};

struct start { struct pool *pool; int worker; };

int pool_cpus(void)
{
	int size, count = 0;

	for (size = 1024; size <= 1 << 20 && !count; size *= 2) {
		cpu_set_t *set = CPU_ALLOC(size);

		if (!set)
			break;
		if (!sched_getaffinity(0, CPU_ALLOC_SIZE(size), set))
			count = CPU_COUNT_S(CPU_ALLOC_SIZE(size), set);
		CPU_FREE(set);
	}
	return count > 0 ? count : 1;
}

static void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static bool has_work(struct pool *p)
{
	return (atomic_load(&p->front.state) | atomic_load(&p->back.state)) & OPEN || atomic_load(&p->quit);
}

static bool is_empty(struct job *j)
{
	return !atomic_load(&j->state);
}

static bool enter(struct job *j)
{
	int state = atomic_load(&j->state);

	while (state & OPEN)
		if (atomic_compare_exchange_weak(&j->state, &state, state + 1))
			return true;
	return false;
}

static void leave(struct pool *p, struct job *j)
{
	if (atomic_fetch_sub(&j->state, 1) == 1 && atomic_load(&p->waiting)) {
		pthread_mutex_lock(&p->lock);
		pthread_cond_signal(&p->idle);
		pthread_mutex_unlock(&p->lock);
	}
}

/* Runs one task; false when none was left, and then the job is closed. */
static bool run_one(struct job *j, int worker)
{
	int64_t task = atomic_fetch_add_explicit(&j->next, 1, memory_order_relaxed);

	if (task >= j->tasks) {
		atomic_fetch_and(&j->state, ~OPEN);
		return false;
	}
	j->fn(j->arg, task, worker);
	return true;
}

static void work_on(struct pool *p, struct job *j, int worker)
{
	if (!enter(j))
		return;
	/* between two background tasks, look whether pool_run needs hands */
	while (run_one(j, worker) && !(j == &p->back && atomic_load(&p->front.state) & OPEN))
		;
	leave(p, j);
}

static void sleep_until_work(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	atomic_fetch_add(&p->sleepers, 1);
	while (!has_work(p))
		pthread_cond_wait(&p->work, &p->lock);
	atomic_fetch_sub(&p->sleepers, 1);
	pthread_mutex_unlock(&p->lock);
}

/* True as soon as ready(arg); false after SPIN_SECONDS, at once where spinning makes no sense. */
#define SPIN_UNTIL(p, ready) ({ \
	bool ready_ = (ready); \
	if (!ready_ && (p)->spin) { \
		double end_ = clock_seconds() + SPIN_SECONDS; \
		do { \
			for (int turn_ = 0; turn_ < 16 && !(ready_ = (ready)); turn_++) \
				relax(); \
		} while (!ready_ && clock_seconds() < end_); \
	} \
	ready_; })

static void *worker_main(void *arg)
{
	struct start s = *(struct start *)arg;
	struct pool *p = s.pool;

	free(arg);
	while (!atomic_load(&p->quit)) {
		if (!SPIN_UNTIL(p, has_work(p)))
			sleep_until_work(p);
		work_on(p, &p->front, s.worker);
		work_on(p, &p->back, s.worker);
	}
	return NULL;
}

struct pool *pool_new(int n)
{
	struct pool *p = aligned_alloc(64, sizeof *p);
	sigset_t all, before;
	int i;

	if (n <= 0)
		n = pool_cpus();
	if (p)
		*p = (struct pool){ .threads = 1, .spin = n <= pool_cpus() };
	if (!p || !(p->thread = calloc((size_t)n, sizeof *p->thread)))
		die(-ERR_INTERNAL, "out of memory for %d threads", n);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->idle, NULL);
	sigfillset(&all);                      /* signals are for the main thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (i = 1; i < n; i++) {
		struct start *s = malloc(sizeof *s);

		if (!s)
			break;
		*s = (struct start){ p, i };
		if (pthread_create(&p->thread[i], NULL, worker_main, s)) {
			free(s);
			break;
		}
		p->threads++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return p;
}

void pool_free(struct pool *p)
{
	int i;

	if (!p)
		return;
	pool_finish(p);
	pthread_mutex_lock(&p->lock);
	atomic_store(&p->quit, true);
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (i = 1; i < p->threads; i++)
		pthread_join(p->thread[i], NULL);
	pthread_cond_destroy(&p->idle);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p->thread);
	free(p);
}

int pool_threads(const struct pool *p)
{
	return p->threads;
}

/* Opens a job and wakes as many sleepers as it has use for. */
static void post(struct pool *p, struct job *j, int64_t tasks, pool_fn *fn, void *arg, int64_t helpers)
{
	int64_t wake;

	j->fn = fn;
	j->arg = arg;
	j->tasks = tasks;
	atomic_store_explicit(&j->next, 0, memory_order_relaxed);
	atomic_store(&j->state, OPEN);
	wake = atomic_load(&p->sleepers);
	if (wake > helpers)
		wake = helpers;
	if (wake <= 0)
		return;
	pthread_mutex_lock(&p->lock);
	while (wake--)
		pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

/* Takes part in a job, then waits until the last worker has left it. */
static void complete(struct pool *p, struct job *j)
{
	while (run_one(j, 0))
		;
	if (SPIN_UNTIL(p, is_empty(j)))
		return;
	pthread_mutex_lock(&p->lock);
	atomic_store(&p->waiting, 1);
	while (!is_empty(j))
		pthread_cond_wait(&p->idle, &p->lock);
	atomic_store(&p->waiting, 0);
	pthread_mutex_unlock(&p->lock);
}

void pool_run(struct pool *p, int64_t tasks, pool_fn *fn, void *arg)
{
	int64_t i;

	if (tasks <= 1 || p->threads == 1) {
		for (i = 0; i < tasks; i++)
			fn(arg, i, 0);
		return;
	}
	post(p, &p->front, tasks, fn, arg, tasks - 1);
	complete(p, &p->front);
}

void pool_background(struct pool *p, int64_t tasks, pool_fn *fn, void *arg)
{
	pool_finish(p);
	p->back_posted = true;
	post(p, &p->back, tasks, fn, arg, tasks);
}

void pool_finish(struct pool *p)
{
	if (!p->back_posted)
		return;
	complete(p, &p->back);
	p->back_posted = false;
}
