/* Numbers and options: byte 0 says which option, the rest is its value.  What is accepted is in range, prints,
 * and reads back as the same. */
#include <math.h>

#include "base/hash.h"
#include "base/number.h"
#include "base/opt.h"
#include "tests/fuzz/fuzz.h"

static const char *words(int i)
{
	static const char *const word[] = { "one", "two", NULL };
	return word[i];
}

static void numbers(const char *text)
{
	char printed[NUMBER_TEXT];
	double x, y;
	int64_t i;
	struct digest d;

	if (number_parse(text, &x)) {
		FUZZ_CHECK(isfinite(x));
		number_print(x, printed);
		FUZZ_CHECK(number_parse(printed, &y) && x == y);
	}
	if (number_parse_integer(text, &i)) {
		snprintf(printed, sizeof printed, "%lld", (long long)i);
		FUZZ_CHECK(number_parse_integer(printed, &i));
	}
	fuzz_try(digest_parse(text, &d));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t whole = 5, count = 7;
	double real = 0.5;
	const char *text = "", *word = "one", *path = "";
	bool flag = false;
	const struct opt table[] = {
		OPT_LONG("whole", &whole, -100, 9e15, "h"), OPT_REAL("real", &real, -1e300, 1e300, "h"), OPT_COUNT("count", &count, "h"),
		OPT_TEXT("text", &text, "h"), OPT_WORD("word", &word, words, "h"), OPT_FLAG("flag", &flag, "h"),
		OPT_EXEC_TEXT("path", &path, "h"), OPT_END
	};
	char *value, first[256], second[256];
	const struct opt *o;

	if (!size)
		return 0;
	value = fuzz_text(data + 1, size - 1);
	numbers(value);
	o = &table[data[0] % 7];
	if (fuzz_try(opt_set(o, value)) == 0) {
		FUZZ_CHECK(whole >= -100 && fabs(real) <= 1e300 && count >= 0);
		opt_value(o, first, sizeof first);
		if (o->kind != OPT_KIND_TEXT) {
			FUZZ_CHECK(opt_set(o, first) == 0);
			opt_value(o, second, sizeof second);
			FUZZ_CHECK(!strcmp(first, second));
		}
	}
	fuzz_try(opt_find(table, value) ? 0 : 1);
	free(value);
	return 0;
}
