/* Loading: every image is decoded, hashed, fitted and put in its slot by whichever thread is free;
 * what went wrong with an image is kept beside it and reported in the source's order. */
#include "ingest.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/err.h"
#include "base/log.h"
#include "base/number.h"
#include "base/sandbox.h"
#include "fit.h"
#include "h5/file.h"
#include "stamp.h"

enum { BATCH = 4096, NAMED = 20, SIDE_MAX = 65536 };

struct slot {
	enum { GOOD, BAD, FAILED, OTHER_SIZE, OTHER_TYPE } status;
	int64_t h, w, c;
	enum h5_type type;
	struct digest pixels;
	const char *reason;
};

struct loading {
	const struct source *source;
	int64_t h, w, c;              /* what every image becomes */
	enum h5_type type;
	bool sized;                   /* --size was given: sizes may differ */
	enum fit_mode fit;
	unsigned char *images;
	size_t bytes;                 /* of one image */
	struct slot *slot;
	struct arena **scratch, **keep;   /* one of each per worker */
	int64_t first;                /* of the batch in work */
};

/* ---- option texts --------------------------------------------------------------------------------- */
int ingest_parse_size(const char *text, int64_t *h, int64_t *w)
{
	char head[32];
	const char *x = strchr(text, 'x');
	const size_t n = x ? (size_t)(x - text) : strlen(text);
	if (n < sizeof(head)) {
		memcpy(head, text, n);
		head[n] = 0;
		if (number_parse_integer(head, h) && (x ? number_parse_integer(x + 1, w) : (*w = *h, true)) &&
		    *h >= 0 && *w >= 0 && *h <= SIDE_MAX && *w <= SIDE_MAX && (*h > 0) == (*w > 0) && !(x && *h == 0))
			return 0;
	}
	return err_set(ERR_USAGE,
	               "--size %s: expected 0 (as the images are), a side such as 32, or height x width such as "
	               "24x32, at most %d", text, SIDE_MAX);
}

static bool parse_three(const char *text, int64_t three[DATA_SPLITS])
{
	for (int i = 0; i < DATA_SPLITS; i++) {
		const size_t n = strcspn(text, ":");
		char word[32];
		if (n >= sizeof(word) || (text[n] == ':') != (i < DATA_SPLITS - 1))
			return false;
		memcpy(word, text, n);
		word[n] = 0;
		if (!number_parse_integer(word, &three[i]) || three[i] < 0 || three[i] > 100000000)
			return false;
		text += n + 1;
	}
	return three[DATA_TRAIN] > 0;
}

int ingest_parse_split(const char *text, bool test_given, int64_t share[DATA_SPLITS])
{
	if (!strcmp(text, "auto"))
		text = test_given ? "90:10:0" : "80:10:10";
	if (!parse_three(text, share))
		return err_set(ERR_USAGE,
		               "--split %s: expected three shares train:valid:test such as 80:10:10, or auto", text);
	return 0;
}

static int source_options(const struct ingest_args *a, struct source_options *o)
{
	o->seed = (uint64_t)a->seed;
	if (!parse_three(a->builtin, o->builtin))
		return err_set(ERR_USAGE, "--builtin-images %s: expected three counts such as 8000:1000:1000", a->builtin);
	return 0;
}

static enum fit_mode fit_mode(const char *name)
{
	int i = 0;
	while (fit_name(i + 1) && strcmp(fit_name(i), name))
		i++;
	return (enum fit_mode)i;
}

/* ---- decoding ------------------------------------------------------------------------------------- */
static void load_one(void *arg, int64_t task, int worker)
{
	struct loading *l = arg;
	const int64_t i = l->first + task;
	struct slot *slot = &l->slot[i];
	struct arena *mem = l->scratch[worker];
	const struct arena_mark mark = arena_mark(mem);
	struct picture p = { 0 }, fitted;
	sandbox_at(worker, l->source->name[i]);
	const int code = l->source->kind->read(l->source, i, mem, &p);
	if (code < 0) {
		slot->status = code == ERR_IO ? FAILED : BAD;
		slot->reason = arena_strdup(l->keep[worker], p.reason);
	} else {
		slot->h = p.h, slot->w = p.w, slot->c = p.c, slot->type = p.type;
		if (p.c != l->c || p.type != l->type)
			slot->status = OTHER_TYPE;
		else if (!l->sized && (p.h != l->h || p.w != l->w))
			slot->status = OTHER_SIZE;
		else {
			slot->pixels = order_pixels(&p);
			fit(&p, l->h, l->w, l->fit, mem, &fitted);
			memcpy(l->images + (size_t)i * l->bytes, fitted.data, l->bytes);
		}
	}
	arena_rewind(mem, mark);
}

