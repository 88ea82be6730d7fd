/* Mini-batches: shuffled, augmented, prefetched.
 *
 * Batch b of epoch e is a pure function of (dataset, settings, e, b): the order is a Philox shuffle keyed
 * by (seed, epoch), each image is augmented by streams keyed by (seed, image, epoch, view).  The last
 * incomplete batch of an epoch is dropped when shuffling, kept otherwise.
 * The next batch is prepared as background work of the pool while the present one trains. */
#ifndef DATA_LOADER_H
#define DATA_LOADER_H

#include <stdbool.h>
#include "base/pool.h"
#include "data/augment.h"
#include "data/dataset.h"

struct loader_settings {
	enum data_split split;
	int64_t batch;               /* images */
	int views;                   /* 1, or more for contrastive training */
	int plain;                   /* of the views: the first so many are not augmented */
	bool shuffle;
	int64_t limit;               /* use the first `limit` images of the split (after a seed-keyed choice); 0 = all */
	struct augment_list augment; /* of the other views */
	uint64_t seed;
	const char *purpose;         /* separates streams: "pretrain", "score" */
};

struct batch {
	int64_t images;              /* n */
	int views;
	float *data;                 /* (views, n, h, w, c): view-major */
	const int64_t *index;        /* (n) image numbers in the dataset */
	const int32_t *label;        /* (n), NULL without labels */
};

struct loader;
/* labels NULL: batches have none.  NULL after err_set (batch larger than the split when shuffling, ...). */
struct loader *loader_new(struct arena *mem, struct pool *pool, const struct dataset *d,
                          const struct labels *l, const struct loader_settings *s);
int64_t loader_batches(const struct loader *l);        /* per epoch */
int64_t loader_images(const struct loader *l);         /* per epoch, after limit */
/* Batch b of epoch e; valid until the call after the next.  Starts preparing the following one. */
const struct batch *loader_get(struct loader *l, int64_t epoch, int64_t b);
void loader_finish(struct loader *l);                  /* waits for background work; before mem is freed */

#endif
