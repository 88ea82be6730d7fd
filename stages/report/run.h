/* A run folder, read: everything the report tells about.  Parts that do not exist (yet) are empty. */
#ifndef REPORT_RUN_H
#define REPORT_RUN_H

#include "base/hash.h"
#include "search/selection.h"

struct phase_mask {                 /* the space of a phase: that of the run, then what each shrink left */
	int round;                  /* the first one of the phase */
	int64_t phase;              /* of the weights beside it; counted when there are none yet */
	const struct space *space;
};

struct metrics {
	bool known;
	int64_t images;
	double loss, top1, ece;     /* NaN where unknown (no labels) */
	int64_t classes;            /* 0: no labels; then the arrays are NULL */
	const double *class_top1;
	const int64_t *confusion;   /* (classes, classes): true, predicted */
	int64_t bins;
	const double *bin_confidence, *bin_top1;
	const int64_t *bin_images;
};

struct curve {
	const char *file;           /* "round-01/weights.h5", relative to the run */
	const char *objective;
	bool retrain;               /* model*.h5; else the supernet */
	int64_t events;
	const int64_t *step;
	const double *loss, *rate;
};

struct images {                     /* of dataset.h5 */
	bool known;
	int64_t rows, columns, channels, split[3];   /* images to train, valid, test */
};

struct run {
	const char *folder;
	struct arena *mem;
	struct images images;
	const struct space *space;      /* NULL: none */
	int n_masks;
	struct phase_mask *mask;        /* in order of rounds */
	struct history history;         /* count 0: none */
	struct selection selection;     /* members.count 0: nothing selected yet */
	struct metrics metrics;
	char *const *class_name;        /* (class_names) */
	int64_t class_names;
	int n_curves;
	struct curve *curve;            /* supernet in order of rounds, then models */
	double seconds, latency_ms;     /* NaN: unknown.  From log/ and measured/ */
};

/* All in mem.  ERR_NOINPUT when folder is no run; ERR_DATA for a damaged file. */
int run_read(struct run *r, const char *folder, struct arena *mem);

/* Over names and digests of the .h5 files, without reading what is in them. */
int run_digest(const char *folder, struct arena *mem, struct digest *d);

/* Wall time of the run: all periods in which some stage was at work, by the time stamps of
 * folder/log/ (*.log); NaN when there are none.  A stage that was cut off and resumed counts in full,
 * one that was made again counts once. */
int run_seconds(const char *folder, struct arena *mem, double *seconds);
/* Milliseconds for one image at batch 1 with the fewest threads that were measured, from
 * folder/measured/latency.tsv (columns threads, latency_ms); NaN when there is none. */
int run_latency(const char *folder, struct arena *mem, double *latency);

/* Number of the selected member that trial `id` is, from 1; 0: not selected. */
int run_member(const struct run *r, int64_t id);

#endif
