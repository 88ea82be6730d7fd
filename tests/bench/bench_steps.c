/* Steps of the supernet and of a network of DARTS: images per second of training and evaluation, where the time goes, how far a step is
 * from its matrix products, and what two threads or a busy neighbour make of it.
 *
 *   steps.tsv       every case
 *   operators.tsv   time per kind of operator of a training step
 *   gemms.tsv       a step against its matrix products alone
 *   threads.tsv     two threads over one, and with one busy process beside them, as a pure sgemm and copies have it
 */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/die.h"
#include "base/err.h"
#include "base/log.h"
#include "nn/op.h"
#include "tests/bench/bench.h"
#include "tests/bench/gemms.h"
#include "tests/bench/supernet.h"

enum { ALL_THREADS = 2 };

static int64_t side(const struct bench *b) { return b->tiny ? 8 : 32; }
static int64_t size(const struct bench *b, int64_t batch) { return b->tiny ? batch / 8 : batch; }

/* ---- the work that is timed: once through a set of paths ------------------------------------------ */

struct work { struct supernet net; const struct path_set *set; struct supernet_path path[12]; };

static void train(void *arg)
{
	struct work *w = arg;
	for (int i = 0; i < w->set->count; i++)
		supernet_train(&w->net, w->set->path[i]);
}

static void infer(void *arg)
{
	struct work *w = arg;
	for (int i = 0; i < w->set->count; i++)
		supernet_infer(&w->net, &w->path[i]);
}

static void calibrate(void *arg)
{
	struct work *w = arg;
	for (int i = 0; i < w->set->count; i++)
		supernet_calibrate(&w->net, &w->path[i]);
}

static void prepare_paths(struct work *w)
{
	for (int i = 0; i < w->set->count; i++)
		w->path[i] = supernet_path(&w->net, w->set->path[i]);
}

/* Images per second. */
static double pace(const struct bench *b, struct work *w, void (*fn)(void *arg))
{
	return (double)(w->net.rows * w->set->count) / bench_seconds(b, fn, w);
}

/* ---- every case ------------------------------------------------------------------------------- */

static const struct bench_column steps_columns[] = {
	BENCH_TEXT("mode", 9), BENCH_TEXT("objective", 12), BENCH_TEXT("paths", 8), { "batch", 0, 0 }, { "threads", 0, 0 },
	{ "images_per_s", 0, 1 }, { "ms_per_step", 0, 2 }, { 0 }
};

static void steps(const struct bench *b)
{
	static const struct { const char *name; void (*fn)(void *arg); } mode[] = {
		{ "train", train }, { "infer", infer }, { "calibrate", calibrate },
	};
	static const struct { const char *objective; int64_t threads; } run[] = {
		{ "crossentropy", 2 }, { "crossentropy", 1 }, { "ntxent", 2 }, { "ntxent", 1 },
	};
	struct bench_table *t = bench_table(b, "steps", steps_columns);
	for (int r = 0; r < (b->tiny ? 1 : 4); r++)
		for (int64_t batch = 64; batch <= (b->tiny ? 64 : 128); batch += 64) {
			struct work w;
			for (w.set = path_sets; w.set->name; w.set++) {
				bool open = false;
				for (int m = 0; m < 3; m++) {
					/* what says nothing new is left out: it would take minutes */
					bool skip = (m == 2 ? r > 0 : r == 3 && (w.set == path_sets || batch > 64)) ||
					            (strcmp(w.set->space, "macro") && (r > 1 || batch > 64));
					if (skip || !bench_wanted(b, "steps %s %s %s batch %d threads %d", mode[m].name, run[r].objective,
					                          w.set->name, (int)batch, (int)run[r].threads))
						continue;
					if (!open)
						supernet_open(&w.net, w.set, run[r].objective, side(b), size(b, batch), run[r].threads);
					open = true;
					if (m)
						prepare_paths(&w);
					double rate = pace(b, &w, mode[m].fn);
					bench_row(t, mode[m].name, run[r].objective, w.set->name, (double)size(b, batch),
					          (double)run[r].threads, rate, 1e3 * (double)w.net.rows / rate);
				}
				if (open)
					supernet_close(&w.net);
			}
		}
	bench_table_close(t);
}

/* ---- where the time goes ------------------------------------------------------------------------ */

struct spent { const char *name; double seconds[2]; };       /* forward, backward */
struct watch { struct spent op[64]; int count; double begin, all; };

