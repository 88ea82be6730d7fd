#include "search/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/number.h"

#define LINE_SIZE 1024

/* line -> code and value; 1: nothing on it. */
static int parse(const char *path, int number, char *line, const struct space *s, uint8_t *code, double *value)
{
	uint8_t raw[SPACE_MAX_DECISIONS];
	char *tab;

	line[strcspn(line, "#\r\n")] = '\0';
	if (!line[strspn(line, " \t")])
		return 1;
	tab = strchr(line, '\t');
	if (!tab)
		return err_set(ERR_DATA, "%s:%d: \"%.100s\", expected an architecture, a tab and its value", path, number, line);
	*tab++ = '\0';
	tab[strcspn(tab, " \t")] = '\0';
	if (!number_parse(tab, value))
		return err_set(ERR_DATA, "%s:%d: value \"%.40s\", expected a decimal number", path, number, tab);
	if (s->type->parse(s, line, raw) < 0)
		return err_replace(ERR_DATA, "%s:%d: %s", path, number, err_text());
	s->type->canonical(s, raw, code);
	return 0;
}

static int read_lines(struct values *v, FILE *f, const char *path, const struct space *s, struct arena *mem)
{
	char line[LINE_SIZE];
	int64_t room = 0;

	for (int number = 1; fgets(line, sizeof line, f); number++) {
		uint8_t *code = ARENA_NEW(mem, uint8_t, s->decisions);
		double value;
		int status;

		if (!strchr(line, '\n') && !feof(f))
			return err_set(ERR_DATA, "%s:%d: more than %d characters, expected one architecture and its value",
			               path, number, LINE_SIZE - 2);
		status = parse(path, number, line, s, code, &value);
		if (status < 0)
			return status;
		if (status)
			continue;
		ARENA_GROW(mem, v->value, v->count, room, 64);
		v->value[v->count++] = (struct value){ code, value, number };
	}
	if (ferror(f))
		return err_system(ERR_IO, path, "read it");
	return 0;
}

static int twice(const struct values *v, const char *path, const struct space *s)
{
	for (int64_t i = 0; i < v->count; i++)
		for (int64_t j = 0; j < i; j++)
			if (!memcmp(v->value[i].code, v->value[j].code, (size_t)s->decisions))
				return err_set(ERR_DATA, "%s:%d: the network of line %d once more; give each architecture one value",
				               path, v->value[i].line, v->value[j].line);
	return 0;
}

int values_read(struct values *v, const char *path, const struct space *s, struct arena *mem)
{
	FILE *f = fopen(path, "r");
	int status;

	*v = (struct values){ 0 };
	if (!f)
		return err_system(ERR_NOINPUT, path, "open it");
	status = read_lines(v, f, path, s, mem);
	fclose(f);
	if (status < 0)
		return status;
	if (!v->count)
		return err_set(ERR_DATA, "%s: no values, expected lines of an architecture, a tab and its value", path);
	return twice(v, path, s);
}

double values_find(const struct values *v, const struct space *s, const uint8_t *code)
{
	for (int64_t i = 0; i < v->count; i++)
		if (!memcmp(v->value[i].code, code, (size_t)s->decisions))
			return v->value[i].value;
	return NAN;
}
