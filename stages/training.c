#include <math.h>
#include <string.h>
#include "base/err.h"
#include "base/log.h"
#include "base/signals.h"
#include "nn/op.h"
#include "stages/training.h"
#include "tensor/backend.h"

#define MARKS 10                 /* of a run, to go back to */
#define MOST_HALVINGS 10         /* a thousandth of the rate: it is not the rate, then */
#define CURVE_EVENTS 50          /* points of the loss curve, about */

/* ---- what the trainer asks for: paths, graphs, batches, losses -------------------------------- */

static void draw_path(void *arg, int64_t step, int draw, uint8_t *code)
{
	struct training *t = arg;
	if (t->sampler) {
		t->sampler->draw(t->space, (uint64_t)t->options->seed, step, draw, t->code);
		t->space->type->canonical(t->space, t->code, t->code);
	}
	memcpy(code, t->code, (size_t)t->space->decisions);
}

/* Fair groups (Chu, Zhang and Xu 2019, "FairNAS", algorithm 1): per decision a random order of the choices
 * that are on; member m takes the m-th.  Decisions with fewer choices than others go round again. */
static void draw_fair(void *arg, int64_t step, int m, uint8_t *code)
{
	struct training *t = arg;
	for (int d = 0; t->sampler && d < t->space->decisions; d++) {
		uint32_t order[SPACE_MAX_CHOICES], on = 0;
		for (int c = 0; c < t->space->decision[d].choices; c++)
			if (t->space->mask[d][c])
				order[on++] = (uint32_t)c;
		struct rng r = rng_stream((uint64_t)t->options->seed, "fair", (uint32_t)d, (uint32_t)step, 0);
		rng_shuffle(&r, order, on);
		t->code[d] = (uint8_t)order[(uint32_t)m % on];
	}
	t->space->type->canonical(t->space, t->code, t->code);
	memcpy(code, t->code, (size_t)t->space->decisions);
}

/* The space as its networks are trained after `done` (0 .. 1) of the steps: drop-path grows linearly
 * (Larsson, Maire and Shakhnarovich 2017, in the schedule of DARTS). */
static struct space in_training(const struct training *t, double done)
{
	struct space s = *t->space;
	s.training = (struct space_training){ .drop_path = t->options->drop_path * done,
	                                      .auxiliary = t->options->auxiliary > 0 };
	return s;
}

static const struct nn_graph *path_graph(void *arg, struct arena *mem, const uint8_t *code)
{
	struct training *t = arg;
	const struct space s = in_training(t, (double)t->trainer->step / (double)t->steps);
	return network_graph(&s, code, t->objective, &t->head, mem);
}

static int64_t batch_rows(void *arg, const struct nn_batch *b)
{
	(void)arg;
	const struct batch *batch = (const struct batch *)b;
	return batch->images * batch->views;
}

static const float *batch_input(void *arg, const struct nn_batch *b)
{
	(void)arg;
	return ((const struct batch *)b)->data;
}

/* The embeddings of the plain views, which come first in an output, for the bank. */
static void remember(struct training *t, const struct batch *b, int64_t dim, const float *out)
{
	for (int64_t i = 0; i < b->images; i++)
		memcpy(t->bank->visit + i * t->bank->width, out + i * dim, (size_t)t->bank->width * sizeof(float));
}

static double batch_loss(void *arg, struct nn_ctx *ctx, const struct nn_batch *b, int64_t dim,
                         const float *out, float *dout)
{
	struct training *t = arg;
	const struct batch *batch = (const struct batch *)b;
	struct bank_view view;
	if (t->bank) {
		remember(t, batch, dim, out);
		view = bank_look(t->bank, batch->images, batch->index, bank_negatives(t->options->batch),
		                 (uint64_t)t->options->seed, t->trainer->step, ctx->step);
	}
	return t->objective->loss(&t->head, batch->images, dim, out, batch->label, t->bank ? &view : NULL, dout,
	                          ctx->step);
}

int training_check(const struct training_options *o, const struct training_options *defaults)
{
	if (o->warmup <= o->epochs || o->warmup == defaults->warmup)
		return 0;
	return err_set(ERR_USAGE, "--warmup: %g epochs, expected at most --epochs (%g): the learning rate would never get to "
	               "--lr (%g)", o->warmup, o->epochs, o->lr);
}

/* ---- preparation ------------------------------------------------------------------------------ */

