/* The training loop that nas-pretrain and nas-retrain share: options, batches, steps, learning-rate
 * schedule, loss curve, progress, checkpoints, signals.
 *
 *   struct training t = { .mem = ..., .options = &o, .space = s, ... };
 *   training_prepare(&t, "ntxent", threads)    parameters exist, freshly initialised
 *   (overwrite some of t.values with earlier weights)
 *   training_run(&t, out, &recipe)             resumes, trains to the end
 *   training_weights(&t), t.curve              what to write to `out`
 *   training_done(&t)                          after the commit: checkpoints are removed
 *
 * A loss that is not finite or explodes ends the training with ERR_DATA (which step, path, learning rate), or, with
 * --on-divergence retry, takes it back to the last tenth of the run, where half the learning rate goes on; up
 * to ten times.
 *
 * Interrupted at any moment and started again, the result has the same bits. */
#ifndef STAGES_TRAINING_H
#define STAGES_TRAINING_H

#include "data/loader.h"
#include "nn/checkpoint.h"
#include "nn/trainer.h"
#include "stages/network.h"

struct training_options {
	const char *objective, *optimizer, *schedule, *augment, *on_divergence;
	double epochs, lr, momentum, weight_decay, warmup, clip, average;
	double temperature, smoothing;
	double drop_path, auxiliary;             /* nas-retrain: drop-path at the end of the ramp, weight of the second loss */
	int64_t images, batch, hidden, embedding, seed, checkpoint_seconds;
};

/* Rows of an option table; t is a struct training_options *. */
#define TRAINING_OPTIONS(t) \
	OPT_REAL("epochs", &(t)->epochs, 0, 1e6, "passes over the images; may be a fraction"), \
	OPT_LONG("images", &(t)->images, 0, 9e15, "train on so many images of the training split; 0 = all"), \
	OPT_LONG("batch", &(t)->batch, 1, 65536, "images in a step"), \
	OPT_WORD("optimizer", &(t)->optimizer, optim_word, "what changes the weights"), \
	OPT_REAL("lr", &(t)->lr, 0, 1e6, "learning rate after warm-up"), \
	OPT_REAL("momentum", &(t)->momentum, 0, 1, "momentum (Nesterov)"), \
	OPT_REAL("weight-decay", &(t)->weight_decay, 0, 1, "weight decay; not on batch-norm and bias"), \
	OPT_WORD("schedule", &(t)->schedule, nn_schedule_name, "how the learning rate changes after warm-up"), \
	OPT_REAL("warmup", &(t)->warmup, 0, 1e6, "epochs over which the learning rate rises from zero"), \
	OPT_REAL("clip", &(t)->clip, 0, 1e30, "largest gradient norm; 0 = off"), \
	OPT_REAL("average", &(t)->average, 0, 0.999999, "decay of averaged weights; 0 = off"), \
	OPT_TEXT("augment", &(t)->augment, "augmentations or a preset; auto = contrast for ntxent, crop for crossentropy"), \
	OPT_REAL("temperature", &(t)->temperature, 1e-3, 1e3, "ntxent: temperature"), \
	OPT_LONG("hidden", &(t)->hidden, 1, OBJECTIVE_MAX_WIDTH, "hidden width of the projection head"), \
	OPT_LONG("embedding", &(t)->embedding, 1, OBJECTIVE_MAX_WIDTH, "output width of the projection head"), \
	OPT_REAL("smoothing", &(t)->smoothing, 0, 0.999, "crossentropy: label smoothing"), \
	OPT_WORD("on-divergence", &(t)->on_divergence, divergence_word, \
	         "when the loss explodes: stop, or retry from the last tenth of the run with half the learning rate"), \
	OPT_LONG("seed", &(t)->seed, 0, 9e15, "seed of weights, order, augmentation and paths"), \
	OPT_EXEC_LONG("checkpoint-seconds", &(t)->checkpoint_seconds, 0, 1000000, "time between checkpoints; 0 = only when stopped")

const char *divergence_word(int i);         /* "stop", "retry", NULL */

/* Options that do not go together: ERR_USAGE.  defaults: those of the stage; its own warm-up gives way to a
 * shorter run, a warm-up that was asked for does not. */
int training_check(const struct training_options *o, const struct training_options *defaults);

struct training {
	/* given */
	struct arena *mem;
	const struct training_options *options;
	const struct space *space;
	const struct sampler *sampler;           /* a supernet's paths; NULL: always `code` */
	const struct nn_regime *regime;
	const struct dataset *data;
	const struct labels *labels;             /* NULL: none */
	const char *labels_path;                 /* for messages */
	uint8_t code[SPACE_MAX_DECISIONS];       /* the path that is being trained */
	/* made by training_prepare */
	const struct objective *objective;
	struct objective_settings head;
	struct pool *pool;
	struct nn_ctx *ctx;
	struct nn_hooks hooks;
	struct nn_store *values;
	/* made by training_run */
	struct nn_trainer *trainer;
	struct loader *loader;
	struct bank *bank;                       /* of an objective with one, or NULL */
	struct nn_curve *curve;
	struct nn_checkpoint checkpoint;
	int64_t batches, steps;                  /* per epoch, in all */
	bool diverged;
};

int training_prepare(struct training *t, const char *objective, int64_t threads);
/* out NULL: without checkpoints. */
int training_run(struct training *t, const char *out, const struct h5_recipe *recipe);
bool training_diverged(const struct training *t);                /* training_run failed because the loss did */
struct nn_store *training_weights(const struct training *t);     /* the averaged ones when averaging */
void training_done(struct training *t);

#endif
