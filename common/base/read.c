#include "base/read.h"

#include <errno.h>
#include <unistd.h>

/* From the present position when offset is -1. */
static ssize_t read_on(int fd, char *data, size_t size, off_t offset)
{
	size_t done = 0;

	while (done < size) {
		const ssize_t n = offset < 0 ? read(fd, data + done, size - done) : pread(fd, data + done, size - done, offset + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

ssize_t read_fully(int fd, void *data, size_t size)
{
	return read_on(fd, data, size, -1);
}

ssize_t read_fully_at(int fd, void *data, size_t size, off_t offset)
{
	return read_on(fd, data, size, offset);
}
