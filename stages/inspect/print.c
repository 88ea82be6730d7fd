/* nas-inspect FILE */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "base/number.h"
#include "inspect.h"

#define SHOWN 8         /* values or texts shown of a dataset */

static void print_numbers(const struct inspected *d)
{
	double low = INFINITY, high = -INFINITY, sum = 0;
	int64_t finite = 0, i;
	char text[NUMBER_TEXT];

	for (i = 0; i < d->count; i++)
		if (isfinite(d->number[i])) {
			low = fmin(low, d->number[i]);
			high = fmax(high, d->number[i]);
			sum += d->number[i];
			finite++;
		}
	if (d->count > SHOWN && finite)
		printf("      min %.6g  mean %.6g  max %.6g", low, sum / (double)finite, high);
	else
		printf("     ");
	if (d->count > SHOWN && finite < d->count)
		printf("  (%lld of %lld not finite)", (long long)(d->count - finite), (long long)d->count);
	for (i = 0; d->count <= SHOWN && i < d->count; i++) {
		number_print(d->number[i], text);
		printf(" %s", text);
	}
	printf("\n");
}

static void print_texts(const struct inspected *d)
{
	int64_t i;

	printf("     ");
	for (i = 0; i < d->count && i < SHOWN; i++)
		printf(" \"%.*s\"", (int)strnlen(d->text + (size_t)i * d->text_size, d->text_size),
		       d->text + (size_t)i * d->text_size);
	printf(d->count > SHOWN ? " ... (%lld)\n" : "\n", (long long)d->count);
}

static void print_header(const struct h5_file *f, const char *path, const char *recipe)
{
	const struct h5_header *h = h5_file_header(f);
	char digest[DIGEST_TEXT];

	digest_print(&h->digest, digest);
	printf("%s: %s, version %d: %s\n", path, h->schema, h->schema_version, h5_file_schema(f)->summary);
	printf("  whole: %llu bytes, digest %s\n", (unsigned long long)h->length, digest);
	printf("  made by:\n");
	while (*recipe) {
		const int n = (int)strcspn(recipe, "\n");

		printf("      %.*s\n", n, recipe);
		recipe += n + (recipe[n] == '\n');
	}
}

static int print_datasets(const struct h5_file *f, struct arena *mem)
{
	struct inspect_paths list;
	int64_t i;

	TRY(inspect_list(f, mem, &list));
	for (i = 0; i < list.count; i++) {
		const struct h5_field *field = h5_schema_field(h5_file_schema(f), list.path[i]);
		const struct arena_mark mark = arena_mark(mem);
		struct inspected d;
		char shape[256];

		TRY(inspect_load(f, list.path[i], mem, &d));
		inspect_shape(&d, field, shape, sizeof shape);
		printf("  %s %s %s, %s: %s\n", d.path, h5_type_name(d.type), d.rank ? shape : "scalar",
		       field ? field->units : "?", field ? field->description : "?");
		if (d.type == H5_TEXT)
			print_texts(&d);
		else
			print_numbers(&d);
		arena_rewind(mem, mark);
	}
	return 0;
}

int inspect_print(const char *path, struct arena *mem)
{
	const struct h5_attribute *a;
	struct h5_file *f;
	char *recipe;
	int code;

	TRY(h5_open(&f, path, NULL));
	code = h5_get_text(f, "recipe", mem, &recipe);
	if (!code) {
		print_header(f, path, recipe);
		for (a = h5_file_schema(f)->attributes; a && a->name; a++) {
			const char *value = inspect_attribute(f, a, mem);

			if (value)
				printf("  %s = %s  (%s)\n", a->name, value, a->description);
		}
		code = print_datasets(f, mem);
	}
	h5_close(f);
	return code;
}
