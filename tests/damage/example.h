/* An example file of any schema, made from the schema itself: every field, optional ones too, every
 * attribute.  So a new schema is tested by existing.  And reading one completely, as a stage might. */
#ifndef TESTS_EXAMPLE_H
#define TESTS_EXAMPLE_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "h5/file.h"

enum { EXAMPLE_ROOM = 8 << 20 };             /* bytes; no example is larger */

/* Same name, same extent.  The first dimension of images and parameters is long enough for chunks with checksums. */
static inline int64_t example_extent(const char *name, int place)
{
	if (!place && !strcmp(name, "image"))
		return 96;
	if (!place && !strcmp(name, "out"))
		return 24;
	if (!strcmp(name, "row") || !strcmp(name, "column"))
		return 16;
	return 3 + (int64_t)(hash64_text(name) % 5);
}

static inline int example_dataset(struct h5_writer *w, const struct h5_field *f, const char *path, int rank, struct arena *mem)
{
	const enum h5_type type = (enum h5_type)(f->types & -f->types);       /* the least of the allowed ones */
	const size_t size = type == H5_TEXT ? 8 : h5_type_size(type);
	int64_t dims[H5_MAX_RANK], n = 1;
	unsigned char *data;

	for (int i = 0; i < rank; i++)
		n *= dims[i] = example_extent(f->dim[i], i);
	data = arena_alloc(mem, (size_t)n, size);
	for (size_t i = 0; i < (size_t)n * size; i++)
		data[i] = type == H5_TEXT ? (i % 8 < 5 ? 'a' + i % 23 : 0) : size == 1 ? i % 3 : i % size < size / 2 ? i / size % 100 : 0;
	return h5_write(w, path, type, rank, rank ? dims : NULL, data, type == H5_TEXT ? size : 0);
}

static inline int example_field(struct h5_writer *w, const struct h5_field *f, struct arena *mem)
{
	const size_t n = strlen(f->path);
	int rank = 0;

	while (rank < H5_MAX_RANK && f->dim[rank])
		rank++;
	if (f->path[n - 1] != '*')
		return example_dataset(w, f, f->path, rank, mem);
	for (int r = 1; r <= rank; r++)
		TRY(example_dataset(w, f, arena_printf(mem, "%.*slayer%d/weight", (int)n - 2, f->path, r), r, mem));
	return 0;
}

static inline int example_write(const char *path, const struct h5_schema *schema)
{
	struct arena *mem = arena_new();
	const struct h5_recipe_input input = { "data", { { 1, 2, 3 } } };
	const struct h5_recipe recipe = h5_recipe_make(mem, "nas-example", 1, NULL, &input, 1);
	const struct h5_field *f;
	const struct h5_attribute *a;
	struct h5_writer *w;
	int code = h5_create(&w, path, schema, &recipe);

	for (f = schema->fields; !code && f->path; f++)
		code = example_field(w, f, mem);
	for (a = schema->attributes; !code && a && a->name; a++)
		code = a->type == H5_I64 ? h5_attr_i64(w, a->name, 1) : a->type == H5_F64 ? h5_attr_f64(w, a->name, 0.5) :
		       h5_attr_text(w, a->name, "text");
	if (!code)
		code = h5_commit(w);
	arena_free(mem);
	return code;
}

/* ---- bytes of a file ---- */
/* A folder of its own, in memory where there is such a place: thousands of files come and go. */
static inline int example_folder(char *folder, size_t size)
{
	snprintf(folder, size, "%s/nasmill-damage-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	return mkdtemp(folder) ? 0 : -1;
}

static inline size_t example_load(const char *path, unsigned char *bytes)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t n = read(fd, bytes, EXAMPLE_ROOM);

	close(fd);
	return n > 0 ? (size_t)n : 0;
}

static inline void example_store(int fd, const void *bytes, size_t size)
{
	if (ftruncate(fd, (off_t)size) || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		abort();
}

/* The length and the digest of a user block as common/h5/userblock.c has them (offsets in h5/file.h): what a
 * forger would do, so that damage gets as far as libhdf5. */
static inline void example_sign(unsigned char *bytes, size_t size)
{
	struct digest d;

	for (int i = 0; i < 8; i++)
		bytes[48 + i] = (unsigned char)((uint64_t)size >> 8 * i);
	memset(bytes + 56, 0, 16);
	d = hash128(bytes, size);
	memcpy(bytes + 56, d.byte, 16);
}

/* ---- reading ---- */
struct example_reading { struct h5_file *f; struct arena *mem; };

static inline int example_visit(void *arg, const char *path)
{
	struct example_reading *r = arg;
	const struct arena_mark mark = arena_mark(r->mem);
	int64_t dims[H5_MAX_RANK], n;
	enum h5_type type;
	char **texts;
	void *data;
	int rank, code;

	TRY(h5_info(r->f, path, &type, &rank, dims, NULL));
	code = type == H5_TEXT ? h5_read_texts(r->f, path, r->mem, &n, &texts) : h5_read(r->f, path, type, r->mem, &data);
	arena_rewind(r->mem, mark);
	return code;
}

/* Opens by the schema that the file names, reads every dataset and every attribute. */
static inline int example_read(const char *path)
{
	const struct h5_attribute *a;
	struct example_reading r = { .mem = arena_new() };
	int code = h5_open(&r.f, path, NULL);
	int64_t i;
	double x;
	char *text;

	if (!code)
		code = h5_visit(r.f, "/", example_visit, &r);
	for (a = code ? NULL : h5_file_schema(r.f)->attributes; !code && a && a->name; a++)
		if (h5_has_attr(r.f, a->name))
			code = a->type == H5_I64 ? h5_get_i64(r.f, a->name, &i) : a->type == H5_F64 ? h5_get_f64(r.f, a->name, &x) :
			       h5_get_text(r.f, a->name, r.mem, &text);
	h5_close(r.f);
	arena_free(r.mem);
	return code;
}

#endif
