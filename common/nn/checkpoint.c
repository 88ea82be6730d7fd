#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/log.h"
#include "nn/checkpoint.h"
#include "nn/params.h"
#include "tensor/backend.h"

extern const struct h5_schema h5_schema_checkpoint;

/* ---- the loss curve ------------------------------------------------------------------------- */

struct nn_curve *nn_curve_new(struct arena *mem)
{
	struct nn_curve *c = ARENA_NEW(mem, struct nn_curve, 1);
	c->mem = mem;
	return c;
}

void nn_curve_step(struct nn_curve *c, double loss)
{
	c->sum += loss;
	c->steps++;
}

/* Room for `capacity` events; what there was is kept. */
static void curve_reserve(struct nn_curve *c, int64_t capacity)
{
	if (capacity <= c->capacity)
		return;
	c->step = arena_grown(c->mem, c->step, (size_t)c->count, (size_t)capacity, sizeof(*c->step));
	c->loss = arena_grown(c->mem, c->loss, (size_t)c->count, (size_t)capacity, sizeof(*c->loss));
	c->rate = arena_grown(c->mem, c->rate, (size_t)c->count, (size_t)capacity, sizeof(*c->rate));
	c->capacity = capacity;
}

void nn_curve_event(struct nn_curve *c, int64_t step, double rate)
{
	if (!c->steps)
		return;
	if (c->count == c->capacity)
		curve_reserve(c, 2 * c->capacity + 64);
	c->step[c->count] = step;
	c->loss[c->count] = c->sum / (double)c->steps;
	c->rate[c->count] = rate;
	c->count++;
	c->sum = 0;
	c->steps = 0;
}

int nn_curve_write(struct h5_writer *w, const struct nn_curve *c)
{
	TRY(h5_write(w, "/curve/step", H5_I64, 1, &c->count, c->step, 0));
	TRY(h5_write(w, "/curve/loss", H5_F64, 1, &c->count, c->loss, 0));
	return h5_write(w, "/curve/rate", H5_F64, 1, &c->count, c->rate, 0);
}

int nn_curve_read(const struct h5_file *f, struct nn_curve *c)
{
	int64_t dims[H5_MAX_RANK];
	TRY(h5_info(f, "/curve/step", NULL, NULL, dims, NULL));
	curve_reserve(c, dims[0] + 1);
	c->count = dims[0];
	if (!c->count)
		return 0;
	TRY(h5_read_rows(f, "/curve/step", 0, c->count, c->step));
	TRY(h5_read_rows(f, "/curve/loss", 0, c->count, c->loss));
	return h5_read_rows(f, "/curve/rate", 0, c->count, c->rate);
}

/* ---- the ring ------------------------------------------------------------------------------- */

enum { MARK = 2 };               /* behind the two of the ring */

static const char *const slot_group[NN_MAX_SLOTS] = { "/slot0", "/slot1", "/slot2" };

void nn_checkpoint_init(struct nn_checkpoint *k, struct arena *mem, const char *out,
                        const struct h5_recipe *recipe)
{
	for (int i = 0; i < MARK; i++)
		k->path[i] = arena_printf(mem, "%s.%d.ckpt", out, i);
	k->path[MARK] = arena_printf(mem, "%s.mark.ckpt", out);
	k->recipe = recipe;
	k->next = 0;
}

static int state_write(struct h5_writer *w, const struct nn_trainer *t, const struct nn_curve *c)
{
	TRY(nn_params_write(w, "/param", t->values));
	for (int i = 0; i < t->optim->optim->slots; i++)
		TRY(nn_params_write(w, slot_group[i], t->optim->slot[i]));
	if (t->average)
		TRY(nn_params_write(w, "/average", t->average));
	if (t->memory)
		TRY(nn_params_write(w, "/memory", t->memory));
	TRY(nn_curve_write(w, c));
	TRY(h5_write_f64(w, "/pending/loss", c->sum));
	TRY(h5_write_i64(w, "/pending/steps", c->steps));
	TRY(h5_attr_i64(w, "step", t->step));
	TRY(h5_attr_i64(w, "optimiser_steps", t->optim->steps));
	TRY(h5_attr_i64(w, "halvings", t->halvings));
	return h5_attr_text(w, "engine", backend_engine());
}

static int save(struct nn_checkpoint *k, int slot, const struct nn_trainer *t, const struct nn_curve *c)
{
	struct h5_writer *w;
	TRY(h5_create(&w, k->path[slot], &h5_schema_checkpoint, k->recipe));
	int status = state_write(w, t, c);
	if (status < 0) {
		h5_abandon(w);
		return status;
	}
	return h5_commit(w);
}

int nn_checkpoint_save(struct nn_checkpoint *k, const struct nn_trainer *t, const struct nn_curve *c)
{
	TRY(save(k, k->next, t, c));
	k->next = !k->next;
	return 0;
}

