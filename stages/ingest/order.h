/* Order and split: functions of pixels and seed alone.
 *
 * Images are sorted by XXH3-64 of (digest of the decoded pixels with geometry and type, seed); equal
 * images are told apart by their source names, which cannot change a byte of dataset.h5.  The split is
 * by position: the first share trains, the next validates, the last tests.  A test set that the
 * source brings stays the test set. */
#ifndef INGEST_ORDER_H
#define INGEST_ORDER_H

#include "source.h"

struct order_entry {
	struct digest pixels;
	uint64_t key;
	bool test;            /* of a given test set */
	int64_t image;        /* number in the source */
	const char *name;
};

struct digest order_pixels(const struct picture *p);
uint64_t order_key(const struct digest *pixels, uint64_t seed);

/* Sorts by (test, key, pixels, name). */
void order_sort(struct order_entry *entry, int64_t count);

/* Sizes of the splits.  test_given: that many images at the end are the test set, and the others are
 * divided between train and valid.  ERR_DATA when a share above zero gets no image. */
int order_split(int64_t count, int64_t test_given, const int64_t share[DATA_SPLITS],
                int64_t size[DATA_SPLITS]);

#endif
