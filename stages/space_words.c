#include "stages/space_words.h"

#include <string.h>
#include "base/die.h"
#include "base/err.h"
#include "space/space.h"

/* The place of an option name; a new one is appended. */
static int place(struct space_words *w, const char *name)
{
	for (int i = 0; i < w->count; i++)
		if (!strcmp(w->name[i], name))
			return i;
	if (w->count == SPACE_WORDS)
		die_on(err_set(ERR_INTERNAL, "spaces have more than %d options", SPACE_WORDS));
	w->name[w->count] = name;
	w->value[w->count] = "auto";
	w->help[w->count][0] = '\0';
	return w->count++;
}

/* "darts: cells of the network; nasbench201: cells of a stage" */
static void describe(char *help, size_t size, const char *space, const struct space_option *o)
{
	size_t used = strlen(help);

	used += (size_t)snprintf(help + used, size - used, "%s%s: %s", used ? "; " : "", space, o->help);
	for (int i = 0; o->word && o->word[i] && used < size; i++)
		used += (size_t)snprintf(help + used, size - used, "%s%s", i ? ", " : " = ", o->word[i]);
}

const struct opt *space_words_table(struct space_words *w, const struct opt *fixed, const char *otherwise)
{
	int rows = 0;

	w->count = 0;
	for (int i = 0; space_table[i]; i++)
		for (const struct space_option *o = space_table[i]->options; o->name; o++)
			describe(w->help[place(w, o->name)], sizeof w->help[0], space_table[i]->name, o);
	while (fixed[rows].name)
		rows++;
	if (rows + w->count >= SPACE_WORDS_ROWS)
		die_on(err_set(ERR_INTERNAL, "a stage has more than %d options", SPACE_WORDS_ROWS - 1));
	memcpy(w->table, fixed, (size_t)rows * sizeof *fixed);
	for (int i = 0; i < w->count; i++) {
		size_t used = strlen(w->help[i]);

		snprintf(w->help[i] + used, sizeof w->help[i] - used, "; auto: %s", otherwise);
		w->table[rows++] = (struct opt)OPT_TEXT(w->name[i], &w->value[i], w->help[i]);
	}
	w->table[rows] = (struct opt)OPT_END;
	return w->table;
}

const char *space_words_text(const struct space_words *w, struct arena *mem)
{
	char *text = arena_strdup(mem, "");

	for (int i = 0; i < w->count; i++)
		if (strcmp(w->value[i], "auto"))
			text = arena_printf(mem, "%s%s%s=%s", text, *text ? ":" : "", w->name[i], w->value[i]);
	return text;
}
