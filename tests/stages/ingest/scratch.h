/* A folder of this test's own, and loading from it. */
#ifndef TESTS_INGEST_SCRATCH_H
#define TESTS_INGEST_SCRATCH_H

#include "tests/harness.h"

#include <ftw.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>
#include "stages/ingest/ingest.h"

struct scratch { char folder[64], path[512]; struct arena *mem; struct pool *pool; };
static struct scratch scratch;

/* Path of a name in the folder; each call overwrites the last one's. */
static inline const char *at(const char *name)
{
	snprintf(scratch.path, sizeof(scratch.path), "%s/%s", scratch.folder, name);
	return scratch.path;
}

static inline void put(const char *name, const void *data, size_t size)
{
	FILE *f = fopen(at(name), "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static inline int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static inline int scratch_open(void **state)
{
	(void)state;
	snprintf(scratch.folder, sizeof(scratch.folder), "/tmp/nasmill-ingest-XXXXXX");
	scratch.mem = arena_new();
	scratch.pool = pool_new(2);
	return mkdtemp(scratch.folder) ? 0 : -1;
}

static inline int scratch_close(void **state)
{
	(void)state;
	pool_free(scratch.pool);
	arena_free(scratch.mem);
	return nftw(scratch.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline struct ingest_args defaults(void)
{
	return (struct ingest_args)INGEST_DEFAULTS;
}

#endif
