/* What was measured: wall time from the logs, latency from measured/.
 *
 * A line of a log:  2026-01-31T12:00:00.123Z nas-pretrain pid=42 event key=value ...
 * Lines of one process are a session.  Its last event tells whether the stage was completed. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/number.h"
#include "run.h"

struct session {
	double from, to;            /* seconds since 1970 */
	int pid;
	bool complete;              /* has the event "end" */
};

struct sessions { struct session *item; size_t n, room; };

/* Opens a file that need not be there: *f is NULL then. */
static int open_text(const char *path, FILE **f)
{
	*f = fopen(path, "re");
	return *f || errno == ENOENT ? 0 : err_system(ERR_IO, path, "read");
}

/* Closes it; fails when not all of it could be read. */
static int close_text(FILE *f, const char *path)
{
	const int code = ferror(f) ? err_system(ERR_IO, path, "read") : 0;
	fclose(f);
	return code;
}

static struct session *add(struct sessions *s, struct arena *mem)
{
	ARENA_GROW(mem, s->item, s->n, s->room, 64);
	return &s->item[s->n++];
}

/* "2026-01-31T12:00:00.123Z" -> seconds; false when text does not begin like that. */
static bool parse_time(const char *text, double *seconds, const char **rest)
{
	struct tm t = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &t);
	if (!end)
		return false;
	*seconds = (double)timegm(&t);
	double scale = 0.1;
	if (*end == '.')
		for (end++; *end >= '0' && *end <= '9'; end++, scale /= 10)
			*seconds += scale * (*end - '0');
	*rest = end + (*end == 'Z');
	return true;
}

/* Sessions of one log that count: those since the last completed one before the newest completed one.
 * A stage that was made anew counts once, one that was cut off and resumed with all its parts. */
static void read_log(struct sessions *all, FILE *f, struct arena *mem)
{
	struct sessions s = { 0 };
	char line[8192], program[64], event[64];
	while (fgets(line, sizeof line, f)) {
		double when;
		int pid;
		const char *rest;
		if (!parse_time(line, &when, &rest) || sscanf(rest, " %63s pid=%d %63s", program, &pid, event) != 3)
			continue;
		struct session *p = s.n ? &s.item[s.n - 1] : NULL;
		if (!p || p->pid != pid || p->complete) {
			p = add(&s, mem);
			*p = (struct session){ .from = when, .pid = pid };
		}
		p->to = when > p->to ? when : p->to;
		p->complete = !strcmp(event, "end");
	}
	size_t first = 0, last_complete = 0;
	bool any = false;
	for (size_t i = 0; i < s.n; i++)
		if (s.item[i].complete) {
			first = any ? last_complete + 1 : 0;
			last_complete = i;
			any = true;
		}
	for (size_t i = first; i < s.n; i++)
		*add(all, mem) = s.item[i];
}

static int by_start(const void *a, const void *b)
{
	double x = ((const struct session *)a)->from, y = ((const struct session *)b)->from;
	return (x > y) - (x < y);
}

/* The sessions of all logs in the folder; none when there is no such folder. */
static int read_logs(struct sessions *all, const char *folder, struct arena *mem)
{
	DIR *d = opendir(folder);
	int code = 0;
	if (!d)
		return errno == ENOENT ? 0 : err_system(ERR_IO, folder, "read");
	for (struct dirent *e; !code && (errno = 0, e = readdir(d));) {
		const size_t length = strlen(e->d_name);
		const char *path = arena_printf(mem, "%s/%s", folder, e->d_name);
		FILE *f = NULL;
		if (length > 4 && !strcmp(e->d_name + length - 4, ".log"))
			code = open_text(path, &f);
		if (!f)
			continue;
		read_log(all, f, mem);
		code = close_text(f, path);
	}
	if (!code && errno)
		code = err_system(ERR_IO, folder, "read");
	closedir(d);
	return code;
}

int run_seconds(const char *folder, struct arena *mem, double *seconds)
{
	struct sessions all = { 0 };
	*seconds = NAN;
	TRY(read_logs(&all, arena_printf(mem, "%s/log", folder), mem));
	if (!all.n)
		return 0;
	qsort(all.item, all.n, sizeof *all.item, by_start);
	double sum = 0, until = all.item[0].from;   /* stages that ran side by side count once */
	for (size_t i = 0; i < all.n; i++) {
		const struct session *s = &all.item[i];
		if (s->to <= until)
			continue;
		sum += s->to - (s->from > until ? s->from : until);
		until = s->to;
	}
	*seconds = sum;
	return 0;
}

/* The field of a line of tab-separated text that stands under `name` in the header; "" when there is none. */
static void take_field(const char *header, const char *line, const char *name, char *field, size_t size)
{
	size_t length = strlen(name);
	field[0] = '\0';
	while (strncmp(header, name, length) || !strchr("\t\r\n", header[length])) {
		header = strchr(header, '\t');
		line = strchr(line, '\t');
		if (!header || !line)
			return;
		header++;
		line++;
	}
	snprintf(field, size, "%.*s", (int)strcspn(line, "\t\r\n"), line);
}

/* Rows are members by thread count; of an ensemble the row of all members is the last of a count. */
int run_latency(const char *folder, struct arena *mem, double *latency)
{
	const char *path = arena_printf(mem, "%s/measured/latency.tsv", folder);
	FILE *f;
	char header[4096], line[4096], field[64];
	int64_t fewest = INT64_MAX, threads;
	*latency = NAN;
	TRY(open_text(path, &f));
	if (!f)
		return 0;
	if (!fgets(header, sizeof header, f))
		header[0] = '\0';
	while (fgets(line, sizeof line, f)) {
		double ms;
		take_field(header, line, "threads", field, sizeof field);
		if (!number_parse_integer(field, &threads) || threads > fewest)
			continue;
		take_field(header, line, "latency_ms", field, sizeof field);
		if (!number_parse(field, &ms))
			continue;
		*latency = ms;
		fewest = threads;
	}
	return close_text(f, path);
}
