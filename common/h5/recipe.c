/* Recipes; see recipe.h. */
#include "h5/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct opt *const *)a)->name, (*(const struct opt *const *)b)->name);
}

/* Insertion sort: stable, and inputs are few. */
static void sort_inputs(const struct h5_recipe_input **in, int n)
{
	int i, j;

	for (i = 1; i < n; i++) {
		const struct h5_recipe_input *x = in[i];

		for (j = i; j > 0 && strcmp(in[j - 1]->role, x->role) > 0; j--)
			in[j] = in[j - 1];
		in[j] = x;
	}
}

static char *join(struct arena *mem, char *const *line, int n)
{
	size_t total = 1;
	char *text, *at;
	int i;

	for (i = 0; i < n; i++)
		total += strlen(line[i]);
	at = text = arena_raw(mem, total, 1);
	for (i = 0; i < n; i++)
		at = stpcpy(at, line[i]);
	*at = '\0';
	return text;
}

/* opt_value, for texts of any length */
static const char *value_of(const struct opt *o, char *number, size_t size)
{
	if (o->kind == OPT_KIND_TEXT)
		return *(const char *const *)o->target ? *(const char *const *)o->target : "";
	opt_value(o, number, size);
	return number;
}

struct h5_recipe h5_recipe_make(struct arena *mem, const char *stage, int version,
                                const struct opt *options, const struct h5_recipe_input *inputs, int n_inputs)
{
	const struct h5_recipe_input **in = ARENA_NEW(mem, const struct h5_recipe_input *, n_inputs + 1);
	const struct opt *o, **sorted;
	struct h5_recipe r;
	char digest[DIGEST_TEXT], number[64], **line;
	int n = 0, lines = 0, i;

	for (o = options; o && o->name; o++)
		n += !o->execution;
	sorted = ARENA_NEW(mem, const struct opt *, n + 1);
	line = ARENA_NEW(mem, char *, 1 + n + n_inputs);
	n = 0;
	for (o = options; o && o->name; o++)
		if (!o->execution)
			sorted[n++] = o;
	qsort(sorted, (size_t)n, sizeof *sorted, by_name);
	for (i = 0; i < n_inputs; i++)
		in[i] = &inputs[i];
	sort_inputs(in, n_inputs);

	line[lines++] = arena_printf(mem, "stage %s %d\n", stage, version);
	for (i = 0; i < n; i++) {
		line[lines++] = arena_printf(mem, "option %s %s\n", sorted[i]->name,
		                             value_of(sorted[i], number, sizeof number));
	}
	for (i = 0; i < n_inputs; i++) {
		digest_print(&in[i]->digest, digest);
		line[lines++] = arena_printf(mem, "input %s %s\n", in[i]->role, digest);
	}
	r.text = join(mem, line, lines);
	r.digest = hash128(r.text, strlen(r.text));
	return r;
}

/* ---- comparing ---- */

/* A line in its parts: "option lr 0.05" -> kind "option", name "lr", value "0.05".  Lines of a recipe are in
 * the order of (kind, name), with the kinds stage, option, input. */
struct fact { int rank; const char *kind, *name, *value; int kind_length, name_length, value_length; };

static const char *take_fact(const char *at, struct fact *f)
{
	const char *end = at + strcspn(at, "\n");

	*f = (struct fact){ .kind = at, .rank = 3 };
	if (!*at)
		return at;
	f->kind_length = (int)strcspn(at, " \n");
	f->rank = *at == 's' ? 0 : *at == 'o' ? 1 : 2;
	at += f->kind_length + (at[f->kind_length] == ' ');
	f->name = at;
	f->name_length = (int)strcspn(at, " \n");
	at += f->name_length + (at[f->name_length] == ' ');
	f->value = at;
	f->value_length = at < end ? (int)(end - at) : 0;
	return *end ? end + 1 : end;
}

static int order(const struct fact *a, const struct fact *b)
{
	int n = a->name_length < b->name_length ? a->name_length : b->name_length, c;

	if (a->rank != b->rank)
		return a->rank - b->rank;
	if (a->rank == 3 || a->rank == 0)
		return 0;
	c = memcmp(a->name, b->name, (size_t)n);
	return c ? c : a->name_length - b->name_length;
}

static bool same(const struct fact *a, const struct fact *b)
{
	return a->name_length == b->name_length && a->value_length == b->value_length &&
	       !memcmp(a->name, b->name, (size_t)a->name_length) &&
	       !memcmp(a->value, b->value, (size_t)a->value_length);
}

#define SLICE(f, part) (f).part##_length, (f).part

void h5_recipe_difference(const char *there, const char *now, char *text, int size)
{
	struct fact a, b;
	int c;

	*text = '\0';
	while (*there || *now) {
		const char *next_there = take_fact(there, &a), *next_now = take_fact(now, &b);

		c = order(&a, &b);
		if (c < 0)
			snprintf(text, (size_t)size, "%.*s %.*s: %.*s there, none now", SLICE(a, kind), SLICE(a, name),
			         SLICE(a, value));
		else if (c > 0)
			snprintf(text, (size_t)size, "%.*s %.*s: none there, %.*s now", SLICE(b, kind), SLICE(b, name),
			         SLICE(b, value));
		else if (a.rank == 0 && !same(&a, &b))
			snprintf(text, (size_t)size, "stage: %.*s %.*s there, %.*s %.*s now", SLICE(a, name), SLICE(a, value),
			         SLICE(b, name), SLICE(b, value));
		else if (a.rank == 2 && !same(&a, &b))
			snprintf(text, (size_t)size, "input %.*s: its content changed", SLICE(a, name));
		else if (!same(&a, &b))
			snprintf(text, (size_t)size, "option %.*s: %.*s there, %.*s now", SLICE(a, name), SLICE(a, value),
			         SLICE(b, value));
		if (*text)
			return;
		there = next_there;
		now = next_now;
	}
}
