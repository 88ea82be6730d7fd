/* CIFAR-10 and CIFAR-100 in their binary layout (Krizhevsky 2009, "Learning multiple layers of features").
 *
 *   CIFAR-10    data_batch_*.bin, test_batch.bin   record = label, 3072 bytes
 *   CIFAR-100   train.bin, test.bin                record = coarse label, fine label, 3072 bytes
 *
 * The 3072 bytes are three planes of 32 x 32: red, green, blue.  Any whole number of records will do.
 * Class names come from batches.meta.txt or fine_label_names.txt, else they are numbers. */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/read.h"

enum { SIDE = 32, PLANE = SIDE * SIDE, PIXELS = 3 * PLANE };

struct layout {
	const char *train, *test, *names;    /* train is a pattern */
	int label_bytes, classes;            /* the last label byte counts */
};
static const struct layout layouts[] = {
	{ "data_batch_*.bin", "test_batch.bin", "batches.meta.txt", 1, 10 },
	{ "train.bin", "test.bin", "fine_label_names.txt", 2, 100 },
};

struct cifar {
	const struct layout *layout;
	int *fd;                 /* (files) -1 for the names */
	int64_t *first;          /* (files + 1) number of the first record of each file */
};

/* The layout whose training files the folder holds. */
static const struct layout *layout_of(const char *path)
{
	DIR *d = opendir(path);
	if (!d)
		return NULL;
	const struct layout *found = NULL;
	for (struct dirent *e; !found && (e = readdir(d)); )
		for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
			if (fnmatch(layouts[i].train, e->d_name, 0) == 0)
				found = &layouts[i];
	closedir(d);
	return found;
}

static bool accepts(const char *path)
{
	return layout_of(path) != NULL;
}

static int list(struct source *s, struct arena *mem)
{
	const struct layout *l = layout_of(s->path);
	struct cifar *c = ARENA_NEW(mem, struct cifar, 1);
	c->layout = l;
	s->state = c;
	DIR *d = opendir(s->path);
	if (!d)
		return err_set(ERR_NOINPUT, "%s: %s", s->path, strerror(errno));
	int code = 0;
	for (struct dirent *e; code == 0 && (errno = 0, e = readdir(d)); )
		if (fnmatch(l->train, e->d_name, 0) == 0 || !strcmp(e->d_name, l->test) || !strcmp(e->d_name, l->names))
			code = source_add_file(s, mem, s->path, e->d_name);
	if (code == 0 && errno)
		code = err_system(ERR_IO, s->path, "read");
	closedir(d);
	TRY(code);
	source_sort_files(s);
	for (int64_t i = 0; i < s->files; i++)
		if (!strcmp(s->file[i].name, l->test))
			return 0;
	return err_set(ERR_DATA, "%s: has %s but no %s; is the download complete?", s->path, l->train, l->test);
}

/* One class name a line; fewer than expected: the rest keep their numbers. */
static int read_names(struct source *s, const struct source_file *f, struct arena *mem)
{
	FILE *in = fopen(f->path, "re");
	if (!in)
		return err_set(ERR_NOINPUT, "%s: %s", f->path, strerror(errno));
	char line[256];
	for (int64_t k = 0; k < s->classes && fgets(line, sizeof(line), in); ) {
		line[strcspn(line, "\r\n")] = 0;
		if (line[0])
			s->class_name[k++] = arena_strdup(mem, line);
	}
	const int code = ferror(in) ? err_system(ERR_IO, f->path, "read") : 0;
	fclose(in);
	return code;
}

/* -1 with errno, which is 0 at the end of the file. */
static int read_all(int fd, void *data, size_t size, int64_t offset)
{
	const ssize_t n = read_fully_at(fd, data, size, offset);
	if (n == (ssize_t)size)
		return 0;
	if (n >= 0)
		errno = 0;
	return -1;
}

