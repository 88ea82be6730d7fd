/* Writing a file whole; see file.h. */
#include "h5/internal.h"

#include <string.h>

#include "base/err.h"
#include "base/tempfile.h"

#define CONTIGUOUS_MAX (64 << 10)    /* bytes; larger datasets are chunked and carry Fletcher32 */
#define CHUNK_BYTES (128 << 10)      /* a few images: they may be read one at a time */

struct part {                        /* a dataset that is written in pieces */
	struct part *next;
	char *path;
	hid_t dataset;
	struct h5_shape shape;
	int64_t done;                    /* rows */
};

struct h5_writer {
	struct arena *mem;
	struct tempfile temp;
	hid_t file;
	const struct h5_schema *schema;
	struct digest recipe;
	struct part *parts;
	char *target;
	int failed;                      /* code of the first failure */
};

static int keep(struct h5_writer *w, int code)
{
	if (code < 0 && !w->failed)
		w->failed = code;
	return code;
}

/* "nas-propose" of "stage nas-propose 1\n..." */
static char *stage_of(struct arena *mem, const char *recipe)
{
	const char *at = strncmp(recipe, "stage ", 6) ? recipe : recipe + 6;

	return arena_printf(mem, "%.*s", (int)strcspn(at, "\n"), at);
}

static int start(struct h5_writer *w, const struct h5_recipe *recipe)
{
	const char *name = arena_printf(w->mem, "%s %d", w->schema->name, w->schema->version);
	struct h5_settings set;

	TRY(h5_settings(&set));
	h5_look_for_memory();
	TRY(tempfile_open(&w->temp, w->target));
	w->file = H5Fcreate(w->temp.path, H5F_ACC_TRUNC, set.create, set.access);
	if (w->file < 0)
		return h5_failed(ERR_IO, w->target, NULL, "create");
	TRY(h5_attr_put(w->file, w->target, "/", "schema", H5_TEXT, name));
	TRY(h5_attr_put(w->file, w->target, "/", "stage", H5_TEXT, stage_of(w->mem, recipe->text)));
	return h5_attr_put(w->file, w->target, "/", "recipe", H5_TEXT, recipe->text);
}

int h5_create(struct h5_writer **out, const char *path, const struct h5_schema *schema,
              const struct h5_recipe *recipe)
{
	struct arena *mem = arena_new();
	struct h5_writer *w = ARENA_NEW(mem, struct h5_writer, 1);
	int code;

	*w = (struct h5_writer){
		.mem = mem, .temp.slot = -1, .file = -1, .schema = schema, .recipe = recipe->digest,
		.target = arena_strdup(mem, path),
	};
	*out = NULL;
	code = start(w, recipe);
	if (code < 0) {
		h5_abandon(w);
		return code;
	}
	*out = w;
	return 0;
}

void h5_abandon(struct h5_writer *w)
{
	struct part *p;

	if (!w)
		return;
	for (p = w->parts; p; p = p->next)
		if (p->dataset >= 0)
			H5Dclose(p->dataset);
	if (w->file >= 0)
		H5Fclose(w->file);
	H5Eclear2(H5E_DEFAULT);
	tempfile_drop(&w->temp);
	arena_free(w->mem);
}

/* ---- datasets ---- */

static int make_groups(struct h5_writer *w, const char *path)
{
	char group[H5_PATH_MAX];
	const char *slash = path;
	struct h5_settings set;

	TRY(h5_settings(&set));
	while ((slash = strchr(slash + 1, '/'))) {
		htri_t there;
		hid_t made;

		memcpy(group, path, (size_t)(slash - path));
		group[slash - path] = '\0';
		there = H5Lexists(w->file, group, H5P_DEFAULT);
		if (there > 0)
			continue;
		made = there < 0 ? -1 : H5Gcreate2(w->file, group, H5P_DEFAULT, set.group, H5P_DEFAULT);
		if (made < 0 || H5Gclose(made) < 0)
			return h5_failed(ERR_IO, w->target, path, "make its group");
	}
	return 0;
}

/* A dimension cut into equal pieces of at most `fit`: the last chunk is stored whole, so it should not be
 * mostly empty. */
static hsize_t even_pieces(int64_t extent, int64_t fit)
{
	int64_t pieces;

	if (fit < 1)
		fit = 1;
	pieces = (extent + fit - 1) / fit;
	return (hsize_t)((extent + pieces - 1) / pieces);
}

