/* Training: regimes and the loop around them.
 *
 * A trainer owns values, gradients, the optimiser and the counters; the regime decides what one step is
 * (one path, several, teacher and student, two data halves).  What a path is, which graph it has and
 * what loss its outputs have come from above through `hooks`: this layer knows neither spaces nor data. */
#ifndef NN_TRAINER_H
#define NN_TRAINER_H

#include "nn/net.h"
#include "nn/optim.h"

struct nn_trainer;
struct nn_batch;                     /* opaque here: hooks know it (data/loader.h: struct batch) */

struct nn_hooks {
	void *arg;
	int decisions;
	int max_choices;             /* largest number of choices that are on, over decisions */
	/* Draw number `draw` of this step into code (decisions bytes); canonical. */
	void (*draw)(void *arg, int64_t step, int draw, uint8_t *code);
	/* Member `m` of the step's fair group: over m = 0 .. max_choices-1 every choice that is on occurs (at least) once. */
	void (*draw_fair)(void *arg, int64_t step, int m, uint8_t *code);
	/* The graph of a code with its head, output "out", in the step arena. */
	const struct nn_graph *(*graph)(void *arg, struct arena *mem, const uint8_t *code);
	int64_t (*images)(void *arg, const struct nn_batch *b);              /* rows of the net: views * images */
	const float *(*input)(void *arg, const struct nn_batch *b);
	double auxiliary;            /* weight of the same loss at output "auxiliary-out", where a graph has one */
	/* Mean loss of outputs, gradient into dout (NULL: not wanted). */
	double (*loss)(void *arg, struct nn_ctx *ctx, const struct nn_batch *b, int64_t dim, const float *out,
	               float *dout);
};

struct nn_trainer {
	struct nn_ctx *ctx;
	const struct nn_hooks *hooks;
	struct nn_store *values, *grads;
	struct nn_optim_state *optim;
	struct nn_optim_settings settings;       /* lr is set from the schedule before each step */
	struct nn_schedule schedule;
	int64_t step;                            /* steps taken */
	int64_t halvings;                        /* of the scheduled rate, after the training diverged */
	struct nn_store *average;                /* averaged weights, or NULL */
	struct nn_store *memory;                 /* what a loss remembers between steps, kept in checkpoints; or NULL */
	double average_decay;
	double last_norm;                        /* gradient norm of the last step */
};

struct nn_regime {
	PLUGIN_HEAD;
	/* One training step on `train` (held_out may be NULL); the mean loss in *loss.  Resets the ctx first,
	 * so that any number of nets can live in the step.  ERR_DATA when the loss is not finite or has exploded. */
	int (*step)(struct nn_trainer *t, const struct nn_batch *train, const struct nn_batch *held_out,
	            double *loss);
};
extern const struct nn_regime *const nn_regime_table[];

struct nn_trainer *nn_trainer_new(struct arena *mem, struct nn_ctx *ctx, const struct nn_hooks *hooks,
                                  struct nn_store *values, const struct nn_optim *optim);

/* Forward, loss and backward of one code on one batch, gradients scaled by `weight` and added: what regimes
 * are made of. */
int nn_trainer_path(struct nn_trainer *t, const uint8_t *code, const struct nn_batch *b, double weight,
                    double *loss);
/* Optimiser step with the scheduled rate, averaging, step counter. */
int nn_trainer_update(struct nn_trainer *t);
double nn_trainer_rate(const struct nn_trainer *t);      /* learning rate of the next step */

#endif
