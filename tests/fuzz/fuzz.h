/* What fuzz targets share.  A target is tests/fuzz/fuzz_NAME.c or tests/fuzz/stages/VERB/fuzz_NAME.c (linked with
 * the code of that stage); `make fuzz` finds and runs it.  Seeds that cannot be guessed lie in seeds/NAME/. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/arena.h"
#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold, whatever the input. */
#define FUZZ_CHECK(x) do { if (!(x)) { fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #x, err_text()); abort(); } } while (0)

/* A call that may fail, but then with a message of one kind or another. */
static inline int fuzz_try(int code)
{
	FUZZ_CHECK(code >= 0 || (err_text()[0] && err_code() < 0));
	err_clear();
	return code;
}

static char fuzz_folder[64];

static void fuzz_remove(void)
{
	rmdir(fuzz_folder);
}

/* A path in a folder of this process; the file is gone when the next one of that name is put there. */
static inline const char *fuzz_path(const char *name)
{
	static char path[128];

	if (!fuzz_folder[0]) {
		snprintf(fuzz_folder, sizeof fuzz_folder, "%s/nasmill-fuzz-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
		FUZZ_CHECK(mkdtemp(fuzz_folder));
		atexit(fuzz_remove);
	}
	snprintf(path, sizeof path, "%s/%s", fuzz_folder, name);
	return path;
}

/* The bytes as a file. */
static inline const char *fuzz_file(const char *name, const void *data, size_t size)
{
	const char *path = fuzz_path(name);
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0);
	return path;
}

/* The bytes as text, to be freed. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif
