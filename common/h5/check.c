/* A file against its schema. */
#include "h5/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

#define DIMS_MAX 32

struct check {
	hid_t file;
	const char *shown;
	const struct h5_schema *schema;
	hsize_t bytes;               /* of the file */
	struct arena *mem;
	int dims;
	struct { const char *name; int64_t extent; } dim[DIMS_MAX];
};

static bool is_wild(const struct h5_field *f)
{
	return strchr(f->path, '*') != NULL;
}

static int field_rank(const struct h5_field *f)
{
	int n = 0;

	while (n < H5_MAX_RANK && f->dim[n])
		n++;
	return n;
}

/* "4 (image, row, column, channel)" or "0 (a single value)" */
static void print_dims(const struct h5_field *f, char *text, size_t size)
{
	int n = field_rank(f), i, used = snprintf(text, size, "%s%d (", is_wild(f) ? "at most " : "", n);

	for (i = 0; i < n; i++)
		used += snprintf(text + used, size - (size_t)used, "%s%s", i ? ", " : "", f->dim[i]);
	snprintf(text + used, size - (size_t)used, "%s)", n ? "" : "a single value");
}

static void print_types(unsigned types, char *text, size_t size)
{
	unsigned bit;
	int used = 0;

	for (bit = 1; bit <= H5_TEXT; bit <<= 1)
		if (types & bit)
			used += snprintf(text + used, size - (size_t)used, "%s%s", used ? " or " : "",
			                 h5_type_name((enum h5_type)bit));
}

int h5_check_shape(int code, const char *file, const char *path, const struct h5_field *f,
                   const struct h5_shape *s)
{
	int rank = field_rank(f);
	char want[256];

	if (s->rank != rank && !(is_wild(f) && s->rank < rank)) {
		print_dims(f, want, sizeof want);
		return err_set(code, "%s:%s: rank %d, expected %s", file, path, s->rank, want);
	}
	if (!(f->types & s->type)) {
		print_types(f->types, want, sizeof want);
		return err_set(code, "%s:%s: type %s, expected %s", file, path,
		               s->type ? h5_type_name(s->type) : "unknown", want);
	}
	return 0;
}

static int agree(struct check *c, const char *path, const char *name, int64_t extent)
{
	int i;

	for (i = 0; i < c->dims; i++)
		if (!strcmp(c->dim[i].name, name)) {
			if (c->dim[i].extent == extent)
				return 0;
			return err_set(ERR_DATA, "%s:%s: %s is %lld, but %lld elsewhere in this file", c->shown, path, name,
			               (long long)extent, (long long)c->dim[i].extent);
		}
	if (c->dims == DIMS_MAX)
		return err_set(ERR_INTERNAL, "schema %s has more than %d dimension names", c->schema->name, DIMS_MAX);
	c->dim[c->dims].name = name;
	c->dim[c->dims++].extent = extent;
	return 0;
}

static int check_words(struct check *c, hid_t dataset, const char *path, const struct h5_field *f)
{
	struct arena_mark before = arena_mark(c->mem);
	char *units, *description;

	TRY(h5_attr_take(dataset, c->shown, path, "units", H5_TEXT, c->mem, &units));
	TRY(h5_attr_take(dataset, c->shown, path, "description", H5_TEXT, c->mem, &description));
	if (strcmp(units, f->units))
		return err_set(ERR_DATA, "%s:%s: its unit is \"%s\", expected \"%s\"", c->shown, path, units, f->units);
	arena_rewind(c->mem, before);
	return 0;
}

/* Nothing in a file of ours refers to other files, runs filters but the checksum, or holds more than the
 * file has bytes: a size in a header is no reason to allocate. */
static int check_storage(struct check *c, hid_t dataset, const char *path, const struct h5_shape *s)
{
	hid_t list = H5Dget_create_plist(dataset);
	uint64_t bytes = s->type == H5_TEXT ? s->text_size : h5_type_size(s->type);
	bool plain, fits = true;
	int i;

	plain = list >= 0 && H5Pget_external_count(list) == 0 && H5Pget_layout(list) != H5D_VIRTUAL;
	for (i = 0; plain && i < H5Pget_nfilters(list); i++) {
		size_t none = 0;

		plain = H5Pget_filter2(list, (unsigned)i, NULL, &none, NULL, 0, NULL, NULL) == H5Z_FILTER_FLETCHER32;
	}
	if (list >= 0)
		H5Pclose(list);
	if (!plain)
		return err_set(ERR_DATA, "%s:%s: is compressed or lies elsewhere, which files of nasmill never do",
		               c->shown, path);
	for (i = 0; i < s->rank; i++)
		fits &= !__builtin_mul_overflow(bytes, (uint64_t)s->dims[i], &bytes);
	if (fits && bytes <= c->bytes)
		return 0;
	return err_set(ERR_DATA, "%s:%s: claims to hold more than the %llu bytes of the file", c->shown, path,
	               (unsigned long long)c->bytes);
}

