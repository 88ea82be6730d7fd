/* Dimension scales: which dataset holds the coordinates of a dimension, said in the file.
 *
 * What H5DSset_scale and H5DSattach_scale of libhdf5_hl would leave, written by hand ("HDF5 Dimension Scale
 * Specification", The HDF Group 2005), once, when all datasets are there: that library rewrites the
 * attributes at each attachment and stores padding that it never set, so that two runs would not give the
 * same bytes.
 *
 *   coordinates  CLASS = "DIMENSION_SCALE", NAME = name of the dimension,
 *                REFERENCE_LIST = (dataset, index of its dimension) of all that use it
 *   the others   DIMENSION_LIST = for each dimension a list of references to its scales: one or none */
#include "h5/internal.h"

#include <string.h>

#include "base/err.h"

#define CLASS "DIMENSION_SCALE"

struct use { hobj_ref_t dataset; int32_t dimension, zero; };     /* an element of REFERENCE_LIST */

struct scales {
	hid_t file;
	const char *shown;
	const struct h5_schema *schema;
	struct arena *mem;
	int count;
	struct {
		const struct h5_scale *scale;
		hobj_ref_t reference;
		struct use *use;
		int64_t uses, room;
	} scale[H5_MAX_SCALES];
};

static int failed(const struct scales *s, const char *path)
{
	return h5_failed(ERR_IO, s->shown, path, "write its dimension scales");
}

