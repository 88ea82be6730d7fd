/* history.h5, candidates.h5 and scores.h5. */
#include "search/history.h"

#include <math.h>
#include <string.h>
#include "base/err.h"
#include "h5/file.h"
#include "tensor/backend.h"

extern const struct h5_schema h5_schema_history, h5_schema_candidates, h5_schema_scores;

/* ---- columns in memory ------------------------------------------------------------------------ */

struct columns {
	int64_t *trial, *origin, *macs, *params;
	int32_t *round, *phase;
	uint8_t *status, *arch;
	double *score, *loss, *top1;
};

static struct columns columns_new(const struct history *h, struct arena *mem)
{
	struct columns c = {
		.trial = ARENA_NEW(mem, int64_t, h->count), .origin = ARENA_NEW(mem, int64_t, h->count),
		.macs = ARENA_NEW(mem, int64_t, h->count), .params = ARENA_NEW(mem, int64_t, h->count),
		.round = ARENA_NEW(mem, int32_t, h->count), .phase = ARENA_NEW(mem, int32_t, h->count),
		.status = ARENA_NEW(mem, uint8_t, h->count), .arch = ARENA_NEW(mem, uint8_t, h->count * h->decisions),
		.score = ARENA_NEW(mem, double, h->count), .loss = ARENA_NEW(mem, double, h->count),
		.top1 = ARENA_NEW(mem, double, h->count),
	};

	for (int64_t i = 0; i < h->count; i++) {
		const struct trial *t = &h->trial[i];

		c.trial[i] = t->id;
		c.origin[i] = t->origin;
		c.macs[i] = t->macs;
		c.params[i] = t->params;
		c.round[i] = t->round;
		c.phase[i] = t->phase;
		c.status[i] = t->status;
		memcpy(c.arch + i * h->decisions, t->code, (size_t)h->decisions);
		c.score[i] = t->status == TRIAL_DONE ? t->score : NAN;
		c.loss[i] = t->loss;
		c.top1[i] = t->top1;
	}
	return c;
}

static int write_trials(struct h5_writer *w, const struct history *h, const struct columns *c)
{
	int64_t dims[2] = { h->count, h->decisions };

	TRY(h5_write(w, "/trial", H5_I64, 1, dims, c->trial, 0));
	return h5_write(w, "/arch", H5_U8, 2, dims, c->arch, 0);
}

static int finish(struct h5_writer *w, int status)
{
	if (status < 0) {
		h5_abandon(w);
		return status;
	}
	return h5_commit(w);
}

/* ---- reading ------------------------------------------------------------------------------------ */

/* Ids and codes: what the three files have in common. */
static int read_trials(struct history *h, const struct h5_file *f, const struct space *s, struct arena *mem)
{
	uint8_t canonical[SPACE_MAX_DECISIONS], *arch;
	int64_t dims[H5_MAX_RANK], *id;

	TRY(h5_info(f, "/arch", NULL, NULL, dims, NULL));
	if (dims[1] != s->decisions)
		return err_set(ERR_DATA, "%s:/arch: %lld decisions, space %s has %d; is it of another run?",
		               h5_path(f), (long long)dims[1], s->type->name, s->decisions);
	TRY(h5_read(f, "/trial", H5_I64, mem, &id));
	TRY(h5_read(f, "/arch", H5_U8, mem, &arch));
	*h = (struct history){ .decisions = s->decisions, .count = dims[0] };
	h->trial = ARENA_NEW(mem, struct trial, dims[0]);
	for (int64_t i = 0; i < h->count; i++) {
		const uint8_t *code = arch + i * s->decisions;

		h->trial[i] = (struct trial){ .id = id[i], .origin = -1, .code = code, .score = NAN, .loss = NAN,
		                              .top1 = NAN };
		if (id[i] < 0 || (i && id[i] <= id[i - 1]))
			return err_set(ERR_DATA, "%s:/trial: id %lld in row %lld, expected ids that ascend from 0",
			               h5_path(f), (long long)id[i], (long long)i);
		for (int d = 0; d < s->decisions; d++)
			if (code[d] >= s->decision[d].choices)
				return err_set(ERR_DATA, "%s:/arch: trial %lld, %s: choice %d, expected 0 to %d", h5_path(f),
				               (long long)id[i], s->decision[d].name, code[d], s->decision[d].choices - 1);
		s->type->canonical(s, code, canonical);
		if (memcmp(canonical, code, (size_t)s->decisions))
			return err_set(ERR_DATA, "%s:/arch: trial %lld is not in canonical form", h5_path(f), (long long)id[i]);
	}
	return 0;
}

