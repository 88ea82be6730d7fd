/* The table of a run; see plan.h. */
#include <errno.h>
#include <ftw.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "h5/file.h"
#include "stages/stale/plan.h"
#include "tensor/backend.h"

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
	(void)st;
	if (type != FTW_F || path[at->base] == '.' || !plan_h5_named(path) || planned(unused.plan, path))
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
static int find_unused(const struct plan *p, struct arena *mem)
{
	unused.plan = p;
	unused.mem = mem;
	if (!p->n)
		return 0;
	const char *run = dirname(arena_strdup(mem, p->targets[0].path));
	/* no folder: nothing is unused */
	if (nftw(run, visit, DESCRIPTORS, FTW_PHYS) && errno != ENOENT)
		return err_system(ERR_IO, run, "read");
	if (unused.count)
		qsort(unused.path, (size_t)unused.count, sizeof *unused.path, by_name);
	return 0;
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

/* The engine that made the file where it is not the one here: then its numbers are the same only nearly. */
static const char *other_engine(const char *path, struct arena *mem)
{
	struct h5_file *f;
	char *engine = NULL;

	if (!plan_h5_named(path) || h5_open(&f, path, NULL) < 0) {
		err_clear();
		return NULL;
	}
	if (h5_has_attr(f, "engine") && h5_get_text(f, "engine", mem, &engine) < 0)
		err_clear();
	h5_close(f);
	return engine && strcmp(engine, backend_engine()) ? engine : NULL;
}

static void print_line(const char *path, int width, const char *state, const char *engine)
{
	struct stat st;

	printf("%-*s  %-7s", width, path, state);
	if (!stat(path, &st))
		print_size(st.st_size);
	if (engine)
		printf("  by another engine: %s", engine);
	putchar('\n');
}

static void widen(int *width, const char *path)
{
	if ((int)strlen(path) > *width)
		*width = (int)strlen(path);
}

int plan_print_status(const struct plan *p, struct arena *mem)
{
	static const char *const name[] = { "fresh", "stale", "missing" };
	int count[3] = { 0 }, width = 6;

	TRY(find_unused(p, mem));
	for (int i = 0; i < p->n; i++)
		widen(&width, p->targets[i].path);
	for (int i = 0; i < unused.count; i++)
		widen(&width, unused.path[i]);
	for (int i = 0; i < p->n; i++) {
		const struct target *t = &p->targets[i];

		count[t->state]++;
		print_line(t->path, width, name[t->state], other_engine(t->path, mem));
	}
	for (int i = 0; i < unused.count; i++)
		print_line(unused.path[i], width, "unused", NULL);
	printf("%d fresh, %d stale, %d missing", count[0], count[1], count[2]);
	if (unused.count)
		printf(", %d unused: made with other settings or by another pipeline, and read by nothing here",
		       unused.count);
	putchar('\n');
	return 0;
}
