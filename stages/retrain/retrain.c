#include <string.h>
#include "base/err.h"
#include "search/selection.h"
#include "stages/model.h"
#include "stages/retrain/retrain.h"

const struct retrain_args retrain_defaults = {
	.training = {
		.objective = "auto", .optimizer = "sgd", .schedule = "cosine", .augment = "auto", .on_divergence = "stop",
		.epochs = 8, .lr = 0.1, .momentum = 0.9, .weight_decay = 5e-4, .warmup = 0.5, .clip = 5, .average = 0,
		.temperature = 0.5, .hidden = 256, .embedding = 128, .smoothing = 0,
		.images = 0, .batch = 64, .seed = 1, .checkpoint_seconds = 60,
	},
	.member = 1, .calibration_images = 2048, .arch = "", .space_options = "",
};

/* The space with other options, if any; its codes must mean the same. */
static int other_options(const char *options, struct arena *mem, struct space **s)
{
	const struct space *old = *s;
	struct space_settings set = old->settings;
	if (!*options)
		return 0;
	set.options = arena_printf(mem, "%s:%s", old->settings.options, options);
	*s = space_new(mem, old->type->name, &set);
	if (!*s)
		return err_code();
	bool same = (*s)->decisions == old->decisions;
	for (int d = 0; same && d < old->decisions; d++)
		same = (*s)->decision[d].choices == old->decision[d].choices && !strcmp((*s)->decision[d].name,
		                                                                        old->decision[d].name);
	return same ? 0 : err_set(ERR_CONFIG, "options %s of space %s change what is decided: the network was found with %s", options,
	                          old->type->name, old->settings.options);
}

static int choose(const struct retrain_args *a, struct arena *mem, struct space **s, uint8_t *code)
{
	struct selection sel;
	if (*a->arch && a->space && !a->selection) {
		TRY(space_read(s, a->space, mem));
		TRY((*s)->type->parse(*s, a->arch, code));
		(*s)->type->canonical(*s, code, code);
		return 0;
	}
	if (*a->arch || a->space || !a->selection)
		return err_set(ERR_USAGE, "which network? give either --selection FILE (and --member N), or --space FILE with --arch CODE");
	TRY(selection_read(&sel, a->selection, mem));
	if (a->member > sel.members.count)
		return err_set(ERR_USAGE, "--member: %lld, expected 1 .. %lld: that many networks are in %s",
		               (long long)a->member, (long long)sel.members.count, a->selection);
	*s = sel.space;
	memcpy(code, sel.members.trial[a->member - 1].code, (size_t)sel.space->decisions);
	return 0;
}

/* "auto": with classes there is something to classify. */
static const char *objective_of(const struct retrain_args *a, const struct labels *l)
{
	if (strcmp(a->training.objective, "auto"))
		return a->training.objective;
	return l && l->classes > 1 ? "crossentropy" : "ntxent";
}

/* Statistics for use: plain training images, as the network will meet them. */
static int calibrate(struct training *t, const struct nn_graph *g, int64_t images, struct nn_stats **stats)
{
	struct loader_settings set = {
		.split = DATA_TRAIN, .batch = 128, .views = 1, .shuffle = false, .limit = images,
		.seed = (uint64_t)t->options->seed, .purpose = "calibrate",
	};
	struct loader *l = loader_new(t->mem, t->pool, t->data, NULL, &set);
	*stats = l ? network_calibrate(t->ctx, g, training_weights(t), l, t->mem) : NULL;
	if (l)
		loader_finish(l);
	return *stats ? 0 : err_code();
}

static int save(struct training *t, const struct retrain_args *a, const char *out,
                const struct h5_recipe *recipe)
{
	char text[SPACE_TEXT];
	struct nn_graph *g = network_graph(t->space, t->code, t->objective, &t->head, t->mem);
	if (!g)
		return err_code();
	t->space->type->print(t->space, t->code, text, sizeof(text));
	/* without what only training needed */
	struct nn_store *values = nn_store_new(t->mem);
	TRY(nn_graph_params(g, values));
	nn_store_copy(values, training_weights(t));
	struct model m = {
		.space = t->space, .text = text, .objective = t->objective, .head = t->head,
		.values = values, .mean = t->data->mean, .sd = t->data->sd,
	};
	memcpy(m.code, t->code, sizeof(m.code));
	TRY(calibrate(t, g, a->calibration_images, &m.stats));
	return model_write(&m, t->curve, out, recipe);
}

int retrain(const struct retrain_args *a, const char *out, const struct h5_recipe *recipe, int64_t threads,
            struct arena *mem)
{
	struct dataset data;
	struct labels labels;
	struct space *space;
	struct training t = { .mem = mem, .options = &a->training, .data = &data, .labels_path = a->labels };
	TRY(training_check(&a->training, &retrain_defaults.training));
	TRY(choose(a, mem, &space, t.code));
	TRY(other_options(a->space_options, mem, &space));
	TRY(dataset_read(&data, a->dataset, mem));
	TRY(network_fits(space, &data, a->dataset));
	if (a->labels)
		TRY(labels_read(&labels, a->labels, &data, mem));
	t.labels = a->labels ? &labels : NULL;
	t.space = space;
	t.regime = plugin_find(PLUGIN_TABLE(nn_regime_table), "regime", "single");
	if (!t.regime)
		return err_code();
	TRY(training_prepare(&t, objective_of(a, t.labels), threads));
	TRY(training_run(&t, out, recipe));
	TRY(save(&t, a, out, recipe));
	training_done(&t);
	return 0;
}
