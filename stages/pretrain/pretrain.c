#include <string.h>
#include "base/err.h"
#include "nn/params.h"
#include "stages/pretrain/pretrain.h"
#include "tensor/backend.h"

extern const struct h5_schema h5_schema_weights;

const struct pretrain_args pretrain_defaults = {
	.training = {
		.objective = "ntxent", .optimizer = "sgd", .schedule = "cosine", .augment = "auto", .on_divergence = "stop",
		.epochs = 20, .lr = 0.05, .momentum = 0.9, .weight_decay = 4e-5, .warmup = 0.1, .clip = 5, .average = 0,
		.temperature = 0.5, .hidden = 256, .embedding = 128, .smoothing = 0,
		.images = 0, .batch = 64, .seed = 1, .checkpoint_seconds = 60,
	},
	.regime = "single", .sampler = "uniform", .phase = 1,
};

/* Parameters of earlier weights by name.  Weights of another objective lack this one's head: it starts afresh. */
static int earlier_weights(struct training *t, const char *path)
{
	struct h5_file *f;
	TRY(h5_open(&f, path, &h5_schema_weights));
	int status = nn_params_read(f, "/param", t->values, arena_printf(t->mem, "head/%s/", t->objective->name));
	h5_close(f);
	return status;
}

static int attributes(struct h5_writer *w, const struct training *t, int64_t phase)
{
	TRY(objective_attributes_write(t->objective, &t->head, w));
	TRY(h5_attr_i64(w, "classes", t->head.classes));
	TRY(h5_attr_i64(w, "phase", phase));
	return h5_attr_text(w, "engine", backend_engine());
}

static int save(const struct training *t, int64_t phase, const char *out, const struct h5_recipe *recipe)
{
	struct h5_writer *w;
	TRY(h5_create(&w, out, &h5_schema_weights, recipe));
	int status = nn_params_write(w, "/param", training_weights(t));
	if (status >= 0)
		status = nn_curve_write(w, t->curve);
	if (status >= 0)
		status = attributes(w, t, phase);
	if (status >= 0)
		return h5_commit(w);
	h5_abandon(w);
	return status;
}

int pretrain(const struct pretrain_args *a, const char *out, const struct h5_recipe *recipe, int64_t threads,
             struct arena *mem)
{
	struct dataset data;
	struct labels labels;
	struct space *space;
	TRY(training_check(&a->training, &pretrain_defaults.training));
	TRY(dataset_read(&data, a->dataset, mem));
	TRY(space_read(&space, a->space, mem));
	TRY(network_fits(space, &data, a->dataset));
	if (a->labels)
		TRY(labels_read(&labels, a->labels, &data, mem));
	struct training t = {
		.mem = mem, .options = &a->training, .space = space, .data = &data,
		.labels = a->labels ? &labels : NULL, .labels_path = a->labels,
		.sampler = plugin_find(PLUGIN_TABLE(sampler_table), "sampler", a->sampler),
		.regime = plugin_find(PLUGIN_TABLE(nn_regime_table), "regime", a->regime),
	};
	if (!t.sampler || !t.regime)
		return err_code();
	TRY(training_prepare(&t, a->training.objective, threads));
	if (a->labels && !t.objective->needs_labels)
		return err_set(ERR_USAGE, "--labels: given, but the objective %s must not see them; leave it out",
		               t.objective->name);
	if (a->weights)
		TRY(earlier_weights(&t, a->weights));
	TRY(training_run(&t, out, recipe));
	TRY(save(&t, a->phase, out, recipe));
	training_done(&t);
	return 0;
}
