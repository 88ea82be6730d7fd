/* Text files of architectures and what is known of them. */
#include "tests/arena.h"
#include "tests/harness.h"

#include <string.h>
#include <unistd.h>
#include "search/lines.h"
#include "search/values.h"

#define MANY 5000

static const char *file(const char *text)
{
	char *path = arena_strdup(mem, "/tmp/test_values_XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

static void lines_are_cut_into_code_and_value(void **state)
{
	static const struct { int number; const char *code, *value; } row[] = {
		{ 2, "11111111", NULL }, { 4, "2 0", "0.5" }, { 5, "20102012", "0.25" }, { 6, "x", "" }, { 8, "last", NULL },
	};
	const char *path = file("# known\n 11111111  # none\n \t\n2 0 \t 0.5 and more\r\n\t20102012\t0.25\tx\nx\t#\n\n last");
	struct lines l;

	(void)state;
	assert_ok(lines_open(&l, path));
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(lines_next(&l), 1);
		assert_int_equal(l.number, row[i].number);
		assert_string_equal(l.code, row[i].code);
		if (row[i].value)
			assert_string_equal(l.value, row[i].value);
		else
			assert_null(l.value);
	}
	assert_int_equal(lines_next(&l), 0);
	lines_close(&l);
	unlink(path);
	assert_fails(lines_open(&l, path), ERR_NOINPUT, path);
}

static void a_line_holds_1022_characters(void **state)
{
	char text[2 * 1023];
	const char *path;
	struct lines l;

	(void)state;
	memset(text, '1', sizeof text - 1);
	text[1022] = '\n';
	text[sizeof text - 1] = '\0';
	path = file(text);
	assert_ok(lines_open(&l, path));
	assert_int_equal(lines_next(&l), 1);
	assert_int_equal(strlen(l.code), 1022);
	assert_int_equal(lines_next(&l), 1);     /* the last one, without a newline */
	lines_close(&l);
	unlink(path);
	text[1022] = '1';
	path = file(text);
	assert_ok(lines_open(&l, path));
	assert_fails(lines_next(&l), ERR_DATA, ":1: more than 1022 characters");
	lines_close(&l);
	unlink(path);
}

/* Codes that are the digits of a number to base 251, each with that number as its value; the last value counts. */
static void of_many_codes_each_finds_its_value(void **state)
{
	struct space s = { .decisions = 2 };
	struct values v = values_new(&s);

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < MANY; i++) {
			uint8_t *code = ARENA_NEW(mem, uint8_t, 2);

			code[0] = (uint8_t)(i % 251);
			code[1] = (uint8_t)(i / 251);
			assert_int_equal(values_set(&v, mem, code, i + round), !round);
		}
	assert_int_equal(v.codes.count, MANY);
	for (int i = 0; i < MANY; i++)
		assert_near(values_find(&v, (const uint8_t[]){ (uint8_t)(i % 251), (uint8_t)(i / 251) }), i + 1, 0);
	assert_true(isnan(values_find(&v, (const uint8_t[]){ 251, 0 })));
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(lines_are_cut_into_code_and_value),
		EACH(a_line_holds_1022_characters),
		EACH(of_many_codes_each_finds_its_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
