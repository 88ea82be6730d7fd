/* Reading a file; see file.h. */
#include "h5/internal.h"

#include <string.h>

#include "base/err.h"
#include "h5/convert.h"

/* The dataset whose rows were read last stays open: a loader asks for the same one again and again, and its
 * chunk cache lives as long as the dataset is open. */
struct recent { char path[H5_PATH_MAX]; hid_t dataset; struct h5_shape shape; };

struct h5_file {
	struct arena *mem;
	char *path;
	hid_t file;
	const struct h5_schema *schema;
	struct h5_header header;
	struct recent *recent;
};

static int find_schema(struct h5_file *f, const struct h5_schema *want)
{
	const struct h5_header *h = &f->header;
	int i;

	if (want && strcmp(h->schema, want->name))
		return err_set(ERR_DATA, "%s: is a %s file, expected %s (%s)", f->path, h->schema, want->name,
		               want->summary);
	for (i = 0; !want && h5_schema_table[i]; i++)
		if (!strcmp(h5_schema_table[i]->name, h->schema))
			want = h5_schema_table[i];
	if (!want)
		return err_set(ERR_DATA, "%s: its schema \"%s\" is unknown; was it written by a newer nasmill?", f->path,
		               h->schema);
	if (h->schema_version != want->version)
		return err_set(ERR_DATA, "%s: version %d of schema %s, expected %d; delete it and run make again", f->path,
		               h->schema_version, h->schema, want->version);
	f->schema = want;
	return 0;
}

static int check_recipe(struct h5_file *f)
{
	struct arena *mem = arena_new();
	struct digest found;
	char *text;
	int code = h5_get_text(f, "recipe", mem, &text);

	if (!code) {
		found = hash128(text, strlen(text));
		if (!digest_equal(&found, &f->header.recipe))
			code = err_set(ERR_DATA, "%s:/: attribute recipe is not the one of the user block", f->path);
	}
	arena_free(mem);
	return code;
}

static int open_checked(struct h5_file *f, const struct h5_schema *schema)
{
	struct h5_settings set;

	TRY(h5_header_verify(f->path, &f->header));
	TRY(find_schema(f, schema));
	TRY(h5_settings(&set));
	h5_look_for_memory();
	f->file = H5Fopen(f->path, H5F_ACC_RDONLY, set.access);
	if (f->file < 0)
		return h5_failed(ERR_DATA, f->path, NULL, "open");
	TRY(h5_check(f->file, f->path, f->schema));
	return check_recipe(f);
}

int h5_open(struct h5_file **out, const char *path, const struct h5_schema *schema)
{
	struct arena *mem = arena_new();
	struct h5_file *f = ARENA_NEW(mem, struct h5_file, 1);
	int code;

	f->mem = mem;
	f->path = arena_strdup(mem, path);
	f->file = -1;
	f->recent = ARENA_NEW(mem, struct recent, 1);
	f->recent->dataset = -1;
	*out = NULL;
	code = open_checked(f, schema);
	if (code < 0) {
		h5_close(f);
		return code;
	}
	*out = f;
	return 0;
}

void h5_close(struct h5_file *f)
{
	if (!f)
		return;
	if (f->recent->dataset >= 0)
		H5Dclose(f->recent->dataset);
	if (f->file >= 0)
		H5Fclose(f->file);
	arena_free(f->mem);
}

const char *h5_path(const struct h5_file *f)
{
	return f->path;
}

const struct h5_schema *h5_file_schema(const struct h5_file *f)
{
	return f->schema;
}

const struct h5_header *h5_file_header(const struct h5_file *f)
{
	return &f->header;
}

/* ---- datasets ---- */

bool h5_has(const struct h5_file *f, const char *path)
{
	return h5_object_exists(f->file, f->path, path, H5O_TYPE_DATASET);
}

static int open_dataset(const struct h5_file *f, const char *path, hid_t *dataset, struct h5_shape *s)
{
	int code;

	if (!h5_has(f, path))
		return err_set(ERR_DATA, "%s:%s: there is no such dataset", f->path, path);
	*dataset = H5Dopen2(f->file, path, H5P_DEFAULT);
	if (*dataset < 0)
		return h5_failed(ERR_DATA, f->path, path, "open the dataset");
	code = h5_shape_of(*dataset, f->path, path, s);
	if (code)
		H5Dclose(*dataset);
	return code;
}

