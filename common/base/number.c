/* Numbers as text; see number.h. */
#include "base/number.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t c_locale;

static void make_locale(void)
{
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);   /* glibc's is static: cannot fail */
}

static locale_t plain(void)
{
	pthread_once(&once, make_locale);
	return c_locale;
}

bool number_parse(const char *text, double *value)
{
	char *end;

	if (!*text || text[strspn(text, "0123456789.eE+-")])
		return false;
	*value = strtod_l(text, &end, plain());
	return end != text && !*end && isfinite(*value);
}

bool number_parse_integer(const char *text, int64_t *value)
{
	const char *digits = text + (*text == '-' || *text == '+');
	char *end;

	if (*digits < '0' || *digits > '9')
		return false;
	errno = 0;
	*value = strtoll(text, &end, 10);
	return !*end && !errno;
}

void number_print(double value, char text[NUMBER_TEXT])
{
	locale_t before;
	int digits, exponent;

	if (!isfinite(value)) {
		strcpy(text, isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
		return;
	}
	if (value == 0)
		value = 0;      /* drops the sign of -0 */
	before = uselocale(plain());
	for (digits = 1; digits <= 17; digits++) {
		snprintf(text, NUMBER_TEXT, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	/* 100, not 1e+02: as many digits as reach the decimal point, where that is short enough to read */
	exponent = strchr(text, 'e') ? atoi(strchr(text, 'e') + 1) : 0;
	if (exponent > 0 && exponent < 15)
		snprintf(text, NUMBER_TEXT, "%.*g", exponent + 1, value);
	uselocale(before);
}
