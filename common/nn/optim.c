/* One optimiser step on what was touched: gather the touched boxes of each tensor, measure, clip, step.
 *
 * Views of one tensor may overlap (slices by channel of a wider layer); every number must be stepped
 * exactly once, so the boxes of a tensor are cut into disjoint ones first. */
#include "nn/optim.h"

#include <math.h>
#include <string.h>
#include "base/err.h"
#include "nn/op.h"

const struct nn_optim_settings nn_optim_defaults = {
	.lr = 0.1, .momentum = 0.9, .weight_decay = 0, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8,
	.trust = 0.001, .rms_alpha = 0.99, .nesterov = true, .clip = 0,
};

struct nn_optim_state *nn_optim_new(struct arena *mem, const struct nn_optim *o,
                                    const struct nn_store *values)
{
	struct nn_optim_state *st = ARENA_NEW(mem, struct nn_optim_state, 1);
	st->optim = o;
	for (int k = 0; k < o->slots; k++)
		st->slot[k] = nn_store_like(mem, values);
	return st;
}

/* ---- disjoint boxes ---------------------------------------------------------------------------- */

struct part { int64_t from[4], to[4]; struct part *next; };

struct target {                          /* one tensor that took part */
	struct nn_param *gradient, *value;
	struct part *parts;              /* disjoint */
	double w2, g2;                   /* sums of squares */
};

/* Adds to t->parts what of p lies outside `have` and all parts after it. */
static void add_part(struct arena *mem, struct target *t, struct part *have, struct part p)
{
	for (; have; have = have->next) {
		bool apart = false;
		for (int d = 0; d < 4; d++)
			apart = apart || p.to[d] <= have->from[d] || have->to[d] <= p.from[d];
		if (apart)
			continue;
		/* slabs of p before and after `have` in each dimension go on alone; the core is there already */
		for (int d = 0; d < 4; d++) {
			struct part slab = p;
			if (p.from[d] < have->from[d]) {
				slab.to[d] = p.from[d] = have->from[d];
				add_part(mem, t, have->next, slab);
			}
			slab = p;
			if (p.to[d] > have->to[d]) {
				slab.from[d] = p.to[d] = have->to[d];
				add_part(mem, t, have->next, slab);
			}
		}
		return;
	}
	struct part *part = ARENA_NEW(mem, struct part, 1);
	*part = p;
	part->next = t->parts;
	t->parts = part;
}

static int collect(struct arena *mem, const struct nn_touched *touched, int group, struct nn_store *values,
                   struct nn_store *grads, struct target *target)
{
	int *at = ARENA_NEW(mem, int, grads->count);     /* target of a parameter, + 1 */
	int count = 0;
	for (int i = 0; i < touched->count; i++) {
		const struct nn_touch *touch = &touched->touch[i];
		struct nn_param *p = touch->param;
		if (p->index >= grads->count || grads->param[p->index] != p || (group >= 0 && p->group != group))
			continue;
		if (!at[p->index]) {
			at[p->index] = ++count;
			target[count - 1] = (struct target){ .gradient = p, .value = nn_store_twin(values, p) };
			if (!target[count - 1].value)
				return err_set(ERR_INTERNAL, "optimiser: parameter %s has a gradient but no value", p->name);
		}
		struct part box = { .next = NULL };
		for (int d = 0; d < 4; d++) {
			box.from[d] = touch->offset[d];
			box.to[d] = touch->offset[d] + touch->extent[d];
		}
		struct target *t = &target[at[p->index] - 1];
		add_part(mem, t, t->parts, box);
	}
	return count;
}

static struct nn_box box_of(const struct target *t, const struct part *p)
{
	int64_t extent[4];
	for (int d = 0; d < 4; d++)
		extent[d] = p->to[d] - p->from[d];
	return nn_box(t->value->shape, p->from, extent);
}

/* ---- the step ---------------------------------------------------------------------------------- */

struct job {
	const struct nn_optim_state *st;
	const struct nn_optim_settings *s;
	struct target *target;
	double scale;
};

static double squares(int64_t n, const float *x)
{
	double lane[16] = { 0 };         /* fixed lanes: the order of additions is ours, not the compiler's */
	int64_t i = 0;
	for (; i + 16 <= n; i += 16)
		for (int k = 0; k < 16; k++)
			lane[k] += (double)x[i + k] * x[i + k];
	for (int k = 0; i < n; i++, k++)
		lane[k] += (double)x[i] * x[i];
	for (int half = 8; half; half /= 2)
		for (int k = 0; k < half; k++)
			lane[k] += lane[k + half];
	return lane[0];
}

static void measure(void *arg, int64_t task, int worker)
{
	const struct job *j = arg;
	struct target *t = &j->target[task];
	(void)worker;
	for (const struct part *p = t->parts; p; p = p->next) {
		struct nn_box b = box_of(t, p);
		for (int64_t r = 0; r < b.runs; r++) {
			t->g2 += squares(b.length, t->gradient->data + nn_box_run(&b, r));
			if (j->st->optim->ratio)
				t->w2 += squares(b.length, t->value->data + nn_box_run(&b, r));
		}
	}
}

static void update(void *arg, int64_t task, int worker)
{
	const struct job *j = arg;
	const struct nn_optim *o = j->st->optim;
	const struct target *t = &j->target[task];
	double decay = t->value->decay ? j->s->weight_decay : 0;
	double local = o->ratio ? o->ratio(j->s, sqrt(t->w2), j->scale * sqrt(t->g2), decay) : 1;
	float *base[NN_MAX_SLOTS] = { NULL }, *slot[NN_MAX_SLOTS] = { NULL };
	(void)worker;
	for (int k = 0; k < o->slots; k++)
		base[k] = nn_store_twin(j->st->slot[k], t->value)->data;
	for (const struct part *p = t->parts; p; p = p->next) {
		struct nn_box b = box_of(t, p);
		for (int64_t r = 0; r < b.runs; r++) {
			int64_t at = nn_box_run(&b, r);
			for (int k = 0; k < o->slots; k++)
				slot[k] = base[k] + at;
			o->step(j->s, b.length, t->value->data + at, t->gradient->data + at, slot, j->scale, decay, local,
			        j->st->steps);
			memset(t->gradient->data + at, 0, (size_t)b.length * sizeof(float));
		}
	}
}

int nn_optim_step(struct nn_ctx *ctx, struct nn_optim_state *st, const struct nn_optim_settings *s, int group,
                  struct nn_store *values, struct nn_store *grads, double *norm)
{
	struct arena_mark mark = arena_mark(ctx->step);
	struct target *target = ARENA_NEW(ctx->step, struct target, ctx->touched.count + 1);
	int count = collect(ctx->step, &ctx->touched, group, values, grads, target);
	TRY(count);

	struct job job = { st, s, target, 1 };
	nn_parallel(ctx, count, measure, &job);
	double g2 = 0;
	for (int i = 0; i < count; i++)
		g2 += target[i].g2;
	if (norm)
		*norm = sqrt(g2);
	if (!isfinite(g2)) {
		int bad = 0;
		while (bad < count - 1 && isfinite(target[bad].g2))
			bad++;
		return err_set(ERR_DATA, "the gradient is not finite (first in %s); lower the learning rate or set --clip",
		               target[bad].gradient->name);
	}
	if (s->clip > 0 && sqrt(g2) > s->clip)
		job.scale = s->clip / sqrt(g2);
	st->steps++;
	nn_parallel(ctx, count, update, &job);
	arena_rewind(ctx->step, mark);
	return 0;
}
