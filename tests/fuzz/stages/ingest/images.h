/* Every image of a source, decoded, resized and hashed as nas-ingest does, in this process. */
#ifndef TESTS_FUZZ_IMAGES_H
#define TESTS_FUZZ_IMAGES_H

#include "stages/ingest/fit.h"
#include "stages/ingest/ingest.h"
#include "tests/fuzz/fuzz.h"

enum { IMAGES_MAX = 64 };            /* of one input: a page may be listed often */

static inline void fuzz_images(const char *path)
{
	static struct pool *pool;
	const struct source_options o = { 0 };
	struct arena *mem = arena_new();
	struct source s;

	if (!pool)
		pool = pool_new(1);
	if (fuzz_try(source_open(&s, path, mem)) == 0 && fuzz_try(s.kind->prepare(&s, &o, pool, mem)) == 0)
		for (int64_t i = 0; i < s.images && i < IMAGES_MAX; i++) {
			struct picture p = { 0 }, fitted;
			const struct arena_mark mark = arena_mark(mem);

			if (s.kind->read(&s, i, mem, &p) < 0) {
				FUZZ_CHECK(p.reason[0]);
			} else {
				FUZZ_CHECK(p.h > 0 && p.w > 0 && p.c > 0 && p.data);
				order_pixels(&p);
				fit(&p, 7, 5, FIT_PAD, mem, &fitted);
			}
			arena_rewind(mem, mark);
		}
	source_close(&s);
	arena_free(mem);
}

#endif
