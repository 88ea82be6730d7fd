/* The supernet that is measured: what nas-pretrain and nas-evaluate run, on one batch of random images
 * that stays in memory, without loader, files and augmentation. */
#ifndef BENCH_SUPERNET_H
#define BENCH_SUPERNET_H

#include "stages/training.h"

/* What is run: sets of paths.  The uniform ones are those of Python's random.Random(0).randrange(3), drawn
 * eight at a time, so that another program can run the same list.  Those of space macro have their weights from its
 * supernet; darts is one network by itself, as `nas-evaluate --weights scratch` trains it. */
struct path_set { const char *name, *space; int count; const char *path[12]; };
extern const struct path_set path_sets[];        /* ends with name == NULL */
enum { PATH_SETS = 4 };
const struct path_set *path_set(const char *name);

struct supernet {
	struct arena *mem;
	struct training training;        /* options, space, ctx, values, trainer */
	struct training_options options;
	struct dataset data;
	struct labels labels;
	struct batch batch;              /* random images, and labels for crossentropy */
	int64_t rows;                    /* what the network sees in a step: batch x views */
};

/* The network or networks of a set at side x side x 3 with ten classes; objective "crossentropy" (one view of each
 * image in the batch) or "ntxent" (two).  Here and below failures end the program. */
void supernet_open(struct supernet *n, const struct path_set *set, const char *objective, int64_t side, int64_t batch,
                   int64_t threads);
void supernet_close(struct supernet *n);

/* One training step on that path (forward, loss, backward, update). */
void supernet_train(struct supernet *n, const char *path);

/* A path for evaluation, in n->mem: its graph with head, and batch-norm statistics from one batch. */
struct supernet_path { const struct nn_graph *graph; struct nn_stats *stats; };
struct supernet_path supernet_path(struct supernet *n, const char *path);
const struct nn_graph *supernet_graph(struct supernet *n, const char *path);       /* only that */
/* Forward with fixed statistics; with those of this batch, which are added to the path's. */
void supernet_infer(struct supernet *n, const struct supernet_path *p);
void supernet_calibrate(struct supernet *n, const struct supernet_path *p);

#endif
