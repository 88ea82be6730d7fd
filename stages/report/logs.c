/* What was measured: wall time from the logs, latency from measured/.
 *
 * A line of a log:  2026-01-31T12:00:00.123Z nas-pretrain pid=42 event key=value ...
 * Lines of one process are a session.  Its last event tells whether the stage was completed. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/number.h"
#include "run.h"

struct session {
	double from, to;            /* seconds since 1970 */
	int pid;
	bool complete;              /* has the event "end" */
};

struct sessions { struct session *item; size_t n, room; };

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

double run_seconds(const char *folder, struct arena *mem)
{
	const char *path = arena_printf(mem, "%s/log", folder);
	struct sessions all = { 0 };
	DIR *d = opendir(path);
	if (!d)
		return NAN;
	for (struct dirent *e; (e = readdir(d));) {
		size_t length = strlen(e->d_name);
		FILE *f = length > 4 && !strcmp(e->d_name + length - 4, ".log")
		        ? fopen(arena_printf(mem, "%s/%s", path, e->d_name), "re") : NULL;
		if (!f)
			continue;
		read_log(&all, f, mem);
		fclose(f);
	}
	closedir(d);
	if (!all.n)
		return NAN;
	qsort(all.item, all.n, sizeof *all.item, by_start);
	double seconds = 0, until = all.item[0].from;   /* stages that ran side by side count once */
	for (size_t i = 0; i < all.n; i++) {
		const struct session *s = &all.item[i];
		if (s->to <= until)
			continue;
		seconds += s->to - (s->from > until ? s->from : until);
		until = s->to;
	}
	return seconds;
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
double run_latency(const char *folder, struct arena *mem)
{
	FILE *f = fopen(arena_printf(mem, "%s/measured/latency.tsv", folder), "re");
	char header[4096], line[4096], field[64];
	double latency = NAN;
	int64_t fewest = INT64_MAX, threads;
	if (!f)
		return NAN;
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
		latency = ms;
		fewest = threads;
	}
	fclose(f);
	return latency;
}
