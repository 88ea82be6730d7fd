/* What the measuring programs share: options, medians, tables.
 *
 *   struct bench b;
 *   bench_begin(&b, argc, argv, "memory", "resident size of training steps", NULL);
 *   struct bench_table *t = bench_table(&b, "memory", columns);
 *   bench_row(t, "22222222", 64.0, ...);
 *   bench_table_close(t);                      results/bench/memory.tsv
 *   return bench_end(&b);
 *
 * Nothing is asserted about times: a slow machine is no failure.  Failures of the engine end the program. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/opt.h"

struct bench {
	struct arena *mem;
	int64_t repeats;                 /* timed runs of a thing; their median counts */
	bool tiny;                       /* small shapes: shows that the program works, measures nothing */
	const char *only;                /* cases whose name has this text in it; "" = all.  No file is written then */
	const char *out;                 /* folder of the tables */
	double begin, busy, stolen;      /* when it began: clock, processor seconds of others, of other machines */
};

/* Parses --repeats N, --tiny, --only TEXT, --out FOLDER and the options of `more` (may be NULL). */
void bench_begin(struct bench *b, int argc, char **argv, const char *name, const char *summary, const struct opt *more);
/* Says how many processors other programs, and a virtual machine's host, kept busy meanwhile: numbers want a
 * quiet machine.  Frees; returns 0. */
int bench_end(struct bench *b);
bool bench_wanted(const struct bench *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Seconds of fn(arg): the median of `repeats` runs after one that warms up.  Runs of less than 2 ms are timed
 * several at once; after 3 s no further run is begun, and a first run of more than 3 s is the only one. */
double bench_seconds(const struct bench *b, void (*fn)(void *arg), void *arg);
/* Seconds of a program (argv ends with NULL) from start to end; its output is thrown away.  One that fails ends
 * this one too. */
double bench_program(const char *const *argv);
double bench_median(int64_t n, double *x);               /* sorts x; NaN for n = 0 */

/* Floats between -1 and 1 that are no special numbers, 64-byte aligned, in b->mem. */
float *bench_floats(const struct bench *b, int64_t count);

/* A table: printed row by row, and written as a .tsv with a line of column names. */
struct bench_column { const char *name; int width, digits; };    /* digits < 0: text */
#define BENCH_TEXT(name, width) { name, width, -1 }
struct bench_table;
/* columns end with name == NULL */
struct bench_table *bench_table(const struct bench *b, const char *name, const struct bench_column *columns);
/* One argument per column: const char * for text, double for a number (NaN: there is none). */
void bench_row(struct bench_table *t, ...);
void bench_table_close(struct bench_table *t);

#endif
