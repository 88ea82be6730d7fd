/* Architectures from a text file: one code per line in the notation of the space; blank lines and what
 * follows a '#' or a tab (a value of the architecture) are ignored.  Candidate i of a call is the i-th code of the file. */
#include "search/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"

#define LINE_SIZE 1024

/* Cuts comment and blanks off both ends. */
static char *trim(char *line)
{
	char *end;

	line += strspn(line, " \t");
	line[strcspn(line, "#\t\r\n")] = '\0';
	end = line + strlen(line);
	while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return line;
}

/* The text of code number `place`: 0, 1 when there is none. */
static int find(const char *path, FILE *f, int64_t place, char text[LINE_SIZE], int *number)
{
	char line[LINE_SIZE];

	for (*number = 1; fgets(line, sizeof line, f); ++*number) {
		char *code;

		if (!strchr(line, '\n') && !feof(f))
			return err_set(ERR_DATA, "%s:%d: more than %d characters, expected one architecture per line",
			               path, *number, LINE_SIZE - 2);
		code = trim(line);
		if (*code && place-- == 0) {
			strcpy(text, code);
			return 0;
		}
	}
	return ferror(f) ? err_system(ERR_IO, path, "read it") : 1;
}

static int accept(const struct ask *a, const char *path, int number, const char *text, uint8_t *code)
{
	const struct space *s = a->space;
	const struct caps *caps = &a->settings->caps;
	uint8_t raw[SPACE_MAX_DECISIONS];
	int allowed;

	if (s->type->parse(s, text, raw) < 0)
		return err_replace(ERR_DATA, "%s:%d: %s", path, number, err_text());
	s->type->canonical(s, raw, code);
	for (int d = 0; d < s->decisions; d++)
		if (!s->mask[d][code[d]])
			return err_set(ERR_DATA, "%s:%d: architecture \"%s\" uses %s of %s, which is switched off in this space",
			               path, number, text, s->decision[d].choice[code[d]], s->decision[d].name);
	allowed = caps_allow(s, caps, code);
	if (!allowed)
		return err_set(ERR_DATA, "%s:%d: architecture \"%s\" is over the caps (--max-macs %lld, --max-params %lld; 0: none); "
		               "take it out or raise them", path, number, text, (long long)caps->macs, (long long)caps->params);
	return allowed < 0 ? allowed : 0;
}

static int list_propose(const struct ask *a, int64_t id, struct rng *r, uint8_t *code)
{
	const char *path = a->settings->file;
	char text[LINE_SIZE];
	int number, status;
	FILE *f;

	(void)r;
	if (!path)
		return err_set(ERR_USAGE, "strategy list needs --list FILE, a text file with one architecture per line");
	f = fopen(path, "r");
	if (!f)
		return err_system(ERR_NOINPUT, path, "open it");
	status = find(path, f, id - a->first_id, text, &number);
	fclose(f);
	return status ? status : accept(a, path, number, text, code);
}

const struct strategy strategy_list = {
	.name = "list", .summary = "architectures from a text file", .propose = list_propose, .repeats = true,
};
