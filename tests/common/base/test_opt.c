/* Options and numbers as text. */
#include "tests/harness.h"

#include <locale.h>

#include "base/number.h"
#include "base/opt.h"
#include "base/rng.h"

static int64_t n, limit;
static double rate;
static const char *word, *text;
static bool flag;

static const char *word_name(int i)
{
	static const char *const names[] = { "random", "tpe", NULL };

	return names[i];
}

static const struct opt table[] = {
	OPT_LONG("n", &n, -5, 100, "a number"),
	OPT_REAL("rate", &rate, 0, 1, "a rate"),
	OPT_WORD("word", &word, word_name, "a word"),
	OPT_TEXT("text", &text, "a text"),
	OPT_FLAG("flag", &flag, "a flag"),
	OPT_COUNT("limit", &limit, "a limit"),
	OPT_EXEC_TEXT("log", &text, "a path"),
	OPT_END
};

static int set(const char *name, const char *value)
{
	return opt_set(opt_find(table, name), value);
}

static const char *value_of(const char *name)
{
	static char value[64];

	opt_value(opt_find(table, name), value, sizeof value);
	return value;
}

static void options_are_found_by_their_whole_name(void **state)
{
	(void)state;
	assert_ptr_equal(opt_find(table, "rate"), &table[1]);
	assert_null(opt_find(table, "rat"));
	assert_null(opt_find(table, ""));
	assert_null(opt_find(NULL, "rate"));
}

static void whole_numbers_are_checked(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "1.0", "1e1", "x", "0x10", "--1", "99999999999999999999", "-" };
	size_t i;

	(void)state;
	assert_ok(set("n", "42"));
	assert_int_equal(n, 42);
	assert_ok(set("n", "-5"));
	assert_int_equal(n, -5);
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_fails(set("n", bad[i]), ERR_USAGE, "is no whole number");
	assert_fails(set("n", "101"), ERR_USAGE, "--n: 101 is out of range; allowed: -5 to 100");
	assert_fails(set("n", NULL), ERR_USAGE, "--n: needs a value");
	assert_int_equal(n, -5);
}

static void real_numbers_are_checked(void **state)
{
	static const char *const bad[] = { "", "nan", "inf", "1,5", "0x1p-1", "0.5 ", " 0.5", "1e999", "1e", ".", "-" };
	size_t i;

	(void)state;
	assert_ok(set("rate", "5e-2"));
	assert_true(rate == 0.05);
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_fails(set("rate", bad[i]), ERR_USAGE, "is no number");
	assert_fails(set("rate", "1.5"), ERR_USAGE, "--rate: 1.5 is out of range; allowed: 0 to 1");
	assert_true(rate == 0.05);
}

static void counts_take_suffixes(void **state)
{
	static const struct { const char *given; int64_t value; const char *shown; } good[] = {
		{ "0", 0, "0" }, { "1500", 1500, "1500" }, { "60M", 60000000, "60M" }, { "2.5G", 2500000000, "2500M" },
		{ "1.2k", 1200, "1200" }, { "0.3M", 300000, "300000" }, { "3000000000", 3000000000, "3G" },
	};
	static const char *const bad[] = { "M", "60m", "1.5", "60MM", "0.0001k", "1e3x", "", "60 M" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof good / sizeof *good; i++) {
		assert_ok(set("limit", good[i].given));
		assert_int_equal(limit, good[i].value);
		assert_string_equal(value_of("limit"), good[i].shown);
	}
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_fails(set("limit", bad[i]), ERR_USAGE, "is no count");
	assert_fails(set("limit", "-1"), ERR_USAGE, "out of range");
	assert_fails(set("limit", "99999999G"), ERR_USAGE, "--limit");
}