static int check_dataset(void *arg, const char *path)
{
	struct check *c = arg;
	const struct h5_field *f = h5_schema_field(c->schema, path);
	struct h5_shape s;
	hid_t dataset = -1;
	int code, i;

	if (!f)
		return err_set(ERR_DATA, "%s:%s: unknown to schema %s, version %d", c->shown, path, c->schema->name,
		               c->schema->version);
	dataset = H5Dopen2(c->file, path, H5P_DEFAULT);
	if (dataset < 0)
		return h5_failed(ERR_DATA, c->shown, path, "open the dataset");
	code = h5_shape_of(dataset, c->shown, path, &s);
	if (!code)
		code = h5_check_shape(ERR_DATA, c->shown, path, f, &s);
	if (!code)
		code = check_storage(c, dataset, path, &s);
	if (!code)
		code = check_words(c, dataset, path, f);
	for (i = 0; !code && i < s.rank && !is_wild(f); i++)
		code = agree(c, path, f->dim[i], s.dims[i]);
	H5Dclose(dataset);
	return code;
}

static int check_required(struct check *c)
{
	const struct h5_field *f;

	for (f = c->schema->fields; f->path; f++) {
		if (f->optional || is_wild(f) || h5_object_exists(c->file, c->shown, f->path, H5O_TYPE_DATASET))
			continue;
		return err_set(ERR_DATA, "%s:%s: is missing (%s)", c->shown, f->path, f->description);
	}
	return 0;
}

static const char *const common_attributes[] = { "schema", "stage", "recipe", NULL };

static int check_known(struct check *c, const char *name)
{
	const struct h5_attribute *a;
	int i;

	for (i = 0; common_attributes[i]; i++)
		if (!strcmp(name, common_attributes[i]))
			return 0;
	for (a = c->schema->attributes; a && a->name; a++)
		if (!strcmp(name, a->name))
			return 0;
	return err_set(ERR_DATA, "%s:/: attribute \"%s\" is unknown to schema %s", c->shown, name, c->schema->name);
}

static herr_t visit_attribute(hid_t object, const char *name, const H5A_info_t *info, void *arg)
{
	(void)object;
	(void)info;
	return check_known(arg, name);
}

static int check_attribute(struct check *c, const char *name, enum h5_type want, bool optional)
{
	enum h5_type type;
	size_t size;

	TRY(h5_attr_shape(c->file, c->shown, "/", name, &type, &size));
	if (!type && !optional)
		return err_set(ERR_DATA, "%s:/: attribute \"%s\" is missing", c->shown, name);
	if (type && type != want)
		return err_set(ERR_DATA, "%s:/: attribute \"%s\" is %s, expected %s", c->shown, name, h5_type_name(type),
		               h5_type_name(want));
	return 0;
}

static int check_attributes(struct check *c)
{
	const struct h5_attribute *a;
	int i;

	for (i = 0; common_attributes[i]; i++)
		TRY(check_attribute(c, common_attributes[i], H5_TEXT, false));
	for (a = c->schema->attributes; a && a->name; a++)
		TRY(check_attribute(c, a->name, (enum h5_type)a->type, a->optional));
	if (H5Aiterate2(c->file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit_attribute, c) < 0)
		return err_code() ? err_code() : h5_failed(ERR_DATA, c->shown, "/", "list the attributes");
	return 0;
}

int h5_check(hid_t file, const char *shown, const struct h5_schema *schema)
{
	struct check c = { .file = file, .shown = shown, .schema = schema, .mem = arena_new() };
	int code = 0;

	if (H5Fget_filesize(file, &c.bytes) < 0)
		code = h5_failed(ERR_DATA, shown, NULL, "tell its size");
	if (!code)
		code = h5_walk(file, shown, "/", check_dataset, &c);
	if (!code)
		code = check_required(&c);
	if (!code)
		code = check_attributes(&c);
	arena_free(c.mem);
	return code;
}
