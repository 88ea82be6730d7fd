/* Arena: memory of one lifetime, allocated piece by piece, freed at once.
 *
 * A run has one arena, a training step another that is rewound after each step; nothing is freed
 * alone.  Blocks are 64-byte aligned and zero unless said otherwise; memory once obtained is kept
 * for reuse after a rewind, so a steady loop stops calling malloc.  Under ASan the unused part is poisoned.
 * When memory cannot be had the program ends with status 70: no caller could go on.
 * One thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;
struct arena_mark { void *block; size_t used; };

struct arena *arena_new(void);
/* One that a child process shares (see sandbox.h): `room` bytes of address space, less where that is limited;
 * pages are taken when they are written.  It does not grow: when it is full, memory cannot be had. */
struct arena *arena_shared(size_t room);
void arena_free(struct arena *a);              /* NULL is allowed */

/* count x size bytes (product checked).  arena_alloc zeroes, arena_raw does not. */
void *arena_alloc(struct arena *a, size_t count, size_t size);
void *arena_raw(struct arena *a, size_t count, size_t size);
/* The `count` elements at `old` in a new array of `room`; the rest of it is zero. */
void *arena_grown(struct arena *a, const void *old, size_t count, size_t room, size_t size);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_strdup(struct arena *a, const char *text);

struct arena_mark arena_mark(struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark mark);
size_t arena_peak(const struct arena *a);      /* bytes held from the system */

#define ARENA_NEW(a, type, count) ((type *)arena_alloc((a), (size_t)(count), sizeof(type)))
/* Room for one more element of an array that doubles when it is full, from `least` on. */
#define ARENA_GROW(a, array, count, room, least) \
	do { \
		if ((count) == (room)) { \
			(room) = (room) ? 2 * (room) : (least); \
			(array) = arena_grown((a), (array), (size_t)(count), (size_t)(room), sizeof *(array)); \
		} \
	} while (0)

#endif