static int objective_prepare(struct training *t, const char *name)
{
	const struct training_options *o = t->options;
	t->objective = plugin_find(PLUGIN_TABLE(objective_table), "objective", name);
	if (!t->objective)
		return err_code();
	t->head = (struct objective_settings){
		.temperature = o->temperature, .hidden = o->hidden, .embedding = o->embedding, .smoothing = o->smoothing,
	};
	if (!t->objective->needs_labels) {
		if (o->batch < 2)
			return err_set(ERR_USAGE, "--batch: 1, expected at least 2: the objective %s compares images", name);
		return 0;
	}
	if (!t->labels)
		return err_set(ERR_USAGE, "--labels: not given, but the objective %s needs them", name);
	t->head.classes = t->labels->classes;
	return network_labelled(t->labels, t->data, DATA_TRAIN, t->labels_path);
}

/* Parameters of the one network that is trained.  What only training adds must be something the space has. */
static int network_params(struct training *t)
{
	const struct training_options *o = t->options;
	const struct space s = in_training(t, 1);
	if (o->auxiliary > 0 && !t->objective->needs_labels)
		return err_set(ERR_USAGE, "--auxiliary: only a classifier has a second one; the objective is %s",
		               t->objective->name);
	struct nn_graph *g = network_graph(&s, t->code, t->objective, &t->head, t->mem);
	if (!g)
		return err_code();
	bool drops = o->drop_path <= 0;
	for (int i = 0; i < g->count; i++)
		drops |= g->node[i].kind == NN_OP && !strcmp(g->node[i].op->name, "droppath");
	if (!drops)
		return err_set(ERR_CONFIG, "--drop-path: this network of space %s has no path to drop", s.type->name);
	if (o->auxiliary > 0 && nn_graph_find_output(g, "auxiliary") < 0)
		return err_set(ERR_CONFIG, "--auxiliary: networks of space %s have no auxiliary head", s.type->name);
	return nn_graph_params(g, t->values);
}

int training_prepare(struct training *t, const char *objective, int64_t threads)
{
	TRY(objective_prepare(t, objective));
	const struct backend *be = backend_find("cpu");
	if (!be)
		return err_code();
	t->pool = pool_new((int)threads);
	t->ctx = nn_ctx_new(t->mem, t->pool, be);
	t->ctx->seed = (uint64_t)t->options->seed;
	t->hooks = (struct nn_hooks){
		.arg = t, .decisions = t->space->decisions, .max_choices = 1, .draw = draw_path, .draw_fair = draw_fair,
		.graph = path_graph, .images = batch_rows, .input = batch_input, .loss = batch_loss,
		.auxiliary = t->options->auxiliary,
	};
	t->values = nn_store_new(t->mem);
	if (t->sampler) {
		for (int d = 0; d < t->space->decisions; d++)
			if (space_on(t->space, d) > t->hooks.max_choices)
				t->hooks.max_choices = space_on(t->space, d);
		TRY(network_space_params(t->space, t->objective, &t->head, t->values));
	} else {
		TRY(network_params(t));
	}
	nn_init_store(t->values, (uint64_t)t->options->seed);
	return 0;
}

static int loader_prepare(struct training *t)
{
	const struct training_options *o = t->options;
	const char *augment = strcmp(o->augment, "auto") ? o->augment : t->objective->views > 1 ? "contrast" : "crop";
	struct loader_settings set = {
		.split = DATA_TRAIN, .batch = o->batch, .views = t->objective->views, .plain = t->objective->plain,
		.shuffle = true, .limit = o->images, .seed = (uint64_t)o->seed, .purpose = "train",
	};
	TRY(augment_parse(augment, &set.augment));
	t->loader = loader_new(t->mem, t->pool, t->data, t->objective->needs_labels ? t->labels : NULL, &set);
	if (!t->loader)
		return err_code();
	t->batches = loader_batches(t->loader);
	t->steps = llround(o->epochs * (double)t->batches);
	return 0;
}

static int trainer_prepare(struct training *t)
{
	const struct training_options *o = t->options;
	const struct nn_optim *optim = plugin_find(PLUGIN_TABLE(nn_optim_table), "optimizer", o->optimizer);
	if (!optim)
		return err_code();
	t->trainer = nn_trainer_new(t->mem, t->ctx, &t->hooks, t->values, optim);
	if (!t->trainer)
		return err_code();
	struct nn_trainer *r = t->trainer;
	r->settings = nn_optim_defaults;
	r->settings.momentum = o->momentum;
	r->settings.weight_decay = o->weight_decay;
	r->settings.clip = o->clip;
	r->schedule = (struct nn_schedule){
		.base = o->lr, .final = 0, .warmup = llround(o->warmup * (double)t->batches), .total = t->steps,
		.gamma = 0.1, .every = t->steps / 3 + 1,
	};
	for (int i = 0; nn_schedule_name(i); i++)
		if (!strcmp(nn_schedule_name(i), o->schedule))
			r->schedule.kind = (enum nn_schedule_kind)i;
	if (o->average > 0) {
		r->average = nn_store_like(t->mem, t->values);
		nn_store_copy(r->average, t->values);
		r->average_decay = o->average;
	}
	return 0;
}

