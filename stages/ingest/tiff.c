/* TIFF: finding files and pages (tiff_page.c decodes them; nobody else uses libtiff).
 *
 * Inputs are a folder (every *.tif and *.tiff below it; the first folder of the path is the class) or one
 * file.  Every page is an image, except reduced-resolution copies and masks.  Pages are found once, by
 * `prepare`; `read` opens the file again and goes to the page's offset, so that threads share nothing.
 *
 * User files are hostile until decoded: sizes are checked before anything is allocated, a decoder's
 * failure is final, libtiff may not allocate more than TIFF_CHUNK_MAX at once, and the whole-image
 * convenience functions, which hide errors, are not used. */
#include "tiff.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "base/err.h"
#include "base/read.h"
#include "base/sandbox.h"

enum { PAGES_MAX = 65536, DEPTH_MAX = 32 };

struct page { int64_t file; uint64_t offset; };          /* offset 0: the first page of the file */
struct file_pages {
	int64_t images;
	uint64_t offset;            /* of the first image */
	bool bad;                   /* the pages could not be walked, for this reason */
	struct tiff_error error;
};
struct tiff { struct page *page; struct file_pages *of; };

/* ---- opening ---------------------------------------------------------------------------------------- */
static int keep_error(TIFF *t, void *user, const char *module, const char *format, va_list args)
{
	(void)t, (void)module;
	struct tiff_error *e = user;
	if (!e->text[0])
		vsnprintf(e->text, sizeof(e->text), format, args);
	return 1;
}

static int ignore_warning(TIFF *t, void *user, const char *module, const char *format, va_list args)
{
	(void)t, (void)user, (void)module, (void)format, (void)args;
	return 1;
}

/* What libtiff reads from.  Its own way of reading takes an interrupted or failed read for the end of the file. */
struct input { int fd; struct tiff_error *e; };

static tmsize_t input_read(thandle_t handle, void *data, tmsize_t size)
{
	const struct input *in = handle;
	const ssize_t n = read_fully(in->fd, data, (size_t)size);
	if (n < 0)
		in->e->system = errno;
	return n;
}

static tmsize_t input_write(thandle_t handle, void *data, tmsize_t size)
{
	(void)handle, (void)data, (void)size;
	return -1;
}

static toff_t input_seek(thandle_t handle, toff_t offset, int whence)
{
	return (toff_t)lseek(((const struct input *)handle)->fd, (off_t)offset, whence);
}

static toff_t input_size(thandle_t handle)
{
	struct stat st;
	return fstat(((const struct input *)handle)->fd, &st) ? 0 : (toff_t)st.st_size;
}

static int input_close(thandle_t handle)
{
	return close(((const struct input *)handle)->fd);
}

/* in lives as long as what is returned.  m: no memory map, since a file that shrinks under one kills the process. */
static TIFF *tiff_open(struct input *in, const char *path, struct tiff_error *e)
{
	*in = (struct input){ open(path, O_RDONLY | O_CLOEXEC), e };
	TIFFOpenOptions *o = in->fd < 0 ? NULL : TIFFOpenOptionsAlloc();
	if (!o) {
		e->system = errno;
		if (in->fd >= 0)
			close(in->fd);
		return NULL;
	}
	TIFFOpenOptionsSetMaxSingleMemAlloc(o, TIFF_CHUNK_MAX);
	TIFFOpenOptionsSetErrorHandlerExtR(o, keep_error, e);
	TIFFOpenOptionsSetWarningHandlerExtR(o, ignore_warning, e);
	TIFF *t = TIFFClientOpenExt(path, "rm", in, input_read, input_write, input_seek, input_close, input_size, NULL, NULL, o);
	TIFFOpenOptionsFree(o);
	if (!t)
		close(in->fd);
	return t;
}

static int fail(const struct tiff_error *e, struct picture *p)
{
	if (e->system)
		return picture_unread(p, e->system);
	return picture_fail(p, "%s", e->text[0] ? e->text : "cannot be opened as a TIFF file");
}

