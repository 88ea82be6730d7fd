/* The loader: three batches in a ring, since the one handed out stays valid while the next is handed
 * out and the one after that is being prepared.
 *
 * A task is one view of one image, so that views spread over threads however small the batch is. */
#include "data/loader.h"

#include <stdlib.h>
#include <string.h>
#include "base/err.h"

enum { RING = 3, SCRATCH = 4 };          /* augmentations want scratch of four images */

struct prepared {
	struct batch batch;
	const struct loader *loader;     /* for tasks */
	int64_t epoch, number;           /* -1: nothing yet */
	int64_t *index;
	int32_t *label;
};

struct loader {
	struct pool *pool;
	const struct dataset *d;
	const struct labels *l;
	struct loader_settings s;
	uint64_t seed;                   /* of augmentation: settings.seed and purpose */
	int64_t images, batches, pixels;
	uint32_t *member;                /* (images) which of the split are used */
	uint32_t *order;                 /* (images) of epoch order_epoch */
	int64_t order_epoch;
	float **scratch;                 /* (threads) */
	struct prepared ring[RING];
	int present;                     /* in the ring */
	bool busy;                       /* background work is under way */
};

/* ---- which images, in which order --------------------------------------------------------------------- */
static struct rng stream(const struct loader *l, const char *what, int64_t epoch)
{
	return rng_stream(l->seed, what, 0, (uint32_t)epoch, 0);
}

static int ascending(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* Images of the split; with a limit, a choice keyed by the seed, in the split's order. */
static void choose(struct loader *l, struct arena *mem)
{
	const int64_t first = l->d->first[l->s.split], size = l->d->size[l->s.split];
	l->member = ARENA_NEW(mem, uint32_t, size ? size : 1);
	for (int64_t i = 0; i < size; i++)
		l->member[i] = (uint32_t)(first + i);
	if (l->images == size)
		return;
	struct rng r = stream(l, "loader/choice", 0);
	rng_shuffle(&r, l->member, (uint32_t)size);
	qsort(l->member, (size_t)l->images, sizeof(uint32_t), ascending);
}

static void arrange(struct loader *l, int64_t epoch)
{
	if (epoch == l->order_epoch)
		return;
	memcpy(l->order, l->member, (size_t)l->images * sizeof(uint32_t));
	if (l->s.shuffle) {
		struct rng r = stream(l, "loader/order", epoch);
		rng_shuffle(&r, l->order, (uint32_t)l->images);
	}
	l->order_epoch = epoch;
}

/* ---- preparing a batch --------------------------------------------------------------------------------- */
static void prepare_view(void *arg, int64_t task, int worker)
{
	const struct prepared *p = arg;
	const struct loader *l = p->loader;
	const int64_t view = task / p->batch.images, i = task % p->batch.images;
	struct image im = { l->d->h, l->d->w, l->d->c, p->batch.data + task * l->pixels };
	dataset_image(l->d, p->index[i], im.data);
	if (view < l->s.plain)
		return;
	augment_apply(&l->s.augment, &im, l->seed, (uint32_t)p->index[i], (uint32_t)p->epoch, (uint32_t)view,
	              l->scratch[worker]);
}

/* Fills in what batch b of epoch e holds; returns the number of tasks that make its pixels. */
static int64_t describe(struct loader *l, struct prepared *p, int64_t epoch, int64_t b)
{
	arrange(l, epoch);
	const int64_t first = b * l->s.batch, rest = l->images - first;
	p->epoch = epoch;
	p->number = b;
	p->batch.images = rest < l->s.batch ? rest : l->s.batch;
	for (int64_t i = 0; i < p->batch.images; i++) {
		p->index[i] = l->order[first + i];
		if (p->label)
			p->label[i] = l->l->label[p->index[i]];
	}
	return p->batch.images * l->s.views;
}

static void settle(struct loader *l)
{
	if (l->busy)
		pool_finish(l->pool);
	l->busy = false;
}

const struct batch *loader_get(struct loader *l, int64_t epoch, int64_t b)
{
	settle(l);
	struct prepared *p = &l->ring[(l->present + 1) % RING];
	l->present = (l->present + 1) % RING;
	if (p->epoch != epoch || p->number != b)
		pool_run(l->pool, describe(l, p, epoch, b), prepare_view, p);

	struct prepared *next = &l->ring[(l->present + 1) % RING];
	const bool last = b + 1 == l->batches;
	const int64_t tasks = describe(l, next, last ? epoch + 1 : epoch, last ? 0 : b + 1);
	pool_background(l->pool, tasks, prepare_view, next);
	l->busy = true;
	return &p->batch;
}

void loader_finish(struct loader *l)
{
	if (l)
		settle(l);
}

int64_t loader_batches(const struct loader *l)
{
	return l->batches;
}

int64_t loader_images(const struct loader *l)
{
	return l->images;
}

struct loader *loader_new(struct arena *mem, struct pool *pool, const struct dataset *d,
                          const struct labels *labels, const struct loader_settings *s)
{
	const int64_t size = d->size[s->split];
	struct loader *l = ARENA_NEW(mem, struct loader, 1);
	*l = (struct loader){ .pool = pool, .d = d, .l = labels && labels->classes ? labels : NULL, .s = *s, .order_epoch = -1 };
	l->seed = s->seed ^ hash64_text(s->purpose);
	l->images = s->limit > 0 && s->limit < size ? s->limit : size;
	l->pixels = d->h * d->w * d->c;
	if (l->images == 0) {
		err_set(ERR_DATA, "the %s split of the dataset has no image", data_split_name(s->split));
		return NULL;
	}
	if (s->batch < 1 || s->views < 1 || (s->shuffle && s->batch > l->images)) {
		err_set(ERR_CONFIG, "batches of %lld from %lld images of the %s split; give a smaller --batch",
		        (long long)s->batch, (long long)l->images, data_split_name(s->split));
		return NULL;
	}
	l->batches = s->shuffle ? l->images / s->batch : (l->images + s->batch - 1) / s->batch;
	choose(l, mem);
	l->order = ARENA_NEW(mem, uint32_t, l->images);
	const int threads = pool_threads(pool);
	l->scratch = ARENA_NEW(mem, float *, threads);
	for (int i = 0; i < threads; i++)
		l->scratch[i] = ARENA_NEW(mem, float, SCRATCH * l->pixels);
	const int64_t batch = s->batch < l->images ? s->batch : l->images;
	for (int i = 0; i < RING; i++) {
		struct prepared *p = &l->ring[i];
		p->loader = l;
		p->epoch = p->number = -1;
		p->index = ARENA_NEW(mem, int64_t, batch);
		p->label = l->l ? ARENA_NEW(mem, int32_t, batch) : NULL;
		p->batch = (struct batch){ .views = s->views, .index = p->index, .label = p->label };
		p->batch.data = arena_raw(mem, (size_t)(s->views * batch), (size_t)l->pixels * sizeof(float));
	}
	return l;
}