/* Labels of one file; images are numbered from `first`. */
static int read_labels(struct source *s, int64_t file, struct arena *mem)
{
	const struct cifar *c = s->state;
	const struct source_file *f = &s->file[file];
	const int64_t bytes = c->layout->label_bytes + PIXELS;
	const bool test = !strcmp(f->name, c->layout->test);
	for (int64_t i = c->first[file]; i < c->first[file + 1]; i++) {
		const int64_t record = i - c->first[file];
		unsigned char label[2];
		if (read_all(c->fd[file], label, (size_t)c->layout->label_bytes, record * bytes) < 0)
			return errno ? err_system(ERR_IO, f->path, "read") :
			       err_set(ERR_IO, "%s: record %lld is not there any more", f->path, (long long)record);
		s->label[i] = label[c->layout->label_bytes - 1];
		if (s->label[i] >= c->layout->classes)
			return err_set(ERR_DATA, "%s: record %lld has label %d, expected 0 to %d; is this a CIFAR-%d binary file?",
			               f->path, (long long)record, (int)s->label[i], c->layout->classes - 1, c->layout->classes);
		s->test[i] = test;
		s->name[i] = arena_printf(mem, "%s#%lld", f->name, (long long)record);
	}
	return 0;
}

static int prepare(struct source *s, const struct source_options *o, struct pool *pool, struct arena *mem)
{
	(void)o, (void)pool;
	struct cifar *c = s->state;
	const int64_t bytes = c->layout->label_bytes + PIXELS;
	c->fd = ARENA_NEW(mem, int, s->files);
	c->first = ARENA_NEW(mem, int64_t, s->files + 1);
	s->classes = c->layout->classes;
	s->class_name = ARENA_NEW(mem, char *, s->classes);
	for (int64_t k = 0; k < s->classes; k++)
		s->class_name[k] = arena_printf(mem, "%lld", (long long)k);
	for (int64_t i = 0; i < s->files; i++)
		c->fd[i] = -1;
	for (int64_t i = 0; i < s->files; i++) {
		const struct source_file *f = &s->file[i];
		c->first[i + 1] = c->first[i];
		if (!strcmp(f->name, c->layout->names)) {
			TRY(read_names(s, f, mem));
			continue;
		}
		c->fd[i] = open(f->path, O_RDONLY | O_CLOEXEC);
		if (c->fd[i] < 0)
			return err_set(ERR_NOINPUT, "%s: %s", f->path, strerror(errno));
		const long long size = f->stat.st_size, rest = size % bytes;
		if (size == 0 || rest != 0)
			return err_set(ERR_DATA, "%s: %lld bytes, expected a whole number of records of %lld bytes "
			               "(found %lld records and %lld bytes); is the download complete?",
			               f->path, size, (long long)bytes, (long long)(size / bytes), rest);
		c->first[i + 1] += size / bytes;
	}
	s->images = c->first[s->files];
	s->name = ARENA_NEW(mem, char *, s->images);
	s->label = ARENA_NEW(mem, int32_t, s->images);
	s->test = ARENA_NEW(mem, bool, s->images);
	for (int64_t i = 0; i < s->files; i++)
		TRY(read_labels(s, i, mem));
	return 0;
}

static int read_image(const struct source *s, int64_t image, struct arena *mem, struct picture *p)
{
	const struct cifar *c = s->state;
	int64_t file = 0;
	while (image >= c->first[file + 1])
		file++;
	const int64_t bytes = c->layout->label_bytes + PIXELS, record = image - c->first[file];
	unsigned char *plane = arena_raw(mem, PIXELS, 1), *out = arena_raw(mem, PIXELS, 1);
	if (read_all(c->fd[file], plane, PIXELS, record * bytes + c->layout->label_bytes) < 0)
		return errno ? picture_unread(p, errno) : picture_fail(p, "record %lld is not there any more", (long long)record);
	for (int i = 0; i < PLANE; i++)
		for (int k = 0; k < 3; k++)
			out[3 * i + k] = plane[k * PLANE + i];
	p->h = p->w = SIDE, p->c = 3, p->type = H5_U8, p->data = out;
	return 0;
}

static void close_files(struct source *s)
{
	struct cifar *c = s->state;
	if (c && c->fd)
		for (int64_t i = 0; i < s->files; i++)
			if (c->fd[i] >= 0) {
				close(c->fd[i]);
				c->fd[i] = -1;
			}
}

const struct source_kind source_cifar = {
	.name = "CIFAR", .accepts = accepts, .list = list, .prepare = prepare, .read = read_image,
	.close = close_files,
};