int h5_info(const struct h5_file *f, const char *path, enum h5_type *type, int *rank,
            int64_t dims[H5_MAX_RANK], size_t *text_size)
{
	struct h5_shape s;
	hid_t dataset = -1;

	TRY(open_dataset(f, path, &dataset, &s));
	H5Dclose(dataset);
	if (type)
		*type = s.type;
	if (rank)
		*rank = s.rank;
	if (dims)
		memcpy(dims, s.dims, sizeof s.dims);
	if (text_size)
		*text_size = s.text_size;
	return 0;
}

static int read_all(const struct h5_file *f, const char *path, hid_t dataset, const struct h5_shape *s,
                    void *data)
{
	hid_t memory;
	int code = 0;

	if (!h5_elements(s))
		return 0;
	memory = h5_memory_type(s->type, s->text_size);
	if (memory < 0 || H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)
		code = h5_failed(ERR_DATA, f->path, path, "read");
	H5Tclose(memory);
	return code;
}

/* Reads in the stored type and converts beside it. */
static int read_converted(const struct h5_file *f, const char *path, hid_t dataset, const struct h5_shape *s,
                          enum h5_type type, void *data)
{
	struct arena *scratch = arena_new();
	void *raw = arena_raw(scratch, (size_t)h5_elements(s), h5_type_size(s->type));
	int code = read_all(f, path, dataset, s, raw);
	int64_t at;

	if (!code) {
		at = h5_convert(h5_elements(s), s->type, raw, type, data);
		if (at >= 0)
			code = err_set(ERR_DATA, "%s:%s: element %lld (%s) does not fit %s", f->path, path, (long long)at,
			               h5_type_name(s->type), h5_type_name(type));
	}
	arena_free(scratch);
	return code;
}

int h5_read(const struct h5_file *f, const char *path, enum h5_type type, struct arena *mem,
            void *data_pointer)
{
	struct h5_shape s;
	hid_t dataset = -1;
	void *data;
	int code;

	TRY(open_dataset(f, path, &dataset, &s));
	if ((type == H5_TEXT) != (s.type == H5_TEXT)) {
		H5Dclose(dataset);
		return err_set(ERR_DATA, "%s:%s: type %s, expected %s", f->path, path, h5_type_name(s.type),
		               h5_type_name(type));
	}
	data = arena_raw(mem, (size_t)h5_elements(&s), type == H5_TEXT ? s.text_size : h5_type_size(type));
	if (type == s.type)
		code = read_all(f, path, dataset, &s, data);
	else
		code = read_converted(f, path, dataset, &s, type, data);
	H5Dclose(dataset);
	memcpy(data_pointer, &data, sizeof data);
	return code;
}

static int recall(const struct h5_file *f, const char *path)
{
	struct recent *r = f->recent;
	hid_t opened;

	if (r->dataset >= 0 && !strcmp(r->path, path))
		return 0;
	if (r->dataset >= 0)
		H5Dclose(r->dataset);
	r->dataset = -1;
	TRY(open_dataset(f, path, &opened, &r->shape));
	r->dataset = opened;
	strcpy(r->path, path);      /* h5_has() found it, so it is short enough */
	return 0;
}

