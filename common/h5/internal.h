/* What the files of common/h5 share, and nobody else sees. */
#ifndef H5_INTERNAL_H
#define H5_INTERNAL_H

#include <hdf5.h>
#include <stdint.h>
#include "base/arena.h"
#include "h5/file.h"
#include "h5/schema.h"

#define H5_USERBLOCK 512
#define H5_PATH_MAX 512           /* longest path of a dataset, with its zero */

/* ---- lib.c: the library's settings, types and errors ---- */
struct h5_settings { hid_t access, create, group; };
int h5_settings(struct h5_settings *s);              /* initialises libhdf5 on first use */
/* Before a file is opened: libhdf5 1.10 crashes where it is refused memory.  A file takes it some 2 MiB; without twice
 * that, the program ends here, with a message. */
void h5_look_for_memory(void);

hid_t h5_stored_type(enum h5_type type, size_t text_size);   /* to be closed with H5Tclose */
hid_t h5_memory_type(enum h5_type type, size_t text_size);
enum h5_type h5_type_of(hid_t type, size_t *text_size);      /* 0: none of ours */

/* Describes the HDF5 call that has just failed: "FILE:PLACE: cannot DOING: reason"; a full disk is
 * named as such (ERR_IO).  Returns the code. */
int h5_failed(int code, const char *file, const char *place, const char *doing);

/* What H5Lexists and its like said.  An error is a no, for a file may be damaged; but when it was the disk or
 * memory that failed the program ends: "it is not there" would be a wrong answer, and optional data would go
 * missing. */
bool h5_answer(htri_t there, const char *file, const char *place);

/* ---- userblock.c ---- */
/* Fills in the user block of a file that is complete otherwise, then verifies what the disk gives back. */
int h5_header_write(const char *path, const char *shown, const struct h5_schema *schema,
                    struct digest recipe);

/* ---- dataset.c: one dataset of an open file ---- */
struct h5_shape { enum h5_type type; int rank; int64_t dims[H5_MAX_RANK]; size_t text_size; };
bool h5_path_ok(const char *path);                   /* absolute, no empty or dotted component, not too long */
bool h5_object_exists(hid_t file, const char *shown, const char *path, H5O_type_t want);
int64_t h5_elements(const struct h5_shape *s);
size_t h5_row_bytes(const struct h5_shape *s);       /* of one step along the first dimension */
int h5_shape_of(hid_t dataset, const char *file, const char *path, struct h5_shape *s);
/* Datasets below group, recursively, in order of names.  Anything but groups and datasets is ERR_DATA. */
int h5_walk(hid_t root, const char *file, const char *group, h5_visit_fn *fn, void *arg);

/* ---- attribute.c ---- */
int h5_attr_put(hid_t object, const char *file, const char *place, const char *name, enum h5_type type,
                const void *value);                  /* text: zero-terminated */
/* type 0: there is no such attribute.  text is NULL or gets H5_TEXT in mem. */
int h5_attr_shape(hid_t object, const char *file, const char *place, const char *name, enum h5_type *type,
                  size_t *text_size);
int h5_attr_take(hid_t object, const char *file, const char *place, const char *name, enum h5_type type,
                 struct arena *mem, void *value);    /* value: int64_t *, double * or char ** */

/* ---- scale.c ---- */
/* Attaches the schema's dimension scales to every dataset of a file that is complete otherwise. */
int h5_scales_write(hid_t file, const char *shown, const struct h5_schema *schema);

/* ---- check.c ---- */
/* Is such a dataset allowed by this field?  code is for the message's sender: ERR_DATA or ERR_INTERNAL. */
int h5_check_shape(int code, const char *file, const char *path, const struct h5_field *field,
                   const struct h5_shape *s);
int h5_check(hid_t file, const char *shown, const struct h5_schema *schema);
/* Name of dimension i of a dataset of this rank (a wildcard's datasets may have fewer than its names). */
const char *h5_dim_name(const struct h5_field *field, int rank, int i);

#endif
