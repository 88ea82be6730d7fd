/* The judge: scores networks on held-out images, with batch-norm statistics, views and batches that are the
 * same for all of them. */
#ifndef STAGES_EVALUATE_JUDGE_H
#define STAGES_EVALUATE_JUDGE_H

#include "search/history.h"
#include "stages/evaluate/evaluate.h"
#include "stages/evaluate/group.h"
#include "stages/network.h"

struct judge {
	/* set by judge_open */
	struct arena *mem;
	struct dataset data;
	struct space *space;
	struct pool *pool;
	struct nn_ctx *ctx;
	/* given before judge_trials */
	const struct objective *objective;       /* that scores */
	const struct objective *trained;         /* whose head the networks have */
	struct objective_settings head;
	struct nn_store *values;
	const struct bank_view *negatives;       /* for an objective with a bank; NULL: other images of the batch */
	/* set by judge_labels */
	struct labels labels;
	bool labelled;
	/* set by judge_trials */
	struct loader *calibration, *validation;
	int64_t full;                /* images of a complete validation batch */
	int64_t count;
	struct contestant *contestant;
	struct groups groups;
};

/* Images and space of these arguments, which must fit each other; threads. */
int judge_open(struct judge *j, const struct evaluate_args *a, int64_t threads, struct arena *mem);
/* Labels for loss and top-1 beside the score, or for an objective that needs them; path may be NULL. */
int judge_labels(struct judge *j, const char *path);
/* Status and score of each trial, with the weights in j->values, on `images` validation images (0: all). */
int judge_trials(struct judge *j, const struct evaluate_args *a, int64_t images, struct history *trials);
void judge_close(struct judge *j);

#endif
