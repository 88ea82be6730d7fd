/* nas-inspect --diff A B */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "inspect.h"

struct pair { const struct h5_file *a, *b; struct arena *mem; int64_t differences; };

static void differs(struct pair *p, const char *what, const char *a, const char *b)
{
	printf("%s: %s | %s\n", what, a ? a : "(none)", b ? b : "(none)");
	p->differences++;
}

static int compare_recipes(struct pair *p)
{
	char *a, *b, text[512];

	TRY(h5_get_text(p->a, "recipe", p->mem, &a));
	TRY(h5_get_text(p->b, "recipe", p->mem, &b));
	h5_recipe_difference(a, b, text, sizeof text);
	if (*text) {
		printf("recipe: %s (first file: there, second: now)\n", text);
		p->differences++;
	}
	return 0;
}

static void compare_attributes(struct pair *p)
{
	const struct h5_attribute *at;

	for (at = h5_file_schema(p->a)->attributes; at && at->name; at++) {
		const char *a = inspect_attribute(p->a, at, p->mem), *b = inspect_attribute(p->b, at, p->mem);

		if ((a || b) && (!a || !b || strcmp(a, b)))
			differs(p, at->name, a, b);
	}
}

static bool equal_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static void compare_values(struct pair *p, const struct inspected *a, const struct inspected *b)
{
	int64_t i, unequal = 0;
	double largest = 0;

	for (i = 0; i < a->count; i++) {
		const bool same = a->type == H5_TEXT
			? !memcmp(a->text + (size_t)i * a->text_size, b->text + (size_t)i * b->text_size, a->text_size)
			: equal_number(a->number[i], b->number[i]);

		unequal += !same;
		if (!same && a->type != H5_TEXT && !(fabs(a->number[i] - b->number[i]) <= largest))
			largest = fabs(a->number[i] - b->number[i]);
	}
	if (!unequal)
		return;
	p->differences++;
	printf("%s: %lld of %lld differ", a->path, (long long)unequal, (long long)a->count);
	printf(a->type == H5_TEXT ? "\n" : ", by %.6g at most\n", largest);
}

static int compare_dataset(struct pair *p, const char *path)
{
	const struct arena_mark mark = arena_mark(p->mem);
	struct inspected a, b;
	char here[256], there[256];

	TRY(inspect_load(p->a, path, p->mem, &a));
	TRY(inspect_load(p->b, path, p->mem, &b));
	if (a.type != b.type)
		differs(p, path, h5_type_name(a.type), h5_type_name(b.type));
	else if (a.rank != b.rank || memcmp(a.dims, b.dims, sizeof a.dims) || a.text_size != b.text_size) {
		inspect_shape(&a, h5_schema_field(h5_file_schema(p->a), path), here, sizeof here);
		inspect_shape(&b, h5_schema_field(h5_file_schema(p->b), path), there, sizeof there);
		differs(p, path, here, there);
	} else
		compare_values(p, &a, &b);
	arena_rewind(p->mem, mark);
	return 0;
}

static int compare(struct pair *p)
{
	const char *schema[2] = { h5_file_schema(p->a)->name, h5_file_schema(p->b)->name };
	struct inspect_paths a, b;
	int64_t i;

	if (strcmp(schema[0], schema[1])) {
		differs(p, "schema", schema[0], schema[1]);
		return 0;
	}
	TRY(compare_recipes(p));
	compare_attributes(p);
	TRY(inspect_list(p->a, p->mem, &a));
	TRY(inspect_list(p->b, p->mem, &b));
	for (i = 0; i < a.count; i++)
		if (h5_has(p->b, a.path[i]))
			TRY(compare_dataset(p, a.path[i]));
		else
			differs(p, a.path[i], "present", NULL);
	for (i = 0; i < b.count; i++)
		if (!h5_has(p->a, b.path[i]))
			differs(p, b.path[i], NULL, "present");
	return 0;
}

int inspect_diff(const char *a, const char *b, struct arena *mem, int64_t *differences)
{
	struct h5_file *fa = NULL, *fb = NULL;
	struct pair p = { .mem = mem };
	int code = h5_open(&fa, a, NULL);

	if (!code)
		code = h5_open(&fb, b, NULL);
	if (!code) {
		p.a = fa;
		p.b = fb;
		code = compare(&p);
	}
	h5_close(fa);
	h5_close(fb);
	*differences = p.differences;
	return code;
}
