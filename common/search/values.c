#include "search/values.h"

#include <math.h>
#include "base/err.h"
#include "base/number.h"
#include "search/lines.h"

struct values values_new(const struct space *s)
{
	return (struct values){ .codes = { .decisions = s->decisions } };
}

bool values_set(struct values *v, struct arena *mem, const uint8_t *code, double value)
{
	int before = v->codes.count, number;

	ARENA_GROW(mem, v->value, before, v->room, 64);
	number = codes_number(&v->codes, mem, code);
	v->value[number] = value;
	return number == before;
}

static int parse(const struct lines *l, const struct space *s, uint8_t *code, double *value)
{
	uint8_t raw[SPACE_MAX_DECISIONS];

	if (!l->value)
		return err_set(ERR_DATA, "%s:%d: \"%.100s\", expected an architecture, a tab and its value", l->path,
		               l->number, l->code);
	if (!number_parse(l->value, value))
		return err_set(ERR_DATA, "%s:%d: value \"%.40s\", expected a decimal number", l->path, l->number, l->value);
	if (s->type->parse(s, l->code, raw) < 0)
		return err_replace(ERR_DATA, "%s:%d: %s", l->path, l->number, err_text());
	s->type->canonical(s, raw, code);
	return 0;
}

static int read_lines(struct values *v, struct lines *l, const struct space *s, struct arena *mem)
{
	int *line = NULL, room = 0, status;      /* where each architecture stands */

	while ((status = lines_next(l)) > 0) {
		uint8_t *code = ARENA_NEW(mem, uint8_t, s->decisions);
		double value;

		TRY(parse(l, s, code, &value));
		ARENA_GROW(mem, line, v->codes.count, room, 64);
		line[v->codes.count] = l->number;
		if (!values_set(v, mem, code, value))
			return err_set(ERR_DATA, "%s:%d: the network of line %d once more; give each architecture one value", l->path,
			               l->number, line[codes_find(&v->codes, code)]);
	}
	return status;
}

int values_read(struct values *v, const char *path, const struct space *s, struct arena *mem)
{
	struct lines l;
	int status;

	*v = values_new(s);
	TRY(lines_open(&l, path));
	status = read_lines(v, &l, s, mem);
	lines_close(&l);
	if (status >= 0 && !v->codes.count)
		return err_set(ERR_DATA, "%s: no values, expected lines of an architecture, a tab and its value", path);
	return status;
}

double values_find(const struct values *v, const uint8_t *code)
{
	int k = codes_find(&v->codes, code);

	return k < 0 ? NAN : v->value[k];
}
