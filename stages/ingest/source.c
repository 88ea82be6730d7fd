/* Sources: choosing one, listing files, the digest of a listing. */
#include "source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "h5/file.h"

/* The first that accepts wins. */
static const struct source_kind *const kinds[] = { &source_shapes10, &source_cifar, &source_tiff };

int picture_fail(struct picture *p, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(p->reason, sizeof(p->reason), format, args);
	va_end(args);
	return ERR_DATA;
}

int picture_unread(struct picture *p, int error)
{
	picture_fail(p, "%s", strerror(error));
	return ERR_IO;
}

size_t picture_bytes(const struct picture *p)
{
	return (size_t)p->h * (size_t)p->w * (size_t)p->c * h5_type_size(p->type);
}

int source_open(struct source *s, const char *path, struct arena *mem)
{
	memset(s, 0, sizeof(*s));
	s->path = path;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i]->accepts(path)) {
			s->kind = kinds[i];
			return s->kind->list(s, mem);
		}
	struct stat st;
	if (stat(path, &st) != 0)
		return err_set(ERR_NOINPUT, "%s: %s; --data wants a folder of TIFF images, a TIFF file, a CIFAR "
		               "binary folder or shapes10", path, strerror(errno));
	return err_set(ERR_DATA, "%s: neither a folder nor a file", path);
}

void source_close(struct source *s)
{
	if (s->kind && s->kind->close)
		s->kind->close(s);
}

int source_add_file(struct source *s, struct arena *mem, const char *folder, const char *name)
{
	/* The list doubles whenever its length is a power of two. */
	if ((s->files & (s->files - 1)) == 0) {
		struct source_file *more = ARENA_NEW(mem, struct source_file, s->files ? 2 * s->files : 1);
		if (s->files)
			memcpy(more, s->file, (size_t)s->files * sizeof(*more));
		s->file = more;
	}
	struct source_file *f = &s->file[s->files];
	f->name = arena_strdup(mem, name);
	f->path = folder ? arena_printf(mem, "%s/%s", folder, name) : arena_strdup(mem, name);
	if (stat(f->path, &f->stat) != 0)
		return err_set(ERR_NOINPUT, "%s: %s", f->path, strerror(errno));
	if (!S_ISREG(f->stat.st_mode))       /* opening a FIFO might never return */
		return err_set(ERR_DATA, "%s: is %s, expected a file", f->path,
		               S_ISDIR(f->stat.st_mode) ? "a folder" : "no regular file");
	s->files++;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct source_file *)a)->name, ((const struct source_file *)b)->name);
}

void source_sort_files(struct source *s)
{
	if (s->files > 1)
		qsort(s->file, (size_t)s->files, sizeof(*s->file), by_name);
}

struct digest source_listing(const struct source *s)
{
	struct hasher *h = hasher_new();
	for (int64_t i = 0; i < s->files; i++) {
		const struct source_file *f = &s->file[i];
		const int64_t facts[] = {
			f->stat.st_size, f->stat.st_mtim.tv_sec, f->stat.st_mtim.tv_nsec, f->stat.st_ctim.tv_sec,
			f->stat.st_ctim.tv_nsec, (int64_t)f->stat.st_ino,
		};
		hasher_add(h, f->name, strlen(f->name) + 1);
		hasher_add(h, facts, sizeof(facts));
	}
	return hasher_end(h);
}