static int read_status(struct history *h, const struct h5_file *f, struct arena *mem)
{
	uint8_t *status;
	double *score;

	TRY(h5_read(f, "/status", H5_U8, mem, &status));
	TRY(h5_read(f, "/score", H5_F64, mem, &score));
	for (int64_t i = 0; i < h->count; i++) {
		struct trial *t = &h->trial[i];

		if (status[i] > TRIAL_FAIL)
			return err_set(ERR_DATA, "%s:/status: trial %lld has status %d, expected 0 (pending), 1 (done) or 2 (fail)",
			               h5_path(f), (long long)t->id, status[i]);
		if (status[i] == TRIAL_DONE && !isfinite(score[i]))
			return err_set(ERR_DATA, "%s:/score: trial %lld is done, but its score is no finite number",
			               h5_path(f), (long long)t->id);
		t->status = status[i];
		t->score = status[i] == TRIAL_DONE ? score[i] : NAN;
	}
	return 0;
}

static int read_labelled(struct history *h, const struct h5_file *f, struct arena *mem)
{
	double *loss, *top1;

	if (h5_has(f, "/loss")) {
		TRY(h5_read(f, "/loss", H5_F64, mem, &loss));
		for (int64_t i = 0; i < h->count; i++)
			h->trial[i].loss = loss[i];
	}
	if (h5_has(f, "/top1")) {
		TRY(h5_read(f, "/top1", H5_F64, mem, &top1));
		for (int64_t i = 0; i < h->count; i++)
			h->trial[i].top1 = top1[i];
	}
	return 0;
}

static int read_origin_and_cost(struct history *h, const struct h5_file *f, struct arena *mem)
{
	int64_t *origin, *macs, *params;

	TRY(h5_read(f, "/origin", H5_I64, mem, &origin));
	TRY(h5_read(f, "/macs", H5_I64, mem, &macs));
	TRY(h5_read(f, "/params", H5_I64, mem, &params));
	for (int64_t i = 0; i < h->count; i++) {
		if (origin[i] < -1 || origin[i] >= h->trial[i].id)
			return err_set(ERR_DATA, "%s:/origin: trial %lld comes from trial %lld, expected an earlier one or -1",
			               h5_path(f), (long long)h->trial[i].id, (long long)origin[i]);
		h->trial[i].origin = origin[i];
		h->trial[i].macs = macs[i];
		h->trial[i].params = params[i];
	}
	return 0;
}

static int read_attribute(const struct h5_file *f, const char *name, int32_t *value)
{
	int64_t wide;

	TRY(h5_get_i64(f, name, &wide));
	if (wide < 0 || wide > INT32_MAX)
		return err_set(ERR_DATA, "%s: attribute %s is %lld, expected 0 to %d", h5_path(f), name,
		               (long long)wide, INT32_MAX);
	*value = (int32_t)wide;
	return 0;
}

static int history_content(struct history *h, const struct h5_file *f, const struct space *s,
                           struct arena *mem)
{
	int32_t *round, *phase;

	TRY(read_trials(h, f, s, mem));
	TRY(read_status(h, f, mem));
	TRY(read_labelled(h, f, mem));
	TRY(read_origin_and_cost(h, f, mem));
	TRY(h5_read(f, "/round", H5_I32, mem, &round));
	TRY(h5_read(f, "/phase", H5_I32, mem, &phase));
	for (int64_t i = 0; i < h->count; i++) {
		h->trial[i].round = round[i];
		h->trial[i].phase = phase[i];
	}
	return 0;
}

static int candidates_content(struct history *h, const struct h5_file *f, const struct space *s,
                              struct arena *mem)
{
	TRY(read_trials(h, f, s, mem));
	TRY(read_origin_and_cost(h, f, mem));
	TRY(read_attribute(f, "round", &h->round));
	TRY(read_attribute(f, "phase", &h->phase));
	for (int64_t i = 0; i < h->count; i++) {
		h->trial[i].round = h->round;
		h->trial[i].phase = h->phase;
		h->trial[i].status = TRIAL_PENDING;
	}
	return 0;
}

static int scores_content(struct history *h, const struct h5_file *f, const struct space *s,
                          struct arena *mem)
{
	TRY(read_trials(h, f, s, mem));
	TRY(read_status(h, f, mem));
	TRY(read_labelled(h, f, mem));
	TRY(read_attribute(f, "phase", &h->phase));
	for (int64_t i = 0; i < h->count; i++)
		h->trial[i].phase = h->phase;
	return 0;
}

typedef int content_fn(struct history *h, const struct h5_file *f, const struct space *s, struct arena *mem);

