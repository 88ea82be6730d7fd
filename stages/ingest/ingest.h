/* From a source of pictures to dataset.h5 and labels.h5.
 *
 *   ingest_load   list, decode, fit, hash, order, split; everything in memory
 *   ingest_save   writes both files
 *
 * Order and split depend on pixels and seed only (see order.h).  Two digests stand for the input in
 * recipes: that of the decoded pixels (dataset.h5) and that of pixels, labels and names (labels.h5). */
#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include "base/arena.h"
#include "base/pool.h"
#include "h5/recipe.h"
#include "order.h"
#include "source.h"

struct ingest_args {
	const char *size;         /* "0", "32", "24x32" (height x width) */
	const char *fit;
	const char *split;        /* "auto", "80:10:10" */
	const char *builtin;      /* "8000:1000:1000" */
	int64_t seed, skip_bad;
	const char *stamp;        /* "": none */
};
#define INGEST_DEFAULTS { .size = "0", .fit = "crop", .split = "auto", .builtin = "8000:1000:1000", .seed = 1, .stamp = "" }

struct ingest_digests { struct digest pixels, labels; };
struct ingest_skip { const char *name, *reason; };

struct ingest {
	struct source source;
	int64_t count, h, w, c;       /* images that could be read */
	enum h5_type type;
	unsigned char *images;        /* (source.images, h, w, c) in the source's order */
	const struct order_entry *order;   /* (count) */
	int64_t split[DATA_SPLITS];
	int64_t skipped;
	struct ingest_skip *skip;     /* (skipped) */
	struct ingest_digests digests;
	struct digest listing;        /* of the files that were read, */
	bool steady;                  /* and whether it was still the same afterwards */
};

/* On failure the message names every image that could not be read, up to 20.  Writes nothing.  ingest_close in any
 * case. */
int ingest_load(struct ingest *in, const char *data, const struct ingest_args *a, struct pool *pool,
                struct arena *mem);
int ingest_save(const struct ingest *in, const char *dataset_path, const struct h5_recipe *dataset_recipe,
                const char *labels_path, const struct h5_recipe *labels_recipe);
/* Writes the stamp ("" = none), for the run that wrote the files. */
int ingest_stamp(const struct ingest *in, const char *stamp);
/* An event and, on a terminal, a line for each image that was passed over. */
void ingest_log_skipped(const struct ingest *in);
/* Closes files; what was loaded stays. */
void ingest_close(struct ingest *in);

/* The digests without decoding, when the source can foretell them or the stamp still fits: 1, else 0. */
int ingest_digests(struct ingest_digests *d, const char *data, const struct ingest_args *a,
                   struct arena *mem);

/* "80:10:10" or, for ingest_args.split, "auto" with or without a given test set; ERR_USAGE. */
int ingest_parse_split(const char *text, bool test_given, int64_t share[DATA_SPLITS]);
/* "0", "32" or "24x32"; ERR_USAGE. */
int ingest_parse_size(const char *text, int64_t *h, int64_t *w);

#endif
