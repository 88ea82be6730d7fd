/* The first failure is kept; see err.h. */
#include "base/err.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char kept_text[16384];
static int kept_code;

int err_set(int code, const char *format, ...)
{
	va_list ap;

	pthread_mutex_lock(&lock);
	if (!kept_code) {
		kept_code = code;
		va_start(ap, format);
		vsnprintf(kept_text, sizeof kept_text, format, ap);
		va_end(ap);
	}
	pthread_mutex_unlock(&lock);
	return code;
}

int err_system(int code, const char *path, const char *doing)
{
	int number = errno;

	if (number == ENOSPC || number == EDQUOT)
		return err_set(ERR_IO, "%s: cannot %s: the disk is full; make room and run it again", path, doing);
	return err_set(code, "%s: cannot %s: %s", path, doing, strerror(number));
}

int err_replace(int code, const char *format, ...)
{
	char text[sizeof kept_text];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	pthread_mutex_lock(&lock);
	kept_code = code;
	memcpy(kept_text, text, sizeof kept_text);
	pthread_mutex_unlock(&lock);
	return code;
}

const char *err_text(void)
{
	return kept_text;
}

int err_code(void)
{
	return kept_code;
}

void err_clear(void)
{
	pthread_mutex_lock(&lock);
	kept_code = 0;
	kept_text[0] = '\0';
	pthread_mutex_unlock(&lock);
}