static int read_file(struct history *h, const char *path, const struct h5_schema *schema, content_fn *content,
                     const struct space *s, struct arena *mem)
{
	struct h5_file *f;
	int status;

	TRY(h5_open(&f, path, schema));
	status = content(h, f, s, mem);
	h5_close(f);
	return status;
}

int history_read(struct history *h, const char *path, const struct space *s, struct arena *mem)
{
	return read_file(h, path, &h5_schema_history, history_content, s, mem);
}

int candidates_read(struct history *h, const char *path, const struct space *s, struct arena *mem)
{
	return read_file(h, path, &h5_schema_candidates, candidates_content, s, mem);
}

int scores_read(struct history *h, const char *path, const struct space *s, struct arena *mem)
{
	return read_file(h, path, &h5_schema_scores, scores_content, s, mem);
}

/* ---- writing ------------------------------------------------------------------------------------ */

static int history_fill(struct h5_writer *w, const struct history *h, const struct columns *c)
{
	TRY(write_trials(w, h, c));
	TRY(h5_write(w, "/origin", H5_I64, 1, &h->count, c->origin, 0));
	TRY(h5_write(w, "/round", H5_I32, 1, &h->count, c->round, 0));
	TRY(h5_write(w, "/phase", H5_I32, 1, &h->count, c->phase, 0));
	TRY(h5_write(w, "/status", H5_U8, 1, &h->count, c->status, 0));
	TRY(h5_write(w, "/score", H5_F64, 1, &h->count, c->score, 0));
	TRY(h5_write(w, "/loss", H5_F64, 1, &h->count, c->loss, 0));
	TRY(h5_write(w, "/top1", H5_F64, 1, &h->count, c->top1, 0));
	TRY(h5_write(w, "/macs", H5_I64, 1, &h->count, c->macs, 0));
	return h5_write(w, "/params", H5_I64, 1, &h->count, c->params, 0);
}

static int candidates_fill(struct h5_writer *w, const struct history *h, const struct columns *c,
                           const char *strategy)
{
	TRY(h5_attr_text(w, "strategy", strategy));
	TRY(h5_attr_i64(w, "round", h->round));
	TRY(h5_attr_i64(w, "phase", h->phase));
	TRY(write_trials(w, h, c));
	TRY(h5_write(w, "/origin", H5_I64, 1, &h->count, c->origin, 0));
	TRY(h5_write(w, "/macs", H5_I64, 1, &h->count, c->macs, 0));
	return h5_write(w, "/params", H5_I64, 1, &h->count, c->params, 0);
}

static bool any_number(const double *value, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		if (!isnan(value[i]))
			return true;
	return false;
}

static int scores_fill(struct h5_writer *w, const struct history *h, const struct columns *c,
                       const char *objective)
{
	TRY(h5_attr_text(w, "objective", objective));
	TRY(h5_attr_i64(w, "phase", h->phase));
	TRY(h5_attr_text(w, "engine", backend_engine()));
	TRY(write_trials(w, h, c));
	TRY(h5_write(w, "/status", H5_U8, 1, &h->count, c->status, 0));
	TRY(h5_write(w, "/score", H5_F64, 1, &h->count, c->score, 0));
	if (any_number(c->loss, h->count))
		TRY(h5_write(w, "/loss", H5_F64, 1, &h->count, c->loss, 0));
	if (any_number(c->top1, h->count))
		TRY(h5_write(w, "/top1", H5_F64, 1, &h->count, c->top1, 0));
	return 0;
}

int history_write(const struct history *h, const char *path, const struct h5_recipe *recipe)
{
	struct arena *mem = arena_new();
	struct columns c = columns_new(h, mem);
	struct h5_writer *w;
	int status = h5_create(&w, path, &h5_schema_history, recipe);

	if (status >= 0)
		status = finish(w, history_fill(w, h, &c));
	arena_free(mem);
	return status;
}

int candidates_write(const struct history *h, const char *path, const char *strategy,
                     const struct h5_recipe *recipe)
{
	struct arena *mem = arena_new();
	struct columns c = columns_new(h, mem);
	struct h5_writer *w;
	int status = h5_create(&w, path, &h5_schema_candidates, recipe);

	if (status >= 0)
		status = finish(w, candidates_fill(w, h, &c, strategy));
	arena_free(mem);
	return status;
}

int scores_write(const struct history *h, const char *path, const char *objective,
                 const struct h5_recipe *recipe)
{
	struct arena *mem = arena_new();
	struct columns c = columns_new(h, mem);
	struct h5_writer *w;
	int status = h5_create(&w, path, &h5_schema_scores, recipe);

	if (status >= 0)
		status = finish(w, scores_fill(w, h, &c, objective));
	arena_free(mem);
	return status;
}
