/* Order and split of a dataset. */
#include "order.h"

#include <stdlib.h>
#include <string.h>
#include "base/err.h"

struct digest order_pixels(const struct picture *p)
{
	const int64_t shape[] = { p->h, p->w, p->c, (int64_t)p->type };
	struct hasher *h = hasher_new();
	hasher_add(h, shape, sizeof(shape));
	hasher_add(h, p->data, picture_bytes(p));
	return hasher_end(h);
}

uint64_t order_key(const struct digest *pixels, uint64_t seed)
{
	unsigned char text[sizeof(*pixels) + sizeof(seed)];
	memcpy(text, pixels, sizeof(*pixels));
	memcpy(text + sizeof(*pixels), &seed, sizeof(seed));
	return hash64(text, sizeof(text));
}

static int compare(const void *va, const void *vb)
{
	const struct order_entry *a = va, *b = vb;
	if (a->test != b->test)
		return a->test ? 1 : -1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	const int pixels = memcmp(&a->pixels, &b->pixels, sizeof(a->pixels));
	return pixels ? pixels : strcmp(a->name, b->name);
}

void order_sort(struct order_entry *entry, int64_t count)
{
	if (count > 1)
		qsort(entry, (size_t)count, sizeof(*entry), compare);
}

/* half up */
static int64_t part(int64_t n, int64_t share, int64_t sum)
{
	return sum ? (2 * n * share + sum) / (2 * sum) : 0;
}

static bool divide(int64_t count, int64_t test_given, const int64_t share[DATA_SPLITS],
                   int64_t size[DATA_SPLITS])
{
	const int64_t rest = count - test_given;
	const int64_t sum = share[DATA_TRAIN] + share[DATA_VALID] + (test_given ? 0 : share[DATA_TEST]);
	size[DATA_VALID] = part(rest, share[DATA_VALID], sum);
	size[DATA_TEST] = test_given ? test_given : part(rest, share[DATA_TEST], sum);
	size[DATA_TRAIN] = rest - size[DATA_VALID] - (test_given ? 0 : size[DATA_TEST]);
	bool whole = size[DATA_TRAIN] > 0 && (size[DATA_VALID] > 0) >= (share[DATA_VALID] > 0);
	return whole && (test_given || (size[DATA_TEST] > 0) >= (share[DATA_TEST] > 0));
}

int order_split(int64_t count, int64_t test_given, const int64_t share[DATA_SPLITS],
                int64_t size[DATA_SPLITS])
{
	if (divide(count, test_given, share, size))
		return 0;
	int64_t need = 1, other[DATA_SPLITS];
	while (need < 1000000 && !divide(need + test_given, test_given, share, other))
		need++;
	return err_set(ERR_DATA, "%lld image%s to divide %lld:%lld:%lld gives %lld for training, %lld for validation, %lld for "
	               "testing; %lld at least are needed, or another --split",
	               (long long)(count - test_given), count - test_given == 1 ? "" : "s", (long long)share[0],
	               (long long)share[1], (long long)share[2], (long long)size[0], (long long)size[1],
	               (long long)size[2], (long long)need);
}
