/* nas-evaluate: scores candidates with the shared weights of a supernet, or each trained from scratch (scratch.h).
 *
 * Per candidate: batch-norm statistics are recalibrated over a fixed list of training images, then the
 * validation images are scored with these statistics, fixed views and fixed batches.
 *   weights trained by ntxent         score = -mean contrastive loss over the full batches
 *     and labels given                loss, top1 of a nearest-class-mean classifier on the features
 *   weights trained by crossentropy   score = -cross-entropy; loss, top1 of the classifier
 *   another objective                 scores them by its own loss, with the head that they were trained with
 * A candidate never sees another one, so order, shards and threads do not change a bit; what several
 * candidates compute alike, their common first layers above all, is computed once for them (nn/merge.h). */
#ifndef STAGES_EVALUATE_EVALUATE_H
#define STAGES_EVALUATE_EVALUATE_H

#include "stages/training.h"

struct evaluate_args {
	int64_t shard, shards, calibration_images, images, batch, seed;
	int64_t together;            /* most candidates at a time; 0 = as many as the memory given to them holds */
	const char *augment;
	const char *dataset, *space, *weights, *candidates, *labels;       /* paths; labels may be NULL, weights: from scratch */
	/* Its objective ("auto") and temperature (0) are of the score too; all else is of training from scratch, where
	 * batch, seed and augmentations are those above. */
	struct training_options training;
	double fraction;             /* of the training images */
	int64_t halving;             /* 0: off */
	int64_t repeats;             /* trainings of each candidate, with seeds seed, seed + 1, ...; their mean score counts */
};
extern const struct evaluate_args evaluate_defaults;

int evaluate(const struct evaluate_args *a, const char *out, const struct h5_recipe *recipe, int64_t threads,
             struct arena *mem);

#endif
