/* Reads that go on when a signal interrupts them and when they bring less than was asked for. */
#ifndef BASE_READ_H
#define BASE_READ_H

#include <stddef.h>
#include <sys/types.h>

/* Reads `size` bytes from where fd stands; fewer only at the end of the file.  Returns the number, -1 with errno. */
ssize_t read_fully(int fd, void *data, size_t size);
/* The same from `offset`; fd stands where it stood. */
ssize_t read_fully_at(int fd, void *data, size_t size, off_t offset);

#endif