static int bank_prepare(struct training *t)
{
	const struct dataset *d = t->data;
	if (!t->objective->bank)
		return 0;
	t->trainer->memory = nn_store_new(t->mem);
	t->bank = bank_new(t->mem, t->trainer->memory, d->first[DATA_TRAIN], d->size[DATA_TRAIN],
	                   t->head.embedding, t->options->batch);
	return t->bank ? 0 : err_code();
}

/* A bank begins with one pass of the untrained network over the images. */
static int bank_fill(struct training *t)
{
	for (int64_t i = 0; t->bank && i < t->batches; i++) {
		const struct batch *b = loader_get(t->loader, 0, i);
		if (!b)
			return err_code();
		draw_path(t, 0, 0, t->code);
		struct arena_mark mark = arena_mark(t->mem);
		struct nn_shape shape;
		struct nn_graph *g = network_graph(t->space, t->code, t->objective, &t->head, t->mem);
		struct nn_net *net = g ? network_forward(t->ctx, g, t->values, b, NN_BN_BATCH, NULL) : NULL;
		if (!net)
			return err_code();
		const float *out = nn_output(net, "out", &shape);
		remember(t, b, shape.c, out);
		bank_visit(t->bank, b->images, b->index, t->bank->visit);
		arena_rewind(t->mem, mark);
	}
	return 0;
}

/* ---- the loop --------------------------------------------------------------------------------- */

/* How fast it goes; for the eyes only. */
struct pace { double last, step_seconds, saved; };

static void pace_step(struct pace *p)
{
	double now = clock_seconds(), took = now - p->last;
	p->last = now;
	p->step_seconds = p->step_seconds > 0 ? 0.95 * p->step_seconds + 0.05 * took : took;
}

static void report(struct training *t, const struct pace *p, double loss, bool event)
{
	int64_t step = t->trainer->step, images = t->options->batch * t->objective->views;
	double per_second = (double)images / p->step_seconds, left = (double)(t->steps - step) * p->step_seconds;
	char time[32];
	duration_print(left, time);
	if (event)
		log_event("train", "step=%lld of=%lld epoch=%.3f views=%lld loss=%.5f rate=%.4g norm=%.3g images_per_second=%.0f left=%.0f",
		          (long long)step, (long long)t->steps, (double)step / (double)t->batches, (long long)(step * images), loss,
		          t->trainer->settings.lr, t->trainer->last_norm, per_second, left);
	log_progress(step == t->steps, "step %lld/%lld  loss %.4f  %.0f images/s  %s left", (long long)step,
	             (long long)t->steps, loss, per_second, time);
}

/* The event ends an interval of about 1/50 of the run; a pure function of the step. */
static bool at_event(const struct training *t, int64_t step)
{
	return step == t->steps || step * CURVE_EVENTS / t->steps != (step - 1) * CURVE_EVENTS / t->steps;
}

static int step_failed(struct training *t, int code)
{
	if (code != ERR_DATA)
		return code;
	char path[SPACE_TEXT];
	t->diverged = true;
	t->space->type->print(t->space, t->code, path, sizeof(path));
	return err_replace(ERR_DATA, "training diverged on path %s with learning rate %g: %s", path,
	                   nn_trainer_rate(t->trainer), err_text());
}

const char *divergence_word(int i)
{
	static const char *const word[] = { "stop", "retry", NULL };
	return word[i];
}

static bool retries(const struct training *t)
{
	return t->checkpoint.recipe && !strcmp(t->options->on_divergence, "retry");
}

/* A mark at each tenth of the run; a pure function of the step. */
static bool at_mark(const struct training *t, int64_t step)
{
	return step < t->steps && step * MARKS / t->steps != (step - 1) * MARKS / t->steps;
}

/* Is this a state to come back to?  A loss far above the best so far is a divergence on its way. */
static bool sound(const struct nn_curve *c)
{
	double best = c->loss[0];
	for (int64_t i = 1; i < c->count; i++)
		best = c->loss[i] < best ? c->loss[i] : best;
	return c->loss[c->count - 1] <= best + fabs(best);
}

/* What a failed step leads to: 0 when the training goes on from the mark. */
static int diverged(struct training *t, int code)
{
	code = step_failed(t, code);
	if (!t->diverged || !retries(t) || t->trainer->halvings >= MOST_HALVINGS)
		return code;
	char *reason = arena_strdup(t->mem, err_text());
	err_clear();
	t->diverged = false;
	TRY(nn_checkpoint_back(&t->checkpoint, t->trainer, t->curve));
	log_event("retry", "step=%lld halvings=%lld rate=%.4g: %s", (long long)t->trainer->step,
	          (long long)t->trainer->halvings, nn_trainer_rate(t->trainer), reason);
	return 0;
}

/* The last update has no loss of its own that would show what it did. */
static int check_end(struct training *t)
{
	const struct nn_store *s = training_weights(t);
	for (int i = 0; i < s->count; i++)
		for (int64_t k = 0; k < s->param[i]->count; k++)
			if (!isfinite(s->param[i]->data[k]))
				return err_set(ERR_DATA, "step %lld: %s is not finite; lower the learning rate or set --clip",
				               (long long)t->trainer->step, s->param[i]->name);
	return 0;
}

static int stop(struct training *t)
{
	if (!t->checkpoint.recipe)
		signals_leave();
	TRY(nn_checkpoint_save(&t->checkpoint, t->trainer, t->curve));
	log_event("stopped", "step=%lld of=%lld: the same command goes on from here", (long long)t->trainer->step,
	          (long long)t->steps);
	log_progress(true, "stopped at step %lld of %lld: the same command goes on from here",
	             (long long)t->trainer->step, (long long)t->steps);
	signals_leave();
}

static int run(struct training *t)
{
	struct nn_trainer *r = t->trainer;
	struct pace pace = { .last = clock_seconds(), .saved = clock_seconds() };
	while (r->step < t->steps) {
		if (signals_stopping())
			return stop(t);
		const struct batch *b = loader_get(t->loader, r->step / t->batches, r->step % t->batches);
		if (!b)
			return err_code();
		double loss, mean;
		int status = t->regime->step(r, (const struct nn_batch *)b, NULL, &loss);
		if (status >= 0 && r->step == t->steps)
			status = check_end(t);
		if (status < 0) {
			TRY(diverged(t, status));
			continue;
		}
		if (t->bank)
			bank_visit(t->bank, b->images, b->index, t->bank->visit);
		pace_step(&pace);
		nn_curve_step(t->curve, loss);
		mean = t->curve->sum / (double)t->curve->steps;
		bool event = at_event(t, r->step);
		if (event)
			nn_curve_event(t->curve, r->step, r->settings.lr);
		report(t, &pace, mean, event);
		if (t->checkpoint.recipe && t->options->checkpoint_seconds &&
		    pace.last - pace.saved >= (double)t->options->checkpoint_seconds) {
			TRY(nn_checkpoint_save(&t->checkpoint, r, t->curve));
			pace.saved = pace.last = clock_seconds();
		}
		if (retries(t) && at_mark(t, r->step) && sound(t->curve))      /* each mark ends an interval of the curve */
			TRY(nn_checkpoint_mark(&t->checkpoint, r, t->curve));
	}
	return 0;
}

int training_run(struct training *t, const char *out, const struct h5_recipe *recipe)
{
	TRY(loader_prepare(t));
	TRY(trainer_prepare(t));
	TRY(bank_prepare(t));
	t->curve = nn_curve_new(t->mem);
	if (out) {
		nn_checkpoint_init(&t->checkpoint, t->mem, out, recipe);
		TRY(nn_checkpoint_load(&t->checkpoint, t->trainer, t->curve));
	}
	if (!t->trainer->step)
		TRY(bank_fill(t));
	if (retries(t) && !t->trainer->step && !t->trainer->halvings)
		TRY(nn_checkpoint_mark(&t->checkpoint, t->trainer, t->curve));
	int status = run(t);
	loader_finish(t->loader);
	return status;
}

struct nn_store *training_weights(const struct training *t)
{
	return t->trainer->average ? t->trainer->average : t->values;
}

bool training_diverged(const struct training *t) { return t->diverged; }

void training_done(struct training *t)
{
	if (t->checkpoint.recipe)
		nn_checkpoint_remove(&t->checkpoint);
	nn_ctx_free(t->ctx);
	pool_free(t->pool);
}