int h5_read_rows(const struct h5_file *f, const char *path, int64_t first, int64_t count, void *data)
{
	hsize_t start[H5_MAX_RANK] = { (hsize_t)first }, extent[H5_MAX_RANK] = { (hsize_t)count };
	const struct h5_shape *s;
	hid_t memory, here, there;
	int code = 0, i;

	TRY(recall(f, path));
	s = &f->recent->shape;
	if (s->rank < 1 || first < 0 || count < 0 || first > s->dims[0] - count)
		return err_set(ERR_DATA, "%s:%s: %lld rows from %lld on were asked for, there are %lld", f->path, path,
		               (long long)count, (long long)first, (long long)(s->rank ? s->dims[0] : 0));
	if (!count || !h5_row_bytes(s))
		return 0;
	for (i = 1; i < s->rank; i++)
		extent[i] = (hsize_t)s->dims[i];
	memory = h5_memory_type(s->type, s->text_size);
	here = H5Dget_space(f->recent->dataset);
	there = H5Screate_simple(s->rank, extent, NULL);
	if (memory < 0 || here < 0 || there < 0 ||
	    H5Sselect_hyperslab(here, H5S_SELECT_SET, start, NULL, extent, NULL) < 0 ||
	    H5Dread(f->recent->dataset, memory, there, here, H5P_DEFAULT, data) < 0)
		code = h5_failed(ERR_DATA, f->path, path, "read");
	H5Sclose(there);
	H5Sclose(here);
	H5Tclose(memory);
	return code;
}

static int read_one(const struct h5_file *f, const char *path, enum h5_type type, void *value)
{
	struct arena *mem = arena_new();
	struct h5_shape s;
	hid_t dataset = -1;
	void *data = NULL;
	int code = open_dataset(f, path, &dataset, &s);

	if (!code) {
		H5Dclose(dataset);
		if (h5_elements(&s) != 1)
			code = err_set(ERR_DATA, "%s:%s: %lld values, expected one", f->path, path, (long long)h5_elements(&s));
		else
			code = h5_read(f, path, type, mem, &data);
		if (!code)
			memcpy(value, data, h5_type_size(type));
	}
	arena_free(mem);
	return code;
}

int h5_read_i64(const struct h5_file *f, const char *path, int64_t *value)
{
	return read_one(f, path, H5_I64, value);
}

int h5_read_f64(const struct h5_file *f, const char *path, double *value)
{
	return read_one(f, path, H5_F64, value);
}

int h5_read_texts(const struct h5_file *f, const char *path, struct arena *mem, int64_t *count, char ***texts)
{
	struct h5_shape s;
	hid_t dataset = -1;
	int64_t i;
	char *raw;

	TRY(open_dataset(f, path, &dataset, &s));
	H5Dclose(dataset);
	TRY(h5_read(f, path, H5_TEXT, mem, &raw));
	*count = h5_elements(&s);
	*texts = ARENA_NEW(mem, char *, *count);
	for (i = 0; i < *count; i++)
		(*texts)[i] = arena_printf(mem, "%.*s", (int)s.text_size, raw + (size_t)i * s.text_size);
	return 0;
}

/* ---- attributes of the root ---- */

int h5_get_i64(const struct h5_file *f, const char *name, int64_t *value)
{
	return h5_attr_take(f->file, f->path, "/", name, H5_I64, NULL, value);
}

int h5_get_f64(const struct h5_file *f, const char *name, double *value)
{
	return h5_attr_take(f->file, f->path, "/", name, H5_F64, NULL, value);
}

int h5_get_text(const struct h5_file *f, const char *name, struct arena *mem, char **value)
{
	return h5_attr_take(f->file, f->path, "/", name, H5_TEXT, mem, value);
}

int h5_get_plugin(const struct h5_file *f, const char *name, const char *kind, const void *const *table,
                  void *plugin_pointer)
{
	struct arena *mem = arena_new();
	const void *plugin = NULL;
	char *word;
	int code = h5_get_text(f, name, mem, &word);

	if (!code && !(plugin = plugin_find(table, kind, word)))
		code = err_replace(ERR_DATA, "%s:/: attribute %s: %s", f->path, name, err_text());
	arena_free(mem);
	memcpy(plugin_pointer, &plugin, sizeof plugin);
	return code;
}

bool h5_has_attr(const struct h5_file *f, const char *name)
{
	return h5_answer(H5Aexists(f->file, name), f->path, "/");
}

int h5_visit(const struct h5_file *f, const char *group, h5_visit_fn *fn, void *arg)
{
	if (strcmp(group, "/") && !h5_object_exists(f->file, f->path, group, H5O_TYPE_GROUP))
		return 0;
	return h5_walk(f->file, f->path, group, fn, arg);
}
