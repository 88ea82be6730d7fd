/* An arena for each test: cmocka_unit_test_setup_teardown(name, setup, teardown). */
#ifndef TESTS_ARENA_H
#define TESTS_ARENA_H

#include "base/arena.h"

static struct arena *mem;

static inline int setup(void **state)
{
	(void)state;
	mem = arena_new();
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

#endif
