/* Attributes: scalars of an object. */
#include "h5/internal.h"

#include <string.h>

#include "base/err.h"

#define TEXT_MAX (16 << 20)          /* bytes; the longest we write are recipes, a line for each input */

int h5_attr_put(hid_t object, const char *file, const char *place, const char *name, enum h5_type type,
                const void *value)
{
	size_t size = type == H5_TEXT ? strlen(value) : 0;
	hid_t stored = h5_stored_type(type, size), memory = h5_memory_type(type, size);
	hid_t space = H5Screate(H5S_SCALAR), attribute = -1;
	int code = 0;

	if (stored >= 0 && memory >= 0 && space >= 0)
		attribute = H5Acreate2(object, name, stored, space, H5P_DEFAULT, H5P_DEFAULT);
	/* an empty text is one zero byte, which its terminator supplies */
	if (attribute < 0 || H5Awrite(attribute, memory, value) < 0)
		code = h5_failed(ERR_IO, file, place, "write an attribute");
	if (attribute >= 0 && H5Aclose(attribute) < 0 && !code)
		code = h5_failed(ERR_IO, file, place, "write an attribute");
	H5Sclose(space);
	H5Tclose(memory);
	H5Tclose(stored);
	return code;
}

int h5_attr_shape(hid_t object, const char *file, const char *place, const char *name, enum h5_type *type,
                  size_t *text_size)
{
	htri_t there = H5Aexists(object, name);
	hid_t attribute = -1, space = -1, stored = -1;
	int code = 0;

	*type = 0;
	*text_size = 0;
	if (there == 0)
		return 0;
	if (there > 0)
		attribute = H5Aopen(object, name, H5P_DEFAULT);
	if (attribute >= 0) {
		space = H5Aget_space(attribute);
		stored = H5Aget_type(attribute);
	}
	if (space < 0 || stored < 0)
		code = h5_failed(ERR_DATA, file, place, "read an attribute");
	else if (H5Sget_simple_extent_type(space) != H5S_SCALAR)
		code = err_set(ERR_DATA, "%s:%s: attribute %s is no scalar", file, place, name);
	else if (!(*type = h5_type_of(stored, text_size)))
		code = err_set(ERR_DATA, "%s:%s: attribute %s has an unknown type", file, place, name);
	else if (*text_size > TEXT_MAX)
		code = err_set(ERR_DATA, "%s:%s: attribute %s has %zu bytes, at most %d are read", file, place, name,
		               *text_size, TEXT_MAX);
	if (stored >= 0)
		H5Tclose(stored);
	if (space >= 0)
		H5Sclose(space);
	if (attribute >= 0)
		H5Aclose(attribute);
	return code;
}

int h5_attr_take(hid_t object, const char *file, const char *place, const char *name, enum h5_type type,
                 struct arena *mem, void *value)
{
	enum h5_type found;
	size_t size;
	hid_t attribute, memory;
	void *target = value;
	int code = 0;

	TRY(h5_attr_shape(object, file, place, name, &found, &size));
	if (!found)
		return err_set(ERR_DATA, "%s:%s: has no attribute \"%s\"", file, place, name);
	if (found != type)
		return err_set(ERR_DATA, "%s:%s: attribute %s is %s, expected %s", file, place, name, h5_type_name(found),
		               h5_type_name(type));
	if (type == H5_TEXT) {
		target = arena_alloc(mem, size + 1, 1);
		memcpy(value, &target, sizeof target);
	}
	attribute = H5Aopen(object, name, H5P_DEFAULT);
	memory = h5_memory_type(type, size);
	if (attribute < 0 || memory < 0 || H5Aread(attribute, memory, target) < 0)
		code = h5_failed(ERR_DATA, file, place, "read an attribute");
	if (memory >= 0)
		H5Tclose(memory);
	if (attribute >= 0)
		H5Aclose(attribute);
	return code;
}
