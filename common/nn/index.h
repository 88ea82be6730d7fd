/* A hash index from 64-bit keys to numbers 0, 1, 2, ... of some array that its owner keeps.
 *
 *   uint64_t probe = hash;
 *   for (int k; (k = nn_index_next(&index, hash, &probe)) >= 0; )
 *           if (array[k] is the one) return k;
 *
 * Grows in the owner's arena; starts as all zero bytes. */
#ifndef NN_INDEX_H
#define NN_INDEX_H

#include <stdint.h>
#include "base/arena.h"

struct nn_index {
	struct nn_index_slot { uint64_t hash; int next; } *slot;    /* next = number + 1, 0 = empty */
	int slots, used;             /* slots: a power of two */
};

/* The next number filed under this hash, or -1. */
int nn_index_next(const struct nn_index *t, uint64_t hash, uint64_t *probe);
void nn_index_put(struct nn_index *t, struct arena *mem, uint64_t hash, int number);

#endif
