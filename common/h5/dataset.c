/* Datasets of an open file: paths, shapes, listing. */
#include "h5/internal.h"

#include <stdio.h>
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

/* H5Lexists wants every group on the way to exist, so each is asked for in turn.  Links are not followed: they
 * may lead into other files. */
bool h5_object_exists(hid_t file, const char *path, H5O_type_t want)
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
		if (H5Lexists(file, part, H5P_DEFAULT) <= 0 || H5Lget_info(file, part, &link, H5P_DEFAULT) < 0 ||
		    link.type != H5L_TYPE_HARD)
			return false;
		if (H5Oget_info_by_name2(file, part, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
			return false;
		if (slash && info.type != H5O_TYPE_GROUP)
			return false;
	} while (slash);
	return info.type == want;
}

/* ---- listing ---- */

struct walk { const char *file; h5_visit_fn *fn; void *arg; char path[H5_PATH_MAX]; int depth, code; };

static herr_t walk_link(hid_t group, const char *name, const H5L_info_t *link, void *arg)
{
	struct walk *w = arg;
	size_t length = strlen(w->path);
	H5O_info_t object;

	if (link->type != H5L_TYPE_HARD)
		w->code = err_set(ERR_DATA, "%s:%s/%s: is a link, which files of nasmill never have", w->file, w->path, name);
	else if (length + 1 + strlen(name) >= sizeof w->path || ++w->depth > DEPTH_MAX)
		w->code = err_set(ERR_DATA, "%s:%s/%.40s: is nested too deeply", w->file, w->path, name);
	else if (H5Oget_info_by_name2(group, name, &object, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
		w->code = h5_failed(ERR_DATA, w->file, w->path, "list the objects");
	else if (object.rc != 1)
		w->code = err_set(ERR_DATA, "%s:%s/%s: has several names, which objects of nasmill never have", w->file, w->path, name);
	if (w->code)
		return -1;
	snprintf(w->path + length, sizeof w->path - length, "/%s", name);
	if (object.type == H5O_TYPE_DATASET)
		w->code = w->fn(w->arg, w->path);
	else if (object.type != H5O_TYPE_GROUP)
		w->code = err_set(ERR_DATA, "%s:%s: is neither a group nor a dataset", w->file, w->path);
	else if (H5Literate_by_name(group, name, H5_INDEX_NAME, H5_ITER_INC, NULL, walk_link, w, H5P_DEFAULT) < 0 && !w->code)
		w->code = h5_failed(ERR_DATA, w->file, w->path, "list the objects");
	w->path[length] = '\0';
	w->depth--;
	return w->code < 0 ? -1 : 0;
}

int h5_walk(hid_t root, const char *file, const char *group, h5_visit_fn *fn, void *arg)
{
	struct walk w = { .file = file, .fn = fn, .arg = arg };

	if (strcmp(group, "/"))
		snprintf(w.path, sizeof w.path, "%s", group);
	if (H5Literate_by_name(root, group, H5_INDEX_NAME, H5_ITER_INC, NULL, walk_link, &w, H5P_DEFAULT) < 0 && !w.code)
		w.code = h5_failed(ERR_DATA, file, group, "list the objects");
	return w.code < 0 ? w.code : 0;
}