/* ---- finding files and pages --------------------------------------------------------------------------- */
/* "._x.tif" is what macOS leaves beside x.tif on foreign disks: no image. */
static bool tiff_name(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot && dot != name && strncmp(name, "._", 2) &&
	       (!strcasecmp(dot, ".tif") || !strcasecmp(dot, ".tiff"));
}

static bool accepts(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode));
}

static int walk(struct source *s, struct arena *mem, const char *below, int depth)
{
	const char *path = below[0] ? arena_printf(mem, "%s/%s", s->path, below) : s->path;
	if (depth > DEPTH_MAX)
		return err_set(ERR_DATA, "%s: more than %d folders deep; does a link lead back?", path, DEPTH_MAX);
	DIR *d = opendir(path);
	if (!d)
		return err_set(ERR_NOINPUT, "%s: %s", path, strerror(errno));
	int code = 0;
	for (struct dirent *e; code == 0 && (errno = 0, e = readdir(d)); ) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		const char *name = below[0] ? arena_printf(mem, "%s/%s", below, e->d_name) : e->d_name;
		const char *full = arena_printf(mem, "%s/%s", s->path, name);
		struct stat st;
		if (stat(full, &st) != 0) {
			if (tiff_name(e->d_name))
				code = err_set(ERR_NOINPUT, "%s: %s", full, strerror(errno));
		} else if (S_ISDIR(st.st_mode))
			code = walk(s, mem, name, depth + 1);
		else if (S_ISREG(st.st_mode) && tiff_name(e->d_name))
			code = source_add_file(s, mem, s->path, name);
	}
	if (code == 0 && errno)
		code = err_system(ERR_IO, path, "read");
	closedir(d);
	return code;
}

static int list(struct source *s, struct arena *mem)
{
	struct stat st;
	if (stat(s->path, &st) == 0 && S_ISREG(st.st_mode)) {
		const char *slash = strrchr(s->path, '/');
		if (!slash)
			return source_add_file(s, mem, NULL, s->path);
		return source_add_file(s, mem, arena_printf(mem, "%.*s", (int)(slash - s->path), s->path), slash + 1);
	}
	TRY(walk(s, mem, "", 0));
	if (s->files == 0)
		return err_set(ERR_DATA, "%s: no image in this folder; expected files *.tif or *.tiff (also in folders, one per class), "
		               "or CIFAR's data_batch_*.bin or train.bin", s->path);
	source_sort_files(s);
	return 0;
}

/* Calls take(arg, offset) for each page that is an image of its own; -1 with the reason in e.
 * libtiff refuses chains that loop. */
typedef void take_fn(void *arg, uint64_t offset);

static int each_page(const char *path, take_fn *take, void *arg, struct tiff_error *e)
{
	struct input in;
	TIFF *t = tiff_open(&in, path, e);
	if (!t)
		return -1;
	int code = 0;
	for (int64_t n = 0; ; n++) {
		uint32_t kind = 0;
		TIFFGetField(t, TIFFTAG_SUBFILETYPE, &kind);
		if (!(kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)))
			take(arg, n ? TIFFCurrentDirOffset(t) : 0);
		if (TIFFLastDirectory(t))
			break;
		if (n + 1 == PAGES_MAX) {
			snprintf(e->text, sizeof(e->text), "more than %d pages", PAGES_MAX);
			code = -1;
			break;
		}
		if (!TIFFReadDirectory(t)) {
			code = -1;
			break;
		}
	}
	TIFFClose(t);
	return e->system ? -1 : code;
}

static void count_page(void *arg, uint64_t offset)
{
	struct file_pages *f = arg;
	if (f->images++ == 0)
		f->offset = offset;
}

/* A file whose pages cannot be walked counts as one image, which `read` will refuse. */
static void count_pages(void *arg, int64_t file, int worker)
{
	const struct source *s = arg;
	sandbox_at(worker, s->file[file].name);
	struct file_pages *f = &((struct tiff *)s->state)->of[file];
	f->bad = each_page(s->file[file].path, count_page, f, &f->error) < 0;
	if (f->bad || f->images == 0)
		f->images = 1;
}

