/* Work in a child process: its results, and every way in which it can go wrong. */
#include "tests/harness.h"

#include <signal.h>
#include <stdbool.h>
#include <unistd.h>
#include "base/arena.h"
#include "base/die.h"
#include "base/sandbox.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = true };      /* which turns a crash into an exit, and needs all address space */
#else
enum { SANITIZED = false };
#endif

static const struct sandbox limits = { "photos", (size_t)64 << 20, 1 };

struct note { int number; char *text; struct arena *mem; };

static int write_note(void *arg)
{
	struct note *n = arg;

	sandbox_at(0, "a.tif");
	n->number = 7;
	n->text = arena_printf(n->mem, "from %d", 42);
	return 3;
}

static int refuse(void *arg)
{
	(void)arg;
	sandbox_at(0, "a.tif");
	return err_set(ERR_NOINPUT, "a.tif: there is no such file");
}

static int last_words(void *arg)
{
	(void)arg;
	die(-ERR_IO, "the disk is full");
}

static int crash(void *arg)
{
	(void)arg;
	sandbox_at(0, "a.tif");
	sandbox_at(1, "b.tif");
	signal(SIGSEGV, SIG_DFL);            /* CMocka has a handler, programs have none */
	raise(SIGSEGV);
	return 0;
}

static int never_return(void *arg)
{
	volatile bool on = true;

	(void)arg;
	sandbox_at(0, "a.tif");
	while (on)
		;
	return 0;
}

static int take_memory(void *arg)
{
	struct arena *mem = arena_new();

	(void)arg;
	sandbox_at(0, "a.tif");
	while (arena_alloc(mem, 1 << 20, 8))
		;
	return 0;
}

static void results_come_back_in_shared_memory(void **state)
{
	struct arena *mem = arena_shared((size_t)1 << 30);
	struct note *n = ARENA_NEW(mem, struct note, 1);

	(void)state;
	n->mem = mem;
	assert_int_equal(sandbox_run(write_note, n, &limits), 3);
	assert_int_equal(n->number, 7);
	assert_string_equal(n->text, "from 42");
	assert_ptr_not_equal(arena_strdup(mem, "after the child's"), n->text);
	assert_string_equal(n->text, "from 42");
	arena_free(mem);
}

static void a_shared_arena_takes_what_address_space_there_is(void **state)
{
	struct arena *mem = arena_shared((size_t)1 << 62);

	(void)state;
	assert_string_equal(arena_strdup(mem, "x"), "x");
	arena_free(mem);
}

static void errors_come_back_with_their_message(void **state)
{
	(void)state;
	assert_fails(sandbox_run(refuse, NULL, &limits), ERR_NOINPUT, "a.tif: there is no such file");
	assert_fails(sandbox_run(last_words, NULL, &limits), ERR_IO, "the disk is full");
}

static void a_crash_names_what_was_read(void **state)
{
	(void)state;
	assert_fails(sandbox_run(crash, NULL, &limits), ERR_DATA, "photos: reading a.tif or b.tif ended in a crash");
}

static void work_without_end_is_ended(void **state)
{
	(void)state;
	assert_fails(sandbox_run(never_return, NULL, &limits), ERR_DATA, "photos: reading a.tif took more than 1 s");
}

static void memory_without_end_is_refused(void **state)
{
	(void)state;
	if (SANITIZED)
		skip();
	assert_fails(sandbox_run(take_memory, NULL, &limits), ERR_DATA, "photos: reading a.tif needs more than the 64 MiB");
}

static void outside_a_sandbox_signs_of_life_do_nothing(void **state)
{
	(void)state;
	sandbox_at(0, "nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_come_back_in_shared_memory),
		cmocka_unit_test(a_shared_arena_takes_what_address_space_there_is),
		cmocka_unit_test(errors_come_back_with_their_message),
		cmocka_unit_test(a_crash_names_what_was_read),
		cmocka_unit_test(work_without_end_is_ended),
		cmocka_unit_test(memory_without_end_is_refused),
		cmocka_unit_test(outside_a_sandbox_signs_of_life_do_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
