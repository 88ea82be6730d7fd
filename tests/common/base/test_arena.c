/* Arenas: aligned, zeroed, kept for reuse. */
#include "tests/harness.h"

#include "base/arena.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

static void blocks_are_aligned_zero_and_apart(void **state)
{
	struct arena *a = arena_new();
	unsigned char *p[200];
	int i, k;

	(void)state;
	for (i = 0; i < 200; i++) {
		p[i] = arena_alloc(a, (size_t)i * 97, 3);
		assert_int_equal((uintptr_t)p[i] % 64, 0);
		for (k = 0; k < i * 97 * 3; k++)
			assert_int_equal(p[i][k], 0);
		memset(p[i], i, (size_t)i * 97 * 3);
	}
	for (i = 0; i < 200; i++)
		for (k = 0; k < i * 97 * 3; k++)
			assert_int_equal(p[i][k], i);
	arena_free(a);
	arena_free(NULL);
}

static void memory_is_zero_again_after_a_rewind(void **state)
{
	struct arena *a = arena_new();
	struct arena_mark mark = arena_mark(a);
	unsigned char *p;
	int round, k;

	(void)state;
	for (round = 0; round < 3; round++) {
		p = arena_alloc(a, 1000, 1);
		for (k = 0; k < 1000; k++)
			assert_int_equal(p[k], 0);
		memset(p, 255, 1000);
		arena_rewind(a, mark);
	}
	arena_free(a);
}

/* Steps of differing sizes, as sampled paths have them. */
static void a_steady_loop_stops_asking_the_system(void **state)
{
	struct arena *a = arena_new();
	char *kept = arena_strdup(a, "kept");
	struct arena_mark mark = arena_mark(a);
	size_t held = 0;
	int step, i;

	(void)state;
	for (step = 0; step < 400; step++) {
		for (i = 0; i < 50; i++)
			arena_raw(a, (size_t)(1 + (i * 7919 + step * 104729) % 65536), 4);
		arena_rewind(a, mark);
		if (step == 200)
			held = arena_peak(a);
	}
	assert_int_equal(arena_peak(a), held);
	assert_string_equal(kept, "kept");
	arena_free(a);
}

static void marks_nest_across_blocks(void **state)
{
	struct arena *a = arena_new();
	struct arena_mark outer, inner;
	char *one, *two;

	(void)state;
	one = arena_strdup(a, "one");
	outer = arena_mark(a);
	arena_alloc(a, 1, 3 << 20);
	two = arena_strdup(a, "two");
	inner = arena_mark(a);
	arena_alloc(a, 1, 9 << 20);
	arena_rewind(a, inner);
	assert_string_equal(two, "two");
	arena_rewind(a, outer);
	assert_string_equal(one, "one");
	two = arena_strdup(a, "again");
	assert_string_equal(two, "again");
	arena_free(a);
}

static void printf_makes_texts_of_any_length(void **state)
{
	struct arena *a = arena_new();
	char *text = arena_printf(a, "%s=%0*d", "x", 100000, 7);

	(void)state;
	assert_int_equal(strlen(text), 100002);
	assert_string_equal(text + 100000, "07");
	arena_free(a);
}

static void an_array_doubles_and_keeps_its_elements(void **state)
{
	struct arena *a = arena_new();
	int *list = NULL, *before = NULL, n = 0, room = 0, moves = 0;

	(void)state;
	for (; n < 50; n++) {
		ARENA_GROW(a, list, n, room, 3);
		moves += list != before;
		before = list;
		list[n] = 7 * n;
	}
	assert_int_equal(room, 96);          /* 3, 6, 12, 24, 48, 96 */
	assert_int_equal(moves, 6);
	for (int i = 0; i < 96; i++)
		assert_int_equal(list[i], i < 50 ? 7 * i : 0);
	arena_free(a);
}

#if defined(__SANITIZE_ADDRESS__)
static void what_is_behind_a_block_is_poisoned(void **state)
{
	struct arena *a = arena_new();
	struct arena_mark mark = arena_mark(a);
	char *p = arena_alloc(a, 100, 1);

	(void)state;
	assert_false(__asan_address_is_poisoned(p + 99));
	assert_true(__asan_address_is_poisoned(p + 100));
	arena_rewind(a, mark);
	assert_true(__asan_address_is_poisoned(p));
	arena_free(a);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_aligned_zero_and_apart),
		cmocka_unit_test(memory_is_zero_again_after_a_rewind),
		cmocka_unit_test(a_steady_loop_stops_asking_the_system),
		cmocka_unit_test(marks_nest_across_blocks),
		cmocka_unit_test(printf_makes_texts_of_any_length),
		cmocka_unit_test(an_array_doubles_and_keeps_its_elements),
#if defined(__SANITIZE_ADDRESS__)
		cmocka_unit_test(what_is_behind_a_block_is_poisoned),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
