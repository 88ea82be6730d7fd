/* Where images come from: one struct per kind of input, each in a file of its own.
 *
 * A source is opened in two steps.  `list` only looks at names and sizes, so that a stamp can tell
 * cheaply whether anything changed; `prepare` learns how many images there are, their labels and names.
 * `read` decodes image i into arena memory and may run in several threads at once.
 *
 * Labels and names are kept apart from pixels: nothing in here lets them reach dataset.h5. */
#ifndef INGEST_SOURCE_H
#define INGEST_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include "base/arena.h"
#include "base/hash.h"
#include "base/pool.h"
#include "data/dataset.h"

/* A decoded image: (h, w, c), channel fastest, native byte order. */
struct picture {
	int64_t h, w, c;
	enum h5_type type;        /* H5_U8, H5_U16, H5_F32 */
	void *data;
	char reason[256];         /* why it could not be read */
};
/* Writes p->reason, returns ERR_DATA. */
int picture_fail(struct picture *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for a system call that failed with this errno, which says nothing about the image: returns ERR_IO. */
int picture_unread(struct picture *p, int error);
size_t picture_bytes(const struct picture *p);

struct source_file {
	char *name;               /* relative to the data folder; any bytes */
	char *path;               /* to open it */
	struct stat stat;
};

struct source {
	const struct source_kind *kind;
	const char *path;         /* as the user gave it */
	/* after list */
	int64_t files;
	struct source_file *file; /* sorted by name, bytewise */
	/* after prepare */
	int64_t images;
	char **name;              /* (images) file, and page or record */
	int32_t *label;           /* (images) -1 = unknown */
	bool *test;               /* (images) member of the given test set; NULL: there is none */
	int64_t classes;
	char **class_name;        /* (classes) bytewise ascending where the source does not order them */
	int64_t fixed[DATA_SPLITS];   /* split sizes the source insists on; all zero: it does not */
	void *state;              /* the kind's own */
};

/* What a generated source needs to know. */
struct source_options {
	uint64_t seed;
	int64_t builtin[DATA_SPLITS];
};

struct source_kind {
	const char *name;
	bool (*accepts)(const char *path);
	int (*list)(struct source *s, struct arena *mem);
	int (*prepare)(struct source *s, const struct source_options *o, struct pool *pool, struct arena *mem);
	int (*read)(const struct source *s, int64_t image, struct arena *mem, struct picture *p);
	void (*close)(struct source *s);                     /* may be NULL */
	/* Digest of what a generated source will produce, without producing it; NULL: read and see. */
	struct digest (*foretell)(const struct source_options *o);
};
extern const struct source_kind source_shapes10, source_cifar, source_tiff;

/* Finds the kind that accepts path, and lists.  ERR_NOINPUT when there is no such path. */
int source_open(struct source *s, const char *path, struct arena *mem);
void source_close(struct source *s);

/* Digest of (relative path, size, mtime, ctime, inode) of every file: what a stamp compares. */
struct digest source_listing(const struct source *s);

/* Appends a regular file to the list (for `list`); ERR_NOINPUT when it cannot be looked at. */
int source_add_file(struct source *s, struct arena *mem, const char *folder, const char *name);
void source_sort_files(struct source *s);

#endif
