/* Datasets of an open file: paths, shapes, listing. */
#include "h5/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define DEPTH_MAX 32

bool h5_path_ok(const char *path)
{
	const char *at = path, *end;

	if (!path || *path != '/' || strlen(path) >= H5_PATH_MAX)
		return false;
	for (; *at; at = end) {
		size_t n = strcspn(++at, "/");

		if (n == 0 || (n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.'))
			return false;
		end = at + n;
	}
	return true;
}

int64_t h5_elements(const struct h5_shape *s)
{
	int64_t n = 1;
	int i;

	for (i = 0; i < s->rank; i++)
		n *= s->dims[i];
	return n;
}

size_t h5_row_bytes(const struct h5_shape *s)
{
	size_t n = s->type == H5_TEXT ? s->text_size : h5_type_size(s->type);
	int i;

	for (i = 1; i < s->rank; i++)
		n *= (size_t)s->dims[i];
	return n;
}

int h5_shape_of(hid_t dataset, const char *file, const char *path, struct h5_shape *s)
{
	hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
	hsize_t dims[H5S_MAX_RANK];
	int code = 0, i;

	*s = (struct h5_shape){ 0 };
	if (space < 0 || type < 0)
		code = h5_failed(ERR_DATA, file, path, "read the shape");
	else if ((s->rank = H5Sget_simple_extent_ndims(space)) < 0 || H5Sget_simple_extent_type(space) == H5S_NULL)
		code = err_set(ERR_DATA, "%s:%s: has no shape", file, path);
	else if (H5Sget_simple_extent_dims(space, dims, NULL) < 0)
		code = h5_failed(ERR_DATA, file, path, "read the shape");
	else
		s->type = h5_type_of(type, &s->text_size);
	for (i = 0; !code && i < s->rank && i < H5_MAX_RANK; i++)
		s->dims[i] = (int64_t)dims[i];
	if (space >= 0)
		H5Sclose(space);
	if (type >= 0)
		H5Tclose(type);
	return code;
}

/* H5Lexists wants every group on the way to exist, so each is asked for in turn.  Links are not followed:
 * they may lead into other files. */
bool h5_object_exists(hid_t file, const char *shown, const char *path, H5O_type_t want)
{
	char part[H5_PATH_MAX];
	const char *slash = path;
	H5O_info_t info;
	H5L_info_t link;

	if (!h5_path_ok(path))
		return false;
	do {
		size_t n;

		slash = strchr(slash + 1, '/');
		n = slash ? (size_t)(slash - path) : strlen(path);
		memcpy(part, path, n);
		part[n] = '\0';
		if (!h5_answer(H5Lexists(file, part, H5P_DEFAULT), shown, part) ||
		    !h5_answer(H5Lget_info(file, part, &link, H5P_DEFAULT) < 0 ? -1 : 1, shown, part) || link.type != H5L_TYPE_HARD)
			return false;
		if (!h5_answer(H5Oget_info_by_name2(file, part, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0 ? -1 : 1,
		               shown, part))
			return false;
		if (slash && info.type != H5O_TYPE_GROUP)
			return false;
	} while (slash);
	return info.type == want;
}

/* ---- listing ----
 * Groups are listed in their stored order and sorted here: asked for sorted names, libhdf5 1.10.8 frees
 * uninitialised pointers when a damaged group of more than eight links cannot be read
 * (H5G__dense_iterate). */

struct walk {
	hid_t root;
	const char *file;
	h5_visit_fn *fn;
	void *arg;
	char path[H5_PATH_MAX];
	int depth;
	struct arena *mem;
};
struct names { struct arena *mem; char **name; size_t count, room; };

static herr_t add_name(hid_t group, const char *name, const H5L_info_t *link, void *arg)
{
	struct names *n = arg;

	(void)group;
	(void)link;
	ARENA_GROW(n->mem, n->name, n->count, n->room, 16);
	n->name[n->count++] = arena_strdup(n->mem, name);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int walk_group(struct walk *w);

/* One object of the group at w->path. */
static int walk_object(struct walk *w, const char *name)
{
	const size_t length = strlen(w->path);
	H5O_info_t object;
	H5L_info_t link;
	int code;

	if (length + 1 + strlen(name) >= sizeof w->path)
		return err_set(ERR_DATA, "%s:%s/%.40s: is nested too deeply", w->file, w->path, name);
	snprintf(w->path + length, sizeof w->path - length, "/%s", name);
	if (H5Lget_info(w->root, w->path, &link, H5P_DEFAULT) < 0)
		return h5_failed(ERR_DATA, w->file, w->path, "list the objects");
	if (link.type != H5L_TYPE_HARD)
		return err_set(ERR_DATA, "%s:%s: is a link, which files of nasmill never have", w->file, w->path);
	if (H5Oget_info_by_name2(w->root, w->path, &object, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
		return h5_failed(ERR_DATA, w->file, w->path, "list the objects");
	if (object.rc != 1)
		return err_set(ERR_DATA, "%s:%s: has several names, which objects of nasmill never have", w->file, w->path);
	if (object.type == H5O_TYPE_DATASET)
		code = w->fn(w->arg, w->path);
	else if (object.type == H5O_TYPE_GROUP)
		code = walk_group(w);
	else
		code = err_set(ERR_DATA, "%s:%s: is neither a group nor a dataset", w->file, w->path);
	w->path[length] = '\0';
	return code;
}

static int walk_group(struct walk *w)
{
	const char *group = w->path[0] ? w->path : "/";
	struct arena_mark mark = arena_mark(w->mem);
	struct names n = { .mem = w->mem };
	int code = 0;
	size_t i;

	if (w->depth == DEPTH_MAX)
		return err_set(ERR_DATA, "%s:%s: is nested too deeply", w->file, w->path);
	if (H5Literate_by_name(w->root, group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, add_name, &n, H5P_DEFAULT) < 0)
		return h5_failed(ERR_DATA, w->file, group, "list the objects");
	if (n.count)
		qsort(n.name, n.count, sizeof *n.name, by_name);
	w->depth++;
	for (i = 0; code >= 0 && i < n.count; i++)
		code = walk_object(w, n.name[i]);
	w->depth--;
	arena_rewind(w->mem, mark);
	return code < 0 ? code : 0;
}

int h5_walk(hid_t root, const char *file, const char *group, h5_visit_fn *fn, void *arg)
{
	struct walk w = { .root = root, .file = file, .fn = fn, .arg = arg, .mem = arena_new() };
	int code;

	if (strcmp(group, "/"))
		snprintf(w.path, sizeof w.path, "%s", group);
	code = walk_group(&w);
	arena_free(w.mem);
	return code;
}
