/* Datasets and attributes of any file, for printing and comparing. */
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "base/number.h"
#include "inspect.h"

static int read_text(const struct h5_file *f, struct arena *mem, struct inspected *d)
{
	char *data = ARENA_NEW(mem, char, (size_t)d->count * d->text_size + 1);

	d->text = data;
	return d->count ? h5_read_rows(f, d->path, 0, d->rank ? d->dims[0] : 1, data) : 0;
}

int inspect_load(const struct h5_file *f, const char *path, struct arena *mem, struct inspected *d)
{
	int i;

	memset(d, 0, sizeof *d);
	d->path = path;
	TRY(h5_info(f, path, &d->type, &d->rank, d->dims, &d->text_size));
	for (d->count = 1, i = 0; i < d->rank; i++)
		d->count *= d->dims[i];
	if (d->type == H5_TEXT)
		return read_text(f, mem, d);
	return h5_read(f, path, H5_F64, mem, &d->number);
}

void inspect_shape(const struct inspected *d, const struct h5_field *field, char *text, int size)
{
	int at = snprintf(text, (size_t)size, "("), i;

	for (i = 0; i < d->rank && at < size; i++)
		at += snprintf(text + at, (size_t)(size - at), "%s%s %lld", i ? ", " : "",
		               field && field->dim[i] ? field->dim[i] : "?", (long long)d->dims[i]);
	if (at < size)
		snprintf(text + at, (size_t)(size - at), ")");
}

static int add_path(void *arg, const char *path)
{
	struct inspect_paths *p = arg;

	ARENA_GROW(p->mem, p->path, p->count, p->capacity, 64);
	p->path[p->count++] = arena_strdup(p->mem, path);
	return 0;
}

int inspect_list(const struct h5_file *f, struct arena *mem, struct inspect_paths *p)
{
	*p = (struct inspect_paths){ .mem = mem };
	return h5_visit(f, "/", add_path, p);
}

const char *inspect_attribute(const struct h5_file *f, const struct h5_attribute *a, struct arena *mem)
{
	char text[NUMBER_TEXT], *value;
	int64_t i;
	double x;

	if (!h5_has_attr(f, a->name))
		return NULL;
	if (a->type == H5_TEXT)
		return h5_get_text(f, a->name, mem, &value) < 0 ? NULL : value;
	if (a->type == H5_I64)
		return h5_get_i64(f, a->name, &i) < 0 ? NULL : arena_printf(mem, "%lld", (long long)i);
	if (h5_get_f64(f, a->name, &x) < 0)
		return NULL;
	number_print(x, text);
	return arena_strdup(mem, text);
}
