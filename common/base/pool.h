/* A small thread pool.  Work is a numbered set of independent tasks; threads take the next number.
 *
 * The calling thread works too, so a pool of n threads starts n - 1.  Waiting threads spin for 20 us
 * at most, then sleep: a busy neighbour costs no more than the core it takes.
 * Results must not depend on which thread ran a task; `worker` (0 .. threads-1) is for scratch only. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdint.h>

struct pool;
typedef void pool_fn(void *arg, int64_t task, int worker);

/* n = 0: the size of the affinity mask.  Threads that cannot be started are done without. */
struct pool *pool_new(int n);
void pool_free(struct pool *p);
int pool_threads(const struct pool *p);

/* Runs fn(arg, 0 .. tasks-1), returns when all are done.  Not reentrant. */
void pool_run(struct pool *p, int64_t tasks, pool_fn *fn, void *arg);

/* Background work, one set at a time: workers that would wait in pool_run take tasks of it instead.
 * pool_background returns at once; `arg` must live until pool_finish returns, which helps with what is left.
 * Background tasks must be short (one image) and never call pool_run. */
void pool_background(struct pool *p, int64_t tasks, pool_fn *fn, void *arg);
void pool_finish(struct pool *p);

int pool_cpus(void);   /* processors in the affinity mask */

#endif
