/* Open addressing with linear probing, at most half full. */
#include "nn/index.h"

int nn_index_next(const struct nn_index *t, uint64_t hash, uint64_t *probe)
{
	if (!t->slots)
		return -1;
	for (;;) {
		const struct nn_index_slot *s = &t->slot[*probe & (uint64_t)(t->slots - 1)];
		if (!s->next)
			return -1;
		++*probe;
		if (s->hash == hash)
			return s->next - 1;
	}
}

static void place(struct nn_index *t, uint64_t hash, int number)
{
	uint64_t at = hash;
	while (t->slot[at & (uint64_t)(t->slots - 1)].next)
		at++;
	t->slot[at & (uint64_t)(t->slots - 1)] = (struct nn_index_slot){ hash, number + 1 };
	t->used++;
}

void nn_index_put(struct nn_index *t, struct arena *mem, uint64_t hash, int number)
{
	if (2 * (t->used + 1) > t->slots) {
		struct nn_index old = *t;
		t->slots = old.slots ? 2 * old.slots : 64;
		t->used = 0;
		t->slot = ARENA_NEW(mem, struct nn_index_slot, t->slots);
		for (int i = 0; i < old.slots; i++)
			if (old.slot[i].next)
				place(t, old.slot[i].hash, old.slot[i].next - 1);
	}
	place(t, hash, number);
}