/* Chunks of about CHUNK_BYTES: whole rows where they fit, else pieces of a row. */
static void choose_chunk(const struct h5_shape *s, hsize_t chunk[H5_MAX_RANK])
{
	size_t bytes = h5_row_bytes(s);
	int i;

	for (i = 0; i < s->rank; i++) {
		int64_t fit = (int64_t)(CHUNK_BYTES / bytes);

		if (fit >= 1 || i == s->rank - 1) {
			chunk[i] = even_pieces(s->dims[i], fit);
			for (i++; i < s->rank; i++)
				chunk[i] = (hsize_t)s->dims[i];
			return;
		}
		chunk[i] = 1;
		bytes /= (size_t)(i + 1 < s->rank ? s->dims[i + 1] : 1);
	}
}

static hid_t creation(const struct h5_shape *s)
{
	hid_t list = H5Pcreate(H5P_DATASET_CREATE);
	size_t bytes = (size_t)(s->rank ? s->dims[0] : 1) * h5_row_bytes(s);
	hsize_t chunk[H5_MAX_RANK];

	if (list < 0 || H5Pset_obj_track_times(list, 0) < 0)
		return -1;
	if (bytes <= CONTIGUOUS_MAX)
		return list;
	choose_chunk(s, chunk);
	/* fill: what a chunk holds beyond the edge is zero, not what was in memory */
	if (H5Pset_chunk(list, s->rank, chunk) < 0 || H5Pset_fletcher32(list) < 0 ||
	    H5Pset_fill_time(list, H5D_FILL_TIME_ALLOC) < 0)
		return -1;
	return list;
}

/* What H5DSset_label would write in one call for each dimension: the attribute DIMENSION_LABELS of the
 * dimension scale specification. */
static int write_labels(struct h5_writer *w, hid_t dataset, const char *path, const struct h5_field *f,
                        int rank)
{
	const char *label[H5_MAX_RANK];
	hsize_t count = (hsize_t)rank;
	hid_t type, space, attribute = -1;
	int code = 0, i;

	if (!rank)
		return 0;
	for (i = 0; i < rank; i++)
		label[i] = h5_dim_name(f, rank, i);
	type = H5Tcopy(H5T_C_S1);
	space = H5Screate_simple(1, &count, NULL);
	if (type >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0)
		attribute = H5Acreate2(dataset, "DIMENSION_LABELS", type, space, H5P_DEFAULT, H5P_DEFAULT);
	if (attribute < 0 || H5Awrite(attribute, type, label) < 0)
		code = h5_failed(ERR_IO, w->target, path, "write its dimension names");
	if (attribute >= 0 && H5Aclose(attribute) < 0 && !code)
		code = h5_failed(ERR_IO, w->target, path, "write its dimension names");
	H5Sclose(space);
	H5Tclose(type);
	return code;
}

static int describe(struct h5_writer *w, hid_t dataset, const char *path, const struct h5_field *f, int rank)
{
	TRY(h5_attr_put(dataset, w->target, path, "units", H5_TEXT, f->units));
	TRY(h5_attr_put(dataset, w->target, path, "description", H5_TEXT, f->description));
	return write_labels(w, dataset, path, f, rank);
}

static int check_new(struct h5_writer *w, const char *path, const struct h5_shape *s,
                     const struct h5_field **f)
{
	int i;

	if (!h5_path_ok(path))
		return err_set(ERR_INTERNAL, "%s: \"%s\" is no path of a dataset", w->target, path);
	*f = h5_schema_field(w->schema, path);
	if (!*f)
		return err_set(ERR_INTERNAL, "%s:%s: unknown to schema %s, version %d", w->target, path, w->schema->name,
		               w->schema->version);
	for (i = 0; i < s->rank && i < H5_MAX_RANK; i++)
		if (s->dims[i] < 0)
			return err_set(ERR_INTERNAL, "%s:%s: dimension %d is %lld", w->target, path, i, (long long)s->dims[i]);
	return h5_check_shape(ERR_INTERNAL, w->target, path, *f, s);
}

