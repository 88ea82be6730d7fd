#include "tests/bench/bench.h"

#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include "base/cpu.h"
#include "base/die.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/tempfile.h"
#include "tensor/backend.h"

enum { MAX_REPEATS = 101 };
static const double shortest = 2e-3, longest = 3;        /* seconds of one timing, of all timings of a thing */

/* ---- options ---------------------------------------------------------------------------------- */

static void usage(const char *name, const char *summary, const struct opt *const table[2])
{
	printf("bench_%s: %s\n\n", name, summary);
	for (int i = 0; i < 2; i++)
		if (table[i])
			opt_help(table[i], true, stdout);
	exit(0);
}

/* Processor seconds since the machine started, of proc(5): those of all its programs (user, nice, system), and
 * those that a virtual machine's host gave to others (steal). */
static double machine_seconds(double *stolen)
{
	double tick[8] = { 0 }, per_second = (double)sysconf(_SC_CLK_TCK);
	FILE *f = fopen("/proc/stat", "r");
	if (f && fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &tick[0], &tick[1], &tick[2], &tick[3], &tick[4], &tick[5],
	                &tick[6], &tick[7]) < 3)
		memset(tick, 0, sizeof tick);
	if (f)
		fclose(f);
	*stolen = tick[7] / per_second;
	return (tick[0] + tick[1] + tick[2]) / per_second;
}