static void watch(void *arg, const struct nn_node *n, bool backward, bool after)
{
	struct watch *w = arg;
	if (!after) {
		w->begin = clock_seconds();
		return;
	}
	double took = clock_seconds() - w->begin;
	int k = 0;
	while (k < w->count && strcmp(w->op[k].name, n->op->name))
		k++;
	if (k == w->count)
		w->op[w->count++].name = n->op->name;
	w->op[k].seconds[backward] += took;
}

static int by_time(const void *a, const void *b)
{
	const struct spent *x = a, *y = b;
	double p = x->seconds[0] + x->seconds[1], q = y->seconds[0] + y->seconds[1];
	return (p < q) - (p > q);
}

static void operators(const struct bench *b)
{
	static const struct bench_column columns[] = {
		BENCH_TEXT("paths", 8), BENCH_TEXT("operator", 14), { "forward_ms", 0, 2 }, { "backward_ms", 0, 2 },
		{ "percent", 0, 1 }, { 0 }
	};
	struct bench_table *t = bench_table(b, "operators", columns);
	for (const struct path_set *set = path_sets; set->name; set++) {
		if (!bench_wanted(b, "operators %s", set->name))
			continue;
		struct work w = { .set = set };
		struct watch seen = { 0 };
		supernet_open(&w.net, set, "crossentropy", side(b), size(b, 64), ALL_THREADS);
		train(&w);
		w.net.training.ctx->watch = watch;
		w.net.training.ctx->watch_arg = &seen;
		int64_t steps_ = 0;
		for (int64_t i = 0; i < (set->count > 1 ? 1 : b->repeats); i++, steps_ += set->count) {
			double begin = clock_seconds();
			train(&w);
			seen.all += clock_seconds() - begin;
		}
		double rest = seen.all, per = 1e3 / (double)steps_;
		qsort(seen.op, (size_t)seen.count, sizeof *seen.op, by_time);
		for (int i = 0; i < seen.count; i++) {
			const struct spent *s = &seen.op[i];
			double both = s->seconds[0] + s->seconds[1];
			rest -= both;
			bench_row(t, set->name, s->name, per * s->seconds[0], per * s->seconds[1], 100 * both / seen.all);
		}
		/* graph, memory plan, loss, optimiser */
		bench_row(t, set->name, "outside", per * rest, NAN, 100 * rest / seen.all);
		supernet_close(&w.net);
	}
	bench_table_close(t);
}

/* ---- a step against its matrix products ----------------------------------------------------------- */

struct products { struct gemms *gemms; struct pool *pool; };

static void multiply(void *arg)
{
	const struct products *p = arg;
	gemms_run(p->gemms, p->pool);
}

static void gemms(const struct bench *b)
{
	static const struct bench_column columns[] = {
		BENCH_TEXT("mode", 6), BENCH_TEXT("paths", 8), { "threads", 0, 0 }, { "step_ms", 0, 1 }, { "gemms_ms", 0, 1 },
		{ "gemms_gflops", 0, 1 }, { "step_over_gemms", 0, 2 }, { 0 }
	};
	struct bench_table *t = bench_table(b, "gemms", columns);
	for (const struct path_set *set = path_sets + 1; set->name; set++)
		for (int64_t threads = ALL_THREADS; threads > 0; threads--)
			for (int training = 1; training >= 0; training--) {
				const char *mode = training ? "train" : "infer";
				if (!bench_wanted(b, "gemms %s %s threads %d", mode, set->name, (int)threads))
					continue;
				struct work w = { .set = set };
				struct arena_mark mark = arena_mark(b->mem);
				supernet_open(&w.net, set, "crossentropy", side(b), size(b, 64), threads);
				prepare_paths(&w);
				struct products p = { gemms_new(b, w.path[0].graph, w.net.rows, training), w.net.training.pool };
				double step = bench_seconds(b, training ? train : infer, &w), alone = bench_seconds(b, multiply, &p);
				bench_row(t, mode, set->name, (double)threads, 1e3 * step, 1e3 * alone, 1e-9 * gemms_flops(p.gemms) / alone,
				          step / alone);
				supernet_close(&w.net);
				arena_rewind(b->mem, mark);
			}
	bench_table_close(t);
}

/* ---- threads and neighbours ----------------------------------------------------------------------- */

/* What a machine can do with two threads: products that stay in the caches, and copies that do not.  Tasks of `floats`
 * each, in and out. */
