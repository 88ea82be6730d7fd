#include <string.h>
#include "base/err.h"
#include "nn/params.h"
#include "search/history.h"
#include "stages/evaluate/evaluate.h"
#include "stages/evaluate/judge.h"
#include "stages/evaluate/scratch.h"

extern const struct h5_schema h5_schema_weights;

const struct evaluate_args evaluate_defaults = {
	.shard = 1, .shards = 1, .calibration_images = 1024, .images = 0, .batch = 64, .seed = 1, .augment = "auto",
	.fraction = 0.1, .repeats = 1, .training = {
		.objective = "auto", .optimizer = "sgd", .schedule = "cosine", .on_divergence = "stop", .epochs = 10, .lr = 0.025, .momentum = 0.9,
		.weight_decay = 3e-4, .warmup = 0, .clip = 5, .temperature = 0, .hidden = 256, .embedding = 128,
	},
};

/* Another objective than the networks were trained for may score them when it wants the same of a head. */
static int score_by(struct judge *j, const struct training_options *o)
{
	if (o->temperature > 0)
		j->head.temperature = o->temperature;
	if (!strcmp(o->objective, "auto"))
		return 0;
	j->objective = plugin_find(PLUGIN_TABLE(objective_table), "objective", o->objective);
	if (!j->objective)
		return err_code();
	if (j->objective->views == j->trained->views && j->objective->bank == j->trained->bank &&
	    j->objective->needs_labels == j->trained->needs_labels)
		return 0;
	return err_set(ERR_USAGE, "--objective: %s cannot score networks that were trained for %s: they differ in views, labels or bank",
	               j->objective->name, j->trained->name);
}

static int weights_read(struct judge *j, const char *path)
{
	struct h5_file *f;
	TRY(h5_open(&f, path, &h5_schema_weights));
	int status = objective_attributes_read(&j->trained, &j->head, f);
	j->objective = j->trained;
	if (status >= 0) {
		j->values = nn_store_new(j->mem);
		status = network_space_params(j->space, j->trained, &j->head, j->values);
	}
	if (status >= 0)
		status = nn_params_read(f, "/param", j->values, NULL);
	h5_close(f);
	return status;
}

/* Trials i, i + n, ... of the candidates, i from 1. */
static struct history shard(const struct history *all, int64_t i, int64_t n, struct arena *mem)
{
	struct history h = { .decisions = all->decisions, .round = all->round, .phase = all->phase };
	h.trial = ARENA_NEW(mem, struct trial, all->count + 1);
	for (int64_t k = i - 1; k < all->count; k += n)
		h.trial[h.count++] = all->trial[k];
	return h;
}

int evaluate(const struct evaluate_args *a, const char *out, const struct h5_recipe *recipe, int64_t threads,
             struct arena *mem)
{
	struct history all, mine;
	struct judge j;
	if (a->shard > a->shards)
		return err_set(ERR_USAGE, "--shard: %lld, expected 1 .. %lld (--shards)", (long long)a->shard,
		               (long long)a->shards);
	TRY(judge_open(&j, a, threads, mem));
	TRY(candidates_read(&all, a->candidates, j.space, mem));
	mine = shard(&all, a->shard, a->shards, mem);
	if (a->weights) {
		TRY(weights_read(&j, a->weights));
		TRY(score_by(&j, &a->training));
		TRY(judge_labels(&j, a->labels));
		TRY(judge_trials(&j, a, a->images, &mine));
	} else {
		TRY(scratch(a, &j, threads, &mine));
	}
	judge_close(&j);
	return scores_write(&mine, out, j.objective->name, recipe);
}