static int create_dataset(struct h5_writer *w, const char *path, const struct h5_shape *s, hid_t *dataset)
{
	const struct h5_field *f = NULL;
	hsize_t dims[H5_MAX_RANK];
	hid_t space, list, type;
	int i, code = 0;

	*dataset = -1;
	TRY(check_new(w, path, s, &f));
	TRY(make_groups(w, path));
	for (i = 0; i < s->rank; i++)
		dims[i] = (hsize_t)s->dims[i];
	space = s->rank ? H5Screate_simple(s->rank, dims, NULL) : H5Screate(H5S_SCALAR);
	list = creation(s);
	type = h5_stored_type(s->type, s->text_size);
	if (space >= 0 && list >= 0 && type >= 0)
		*dataset = H5Dcreate2(w->file, path, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
	if (*dataset < 0)
		code = h5_failed(ERR_IO, w->target, path, "create the dataset");
	H5Tclose(type);
	H5Pclose(list);
	H5Sclose(space);
	return code ? code : describe(w, *dataset, path, f, s->rank);
}

static int close_dataset(struct h5_writer *w, const char *path, hid_t dataset)
{
	if (dataset >= 0 && H5Dclose(dataset) < 0)
		return h5_failed(ERR_IO, w->target, path, "write");
	return 0;
}

static int fill(struct h5_writer *w, const char *path, const struct h5_shape *s, hid_t dataset,
                const void *data)
{
	hid_t memory;
	int code = 0;

	if (!h5_elements(s))
		return 0;
	memory = h5_memory_type(s->type, s->text_size);
	if (memory < 0 || H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)
		code = h5_failed(ERR_IO, w->target, path, "write");
	H5Tclose(memory);
	return code;
}

static struct h5_shape shape(enum h5_type type, int rank, const int64_t *dims, size_t text_size)
{
	struct h5_shape s = { .type = type, .rank = rank,
	                      .text_size = type == H5_TEXT ? (text_size ? text_size : 1) : 0 };
	int i;

	for (i = 0; i < rank && i < H5_MAX_RANK; i++)
		s.dims[i] = dims[i];
	return s;
}

int h5_write(struct h5_writer *w, const char *path, enum h5_type type, int rank, const int64_t *dims,
             const void *data, size_t text_size)
{
	struct h5_shape s = shape(type, rank, dims, text_size);
	hid_t dataset = -1;
	int code = create_dataset(w, path, &s, &dataset), closed;

	if (!code)
		code = fill(w, path, &s, dataset, data);
	closed = close_dataset(w, path, dataset);
	return keep(w, code ? code : closed);
}

int h5_write_begin(struct h5_writer *w, const char *path, enum h5_type type, int rank, const int64_t *dims)
{
	struct part *p = ARENA_NEW(w->mem, struct part, 1);

	*p = (struct part){ .next = w->parts, .path = arena_strdup(w->mem, path), .shape = shape(type, rank, dims, 0) };
	if (rank < 1 || type == H5_TEXT)
		return keep(w, err_set(ERR_INTERNAL, "%s:%s: only numbers with rows are written in pieces", w->target,
		                       path));
	w->parts = p;
	return keep(w, create_dataset(w, path, &p->shape, &p->dataset));
}

static int write_part(struct h5_writer *w, struct part *p, int64_t count, const void *data)
{
	hsize_t start_at[H5_MAX_RANK] = { (hsize_t)p->done }, extent[H5_MAX_RANK] = { (hsize_t)count };
	hid_t memory = h5_memory_type(p->shape.type, 0), here = H5Dget_space(p->dataset), there;
	int i, code = 0;

	for (i = 1; i < p->shape.rank; i++)
		extent[i] = (hsize_t)p->shape.dims[i];
	there = H5Screate_simple(p->shape.rank, extent, NULL);
	if (memory < 0 || here < 0 || there < 0 ||
	    H5Sselect_hyperslab(here, H5S_SELECT_SET, start_at, NULL, extent, NULL) < 0 ||
	    H5Dwrite(p->dataset, memory, there, here, H5P_DEFAULT, data) < 0)
		code = h5_failed(ERR_IO, w->target, p->path, "write");
	H5Sclose(there);
	H5Sclose(here);
	H5Tclose(memory);
	return code;
}

int h5_write_rows(struct h5_writer *w, const char *path, int64_t first, int64_t count, const void *data)
{
	struct part *p = w->parts;

	while (p && strcmp(p->path, path))
		p = p->next;
	if (!p || p->dataset < 0)
		return keep(w, err_set(ERR_INTERNAL, "%s:%s: rows before h5_write_begin", w->target, path));
	if (first != p->done || count < 0 || count > p->shape.dims[0] - p->done)
		return keep(w, err_set(ERR_INTERNAL, "%s:%s: rows %lld to %lld, expected %lld to at most %lld",
		                       w->target, path, (long long)first, (long long)(first + count), (long long)p->done,
		                       (long long)p->shape.dims[0]));
	if (!count || !h5_row_bytes(&p->shape)) {
		p->done += count;
		return 0;
	}
	TRY(keep(w, write_part(w, p, count, data)));
	p->done += count;
	return 0;
}

int h5_write_i64(struct h5_writer *w, const char *path, int64_t value)
{
	return h5_write(w, path, H5_I64, 0, NULL, &value, 0);
}

int h5_write_f64(struct h5_writer *w, const char *path, double value)
{
	return h5_write(w, path, H5_F64, 0, NULL, &value, 0);
}

int h5_write_texts(struct h5_writer *w, const char *path, int64_t count, const char *const *texts)
{
	struct arena_mark before = arena_mark(w->mem);
	size_t size = 1;
	int64_t i;
	char *data;
	int code;

	for (i = 0; i < count; i++)
		if (strlen(texts[i]) > size)
			size = strlen(texts[i]);
	data = arena_alloc(w->mem, (size_t)count, size);
	for (i = 0; i < count; i++)
		memcpy(data + (size_t)i * size, texts[i], strlen(texts[i]));
	code = h5_write(w, path, H5_TEXT, 1, &count, data, size);
	arena_rewind(w->mem, before);
	return code;
}

/* ---- attributes of the root ---- */

static int root_attribute(struct h5_writer *w, const char *name, enum h5_type type, const void *value)
{
	const struct h5_attribute *a = w->schema->attributes;

	while (a && a->name && strcmp(a->name, name))
		a++;
	if (!a || !a->name)
		return keep(w, err_set(ERR_INTERNAL, "%s:/: attribute \"%s\" is unknown to schema %s", w->target, name,
		                       w->schema->name));
	if (a->type != type)
		return keep(w, err_set(ERR_INTERNAL, "%s:/: attribute \"%s\" is %s, expected %s", w->target, name,
		                       h5_type_name(type), h5_type_name((enum h5_type)a->type)));
	return keep(w, h5_attr_put(w->file, w->target, "/", name, type, value));
}

int h5_attr_i64(struct h5_writer *w, const char *name, int64_t value)
{
	return root_attribute(w, name, H5_I64, &value);
}

int h5_attr_f64(struct h5_writer *w, const char *name, double value)
{
	return root_attribute(w, name, H5_F64, &value);
}

int h5_attr_text(struct h5_writer *w, const char *name, const char *value)
{
	return root_attribute(w, name, H5_TEXT, value);
}

/* ---- commit ---- */

static int close_parts(struct h5_writer *w)
{
	struct part *p;
	int code = 0;

	for (p = w->parts; p; p = p->next) {
		if (!code && p->done != p->shape.dims[0])
			code = err_set(ERR_INTERNAL, "%s:%s: %lld rows written, expected %lld", w->target, p->path,
			               (long long)p->done, (long long)p->shape.dims[0]);
		if (!code)
			code = close_dataset(w, p->path, p->dataset);
		else
			H5Dclose(p->dataset);
		p->dataset = -1;
	}
	return code;
}

static int check_written(struct h5_writer *w)
{
	struct h5_settings set;
	hid_t file;
	int code;

	TRY(h5_settings(&set));
	file = H5Fopen(w->temp.path, H5F_ACC_RDONLY, set.access);
	if (file < 0)
		return h5_failed(ERR_IO, w->target, NULL, "read back");
	code = h5_check(file, w->target, w->schema);
	H5Fclose(file);
	return code == ERR_DATA ? ERR_INTERNAL : code;     /* not the input's fault */
}

static int finish(struct h5_writer *w)
{
	hid_t file = w->file;

	TRY(w->failed);
	TRY(close_parts(w));
	TRY(h5_scales_write(file, w->target, w->schema));
	if (H5Fflush(file, H5F_SCOPE_LOCAL) < 0)
		return h5_failed(ERR_IO, w->target, NULL, "write");
	w->file = -1;
	if (H5Fclose(file) < 0)
		return h5_failed(ERR_IO, w->target, NULL, "close");
	TRY(h5_header_write(w->temp.path, w->target, w->schema, w->recipe));
	TRY(check_written(w));
	return tempfile_sync(&w->temp);
}

int h5_commit_all(struct h5_writer *const *w, int n)
{
	int code = 0, i;

	for (i = 0; !code && i < n; i++)
		code = finish(w[i]);
	for (i = 0; !code && i < n; i++)
		code = tempfile_commit(&w[i]->temp);
	for (i = 0; i < n; i++)
		h5_abandon(w[i]);
	return code;
}

int h5_commit(struct h5_writer *w)
{
	return h5_commit_all(&w, 1);
}
