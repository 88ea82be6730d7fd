/* Schemas: what a file must contain, as data.
 *
 * A schema is one C table in hdf5_schemas/.  It is checked by the reader and again before a file
 * gets its name, so both ends agree by construction.  Dimensions are names: datasets that share a
 * name must agree on it.  A path that ends in two stars ("/param/" and then two stars) stands for
 * any number of datasets below that group; their dimension names are labels only and need not agree.
 * Objects that no field describes are an error. */
#ifndef H5_SCHEMA_H
#define H5_SCHEMA_H

#include <stdbool.h>
#include "base/plugin.h"

enum h5_type {              /* a set of types is an OR of these */
	H5_U8 = 1, H5_U16 = 2, H5_I32 = 4, H5_I64 = 8, H5_F32 = 16, H5_F64 = 32,
	H5_TEXT = 64,           /* fixed-length UTF-8, zero-padded */
};

#define H5_MAX_RANK 4

struct h5_field {
	const char *path;                /* "/images", or "/param/" + two stars */
	unsigned types;
	const char *dim[H5_MAX_RANK];    /* dimension names; none = scalar */
	const char *units;               /* "1" for pure numbers, "index", "name", "nat", ... */
	const char *description;
	bool optional;
};

struct h5_attribute {
	const char *name;                /* of the root group */
	unsigned type;                   /* H5_I64, H5_F64 or H5_TEXT; always scalar */
	const char *description;
	bool optional;
};

/* The dataset (of one dimension) that holds the coordinates of a dimension: ids, names, steps. */
struct h5_scale { const char *dimension, *path; };
#define H5_MAX_SCALES 8

struct h5_schema {
	PLUGIN_HEAD;
	int version;
	const struct h5_field *fields;           /* ends with path == NULL */
	const struct h5_attribute *attributes;   /* ends with name == NULL; may be NULL */
	const struct h5_scale *scales;           /* ends with path == NULL; may be NULL */
};

extern const struct h5_schema *const h5_schema_table[];

/* The field that describes path, or NULL. */
const struct h5_field *h5_schema_field(const struct h5_schema *s, const char *path);
const char *h5_type_name(enum h5_type type);     /* "u8", "f32", "text" */

#endif
