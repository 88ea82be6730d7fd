/* Checkpoints: training cut off between two steps and taken up again with the same bits.
 *
 * A ring of two files, <out>.0.ckpt and <out>.1.ckpt, written in turn: while one is written the other
 * is whole.  The newest one with the recipe of this run counts.  A damaged file is reported in the log
 * and passed over, one of another recipe is passed over, and one of another engine (instruction set,
 * number of the kernels, BLIS kernel, C library) is refused, because the rest of the run would have other bits.
 *
 * A third file, <out>.mark.ckpt, is where a training that diverges goes back to.  It is written at steps that
 * the run decides and not the clock, so that what follows has the same bits however often the run was cut
 * off.  Of all three the newest is the one with the most halvings of the learning rate, then the most steps. */
#ifndef NN_CHECKPOINT_H
#define NN_CHECKPOINT_H

#include "h5/file.h"
#include "nn/trainer.h"

/* The loss curve: one event per interval. */
struct nn_curve {
	struct arena *mem;
	int64_t count, capacity;
	int64_t *step;
	double *loss, *rate;
	double sum;                  /* of the losses since the last event */
	int64_t steps;               /* since the last event */
};
struct nn_curve *nn_curve_new(struct arena *mem);
void nn_curve_step(struct nn_curve *c, double loss);
/* Closes an interval: mean loss of its steps.  Does nothing when it has none. */
void nn_curve_event(struct nn_curve *c, int64_t step, double rate);
int nn_curve_write(struct h5_writer *w, const struct nn_curve *c);
int nn_curve_read(const struct h5_file *f, struct nn_curve *c);

#define NN_CHECKPOINTS 3
struct nn_checkpoint {
	const char *path[NN_CHECKPOINTS];        /* the ring, and the mark */
	const struct h5_recipe *recipe;
	int next;                    /* which one is written next */
};
void nn_checkpoint_init(struct nn_checkpoint *k, struct arena *mem, const char *out,
                        const struct h5_recipe *recipe);
int nn_checkpoint_save(struct nn_checkpoint *k, const struct nn_trainer *t, const struct nn_curve *c);
/* 1: trainer and curve continue from a checkpoint; 0: there is none; < 0: error. */
int nn_checkpoint_load(struct nn_checkpoint *k, struct nn_trainer *t, struct nn_curve *c);
int nn_checkpoint_mark(struct nn_checkpoint *k, const struct nn_trainer *t, const struct nn_curve *c);
/* Back to the mark, with one halving of the learning rate more than now. */
int nn_checkpoint_back(struct nn_checkpoint *k, struct nn_trainer *t, struct nn_curve *c);
void nn_checkpoint_remove(const struct nn_checkpoint *k);

#endif