int nn_checkpoint_mark(struct nn_checkpoint *k, const struct nn_trainer *t, const struct nn_curve *c)
{
	return save(k, MARK, t, c);
}

/* How far a checkpoint is: after more halvings of the rate, or more steps after as many. */
struct age { int64_t halvings, step; };

static bool newer(struct age a, struct age b)
{
	return a.halvings != b.halvings ? a.halvings > b.halvings : a.step > b.step;
}

static int age_read(const struct h5_file *f, struct age *age)
{
	age->halvings = 0;
	if (h5_has_attr(f, "halvings"))
		TRY(h5_get_i64(f, "halvings", &age->halvings));
	return h5_get_i64(f, "step", &age->step);
}

static int state_read(const struct h5_file *f, struct nn_trainer *t, struct nn_curve *c)
{
	struct age age;
	TRY(nn_params_read(f, "/param", t->values, NULL));
	for (int i = 0; i < t->optim->optim->slots; i++)
		TRY(nn_params_read(f, slot_group[i], t->optim->slot[i], NULL));
	if (t->average)
		TRY(nn_params_read(f, "/average", t->average, NULL));
	if (t->memory)
		TRY(nn_params_read(f, "/memory", t->memory, NULL));
	TRY(nn_curve_read(f, c));
	TRY(h5_read_f64(f, "/pending/loss", &c->sum));
	TRY(h5_read_i64(f, "/pending/steps", &c->steps));
	TRY(age_read(f, &age));
	t->step = age.step;
	t->halvings = age.halvings;
	return h5_get_i64(f, "optimiser_steps", &t->optim->steps);
}

/* Opens checkpoint i when it is one of this run; *age tells how far it is.  1 opened, 0 passed over, < 0 refused. */
static int ring_open(const struct nn_checkpoint *k, int i, struct h5_file **f, struct age *age)
{
	struct h5_header header;
	if (access(k->path[i], F_OK))
		return 0;
	if (h5_header_read(k->path[i], &header) >= 0 && !digest_equal(&header.recipe, &k->recipe->digest)) {
		log_event("checkpoint", "file=%s passed over: of another recipe", k->path[i]);
		return 0;
	}
	if (h5_open(f, k->path[i], &h5_schema_checkpoint) < 0) {
		log_event("checkpoint", "passed over as damaged: %s", err_text());
		err_clear();
		return 0;
	}
	struct arena *mem = arena_new();
	char *engine;
	int status = h5_get_text(*f, "engine", mem, &engine);
	if (status >= 0)
		status = age_read(*f, age);
	if (status >= 0 && strcmp(engine, backend_engine()))
		status = err_set(ERR_CONFIG,
		                 "%s: made by engine \"%s\", this one is \"%s\", and the result would be neither's; "
		                 "delete the checkpoints to start again, or go on with the old engine: the environment variable ISA "
		                 "chooses the instruction set, other kernels are those of another version of nasmill",
		                 k->path[i], engine, backend_engine());
	arena_free(mem);
	if (status < 0)
		h5_close(*f);
	return status < 0 ? status : 1;
}

int nn_checkpoint_load(struct nn_checkpoint *k, struct nn_trainer *t, struct nn_curve *c)
{
	struct h5_file *f[NN_CHECKPOINTS] = { NULL };
	struct age age[NN_CHECKPOINTS];
	int status = 0, newest = -1;
	for (int i = 0; i < NN_CHECKPOINTS && status >= 0; i++) {
		status = ring_open(k, i, &f[i], &age[i]);
		if (status <= 0)
			f[i] = NULL;
		else if (newest < 0 || newer(age[i], age[newest]))
			newest = i;
	}
	if (status >= 0)
		status = newest >= 0;
	if (status > 0)
		status = state_read(f[newest], t, c);
	if (status >= 0 && newest >= 0) {
		log_event("resume", "file=%s step=%lld", k->path[newest], (long long)t->step);
		k->next = f[0] && (!f[1] || newer(age[0], age[1]));     /* over the older one */
		status = 1;
	}
	for (int i = 0; i < NN_CHECKPOINTS; i++)
		h5_close(f[i]);
	return status;
}

int nn_checkpoint_back(struct nn_checkpoint *k, struct nn_trainer *t, struct nn_curve *c)
{
	struct h5_file *f;
	int64_t halvings = t->halvings + 1;
	TRY(h5_open(&f, k->path[MARK], &h5_schema_checkpoint));
	int status = state_read(f, t, c);
	h5_close(f);
	t->halvings = halvings;
	nn_store_zero(t->grads);         /* the step that failed may have left some */
	return status;
}

void nn_checkpoint_remove(const struct nn_checkpoint *k)
{
	for (int i = 0; i < NN_CHECKPOINTS; i++)
		unlink(k->path[i]);
}
