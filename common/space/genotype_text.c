/* Genotypes as text, in the notation that the code of DARTS prints and Python reads. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "space/genotype.h"

struct out { char *text; int size, used; };

static void put(struct out *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct out *o, const char *format, ...)
{
	va_list args;

	if (o->used >= o->size)
		return;
	va_start(args, format);
	o->used += vsnprintf(o->text + o->used, (size_t)(o->size - o->used), format, args);
	va_end(args);
}

void genotype_print(const struct genotype_form *f, const struct genotype *g, char *text, int size)
{
	struct out o = { text, size, 0 };

	put(&o, "Genotype(");
	for (int cell = 0; cell < GENOTYPE_CELLS; cell++) {
		put(&o, "%s%s=[", cell ? "," : "", genotype_cell[cell]);
		for (int i = 0; i < f->nodes; i++)
			for (int k = 0; k < 2; k++)
				put(&o, "%s('%s',%d)", i || k ? "," : "", f->operation[g->node[cell][i].op[k]], g->node[cell][i].from[k]);
		put(&o, "],%s_concat=range(%d,%d)", genotype_cell[cell], f->first, f->nodes + GENOTYPE_INPUTS);
	}
	put(&o, ")");
}

/* ---- reading ------------------------------------------------------------------------------------ */

struct reader { const struct genotype_form *form; const char *text, *at, *place; };

static void blanks(struct reader *r)
{
	while (isspace((unsigned char)*r->at))
		r->at++;
}

static int wrong(const struct reader *r, const char *expected)
{
	return err_set(ERR_DATA, "architecture \"%.60s...\", %s: \"%.24s\", expected %s", r->text, r->place,
	               r->at, expected);
}

static bool skip(struct reader *r, const char *word)
{
	blanks(r);
	if (strncmp(r->at, word, strlen(word)))
		return false;
	r->at += strlen(word);
	return true;
}

static int expect(struct reader *r, const char *word)
{
	return skip(r, word) ? 0 : wrong(r, word);
}

static int number(struct reader *r, int least, int most, int *value)
{
	char range[48], *end;
	long n;

	blanks(r);
	n = isdigit((unsigned char)*r->at) ? strtol(r->at, &end, 10) : -1;
	if (n < least || n > most) {
		snprintf(range, sizeof range, "a number from %d to %d", least, most);
		return wrong(r, range);
	}
	r->at = end;
	*value = (int)n;
	return 0;
}

static int operation(struct reader *r, uint8_t *op)
{
	char expected[256] = "one of";
	size_t used = strlen(expected);

	blanks(r);
	for (int i = 0; i < r->form->operations; i++) {
		const char *name = r->form->operation[i];
		size_t length = strlen(name);

		if ((*r->at == '\'' || *r->at == '"') && !strncmp(r->at + 1, name, length) && r->at[length + 1] == *r->at) {
			r->at += length + 2;
			*op = (uint8_t)i;
			return 0;
		}
		used += (size_t)snprintf(expected + used, sizeof expected - used, " '%s'", name);
	}
	return wrong(r, expected);
}

/* [('op',source),('op',source),...], two for each node */
static int cell_edges(struct reader *r, struct genotype *g, int cell)
{
	TRY(expect(r, "["));
	for (int i = 0; i < r->form->nodes; i++) {
		uint8_t op[2], *from = g->node[cell][i].from;
		int source[2], swap;

		for (int k = 0; k < 2; k++) {
			if (i || k)
				TRY(expect(r, ","));
			TRY(expect(r, "("));
			TRY(operation(r, &op[k]));
			TRY(expect(r, ","));
			TRY(number(r, 0, i + GENOTYPE_INPUTS - 1, &source[k]));
			if (k && source[1] == source[0])
				return wrong(r, "another source: the node reads this one already");
			TRY(expect(r, ")"));
		}
		swap = source[0] > source[1];
		for (int k = 0; k < 2; k++) {
			from[k] = (uint8_t)source[k ^ swap];
			g->node[cell][i].op[k] = op[k ^ swap];
		}
	}
	skip(r, ",");                /* Python allows one more */
	return expect(r, "]");
}

/* range(2,6), or the sources one by one: as the space has them. */
static int concat(struct reader *r)
{
	int end = r->form->nodes + GENOTYPE_INPUTS, value;

	if (skip(r, "range")) {
		TRY(expect(r, "("));
		TRY(number(r, r->form->first, r->form->first, &value));
		TRY(expect(r, ","));
		TRY(number(r, end, end, &value));
		return expect(r, ")");
	}
	TRY(expect(r, "["));
	for (int i = r->form->first; i < end; i++) {
		if (i > r->form->first)
			TRY(expect(r, ","));
		TRY(number(r, i, i, &value));
	}
	return expect(r, "]");
}

int genotype_parse(const struct genotype_form *f, const char *text, struct genotype *g)
{
	struct reader r = { f, text, text, "the beginning" };

	memset(g, 0, sizeof *g);
	TRY(expect(&r, "Genotype"));
	TRY(expect(&r, "("));
	for (int cell = 0; cell < GENOTYPE_CELLS; cell++) {
		if (cell)
			TRY(expect(&r, ","));
		r.place = genotype_cell[cell];
		TRY(expect(&r, r.place));
		TRY(expect(&r, "="));
		TRY(cell_edges(&r, g, cell));
		TRY(expect(&r, ","));
		r.place = cell ? "reduce_concat" : "normal_concat";
		TRY(expect(&r, r.place));
		TRY(expect(&r, "="));
		TRY(concat(&r));
	}
	r.place = "the end";
	TRY(expect(&r, ")"));
	blanks(&r);
	return *r.at ? wrong(&r, "nothing") : 0;
}