static void words_texts_and_flags_are_checked(void **state)
{
	(void)state;
	assert_ok(set("word", "tpe"));
	assert_string_equal(word, "tpe");
	assert_fails(set("word", "tp"), ERR_USAGE, "--word: \"tp\" is unknown; there are: random, tpe");
	assert_ok(set("text", "crop 4, flip"));
	assert_fails(set("text", "two\nlines"), ERR_USAGE, "control characters");    /* a recipe has one option a line */
	assert_ok(set("log", "odd\nname"));
	assert_ok(set("flag", NULL));
	assert_string_equal(value_of("flag"), "yes");
	assert_ok(set("flag", "no"));
	assert_string_equal(value_of("flag"), "no");
	assert_fails(set("flag", "maybe"), ERR_USAGE, "neither yes nor no");
}

static void numbers_print_as_their_shortest_decimal(void **state)
{
	static const struct { double value; const char *shown; } known[] = {
		{ 0.1, "0.1" }, { 0.05, "0.05" }, { 1, "1" }, { 100, "100" }, { 1.5e10, "15000000000" }, { 1e15, "1e+15" }, { 0.0001, "0.0001" }, { 1e-5, "1e-05" }, { -0.0, "0" }, { 1.0 / 3, "0.3333333333333333" },
		{ 5e-324, "5e-324" }, { NAN, "nan" }, { -INFINITY, "-inf" }, { 1.7976931348623157e308, "1.7976931348623157e+308" },
	};
	struct rng r = rng_stream(1, "print", 0, 0, 0);
	char shown[NUMBER_TEXT];
	double back;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof known / sizeof *known; i++) {
		number_print(known[i].value, shown);
		assert_string_equal(shown, known[i].shown);
	}
	for (i = 0; i < 2000; i++) {
		uint64_t bits = (uint64_t)rng_u32(&r) << 32 | rng_u32(&r);
		double value;

		memcpy(&value, &bits, sizeof value);
		if (!isfinite(value))
			continue;
		number_print(value, shown);
		assert_true(number_parse(shown, &back));
		assert_memory_equal(&back, &value, sizeof value);
	}
}

/* German writes 0,05. */
static void the_locale_changes_nothing(void **state)
{
	static const char *const german[] = { "de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8" };
	bool found = false;
	size_t i;

	(void)state;
	for (i = 0; i < 4 && !found; i++)
		found = setlocale(LC_ALL, german[i]) && *localeconv()->decimal_point == ',';
	if (!found)
		print_message("no locale with a decimal comma is installed\n");
	assert_ok(set("rate", "0.05"));
	assert_string_equal(value_of("rate"), "0.05");
	setlocale(LC_ALL, "C");
}

static void help_shows_defaults_and_words(void **state)
{
	char *out = NULL;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	(void)state;
	rate = 0.05;
	opt_help(table, false, file);
	fclose(file);
	assert_non_null(strstr(out, "--rate X"));
	assert_non_null(strstr(out, "[0.05]"));
	assert_non_null(strstr(out, "random, tpe"));
	assert_null(strstr(out, "--log"));
	free(out);
	file = open_memstream(&out, &size);
	opt_help(table, true, file);
	fclose(file);
	assert_non_null(strstr(out, "--log TEXT"));
	assert_null(strstr(out, "--rate"));
	free(out);
}

/* 29 columns for the name, 110 in all: of words of nine letters and a space eight fit into the other 81. */
static void long_help_goes_on_below(void **state)
{
	char many[200] = "", *out = NULL, *next;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	(void)state;
	for (int i = 0; i < 10; i++)
		strcat(many, "ninechars ");
	opt_help_line("--name", many, ":", file);
	fclose(file);
	next = strchr(out, '\n');
	assert_non_null(next);
	assert_int_equal(next - out, 28 + 8 * 10);
	assert_string_equal(next + 1, "                             ninechars ninechars:");
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_found_by_their_whole_name),
		cmocka_unit_test(whole_numbers_are_checked),
		cmocka_unit_test(real_numbers_are_checked),
		cmocka_unit_test(counts_take_suffixes),
		cmocka_unit_test(words_texts_and_flags_are_checked),
		cmocka_unit_test(numbers_print_as_their_shortest_decimal),
		cmocka_unit_test(the_locale_changes_nothing),
		cmocka_unit_test(help_shows_defaults_and_words),
		cmocka_unit_test(long_help_goes_on_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
