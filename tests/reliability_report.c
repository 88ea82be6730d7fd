/* The counts that tests left in build/reliability/ as one page and one file.
 *
 *   reliability_report FOLDER COMMIT DATE FILE.tsv ...        writes FOLDER/report.html, FOLDER/reliability.h5
 *
 * Lines are sorted by row of the test matrix (specs, table 3.8); a row is "7a" before "10". */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/err.h"
#include "base/number.h"
#include "base/tempfile.h"
#include "h5/file.h"

enum { TEXTS = 3, NUMBERS = 3, LINES_MAX = 4096 };
extern const struct h5_schema h5_schema_reliability;

struct line { char *text[TEXTS]; int64_t number[NUMBERS]; };          /* row, fault, how; runs, violations, seed */

static struct line line[LINES_MAX];
static int64_t lines;
static struct arena *mem;

static void read_line(const char *path, int at, char *text)
{
	struct line *l = &line[lines++];
	char *rest = arena_strdup(mem, text), *field;
	int i;

	if (lines == LINES_MAX)
		die(-ERR_DATA, "%s: more than %d lines in all", path, LINES_MAX);
	rest[strcspn(rest, "\n")] = '\0';
	for (i = 0; (field = strsep(&rest, "\t")); i++) {
		if (i < TEXTS)
			l->text[i] = field;
		else if (i == TEXTS + NUMBERS || !number_parse_integer(field, &l->number[i - TEXTS]))
			break;
	}
	if (i != TEXTS + NUMBERS || field)
		die(-ERR_DATA, "%s:%d: expected row, fault, how, runs, violations and seed, separated by tabs", path, at);
}

static void read_file(const char *path)
{
	char text[4096];
	FILE *f = fopen(path, "re");
	int at;

	if (!f)
		die_on(err_system(ERR_NOINPUT, path, "open it"));
	for (at = 1; fgets(text, sizeof text, f); at++)
		if (at > 1)
			read_line(path, at, text);
	fclose(f);
}

static int by_row(const void *a, const void *b)
{
	const struct line *p = a, *q = b;
	const int order = atoi(p->text[0]) - atoi(q->text[0]);

	return order ? order : strcmp(p->text[0], q->text[0]) ? strcmp(p->text[0], q->text[0]) : strcmp(p->text[1], q->text[1]);
}

static char *escape(const char *text)
{
	char *out = arena_raw(mem, 6 * strlen(text) + 1, 1), *at = out;

	for (; *text; text++)
		at = *text == '<' ? stpcpy(at, "&lt;") : *text == '>' ? stpcpy(at, "&gt;") : *text == '&' ? stpcpy(at, "&amp;") :
		     (*at = *text, at + 1);
	*at = '\0';
	return out;
}

static void write_page(const char *path, const char *commit, const char *date)
{
	int64_t runs = 0, bad = 0, i;
	char *page, *rows;
	size_t size;
	FILE *f = open_memstream(&rows, &size);

	for (i = 0; i < lines; i++) {
		const struct line *l = &line[i];

		runs += l->number[0];
		bad += l->number[1];
		fprintf(f, "<tr%s><td>%s<td>%s<td>%s<td class=n>%lld<td class=n>%lld<td class=n>%lld\n", l->number[1] ? " class=bad" : "",
		        escape(l->text[0]), escape(l->text[1]), escape(l->text[2]), (long long)l->number[0], (long long)l->number[1],
		        (long long)l->number[2]);
	}
	fclose(f);
	page = arena_printf(mem, "<!DOCTYPE html>\n<meta charset=utf-8>\n<title>nasmill: reliability</title>\n"
		"<style>body{font:15px sans-serif;max-width:70em;margin:2em auto}table{border-collapse:collapse}"
		"td,th{border:1px solid #ccc;padding:.3em .6em;text-align:left}.n{text-align:right}.bad{background:#fcc}</style>\n"
		"<h1>nasmill: reliability</h1>\n<p>Revision %s, %s.  %lld faults, %lld violations.  No violation in n runs bounds its rate "
		"below 3/n (95 %%).</p>\n<table>\n<tr><th>row<th>fault<th>where and how<th>runs<th>violations<th>seed\n%s</table>\n",
		escape(commit), escape(date), (long long)runs, (long long)bad, rows);
	free(rows);
	die_on(tempfile_write_text(path, page));
	printf("%lld lines, %lld faults, %lld violations: %s\n", (long long)lines, (long long)runs, (long long)bad, path);
}

static void write_table(const char *path, const char *commit, const char *date)
{
	static const char *const text_path[] = { "/row", "/fault", "/how" }, *const number_path[] = { "/runs", "/violations", "/seed" };
	const struct h5_recipe recipe = h5_recipe_make(mem, "reliability-report", 1, NULL, NULL, 0);
	const char **text = ARENA_NEW(mem, const char *, lines);
	int64_t *number = ARENA_NEW(mem, int64_t, lines), i;
	struct h5_writer *w;
	int k;

	die_on(h5_create(&w, path, &h5_schema_reliability, &recipe));
	for (k = 0; k < TEXTS; k++) {
		for (i = 0; i < lines; i++)
			text[i] = line[i].text[k];
		h5_write_texts(w, text_path[k], lines, text);
	}
	for (k = 0; k < NUMBERS; k++) {
		for (i = 0; i < lines; i++)
			number[i] = line[i].number[k];
		h5_write(w, number_path[k], H5_I64, 1, &lines, number, 0);
	}
	h5_attr_text(w, "commit", commit);
	h5_attr_text(w, "date", date);
	die_on(h5_commit(w));
}

int main(int argc, char **argv)
{
	int i;

	die_set_program("reliability-report");
	if (argc < 5)
		die(-ERR_USAGE, "usage: reliability_report FOLDER COMMIT DATE FILE.tsv ...: no counts yet; make check or make soak leave them");
	mem = arena_new();
	for (i = 4; i < argc; i++)
		read_file(argv[i]);
	qsort(line, (size_t)lines, sizeof *line, by_row);
	write_table(arena_printf(mem, "%s/reliability.h5", argv[1]), argv[2], argv[3]);
	write_page(arena_printf(mem, "%s/report.html", argv[1]), argv[2], argv[3]);
	arena_free(mem);
	return 0;
}
