/* The outcome of a pipeline; see outcome.h. */
#include "stages/outcome.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void outcome_failed(const char *format, ...)
{
	const char *path = getenv("NAS_OUTCOME");
	va_list ap;
	int fd;

	if (!path || !*path)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return;
	va_start(ap, format);
	vdprintf(fd, format, ap);
	va_end(ap);
	close(fd);
}

const char *outcome_meaning(int status)
{
	switch (status) {
	case 64: return "wrong usage";
	case 65: return "bad data";
	case 66: return "an input is missing";
	case 70: return "internal error";
	case 74: return "reading or writing failed";
	case 75: return "the run is in use";
	case 78: return "impossible configuration";
	case 126: return "cannot be executed";
	case 127: return "no such program";
	default: return "failed";
	}
}