/* The first image that can be read decides type and, without --size, geometry; its number, or -1. */
static int64_t look_at_first(struct loading *l, struct arena *mem)
{
	for (int64_t i = 0; i < l->source->images; i++) {
		const struct arena_mark mark = arena_mark(mem);
		struct picture p = { 0 };
		sandbox_at(0, l->source->name[i]);
		const int code = l->source->kind->read(l->source, i, mem, &p);
		arena_rewind(mem, mark);
		if (code < 0)
			continue;
		if (!l->sized)
			l->h = p.h, l->w = p.w;
		l->c = p.c, l->type = p.type;
		return i;
	}
	return -1;
}

static int check_memory(const struct loading *l)
{
	const double need = (double)l->source->images * (double)l->h * (double)l->w * (double)l->c *
	                    (double)h5_type_size(l->type);
	const double have = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
	if (need < 0.8 * have)
		return 0;
	return err_set(ERR_CONFIG, "%lld images of %lld x %lld x %lld take %.1f GiB, this machine has %.1f; give a smaller --size",
	               (long long)l->source->images, (long long)l->h, (long long)l->w, (long long)l->c,
	               need / 0x1p30, have / 0x1p30);
}

/* Damaged images: named, up to NAMED of them, in text of `size` bytes. */
static void name_bad(const struct loading *l, char *text, size_t size)
{
	int64_t named = 0, bad = 0;
	size_t used = 0;
	text[0] = 0;
	for (int64_t i = 0; i < l->source->images; i++) {
		if (l->slot[i].status != BAD)
			continue;
		if (bad++ >= NAMED || used >= size)
			continue;
		const int n = snprintf(text + used, size - used, "\n  %s: %s", l->source->name[i], l->slot[i].reason);
		used += n > 0 ? (size_t)n : 0;
		named++;
	}
	if (bad > named && used < size)
		snprintf(text + used, size - used, "\n  and %lld more", (long long)(bad - named));
}

static const char *s_if(int64_t n)
{
	return n == 1 ? "" : "s";
}

/* All images readable, or few enough not; alike in channels and type, and in size without --size. */
static int judge(const struct loading *l, int64_t first, int64_t allowed, int64_t *bad)
{
	const struct source *s = l->source;
	*bad = 0;
	for (int64_t i = 0; i < s->images; i++) {
		if (l->slot[i].status == FAILED)
			return err_set(ERR_IO, "%s: %s: %s; it is the disk or the system, maybe not the image: run the same command again",
			               s->path, s->name[i], l->slot[i].reason);
		*bad += l->slot[i].status == BAD;
	}
	if (*bad > allowed || *bad == s->images) {
		char list[12000];
		name_bad(l, list, sizeof(list));
		return err_set(ERR_DATA, "%s: %lld of %lld image%s cannot be read:%s\nrepair or remove them%s", s->path,
		               (long long)*bad, (long long)s->images, s_if(s->images), list,
		               *bad == s->images ? "" : ", or pass over that many with --skip-bad");
	}
	for (int64_t i = 0; i < s->images; i++) {
		const struct slot *x = &l->slot[i];
		if (x->status == OTHER_TYPE)
			return err_set(ERR_DATA, "%s: %s has %lld channel%s of type %s, %s has %lld of type %s; all images "
			               "of a dataset must be alike in both", s->path, s->name[i], (long long)x->c, s_if(x->c),
			               h5_type_name(x->type), s->name[first], (long long)l->c, h5_type_name(l->type));
		if (x->status == OTHER_SIZE)
			return err_set(ERR_DATA, "%s: %s has %lld rows x %lld columns, %s has %lld x %lld; bring them to one size "
			               "with --size", s->path, s->name[i], (long long)x->h, (long long)x->w, s->name[first],
			               (long long)l->h, (long long)l->w);
	}
	return 0;
}

