/* nas-inspect --schemas */
#include <stdio.h>
#include "inspect.h"

static void print_types(unsigned types)
{
	const char *separator = "";
	unsigned t;

	for (t = 1; t <= H5_TEXT; t <<= 1)
		if (types & t) {
			printf("%s%s", separator, h5_type_name((enum h5_type)t));
			separator = " or ";
		}
}

static void print_field(const struct h5_field *f)
{
	int i;

	printf("- `%s` ", f->path);
	print_types(f->types);
	if (!f->dim[0])
		printf(" scalar");
	for (i = 0; i < H5_MAX_RANK && f->dim[i]; i++)
		printf("%s%s", i ? ", " : " (", f->dim[i]);
	printf("%s, %s%s: %s\n", f->dim[0] ? ")" : "", f->units, f->optional ? ", optional" : "", f->description);
}

void inspect_schemas(void)
{
	const struct h5_schema *const *s;
	const struct h5_field *f;
	const struct h5_attribute *a;
	const struct h5_scale *c;

	for (s = h5_schema_table; *s; s++) {
		printf("%s## %s (version %d)\n\n%s.\n\n", s == h5_schema_table ? "" : "\n", (*s)->name, (*s)->version,
		       (*s)->summary);
		for (f = (*s)->fields; f->path; f++)
			print_field(f);
		if ((*s)->scales)
			printf("\nDimension scales:");
		for (c = (*s)->scales; c && c->path; c++)
			printf(" %s is `%s`%s", c->dimension, c->path, c[1].path ? "," : ".\n");
		if ((*s)->attributes)
			printf("\nRoot attributes:\n\n");
		for (a = (*s)->attributes; a && a->name; a++)
			printf("- `%s` %s%s: %s\n", a->name, h5_type_name((enum h5_type)a->type),
			       a->optional ? ", optional" : "", a->description);
	}
}
