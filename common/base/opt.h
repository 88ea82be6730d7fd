/* Options as a table: parsed, range-checked, printed as help, and recorded as provenance.
 *
 *   --name VALUE or --name=VALUE; flags take no value.
 *
 * An option is *recorded* when it changes results and *execution* when it does not (threads, paths,
 * log).  Only recorded ones enter a recipe.  Defaults are what the targets hold before parsing. */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stddef.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdint.h>

enum opt_kind { OPT_KIND_LONG, OPT_KIND_REAL, OPT_KIND_TEXT, OPT_KIND_FLAG, OPT_KIND_COUNT };

struct opt {
	const char *name;
	enum opt_kind kind;
	void *target;            /* int64_t, double, const char *, bool */
	double min, max;         /* inclusive range of numbers */
	const char *(*names)(int i);  /* TEXT: allowed words, i-th or NULL at the end; NULL = any text */
	bool execution;          /* true: does not change results, not recorded */
	const char *help;
};

#define OPT_LONG(n, t, lo, hi, h) { .name = n, .kind = OPT_KIND_LONG, .target = t, .min = lo, .max = hi, .help = h }
#define OPT_REAL(n, t, lo, hi, h) { .name = n, .kind = OPT_KIND_REAL, .target = t, .min = lo, .max = hi, .help = h }
#define OPT_TEXT(n, t, h)         { .name = n, .kind = OPT_KIND_TEXT, .target = t, .help = h }
#define OPT_WORD(n, t, w, h)      { .name = n, .kind = OPT_KIND_TEXT, .target = t, .names = w, .help = h }
#define OPT_FLAG(n, t, h)         { .name = n, .kind = OPT_KIND_FLAG, .target = t, .help = h }
/* 60M, 2.5G, 1500 or 0 = no limit; an int64_t */
#define OPT_COUNT(n, t, h)        { .name = n, .kind = OPT_KIND_COUNT, .target = t, .min = 0, .max = 9e15, .help = h }
/* the same, but not recorded */
#define OPT_EXEC_LONG(n, t, lo, hi, h) { .name = n, .kind = OPT_KIND_LONG, .target = t, .min = lo, .max = hi, .execution = true, .help = h }
#define OPT_EXEC_TEXT(n, t, h)    { .name = n, .kind = OPT_KIND_TEXT, .target = t, .execution = true, .help = h }
#define OPT_EXEC_WORD(n, t, w, h) { .name = n, .kind = OPT_KIND_TEXT, .target = t, .names = w, .execution = true, .help = h }
#define OPT_EXEC_FLAG(n, t, h)    { .name = n, .kind = OPT_KIND_FLAG, .target = t, .execution = true, .help = h }
#define OPT_END                   { .name = NULL }

/* Sets one option of a NULL-named-terminated table from text.  ERR_USAGE on a bad value (the message
 * names the option, what was found and what is allowed). */
int opt_set(const struct opt *o, const char *value);
const struct opt *opt_find(const struct opt *table, const char *name);   /* NULL if none */

/* The last value that a command line gives an option, or NULL: for an option on which the defaults of others
 * depend.  Checks nothing. */
const char *opt_peek(int argc, char **argv, const char *name);

/* The value as canonical text ("0.05", "yes", "tpe"); shortest decimal that reads back the same.
 * Locale-independent, as is parsing. */
void opt_value(const struct opt *o, char *text, size_t size);

/* Two columns, 110 characters at most: a name, and the words of a text, `end` behind the last one; returns the
 * column after them, without the end of the line. */
int opt_help_line(const char *name, const char *text, const char *end, FILE *out);

/* Such lines, defaults shown; the execution options of the table, or the recorded ones. */
void opt_help(const struct opt *table, bool execution, FILE *out);

#endif
