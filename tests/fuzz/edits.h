/* Files as an example plus edits, so that inputs stay small and every one begins with a good file:
 *
 *   byte 0       which example
 *   5 bytes      an edit: u24 place (modulo the size), operation, value
 *
 * Afterwards length and digest are those of what is there: the damage reaches libhdf5 and our checks. */
#ifndef TESTS_FUZZ_EDITS_H
#define TESTS_FUZZ_EDITS_H

#include "tests/damage/example.h"
#include "tests/fuzz/fuzz.h"

struct fuzz_example { unsigned char *bytes; size_t size; };

static inline struct fuzz_example fuzz_example_take(const char *path)
{
	struct fuzz_example e = { .bytes = malloc(EXAMPLE_ROOM) };

	e.size = example_load(path, e.bytes);
	FUZZ_CHECK(e.size > 512);
	e.bytes = realloc(e.bytes, e.size);
	unlink(path);
	return e;
}

/* The edited example as file.h5; its path. */
static inline const char *fuzz_edited(const struct fuzz_example *e, const uint8_t *edit, size_t n)
{
	static unsigned char *bytes;
	static const int64_t odd[] = { 0, 1, -1, 127, 255, 256, 65535, 65536, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN,
	                               0x7ff8000000000000, 0x7ff0000000000000, 1ll << 40, 64 };
	size_t size = e->size;

	if (!bytes)
		bytes = malloc(EXAMPLE_ROOM);
	memcpy(bytes, e->bytes, size);
	for (; n >= 5; edit += 5, n -= 5) {
		const size_t place = (edit[0] | (size_t)edit[1] << 8 | (size_t)edit[2] << 16) % size;
		int64_t number = odd[edit[4] % 16];

		switch (edit[3] % 8) {
		case 0: bytes[place] = edit[4]; break;
		case 1: bytes[place] ^= (unsigned char)(1 << edit[4] % 8); break;
		case 2: memcpy(bytes + place, &number, size - place < 4 ? size - place : 4); break;
		case 3: memcpy(bytes + place, &number, size - place < 8 ? size - place : 8); break;
		case 4: memmove(bytes + place, bytes + edit[4], size - place < 64 ? size - place : 64); break;
		case 5: size = place > 600 ? place : size; break;
		case 6: bytes[512 + place % 64] = edit[4]; break;                 /* the superblock */
		default: bytes[place] = (unsigned char)(bytes[place] + edit[4]); break;
		}
	}
	example_sign(bytes, size);
	return fuzz_file("file.h5", bytes, size);
}

#endif