/* Of this program and of children that have ended. */
static double own_seconds(void)
{
	double sum = 0;
	for (int i = 0; i < 2; i++) {
		struct rusage u;
		getrusage(i ? RUSAGE_CHILDREN : RUSAGE_SELF, &u);
		sum += (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + 1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
	}
	return sum;
}

void bench_begin(struct bench *b, int argc, char **argv, const char *name, const char *summary, const struct opt *more)
{
	*b = (struct bench){ .mem = arena_new(), .repeats = 5, .only = "", .out = "results/bench" };
	const struct opt common[] = {
		OPT_EXEC_LONG("repeats", &b->repeats, 1, MAX_REPEATS, "timed runs of each thing; their median counts"),
		OPT_EXEC_FLAG("tiny", &b->tiny, "small shapes: shows that it works, measures nothing"),
		OPT_EXEC_TEXT("only", &b->only, "only cases whose name has this text in it; writes no file"),
		OPT_EXEC_TEXT("out", &b->out, "folder of the tables"),
		OPT_END
	};
	const struct opt *const table[] = { common, more };
	die_set_program(arena_printf(b->mem, "bench_%s", name));
	for (int i = 1; i < argc; i++) {
		const char *word = strncmp(argv[i], "--", 2) ? "" : argv[i] + 2;
		if (!strcmp(word, "help"))
			usage(name, summary, table);
		const struct opt *o = opt_find(common, word);
		if (!o && !(o = opt_find(more, word)))
			die(-ERR_USAGE, "%s: there is no such option; --help lists all", argv[i]);
		die_on(opt_set(o, o->kind == OPT_KIND_FLAG || i + 1 == argc ? NULL : argv[++i]));
	}
	if (!backend_find("cpu"))
		die_on(err_code());
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("%s on %s, %d processors: %s\n", name, cpu_model(), pool_cpus(), backend_engine());
	b->begin = clock_seconds();
	b->busy = machine_seconds(&b->stolen) - own_seconds();
}

int bench_end(struct bench *b)
{
	double wall = clock_seconds() - b->begin, stolen, others = machine_seconds(&stolen) - own_seconds() - b->busy;
	printf("\nother programs kept %.2f processors busy meanwhile, the host %.2f\n", others > 0 ? others / wall : 0,
	       (stolen - b->stolen) / wall);
	arena_free(b->mem);
	return 0;
}

bool bench_wanted(const struct bench *b, const char *format, ...)
{
	char name[256];
	va_list ap;
	va_start(ap, format);
	vsnprintf(name, sizeof name, format, ap);
	va_end(ap);
	return strstr(name, b->only) != NULL;
}

/* ---- times ------------------------------------------------------------------------------------ */

double bench_median(int64_t n, double *x)
{
	if (n < 1)
		return NAN;
	gsl_sort(x, 1, (size_t)n);
	return gsl_stats_median_from_sorted_data(x, 1, (size_t)n);
}

static double timed(void (*fn)(void *arg), void *arg, int64_t runs)
{
	double begin = clock_seconds();
	for (int64_t i = 0; i < runs; i++)
		fn(arg);
	return (clock_seconds() - begin) / (double)runs;
}

double bench_seconds(const struct bench *b, void (*fn)(void *arg), void *arg)
{
	double took[MAX_REPEATS], once = timed(fn, arg, 1), end = clock_seconds() + longest;
	int64_t runs = once < shortest ? 1 + (int64_t)(shortest / (once + 1e-9)) : 1, n = 0;
	if (b->tiny)
		runs = 1;
	if (once > longest)
		return once;
	do
		took[n++] = timed(fn, arg, runs);
	while (n < b->repeats && clock_seconds() < end);
	return bench_median(n, took);
}

double bench_program(const char *const *argv)
{
	posix_spawn_file_actions_t silent;
	pid_t child;
	int status;
	fflush(stdout);
	posix_spawn_file_actions_init(&silent);
	posix_spawn_file_actions_addopen(&silent, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	double begin = clock_seconds();
	if (posix_spawn(&child, argv[0], &silent, NULL, (char *const *)argv, environ))
		die_on(err_system(ERR_NOINPUT, argv[0], "start"));
	if (waitpid(child, &status, 0) != child)
		die_on(err_system(ERR_INTERNAL, argv[0], "wait for"));
	double took = clock_seconds() - begin;
	posix_spawn_file_actions_destroy(&silent);
	if (status)
		die(-ERR_INTERNAL, "%s: failed", argv[0]);
	return took;
}

float *bench_floats(const struct bench *b, int64_t count)
{
	float *x = arena_raw(b->mem, (size_t)count, sizeof *x);
	for (int64_t i = 0; i < count; i++)
		x[i] = (float)(i * 7919 % 1009 - 504) / 505;
	return x;
}

/* ---- tables ----------------------------------------------------------------------------------- */

struct bench_table {
	const struct bench *b;
	const char *name;
	const struct bench_column *column;
	FILE *file;                      /* the .tsv, in memory until it is whole */
	char *text;
	size_t size;
	bool empty;
};

static int width(const struct bench_column *c)
{
	int name = (int)strlen(c->name);
	return c->width > name ? c->width : name;
}

struct bench_table *bench_table(const struct bench *b, const char *name, const struct bench_column *columns)
{
	struct bench_table *t = ARENA_NEW(b->mem, struct bench_table, 1);
	t->b = b;
	t->name = name;
	t->column = columns;
	t->file = open_memstream(&t->text, &t->size);
	if (!t->file)
		die(-ERR_INTERNAL, "out of memory");
	t->empty = true;
	return t;
}

static void heading(struct bench_table *t)
{
	putchar('\n');
	for (const struct bench_column *c = t->column; c->name; c++) {
		printf("%s%*s", c == t->column ? "" : "  ", c->digits < 0 ? -width(c) : width(c), c->name);
		fprintf(t->file, "%s%s", c == t->column ? "" : "\t", c->name);
	}
	putchar('\n');
	fputc('\n', t->file);
	t->empty = false;
}

void bench_row(struct bench_table *t, ...)
{
	va_list ap;
	if (t->empty)
		heading(t);
	va_start(ap, t);
	for (const struct bench_column *c = t->column; c->name; c++) {
		fputs(c == t->column ? "" : "  ", stdout);
		fputs(c == t->column ? "" : "\t", t->file);
		if (c->digits < 0) {
			const char *text = va_arg(ap, const char *);
			printf("%-*s", width(c), text);
			fputs(text, t->file);
			continue;
		}
		double x = va_arg(ap, double);
		if (isnan(x))
			printf("%*s", width(c), "-");
		else
			printf("%*.*f", width(c), c->digits, x);
		fprintf(t->file, isnan(x) ? "NaN" : "%.6g", x);
	}
	va_end(ap);
	putchar('\n');
	fputc('\n', t->file);
}

void bench_table_close(struct bench_table *t)
{
	if (fclose(t->file))
		die(-ERR_INTERNAL, "out of memory");
	if (!*t->b->only)
		die_on(tempfile_write_text(arena_printf(t->b->mem, "%s/%s.tsv", t->b->out, t->name), t->text));
	free(t->text);
	t->text = NULL;
}