/* Their reasons lie in memory of the workers. */
static void keep_skipped(struct ingest *in, const struct loading *l, struct arena *mem)
{
	int64_t n = 0;
	in->skip = ARENA_NEW(mem, struct ingest_skip, in->skipped);
	for (int64_t i = 0; i < l->source->images; i++)
		if (l->slot[i].status == BAD)
			in->skip[n++] = (struct ingest_skip){ l->source->name[i], arena_strdup(mem, l->slot[i].reason) };
}

void ingest_log_skipped(const struct ingest *in)
{
	for (int64_t i = 0; i < in->skipped; i++) {
		log_event("skipped", "image=\"%s\" reason=\"%s\"", in->skip[i].name, in->skip[i].reason);
		if (log_on_terminal())
			fprintf(stderr, "skipped %s: %s\n", in->skip[i].name, in->skip[i].reason);
	}
}

static int decode(struct ingest *in, struct loading *l, const struct ingest_args *a, struct pool *pool,
                  struct arena *mem)
{
	const struct source *s = &in->source;
	l->source = s;
	TRY(ingest_parse_size(a->size, &l->h, &l->w));
	l->sized = l->h > 0;
	l->fit = fit_mode(a->fit);
	l->slot = ARENA_NEW(mem, struct slot, s->images);
	const int64_t first = look_at_first(l, l->scratch[0]);
	if (first >= 0) {
		TRY(check_memory(l));
		l->bytes = (size_t)(l->h * l->w * l->c) * h5_type_size(l->type);
		l->images = arena_raw(mem, (size_t)s->images, l->bytes);
	}
	for (l->first = 0; l->first < s->images; l->first += BATCH) {
		const int64_t n = s->images - l->first < BATCH ? s->images - l->first : BATCH;
		pool_run(pool, n, load_one, l);
		log_progress(l->first + n == s->images, "reading images %lld / %lld", (long long)(l->first + n),
		             (long long)s->images);
	}
	TRY(judge(l, first, a->skip_bad, &in->skipped));
	keep_skipped(in, l, mem);
	in->h = l->h, in->w = l->w, in->c = l->c, in->type = l->type, in->images = l->images;
	in->count = s->images - in->skipped;
	return 0;
}

/* ---- digests, order, split ---------------------------------------------------------------------------- */
static struct ingest_digests digests(const struct source *s, const struct order_entry *entry, int64_t count)
{
	struct hasher *pixels = hasher_new(), *labels = hasher_new();
	for (int64_t i = 0; i < count; i++) {
		const unsigned char test = entry[i].test;
		hasher_add(pixels, &test, 1);
		hasher_add(pixels, &entry[i].pixels, sizeof(entry[i].pixels));
		hasher_add(labels, &test, 1);
		hasher_add(labels, &entry[i].pixels, sizeof(entry[i].pixels));
		hasher_add(labels, &s->label[entry[i].image], sizeof(s->label[0]));
		hasher_add(labels, entry[i].name, strlen(entry[i].name) + 1);
	}
	for (int64_t k = 0; k < s->classes; k++)
		hasher_add(labels, s->class_name[k], strlen(s->class_name[k]) + 1);
	return (struct ingest_digests){ hasher_end(pixels), hasher_end(labels) };
}

