/* Looking things up in schemas; see schema.h. */
#include "h5/schema.h"

#include <string.h>

#include "h5/internal.h"

static bool matches(const char *pattern, const char *path)
{
	size_t n = strlen(pattern);

	if (n > 3 && !strcmp(pattern + n - 3, "/**"))
		return !strncmp(pattern, path, n - 2) && path[n - 2];
	return !strcmp(pattern, path);
}

const struct h5_field *h5_schema_field(const struct h5_schema *s, const char *path)
{
	const struct h5_field *f;

	for (f = s->fields; f->path; f++)
		if (matches(f->path, path))
			return f;
	return NULL;
}

const char *h5_type_name(enum h5_type type)
{
	switch (type) {
	case H5_U8:   return "u8";
	case H5_U16:  return "u16";
	case H5_I32:  return "i32";
	case H5_I64:  return "i64";
	case H5_F32:  return "f32";
	case H5_F64:  return "f64";
	case H5_TEXT: return "text";
	}
	return "unknown";
}

static int names(const struct h5_field *f)
{
	int n = 0;

	while (n < H5_MAX_RANK && f->dim[n])
		n++;
	return n;
}

/* {out, row, column, in}: a matrix is (out, in), a vector (out). */
const char *h5_dim_name(const struct h5_field *f, int rank, int i)
{
	int n = names(f);

	return rank > 1 && i == rank - 1 ? f->dim[n - 1] : f->dim[i];
}
