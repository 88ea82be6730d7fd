/* HDF5 files of a run: written whole, read only after a check.
 *
 * Layout of a file: a user block of 512 bytes, then HDF5.  Integers are little-endian.
 *   0   "NASMILL\n"
 *   8   u32 format version (1)
 *   12  u32 schema version
 *   16  schema name, 32 bytes, zero-padded
 *   48  u64 length of the file
 *   56  XXH3-128 of the file with these 16 bytes zero
 *   72  XXH3-128 of the recipe
 *   88  zeros
 * Readers verify the digest before libhdf5 sees the file: a damaged file can crash that library.
 * No file is opened for update; a file that exists is whole.
 *
 * Errors: ERR_NOINPUT (no such file), ERR_DATA (damaged, other schema, other shape), ERR_IO. */
#ifndef H5_FILE_H
#define H5_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/hash.h"
#include "h5/recipe.h"
#include "h5/schema.h"

size_t h5_type_size(enum h5_type type);      /* bytes; 0 for H5_TEXT, whose size is per dataset */

/* ---- the user block: what is known without libhdf5 ---------------------------------------- */
struct h5_header {
	int format_version, schema_version;
	char schema[33];
	uint64_t length;
	struct digest digest;        /* of the file */
	struct digest recipe;
};
int h5_header_read(const char *path, struct h5_header *h);     /* format checks only: cheap */
int h5_header_verify(const char *path, struct h5_header *h);   /* and length, padding and digest of every byte */

/* ---- writing --------------------------------------------------------------------------------- */
struct h5_writer;

/* Opens a temporary file beside path.  The recipe is stored as attribute and in the user block. */
int h5_create(struct h5_writer **w, const char *path, const struct h5_schema *schema,
              const struct h5_recipe *recipe);

/* One dataset, whole.  rank and dims as the schema says; text_size only for H5_TEXT (bytes per string;
 * data = text_size-byte records, zero-padded).  Units and description come from the schema. */
int h5_write(struct h5_writer *w, const char *path, enum h5_type type, int rank, const int64_t *dims,
             const void *data, size_t text_size);
/* The same in pieces along the first dimension (images): create, then rows in order. */
int h5_write_begin(struct h5_writer *w, const char *path, enum h5_type type, int rank, const int64_t *dims);
int h5_write_rows(struct h5_writer *w, const char *path, int64_t first, int64_t count, const void *data);
int h5_write_i64(struct h5_writer *w, const char *path, int64_t value);    /* scalar datasets */
int h5_write_f64(struct h5_writer *w, const char *path, double value);
/* count strings, stored at the longest length. */
int h5_write_texts(struct h5_writer *w, const char *path, int64_t count, const char *const *texts);

int h5_attr_i64(struct h5_writer *w, const char *name, int64_t value);     /* root attributes */
int h5_attr_f64(struct h5_writer *w, const char *name, double value);
int h5_attr_text(struct h5_writer *w, const char *name, const char *value);

/* A failed write is remembered: h5_commit then fails with the same code, so a caller may go on.
 * Closes, checks against the schema, writes the user block, reads back, syncs, renames, syncs the
 * folder.  Frees the writer in any case; on failure nothing appears under the real name. */
int h5_commit(struct h5_writer *w);
/* Files that belong together: none gets its name before all are complete and on the disk. */
int h5_commit_all(struct h5_writer *const *w, int n);
void h5_abandon(struct h5_writer *w);         /* NULL is allowed */

/* ---- reading --------------------------------------------------------------------------------- */
struct h5_file;

/* Verifies the digest, then opens, then checks the schema.  schema NULL: the one the file names. */
int h5_open(struct h5_file **f, const char *path, const struct h5_schema *schema);
void h5_close(struct h5_file *f);             /* NULL is allowed */
const char *h5_path(const struct h5_file *f);
const struct h5_schema *h5_file_schema(const struct h5_file *f);
const struct h5_header *h5_file_header(const struct h5_file *f);

bool h5_has(const struct h5_file *f, const char *path);
/* Type, rank and dims of a dataset; text_size for H5_TEXT.  Any pointer may be NULL. */
int h5_info(const struct h5_file *f, const char *path, enum h5_type *type, int *rank,
            int64_t dims[H5_MAX_RANK], size_t *text_size);

/* The whole dataset in arena memory, converted to `type` when that loses nothing (else ERR_DATA). */
int h5_read(const struct h5_file *f, const char *path, enum h5_type type, struct arena *mem,
            void *data_pointer);
/* Rows first .. first+count-1 of the first dimension into data, in the stored type. */
int h5_read_rows(const struct h5_file *f, const char *path, int64_t first, int64_t count, void *data);
int h5_read_i64(const struct h5_file *f, const char *path, int64_t *value);
int h5_read_f64(const struct h5_file *f, const char *path, double *value);
int h5_read_texts(const struct h5_file *f, const char *path, struct arena *mem, int64_t *count,
                  char ***texts);

int h5_get_i64(const struct h5_file *f, const char *name, int64_t *value);     /* root attributes */
int h5_get_f64(const struct h5_file *f, const char *name, double *value);
int h5_get_text(const struct h5_file *f, const char *name, struct arena *mem, char **value);
/* The plug-in that a text attribute names; ERR_DATA lists those there are.  kind as in plugin_find. */
int h5_get_plugin(const struct h5_file *f, const char *name, const char *kind, const void *const *table,
                  void *plugin_pointer);
bool h5_has_attr(const struct h5_file *f, const char *name);

/* Calls fn for each dataset below group (recursively, names sorted), until it returns < 0. */
typedef int h5_visit_fn(void *arg, const char *path);
int h5_visit(const struct h5_file *f, const char *group, h5_visit_fn *fn, void *arg);

#endif
