/* How often a fault is injected, and what came of it.
 *
 * `make check` runs few cases, `make soak` many (environment variable SOAK, not empty).  Each test leaves a line
 * per fault in build/reliability/NAME.tsv for `make reliability-report`:
 *
 *   row <TAB> fault <TAB> how <TAB> runs <TAB> violations <TAB> seed */
#ifndef TESTS_RELIABILITY_H
#define TESTS_RELIABILITY_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static inline int soaking(void)
{
	const char *soak = getenv("SOAK");

	return soak && *soak;
}

static inline long count_of(long check, long soak)
{
	return soaking() ? soak : check;
}

/* `name` without suffix; begin = true starts the file anew.  A folder that cannot be written keeps no report. */
static inline void reliability_line(const char *name, int begin, const char *row, const char *fault, const char *how, long runs,
                                    long violations, long seed)
{
	char path[256];
	FILE *f;

	mkdir("build", 0777);
	mkdir("build/reliability", 0777);
	snprintf(path, sizeof path, "build/reliability/%s.tsv", name);
	f = fopen(path, begin ? "we" : "ae");
	if (!f)
		return;
	if (begin)
		fputs("row\tfault\thow\truns\tviolations\tseed\n", f);
	fprintf(f, "%s\t%s\t%s\t%ld\t%ld\t%ld\n", row, fault, how, runs, violations, seed);
	fclose(f);
}

#endif