static int arrange(struct ingest *in, const struct loading *l, const struct ingest_args *a, struct arena *mem)
{
	const struct source *s = &in->source;
	struct order_entry *entry = ARENA_NEW(mem, struct order_entry, in->count);
	int64_t n = 0, tests = 0;
	for (int64_t i = 0; i < s->images; i++) {
		if (l->slot[i].status != GOOD)
			continue;
		entry[n++] = (struct order_entry){ .pixels = l->slot[i].pixels, .image = i, .name = s->name[i],
		                                   .test = s->test && s->test[i] };
		tests += s->test && s->test[i];
	}
	order_sort(entry, n);        /* all keys are zero: by pixels, whatever the seed */
	struct digest told;
	in->digests = digests(s, entry, n);
	if (s->kind->foretell) {
		struct source_options o;
		TRY(source_options(a, &o));
		told = s->kind->foretell(&o);
		in->digests = (struct ingest_digests){ told, told };
	}
	for (int64_t i = 0; i < n; i++)
		entry[i].key = order_key(&entry[i].pixels, (uint64_t)a->seed);
	order_sort(entry, n);
	in->order = entry;
	int64_t share[DATA_SPLITS];
	TRY(ingest_parse_split(a->split, tests > 0, share));
	int code = order_split(n, tests, s->fixed[DATA_TRAIN] ? s->fixed : share, in->split);
	/* it knows numbers only: say where they come from */
	return code < 0 ? err_replace(code, "%s: %s", s->path, err_text()) : 0;
}

/* Time stamps of files advance in ticks of up to 10 ms: a file changed within the tick that its time shows
 * would look unchanged ever after.  So the listing is taken when the last change is two ticks old. */
static int list_settled(struct source *s, const char *data, struct arena *mem)
{
	TRY(source_open(s, data, mem));
	struct timespec now, pause = { .tv_nsec = 20000000 };
	clock_gettime(CLOCK_REALTIME, &now);
	bool recent = false;
	for (int64_t i = 0; i < s->files; i++) {
		const struct timespec *t = &s->file[i].stat.st_ctim;
		const double age = (double)(now.tv_sec - t->tv_sec) + 1e-9 * (double)(now.tv_nsec - t->tv_nsec);
		recent |= age >= 0 && age < 0.02;
	}
	if (!recent)
		return 0;
	nanosleep(&pause, NULL);
	source_close(s);
	return source_open(s, data, mem);
}

int ingest_load(struct ingest *in, const char *data, const struct ingest_args *a, struct pool *pool,
                struct arena *mem)
{
	memset(in, 0, sizeof(*in));
	struct source_options o;
	TRY(source_options(a, &o));
	TRY(list_settled(&in->source, data, mem));
	const struct digest listing = source_listing(&in->source);
	TRY(in->source.kind->prepare(&in->source, &o, pool, mem));

	const int workers = pool_threads(pool);
	struct loading l = { .scratch = ARENA_NEW(mem, struct arena *, workers),
	                     .keep = ARENA_NEW(mem, struct arena *, workers) };
	for (int i = 0; i < workers; i++)
		l.scratch[i] = arena_new(), l.keep[i] = arena_new();
	int code = decode(in, &l, a, pool, mem);
	for (int i = 0; i < workers; i++) {
		arena_free(l.scratch[i]);
		arena_free(l.keep[i]);
	}
	TRY(code);
	TRY(arrange(in, &l, a, mem));

	/* Files that changed while they were read must not be remembered under their old listing. */
	struct source again;
	TRY(source_open(&again, data, mem));
	const struct digest now = source_listing(&again);
	source_close(&again);
	in->listing = listing;
	in->steady = digest_equal(&now, &listing);
	return 0;
}

int ingest_stamp(const struct ingest *in, const char *stamp)
{
	if (!stamp[0] || !in->steady || in->source.kind->foretell)
		return 0;
	return stamp_write(stamp, &in->listing, in->skipped, &in->digests);
}

void ingest_close(struct ingest *in)
{
	source_close(&in->source);
}

int ingest_digests(struct ingest_digests *d, const char *data, const struct ingest_args *a, struct arena *mem)
{
	struct source s;
	struct source_options o;
	TRY(source_options(a, &o));
	TRY(source_open(&s, data, mem));
	int known = 0;
	if (s.kind->foretell) {
		d->pixels = d->labels = s.kind->foretell(&o);
		known = 1;
	} else {
		const struct digest listing = source_listing(&s);
		known = stamp_read(a->stamp, &listing, a->skip_bad, d);
	}
	source_close(&s);
	return known;
}
