/* Ends of a program; see die.h. */
#include "base/die.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

static char *last_words;
static size_t last_words_size;
static const char *program;

void die_set_program(const char *name)
{
	program = name;
}

const char *die_program(void)
{
	return program ? program : program_invocation_short_name;
}

_Noreturn void die_printed(int status)
{
	if (fflush(stdout) || ferror(stdout))
		die(-ERR_IO, "standard output: cannot write: %s", strerror(errno));
	exit(status);
}

void die_into(char *text, size_t size)
{
	last_words = text;
	last_words_size = size;
}

_Noreturn void die(int status, const char *format, ...)
{
	char text[16384];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	if (last_words) {
		snprintf(last_words, last_words_size, "%s", text);
		_exit(status);
	}
	log_end_line();
	fprintf(stderr, "%s: %s\n", die_program(), text);
	log_file("error", text);
	exit(status);
}

void die_on(int code)
{
	if (code >= 0)
		return;
	die(-code, "%s", *err_text() ? err_text() : "failed without saying why");
}
