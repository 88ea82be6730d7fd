/* One path per step: Guo et al. 2020, "Single path one-shot neural architecture search with uniform
 * sampling".  The smallest regime: copy this file to add another. */
#include "base/err.h"
#include "nn/trainer.h"

static int step(struct nn_trainer *t, const struct nn_batch *train, const struct nn_batch *held_out,
                double *loss)
{
	(void)held_out;
	nn_ctx_reset(t->ctx);
	uint8_t *code = ARENA_NEW(t->ctx->step, uint8_t, t->hooks->decisions);
	t->hooks->draw(t->hooks->arg, t->step, 0, code);
	TRY(nn_trainer_path(t, code, train, 1, loss));
	return nn_trainer_update(t);
}

const struct nn_regime nn_regime_single = {
	.name = "single", .summary = "one path per step", .step = step,
};
