/* What nas-inspect shows.  All print to standard output; errors as everywhere (base/err.h). */
#ifndef INSPECT_INSPECT_H
#define INSPECT_INSPECT_H

#include <stdint.h>
#include "base/arena.h"
#include "h5/file.h"

/* One file: header, recipe, attributes, and of each dataset type, dimensions, units and a digest for the eye. */
int inspect_print(const char *path, struct arena *mem);

/* What differs between two files, a line each; *differences counts them. */
int inspect_diff(const char *a, const char *b, struct arena *mem, int64_t *differences);

/* All schemas as documentation (Markdown). */
void inspect_schemas(void);

/* CPU, instruction set, BLIS kernel, threads, libraries. */
int inspect_system(void);

/* ---- a dataset in memory -------------------------------------------------------------------- */
struct inspected {
	const char *path;
	enum h5_type type;
	int rank;
	int64_t dims[H5_MAX_RANK], count;
	size_t text_size;
	const double *number;        /* (count), numeric types: exact for all but 64-bit integers over 2^53 */
	const char *text;            /* (count, text_size), H5_TEXT */
};
int inspect_load(const struct h5_file *f, const char *path, struct arena *mem, struct inspected *d);
void inspect_shape(const struct inspected *d, const struct h5_field *field, char *text, int size);  /* "(trial 24, decision 8)" */

/* Paths of all datasets, sorted. */
struct inspect_paths { struct arena *mem; const char **path; int64_t count, capacity; };
int inspect_list(const struct h5_file *f, struct arena *mem, struct inspect_paths *p);

/* A root attribute as text, NULL when the file lacks it. */
const char *inspect_attribute(const struct h5_file *f, const struct h5_attribute *a, struct arena *mem);

#endif
