/* Options as a table; see opt.h. */
#include "base/opt.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/number.h"

static const struct { char letter; int64_t factor; } suffixes[] = {
	{ 'G', 1000000000 }, { 'M', 1000000 }, { 'k', 1000 }, { 'K', 1000 },
};

const struct opt *opt_find(const struct opt *table, const char *name)
{
	for (; table && table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}

const char *opt_peek(int argc, char **argv, const char *name)
{
	size_t length = strlen(name);
	const char *found = NULL;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) || strncmp(argv[i] + 2, name, length))
			continue;
		if (argv[i][2 + length] == '=')
			found = argv[i] + 3 + length;
		else if (!argv[i][2 + length] && i + 1 < argc)
			found = argv[i + 1];
	}
	return found;
}

/* "60M" -> 60000000.  The product must be a whole number. */
static bool parse_count(const char *text, int64_t *value)
{
	size_t length = strlen(text), i;
	char digits[64];
	double number, product;

	if (number_parse_integer(text, value))
		return true;
	if (length < 2 || length >= sizeof digits)
		return false;
	memcpy(digits, text, length - 1);
	digits[length - 1] = '\0';
	for (i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		if (suffixes[i].letter != text[length - 1] || !number_parse(digits, &number))
			continue;
		product = nearbyint(number * (double)suffixes[i].factor);
		if (fabs(product) > 9e15 || fabs(product - number * (double)suffixes[i].factor) > 1e-6 * fabs(product))
			return false;
		*value = (int64_t)product;
		return true;
	}
	return false;
}

static int out_of_range(const struct opt *o, const char *value)
{
	char low[NUMBER_TEXT], high[NUMBER_TEXT];

	number_print(o->min, low);
	number_print(o->max, high);
	return err_set(ERR_USAGE, "--%s: %s is out of range; allowed: %s to %s", o->name, value, low, high);
}

static int set_word(const struct opt *o, const char *value)
{
	char known[1024] = "";
	size_t used = 0;
	int i;

	for (i = 0; o->names(i); i++) {
		if (!strcmp(o->names(i), value)) {
			*(const char **)o->target = value;
			return 0;
		}
		if (used < sizeof known)
			used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", o->names(i));
	}
	return err_set(ERR_USAGE, "--%s: \"%s\" is unknown; there are: %s", o->name, value, known);
}

static int set_text(const struct opt *o, const char *value)
{
	const unsigned char *c;

	if (o->names)
		return set_word(o, value);
	for (c = (const unsigned char *)value; *c; c++)
		if (*c < ' ' && !o->execution)      /* a recipe has one option a line */
			return err_set(ERR_USAGE, "--%s: control characters are not allowed", o->name);
	*(const char **)o->target = value;
	return 0;
}

static int set_flag(const struct opt *o, const char *value)
{
	if (!value || !strcmp(value, "yes"))
		*(bool *)o->target = true;
	else if (!strcmp(value, "no"))
		*(bool *)o->target = false;
	else
		return err_set(ERR_USAGE, "--%s: \"%s\" is neither yes nor no", o->name, value);
	return 0;
}

int opt_set(const struct opt *o, const char *value)
{
	int64_t whole;
	double real;

	if (o->kind == OPT_KIND_FLAG)
		return set_flag(o, value);
	if (!value)
		return err_set(ERR_USAGE, "--%s: needs a value", o->name);
	switch (o->kind) {
	case OPT_KIND_LONG:
		if (!number_parse_integer(value, &whole))
			return err_set(ERR_USAGE, "--%s: \"%s\" is no whole number", o->name, value);
		if ((double)whole < o->min || (double)whole > o->max)
			return out_of_range(o, value);
		*(int64_t *)o->target = whole;
		return 0;
	case OPT_KIND_COUNT:
		if (!parse_count(value, &whole))
			return err_set(ERR_USAGE, "--%s: \"%s\" is no count; expected a whole number such as 1500, 60M or 2.5G",
			               o->name, value);
		if ((double)whole < o->min || (double)whole > o->max)
			return out_of_range(o, value);
		*(int64_t *)o->target = whole;
		return 0;
	case OPT_KIND_REAL:
		if (!number_parse(value, &real))
			return err_set(ERR_USAGE, "--%s: \"%s\" is no number", o->name, value);
		if (!(real >= o->min && real <= o->max))
			return out_of_range(o, value);
		*(double *)o->target = real;
		return 0;
	default:
		return set_text(o, value);
	}
}

static void print_count(int64_t value, char *text, size_t size)
{
	size_t i;

	for (i = 0; value && i < 2; i++)
		if (value % suffixes[i].factor == 0) {
			snprintf(text, size, "%lld%c", (long long)(value / suffixes[i].factor), suffixes[i].letter);
			return;
		}
	snprintf(text, size, "%lld", (long long)value);
}

void opt_value(const struct opt *o, char *text, size_t size)
{
	char number[NUMBER_TEXT];
	const char *word;

	switch (o->kind) {
	case OPT_KIND_LONG:
		snprintf(text, size, "%lld", (long long)*(const int64_t *)o->target);
		break;
	case OPT_KIND_COUNT:
		print_count(*(const int64_t *)o->target, text, size);
		break;
	case OPT_KIND_REAL:
		number_print(*(const double *)o->target, number);
		snprintf(text, size, "%s", number);
		break;
	case OPT_KIND_FLAG:
		snprintf(text, size, "%s", *(const bool *)o->target ? "yes" : "no");
		break;
	case OPT_KIND_TEXT:
		word = *(const char *const *)o->target;
		snprintf(text, size, "%s", word ? word : "");
		break;
	}
}

static const char *placeholder(enum opt_kind kind)
{
	static const char *const of[] = {
		[OPT_KIND_LONG] = " N", [OPT_KIND_REAL] = " X", [OPT_KIND_TEXT] = " TEXT", [OPT_KIND_FLAG] = "",
		[OPT_KIND_COUNT] = " COUNT",
	};

	return of[kind];
}

enum { HELP_INDENT = 28, HELP_COLUMNS = 110 };

/* The words of a text and what follows the last one, each behind a space; returns the column after them. */
static int words(FILE *out, int column, const char *text, const char *end)
{
	for (text += strspn(text, " "); *text;) {
		int n = (int)strcspn(text, " ");
		const char *next = text + n + strspn(text + n, " "), *behind = *next ? "" : end;

		if (column + 1 + n + (int)strlen(behind) > HELP_COLUMNS)
			column = fprintf(out, "\n%*s", HELP_INDENT, "") - 1;
		column += fprintf(out, " %.*s%s", n, text, behind);
		text = next;
	}
	return column;
}

int opt_help_line(const char *name, const char *text, const char *end, FILE *out)
{
	return words(out, fprintf(out, "  %-*s", HELP_INDENT - 2, name), text, end);
}

void opt_help(const struct opt *table, bool execution, FILE *out)
{
	char left[64], value[256], shown[260];
	int i, column;

	for (; table && table->name; table++) {
		if (table->execution != execution)
			continue;
		snprintf(left, sizeof left, "--%s%s", table->name, table->names ? " WORD" : placeholder(table->kind));
		column = opt_help_line(left, table->help ? table->help : "", table->names ? ":" : "", out);
		for (i = 0; table->names && table->names(i); i++)
			column = words(out, column, table->names(i), table->names(i + 1) ? "," : "");
		opt_value(table, value, sizeof value);
		snprintf(shown, sizeof shown, "[%s]", value);
		if (*value && table->kind != OPT_KIND_FLAG)
			words(out, column, shown, "");
		fputc('\n', out);
	}
}