/* An attribute of any type; closes type and space. */
static int put(const struct scales *s, hid_t dataset, const char *path, const char *name, hid_t type,
               hid_t space, const void *value)
{
	hid_t attribute = -1;
	int code = 0;

	if (type >= 0 && space >= 0)
		attribute = H5Acreate2(dataset, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
	if (attribute < 0 || H5Awrite(attribute, type, value) < 0)
		code = failed(s, path);
	if (attribute >= 0 && H5Aclose(attribute) < 0 && !code)
		code = failed(s, path);
	H5Sclose(space);
	H5Tclose(type);
	return code;
}

/* Other readers ask for C strings here: with their zero, which h5_attr_put leaves out. */
static int put_string(const struct scales *s, hid_t dataset, const char *path, const char *name,
                      const char *text)
{
	hid_t type = H5Tcopy(H5T_C_S1);

	if (type >= 0 && H5Tset_size(type, strlen(text) + 1) < 0)
		return failed(s, path);
	return put(s, dataset, path, name, type, H5Screate(H5S_SCALAR), text);
}

static int put_uses(const struct scales *s, hid_t dataset, const char *path, const struct use *use,
                    int64_t uses)
{
	hsize_t count = (hsize_t)uses;
	hid_t type = H5Tcreate(H5T_COMPOUND, sizeof *use);

	if (type >= 0 && (H5Tinsert(type, "dataset", HOFFSET(struct use, dataset), H5T_STD_REF_OBJ) < 0 ||
	                  H5Tinsert(type, "dimension", HOFFSET(struct use, dimension), H5T_STD_I32LE) < 0))
		return failed(s, path);
	return put(s, dataset, path, "REFERENCE_LIST", type, H5Screate_simple(1, &count, NULL), use);
}

/* The scale of a dimension of this name, if the file has it; a scale has none itself. */
static int find(const struct scales *s, const char *path, const char *dimension)
{
	int found = -1;

	for (int i = 0; i < s->count; i++) {
		if (!strcmp(s->scale[i].scale->path, path))
			return -1;
		if (!strcmp(s->scale[i].scale->dimension, dimension))
			found = i;
	}
	return found;
}

static int add_use(struct scales *s, int i, const char *path, int dimension)
{
	struct use *use;

	ARENA_GROW(s->mem, s->scale[i].use, s->scale[i].uses, s->scale[i].room, 16);
	use = &s->scale[i].use[s->scale[i].uses++];
	use->dimension = dimension;
	return H5Rcreate(&use->dataset, s->file, path, H5R_OBJECT, -1) < 0 ? failed(s, path) : 0;
}

static int attach(void *arg, const char *path)
{
	struct scales *s = arg;
	const struct h5_field *f = h5_schema_field(s->schema, path);
	hvl_t list[H5_MAX_RANK] = { 0 };
	hid_t dataset = H5Dopen2(s->file, path, H5P_DEFAULT);
	struct h5_shape shape = { 0 };
	hsize_t rank;
	int code = dataset < 0 ? failed(s, path) : h5_shape_of(dataset, s->shown, path, &shape), used = 0;

	for (int i = 0; f && !code && i < shape.rank; i++) {
		int k = find(s, path, h5_dim_name(f, shape.rank, i));

		if (k < 0)
			continue;
		code = add_use(s, k, path, i);
		list[i] = (hvl_t){ 1, &s->scale[k].reference };
		used++;
	}
	rank = (hsize_t)shape.rank;
	if (!code && used)
		code = put(s, dataset, path, "DIMENSION_LIST", H5Tvlen_create(H5T_STD_REF_OBJ),
		           H5Screate_simple(1, &rank, NULL), list);
	if (dataset >= 0)
		H5Dclose(dataset);
	return code;
}

static bool is_there(const struct scales *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *parent = arena_printf(s->mem, "%.*s", (int)(slash - path), path);

	return (!*parent || h5_answer(H5Lexists(s->file, parent, H5P_DEFAULT), s->shown, path)) &&
	       h5_answer(H5Lexists(s->file, path, H5P_DEFAULT), s->shown, path);
}

static int begin(struct scales *s)
{
	for (const struct h5_scale *scale = s->schema->scales; scale && scale->path; scale++) {
		if (!is_there(s, scale->path))
			continue;
		if (s->count == H5_MAX_SCALES)
			return err_set(ERR_INTERNAL, "schema %s has more than %d scales", s->schema->name, H5_MAX_SCALES);
		s->scale[s->count].scale = scale;
		if (H5Rcreate(&s->scale[s->count].reference, s->file, scale->path, H5R_OBJECT, -1) < 0)
			return failed(s, scale->path);
		s->count++;
	}
	return 0;
}

/* Two dimensions may have the same coordinates: one scale, which has the name of the first. */
static int end(struct scales *s, int i)
{
	const struct h5_scale *scale = s->scale[i].scale;
	int64_t uses = 0;
	struct use *use;
	hid_t dataset;
	int code;

	for (int k = 0; k < s->count; k++) {
		if (strcmp(s->scale[k].scale->path, scale->path))
			continue;
		if (k < i)
			return 0;
		uses += s->scale[k].uses;
	}
	use = ARENA_NEW(s->mem, struct use, uses);
	uses = 0;
	for (int k = i; k < s->count; k++)
		if (!strcmp(s->scale[k].scale->path, scale->path) && s->scale[k].uses) {
			memcpy(use + uses, s->scale[k].use, (size_t)s->scale[k].uses * sizeof *use);
			uses += s->scale[k].uses;
		}
	dataset = H5Dopen2(s->file, scale->path, H5P_DEFAULT);
	if (dataset < 0)
		return failed(s, scale->path);
	code = put_string(s, dataset, scale->path, "CLASS", CLASS);
	if (!code)
		code = put_string(s, dataset, scale->path, "NAME", scale->dimension);
	if (!code && uses)
		code = put_uses(s, dataset, scale->path, use, uses);
	H5Dclose(dataset);
	return code;
}

int h5_scales_write(hid_t file, const char *shown, const struct h5_schema *schema)
{
	struct scales s = { .file = file, .shown = shown, .schema = schema };
	int code;

	if (!schema->scales)
		return 0;
	s.mem = arena_new();
	code = begin(&s);
	if (!code && s.count)
		code = h5_walk(file, shown, "/", attach, &s);
	for (int i = 0; !code && i < s.count; i++)
		code = end(&s, i);
	arena_free(s.mem);
	return code;
}
