/* Arena: a list of blocks, of which a prefix is in use.
 *
 *   block     block     block     block
 *   [#####..] [####...] [##.....] [.......]
 *                        ^ current
 *
 * Blocks after the current one are empty and wait for reuse; when none is large enough they are given
 * back before a larger one is made, so that what is held stays near the most that was ever in use.  A
 * new block is a quarter of all held before, 256 KiB to 32 MiB, or what is asked for. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/die.h"
#include "base/err.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define REDZONE 64
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define REDZONE 0
#endif

#define ALIGNMENT 64
#define HUGE_PAGE ((size_t)2 << 20)
#define BLOCK_MIN ((size_t)256 << 10)
#define BLOCK_MAX ((size_t)32 << 20)

struct block {
	struct block *next;
	size_t size, used;     /* of data */
	unsigned char *data;
};

struct arena {
	struct block *first, *current;
	size_t held;
	bool shared;           /* arena, block and data are one mapping */
};

static _Noreturn void no_memory(size_t size)
{
	die(-ERR_INTERNAL, "out of memory: %zu MiB more are needed; use a smaller --batch or a smaller space, "
	    "or a machine with more memory", (size >> 20) + 1);
}

struct arena *arena_new(void)
{
	struct arena *a = calloc(1, sizeof *a);

	if (!a)
		no_memory(sizeof *a);
	return a;
}

/* The child's arena is the parent's: the poison of ASan, which each keeps for itself, stays out of it. */
struct arena *arena_shared(size_t room)
{
	const size_t least = BLOCK_MIN, head = 4096;
	unsigned char *region;
	struct arena *a;

	while ((region = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) == MAP_FAILED)
		if ((room /= 2) < least)
			no_memory(least);
	a = (struct arena *)region;
	a->shared = true;
	a->held = room;
	a->first = a->current = (struct block *)(a + 1);
	*a->first = (struct block){ .size = room - head, .data = region + head };
	return a;
}

static void block_free(struct arena *a, struct block *b)
{
	a->held -= b->size;
	UNPOISON(b->data, b->size);
	free(b->data);
	free(b);
}

void arena_free(struct arena *a)
{
	struct block *b, *next;

	if (!a)
		return;
	if (a->shared) {
		munmap(a, a->held);
		return;
	}
	for (b = a->first; b; b = next) {
		next = b->next;
		block_free(a, b);
	}
	free(a);
}

static struct block *block_new(struct arena *a, size_t size)
{
	struct block *b = a->shared ? NULL : calloc(1, sizeof *b);
	size_t quarter = a->held / 4, want = quarter < BLOCK_MIN ? BLOCK_MIN : quarter > BLOCK_MAX ? BLOCK_MAX : quarter;
	size_t align = ALIGNMENT;

	if (want < size)
		want = size;
	if (want >= HUGE_PAGE)
		align = HUGE_PAGE;
	want = (want + align - 1) / align * align;
	if (!b || want < size || !(b->data = aligned_alloc(align, want)))
		no_memory(size);
	if (align == HUGE_PAGE)
		madvise(b->data, want, MADV_HUGEPAGE);   /* advice: a refusal changes nothing but speed */
	b->size = want;
	a->held += want;
	POISON(b->data, b->size);
	return b;
}

/* Makes `current` a block with `need` bytes free: the next one that is large enough, else a new one. */
static struct block *advance(struct arena *a, size_t need)
{
	struct block **after = a->current ? &a->current->next : &a->first;
	struct block **link = after, *b;

	while (*link && (*link)->size < need)
		link = &(*link)->next;
	b = *link;
	if (b) {
		*link = b->next;
	} else {
		while (!a->shared && (b = *after)) {
			*after = b->next;
			block_free(a, b);
		}
		b = block_new(a, need);
	}
	b->next = *after;
	*after = b;
	b->used = 0;
	return a->current = b;
}

void *arena_raw(struct arena *a, size_t count, size_t size)
{
	struct block *b = a->current;
	size_t bytes, need;
	void *p;

	if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 4)
		no_memory(SIZE_MAX / 4);
	need = (bytes + REDZONE + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!need)
		need = ALIGNMENT;
	if (!b || b->size - b->used < need)
		b = advance(a, need);
	p = b->data + b->used;
	b->used += need;
	if (!a->shared)
		UNPOISON(p, bytes);
	return p;
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
	void *p = arena_raw(a, count, size);

	return memset(p, 0, count * size);
}

void *arena_grown(struct arena *a, const void *old, size_t count, size_t room, size_t size)
{
	void *p = arena_alloc(a, room, size);

	return count ? memcpy(p, old, count * size) : p;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n < 0)
		die(-ERR_INTERNAL, "arena_printf: bad format \"%s\"", format);
	text = arena_raw(a, (size_t)n + 1, 1);
	va_start(ap, format);
	vsnprintf(text, (size_t)n + 1, format, ap);
	va_end(ap);
	return text;
}

char *arena_strdup(struct arena *a, const char *text)
{
	size_t n = strlen(text) + 1;

	return memcpy(arena_raw(a, n, 1), text, n);
}

struct arena_mark arena_mark(struct arena *a)
{
	return (struct arena_mark){ a->current, a->current ? a->current->used : 0 };
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
	struct block *keep = mark.block, *b;

	for (b = keep ? keep->next : a->first; b; b = b->next) {
		b->used = 0;
		if (!a->shared)
			POISON(b->data, b->size);
	}
	if (keep) {
		keep->used = mark.used;
		if (!a->shared)
			POISON(keep->data + keep->used, keep->size - keep->used);
	}
	a->current = keep;
}

size_t arena_peak(const struct arena *a)
{
	return a->held;
}
