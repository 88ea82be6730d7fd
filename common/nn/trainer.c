/* Training: what regimes share. */
#include "nn/trainer.h"

#include <math.h>
#include <string.h>
#include "base/err.h"

#define EXPLODED 1e7     /* chance is ln(classes), ln(batch) + 2 / temperature, or some thousand dimensions: far below */

struct nn_trainer *nn_trainer_new(struct arena *mem, struct nn_ctx *ctx, const struct nn_hooks *hooks,
                                  struct nn_store *values, const struct nn_optim *optim)
{
	struct nn_trainer *t = ARENA_NEW(mem, struct nn_trainer, 1);
	t->ctx = ctx;
	t->hooks = hooks;
	t->values = values;
	t->grads = nn_store_like(mem, values);
	t->optim = nn_optim_new(mem, optim, values);
	t->settings = nn_optim_defaults;
	return t;
}

/* The loss at one output, times its share, is added to *loss; its gradient, times `weight` too, is seeded. */
static int seed_loss(struct nn_trainer *t, struct nn_net *net, const struct nn_batch *b, const char *output,
                     double share, double weight, double *loss)
{
	const struct nn_hooks *h = t->hooks;
	struct nn_shape s;
	const float *out = nn_output(net, output, &s);
	float *seed = nn_seed(net, output);
	if (!out || !seed)
		return err_code() < 0 ? err_code() : ERR_INTERNAL;
	int64_t dim = nn_image_size(s);
	*loss += share * h->loss(h->arg, t->ctx, b, dim, out, seed);
	if (!(fabs(*loss) <= EXPLODED))
		return err_set(ERR_DATA, "step %ld: the loss %s (%g); lower the learning rate or set --clip", (long)t->step,
		               isfinite(*loss) ? "has exploded" : "is not finite", *loss);
	weight *= share;
	if (weight != 1)
		for (int64_t i = 0; i < s.n * dim; i++)
			seed[i] = (float)(weight * seed[i]);
	return 0;
}

int nn_trainer_path(struct nn_trainer *t, const uint8_t *code, const struct nn_batch *b, double weight,
                    double *loss)
{
	const struct nn_hooks *h = t->hooks;
	struct arena *mem = t->ctx->step;
	struct arena_mark mark = arena_mark(mem);        /* the next path of this step takes the same memory */

	t->ctx->step_number = t->step;
	const struct nn_graph *g = h->graph(h->arg, mem, code);
	if (!g)
		return err_code() < 0 ? err_code() : ERR_INTERNAL;
	int64_t images = h->images(h->arg, b);
	struct nn_net *net = nn_bind(t->ctx, g, t->values, t->grads, images);
	if (!net)
		return err_code() < 0 ? err_code() : ERR_INTERNAL;
	nn_set_input(net, "image", h->input(h->arg, b));
	TRY(nn_forward(net, NN_BN_BATCH));
	*loss = 0;
	TRY(seed_loss(t, net, b, "out", 1, weight, loss));
	if (h->auxiliary > 0 && nn_graph_find_output(g, "auxiliary-out") >= 0)
		TRY(seed_loss(t, net, b, "auxiliary-out", h->auxiliary, weight, loss));
	TRY(nn_backward(net));
	arena_rewind(mem, mark);
	return 0;
}

double nn_trainer_rate(const struct nn_trainer *t)
{
	return ldexp(nn_schedule_rate(&t->schedule, t->step), (int)-t->halvings);
}

int nn_trainer_update(struct nn_trainer *t)
{
	t->settings.lr = nn_trainer_rate(t);
	TRY(nn_optim_step(t->ctx, t->optim, &t->settings, -1, t->values, t->grads, &t->last_norm));
	if (t->average)
		nn_average(t->average, t->values, t->average_decay, t->step);
	t->step++;
	return 0;
}
