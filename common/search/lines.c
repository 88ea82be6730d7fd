#include "search/lines.h"

#include <stdbool.h>
#include <string.h>
#include "base/err.h"

static const char blank[] = " \t";

int lines_open(struct lines *l, const char *path)
{
	*l = (struct lines){ .path = path, .file = fopen(path, "r") };
	return l->file ? 0 : err_system(ERR_NOINPUT, path, "open it");
}

void lines_close(struct lines *l)
{
	fclose(l->file);
}

static char *behind_blanks(char *text)
{
	return text + strspn(text, blank);
}

/* Cuts the text into code and value; false when there is nothing in it. */
static bool split(struct lines *l)
{
	char *code, *tab, *end;

	l->text[strcspn(l->text, "#\r\n")] = '\0';
	code = behind_blanks(l->text);
	l->code = code;
	l->value = NULL;
	tab = strchr(code, '\t');
	if (tab) {
		char *value = behind_blanks(tab);

		value[strcspn(value, blank)] = '\0';
		l->value = value;
		*tab = '\0';
	}
	end = code + strlen(code);
	while (end > code && end[-1] == ' ')
		*--end = '\0';
	return *code;
}

int lines_next(struct lines *l)
{
	while (fgets(l->text, sizeof l->text, l->file)) {
		l->number++;
		if (!strchr(l->text, '\n') && !feof(l->file))
			return err_set(ERR_DATA, "%s:%d: more than %zu characters, expected one architecture per line", l->path,
			               l->number, sizeof l->text - 2);
		if (split(l))
			return 1;
	}
	return ferror(l->file) ? err_system(ERR_IO, l->path, "read it") : 0;
}
