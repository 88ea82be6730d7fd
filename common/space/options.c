/* Options of a space as text: "cells=8:encoding=direct".  Values are numbers; words are places in a list. */
#include "space/space.h"

#include <math.h>
#include <string.h>
#include "base/err.h"
#include "base/number.h"

static int unknown(const struct space_type *t, const char *name, struct arena *mem)
{
	char *list = arena_strdup(mem, "");

	for (const struct space_option *o = t->options; o->name; o++)
		list = arena_printf(mem, "%s%s%s", list, *list ? ", " : "", o->name);
	return err_set(ERR_CONFIG, "space %s has no option %s; it has: %s", t->name, name, *list ? list : "none");
}

static int set_word(const struct space_option *o, const char *text, double *value, struct arena *mem)
{
	char *list = arena_strdup(mem, "");

	for (int i = 0; o->word[i]; i++) {
		if (!strcmp(o->word[i], text)) {
			*value = i;
			return 0;
		}
		list = arena_printf(mem, "%s%s%s", list, i ? ", " : "", o->word[i]);
	}
	return err_set(ERR_CONFIG, "%s=%s: expected one of %s (%s)", o->name, text, list, o->help);
}

static int set_number(const struct space_option *o, const char *text, double *value)
{
	char low[NUMBER_TEXT], high[NUMBER_TEXT];

	if (number_parse(text, value) && *value >= o->min && *value <= o->max &&
	    (o->real || *value == nearbyint(*value)))
		return 0;
	number_print(o->min, low);
	number_print(o->max, high);
	return err_set(ERR_CONFIG, "%s=%s: expected a %s from %s to %s (%s)", o->name, text,
	               o->real ? "number" : "whole number", low, high, o->help);
}

/* One "name=value", which is cut in two. */
static int set_one(struct space *s, char *word)
{
	const struct space_option *o = s->type->options;
	char *value = strchr(word, '=');

	if (!value)
		return err_set(ERR_CONFIG, "option \"%s\" of space %s: expected name=value", word, s->type->name);
	*value++ = '\0';
	while (o->name && strcmp(o->name, word))
		o++;
	if (!o->name)
		return unknown(s->type, word, s->mem);
	double *to = &s->option[o - s->type->options];
	return o->word ? set_word(o, value, to, s->mem) : set_number(o, value, to);
}

/* "name=value", behind `text` and a colon. */
static char *append(const struct space_option *o, double value, const char *text, struct arena *mem)
{
	char number[NUMBER_TEXT];

	number_print(value, number);
	return arena_printf(mem, "%s%s%s=%s", text, *text ? ":" : "", o->name,
	                    o->word ? o->word[(int)value] : number);
}

int space_options_set(struct space *s)
{
	const struct space_option *o = s->type->options;
	char *word, *rest, *text = arena_strdup(s->mem, "");
	int i;

	for (i = 0; o[i].name; i++)
		if (i == SPACE_MAX_OPTIONS)
			return err_set(ERR_INTERNAL, "space %s has more than %d options", s->type->name, SPACE_MAX_OPTIONS);
		else
			s->option[i] = o[i].value;
	rest = arena_strdup(s->mem, s->settings.options ? s->settings.options : "");
	while ((word = strsep(&rest, ":")))
		if (*word)
			TRY(set_one(s, word));
	for (i = 0; o[i].name; i++)
		text = append(&o[i], s->option[i], text, s->mem);
	s->settings.options = text;
	return 0;
}

const char *space_options_small(const struct space_type *t, const char *options, struct arena *mem)
{
	char *text = arena_strdup(mem, "");

	for (const struct space_option *o = t->options; o->name; o++)
		text = append(o, o->small, text, mem);
	return options && *options ? arena_printf(mem, "%s:%s", text, options) : text;
}
