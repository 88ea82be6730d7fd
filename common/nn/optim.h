/* Optimisers: one step on the views that took part in it; what was not sampled stays put, bit for bit. */
#ifndef NN_OPTIM_H
#define NN_OPTIM_H

#include "base/plugin.h"
#include "nn/net.h"

struct nn_optim_settings {
	double lr, momentum, weight_decay, beta1, beta2, eps;
	double trust;            /* LARS coefficient */
	double rms_alpha;        /* RMSProp smoothing */
	bool nesterov;
	double clip;             /* global gradient norm over the touched views; 0 = off */
};
extern const struct nn_optim_settings nn_optim_defaults;   /* SGD 0.9 Nesterov, Adam 0.9 0.999 1e-8, LARS 0.001 */

#define NN_MAX_SLOTS 3
struct nn_optim {
	PLUGIN_HEAD;
	int slots;               /* stores of state per parameter */
	/* One contiguous run of count values.  t = steps taken so far by this parameter's group, from 1.
	 * scale multiplies g (clipping).  decay = weight decay for this tensor (0 for batch-norm and bias).
	 * local = trust ratio computed by `ratio`, 1 otherwise. */
	void (*step)(const struct nn_optim_settings *s, int64_t count, float *w, const float *g,
	             float *const slot[NN_MAX_SLOTS], double scale, double decay, double local, int64_t t);
	/* LARS: trust ratio from the norms of the whole view; NULL = 1 */
	double (*ratio)(const struct nn_optim_settings *s, double w_norm, double g_norm, double decay);
};
extern const struct nn_optim *const nn_optim_table[];

struct nn_optim_state {
	const struct nn_optim *optim;
	struct nn_store *slot[NN_MAX_SLOTS];
	int64_t steps;
};
struct nn_optim_state *nn_optim_new(struct arena *mem, const struct nn_optim *o,
                                    const struct nn_store *values);
/* Steps every touched view of parameter group `group` (-1 = all); gradients of those views are zeroed.
 * *norm (may be NULL): gradient norm before clipping.  ERR_DATA when the norm is not finite. */
int nn_optim_step(struct nn_ctx *ctx, struct nn_optim_state *st, const struct nn_optim_settings *s, int group,
                  struct nn_store *values, struct nn_store *grads, double *norm);

/* ---- learning-rate schedules: pure functions of the step ------------------------------------ */
enum nn_schedule_kind { NN_SCHEDULE_CONSTANT, NN_SCHEDULE_COSINE, NN_SCHEDULE_LINEAR, NN_SCHEDULE_STEP };
struct nn_schedule {
	enum nn_schedule_kind kind;
	double base, final;          /* rate after warm-up, rate at the end */
	int64_t warmup, total;       /* steps; linear from base/warmup */
	double gamma; int64_t every; /* STEP: times gamma every so many steps after warm-up */
};
double nn_schedule_rate(const struct nn_schedule *s, int64_t step);    /* step from 0 */
const char *nn_schedule_name(int i);       /* for OPT_WORD: "constant", "cosine", "linear", "step", NULL */

/* ---- averaged weights (exponential moving average) ------------------------------------------- */
/* average = d * average + (1 - d) * values on all parameters; d = min(decay, (1 + t) / (10 + t)). */
void nn_average(struct nn_store *average, const struct nn_store *values, double decay, int64_t t);

#endif
