/* The table of a run; see plan.h. */
#include <ftw.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "stages/stale/plan.h"

enum { DESCRIPTORS = 16 };       /* that nftw may use */

/* Files below the run that nothing in the plan makes.  nftw hands on no argument. */
static struct {
	const struct plan *plan;
	struct arena *mem;
	const char **path;
	int count, room;
} unused;

static bool planned(const struct plan *p, const char *path)
{
	for (int i = 0; i < p->n; i++)
		if (!strcmp(p->targets[i].path, path))
			return true;
	return false;
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
	size_t n = strlen(path);

	(void)st;
	if (type != FTW_F || path[at->base] == '.' || n < 4 || strcmp(path + n - 3, ".h5") || planned(unused.plan, path))
		return 0;
	ARENA_GROW(unused.mem, unused.path, unused.count, unused.room, 64);
	unused.path[unused.count++] = arena_strdup(unused.mem, path);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The first target lies in the folder of the run itself. */
static void find_unused(const struct plan *p, struct arena *mem)
{
	unused.plan = p;
	unused.mem = mem;
	if (!p->n)
		return;
	/* no folder: nothing is unused */
	nftw(dirname(arena_strdup(mem, p->targets[0].path)), visit, DESCRIPTORS, FTW_PHYS);
	if (unused.count)
		qsort(unused.path, (size_t)unused.count, sizeof *unused.path, by_name);
}

static void print_size(off_t bytes)
{
	static const char unit[] = "BkMGT";
	double size = (double)bytes;
	int i = 0;

	for (; size >= 1000 && unit[i + 1]; i++)
		size /= 1000;
	printf(i ? "%8.1f %c" : "%8.0f %c", size, unit[i]);
}

static void print_line(const char *path, int width, const char *state)
{
	struct stat st;

	printf("%-*s  %-7s", width, path, state);
	if (!stat(path, &st))
		print_size(st.st_size);
	putchar('\n');
}

static void widen(int *width, const char *path)
{
	if ((int)strlen(path) > *width)
		*width = (int)strlen(path);
}

void plan_print_status(const struct plan *p, struct arena *mem)
{
	static const char *const name[] = { "fresh", "stale", "missing" };
	int count[3] = { 0 }, width = 6;

	find_unused(p, mem);
	for (int i = 0; i < p->n; i++)
		widen(&width, p->targets[i].path);
	for (int i = 0; i < unused.count; i++)
		widen(&width, unused.path[i]);
	for (int i = 0; i < p->n; i++) {
		count[p->targets[i].state]++;
		print_line(p->targets[i].path, width, name[p->targets[i].state]);
	}
	for (int i = 0; i < unused.count; i++)
		print_line(unused.path[i], width, "unused");
	printf("%d fresh, %d stale, %d missing", count[0], count[1], count[2]);
	if (unused.count)
		printf(", %d unused: made with other settings or by another pipeline, and read by nothing here",
		       unused.count);
	putchar('\n');
}