struct filling { struct page *next; int64_t file, left; };

static void fill_page(void *arg, uint64_t offset)
{
	struct filling *f = arg;
	if (f->left-- > 0)
		*f->next++ = (struct page){ f->file, offset };
}

/* Class of a file: the first folder of its name, NULL at the top. */
static char *class_of(const char *name, struct arena *mem)
{
	const char *slash = strchr(name, '/');
	return slash ? arena_printf(mem, "%.*s", (int)(slash - name), name) : NULL;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of the first-level folders that hold images, sorted bytewise.  (The order of files is not that:
 * "a b/x" sorts before "a/x".) */
static void find_classes(struct source *s, struct arena *mem)
{
	s->class_name = ARENA_NEW(mem, char *, s->files);
	for (int64_t i = 0; i < s->files; i++) {
		char *class = class_of(s->file[i].name, mem);
		if (class && !(s->classes && !strcmp(class, s->class_name[s->classes - 1])))
			s->class_name[s->classes++] = class;
	}
	if (s->classes > 1)
		qsort(s->class_name, (size_t)s->classes, sizeof(char *), by_text);
	int64_t n = 0;
	for (int64_t k = 0; k < s->classes; k++)
		if (n == 0 || strcmp(s->class_name[n - 1], s->class_name[k]))
			s->class_name[n++] = s->class_name[k];
	s->classes = n;
}

static int32_t label_of(const struct source *s, const char *name, struct arena *mem)
{
	char *class = class_of(name, mem);
	if (!class)
		return -1;
	char **found = bsearch(&class, s->class_name, (size_t)s->classes, sizeof(char *), by_text);
	return (int32_t)(found - s->class_name);
}

static int prepare(struct source *s, const struct source_options *o, struct pool *pool, struct arena *mem)
{
	(void)o;
	struct tiff *t = ARENA_NEW(mem, struct tiff, 1);
	s->state = t;
	t->of = ARENA_NEW(mem, struct file_pages, s->files);
	pool_run(pool, s->files, count_pages, s);
	for (int64_t i = 0; i < s->files; i++)
		s->images += t->of[i].images;
	t->page = ARENA_NEW(mem, struct page, s->images);
	s->name = ARENA_NEW(mem, char *, s->images);
	s->label = ARENA_NEW(mem, int32_t, s->images);
	find_classes(s, mem);
	int64_t image = 0;
	for (int64_t i = 0; i < s->files; i++) {
		struct file_pages *of = &t->of[i];
		const int64_t n = of->images;
		for (int64_t p = 0; p < n; p++)
			t->page[image + p] = (struct page){ i, of->offset };
		if (n > 1) {
			struct filling f = { &t->page[image], i, n };
			of->bad = each_page(s->file[i].path, fill_page, &f, &of->error) < 0 || f.left != 0;
		}
		const int32_t label = label_of(s, s->file[i].name, mem);
		for (int64_t p = 0; p < n; p++, image++) {
			s->label[image] = label;
			s->name[image] = n > 1 ? arena_printf(mem, "%s#%lld", s->file[i].name, (long long)p) : s->file[i].name;
		}
	}
	return 0;
}

static int read_image(const struct source *s, int64_t image, struct arena *mem, struct picture *p)
{
	const struct tiff *k = s->state;
	const struct page *page = &k->page[image];
	if (k->of[page->file].bad)
		return fail(&k->of[page->file].error, p);
	struct tiff_error e = { "" };
	struct input in;
	TIFF *t = tiff_open(&in, s->file[page->file].path, &e);
	int code;
	if (!t || (page->offset && !TIFFSetSubDirectory(t, page->offset)))
		code = fail(&e, p);
	else if ((code = tiff_page(t, &e, mem, p)) < 0 && e.system)
		code = fail(&e, p);
	if (t)
		TIFFClose(t);
	return code;
}

const struct source_kind source_tiff = {
	.name = "TIFF", .accepts = accepts, .list = list, .prepare = prepare, .read = read_image,
};
