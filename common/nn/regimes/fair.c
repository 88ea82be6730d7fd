/* Strict fairness: Chu, Zhang and Xu 2021, "FairNAS", algorithm 1.  Each step trains a group of paths in
 * which every choice of every decision occurs once, adds their gradients and updates once; here the mean
 * over the group, so that the learning rate means the same as in `single`. */
#include "base/err.h"
#include "nn/trainer.h"

static int step(struct nn_trainer *t, const struct nn_batch *train, const struct nn_batch *held_out,
                double *loss)
{
	const struct nn_hooks *h = t->hooks;
	double sum = 0, one;
	(void)held_out;
	nn_ctx_reset(t->ctx);
	uint8_t *code = ARENA_NEW(t->ctx->step, uint8_t, t->hooks->decisions);
	for (int m = 0; m < h->max_choices; m++) {
		h->draw_fair(h->arg, t->step, m, code);
		TRY(nn_trainer_path(t, code, train, 1.0 / h->max_choices, &one));
		sum += one;
	}
	*loss = sum / h->max_choices;
	return nn_trainer_update(t);
}

const struct nn_regime nn_regime_fair = {
	.name = "fair", .summary = "a group of paths per step in which every choice occurs once", .step = step,
};