struct load { struct pool *pool; int64_t floats, tasks; const float *in; float *out; void (*task)(void *arg, int64_t task, int worker); };

static void product_task(void *arg, int64_t task, int worker)
{
	const struct load *l = arg;
	int64_t n = (int64_t)sqrt((double)l->floats);
	(void)worker;
	backend_find("cpu")->gemm(false, false, n, n, n, l->in, n, l->in, n, 0, l->out + task * l->floats, n);
}

static void copy_task(void *arg, int64_t task, int worker)
{
	const struct load *l = arg;
	(void)worker;
	memcpy(l->out + task * l->floats, l->in + task * l->floats, (size_t)l->floats * sizeof(float));
}

static void tasks(void *arg)
{
	struct load *l = arg;
	pool_run(l->pool, l->tasks, l->task, l);
}

static const struct reference { const char *name; void (*task)(void *arg, int64_t task, int worker); int64_t floats; } references[] = {
	{ "sgemm", product_task, 768 * 768 }, { "copy", copy_task, 4 << 20 },
};
enum { REFERENCES = sizeof references / sizeof *references };

/* Work per second of some threads. */
static double reference_pace(const struct bench *b, const struct reference *r, int threads)
{
	struct arena_mark mark = arena_mark(b->mem);
	struct load l = { .pool = pool_new(threads), .floats = b->tiny ? 4096 : r->floats, .tasks = 8, .task = r->task };
	l.in = bench_floats(b, l.tasks * l.floats);
	l.out = bench_floats(b, l.tasks * l.floats);
	double took = bench_seconds(b, tasks, &l);
	pool_free(l.pool);
	arena_rewind(b->mem, mark);
	return 1 / took;
}

static double train_pace(const struct bench *b, const struct path_set *set, int64_t threads)
{
	struct work w = { .set = set };
	supernet_open(&w.net, set, "crossentropy", side(b), size(b, 64), threads);
	double rate = pace(b, &w, train);
	supernet_close(&w.net);
	return rate;
}

/* A process that computes until it is told to stop. */
static pid_t neighbour_begin(void)
{
	pid_t child = fork();
	if (child < 0)
		die_on(err_system(ERR_INTERNAL, "fork", "start a process"));
	if (!child)
		for (volatile uint64_t i = 0; ; i++)
			;
	return child;
}

/* Ends it; the seconds of processor time that it had. */
static double neighbour_end(pid_t child)
{
	struct rusage used;
	kill(child, SIGKILL);
	if (wait4(child, NULL, 0, &used) != child)
		die_on(err_system(ERR_INTERNAL, "wait", "wait for a process"));
	return (double)used.ru_utime.tv_sec + 1e-6 * (double)used.ru_utime.tv_usec;
}

/* Of training paths, or of a reference. */
static void scaling(const struct bench *b, struct bench_table *t, const struct path_set *set, const struct reference *r)
{
	double rate[3];          /* one thread, two, two beside a neighbour */
	for (int i = 0; i < 2; i++)
		rate[i] = set ? train_pace(b, set, i + 1) : reference_pace(b, r, i + 1);
	pid_t child = neighbour_begin();
	double begin = clock_seconds();
	rate[2] = set ? train_pace(b, set, 2) : reference_pace(b, r, 2);
	double wall = clock_seconds() - begin, taken = neighbour_end(child) / wall;
	bench_row(t, set ? set->name : r->name, rate[1] / rate[0], rate[2] / rate[1], (pool_cpus() - taken) / pool_cpus());
}

static void threads(const struct bench *b)
{
	static const struct bench_column columns[] = {
		BENCH_TEXT("what", 14), { "two_over_one", 0, 3 }, { "with_neighbour", 0, 3 }, { "cores_left", 0, 3 }, { 0 }
	};
	if (!bench_wanted(b, "scaling"))
		return;
	struct bench_table *t = bench_table(b, "threads", columns);
	for (const struct path_set *set = path_sets; set->name; set++)
		scaling(b, t, set, NULL);
	for (int i = 0; i < REFERENCES; i++)
		scaling(b, t, NULL, &references[i]);
	bench_table_close(t);
}

int main(int argc, char **argv)
{
	struct bench b;
	bench_begin(&b, argc, argv, "steps", "training and evaluation of the supernet", NULL);
	steps(&b);
	operators(&b);
	gemms(&b);
	threads(&b);
	return bench_end(&b);
}
