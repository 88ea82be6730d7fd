#include <string.h>
#include "base/err.h"
#include "nn/layers.h"
#include "nn/optim.h"
#include "nn/trainer.h"
#include "stages/network.h"

struct nn_graph *network_graph(const struct space *s, const uint8_t *code, const struct objective *o,
                               const struct objective_settings *head, struct arena *mem)
{
	struct nn_graph *g = space_graph(s, code, mem);
	if (!g)
		return NULL;
	nn_graph_output(g, "out", o->head(g, nn_graph_find_output(g, "feature"), head));
	int second = nn_graph_find_output(g, "auxiliary");
	if (second >= 0)
		nn_graph_output(g, "auxiliary-out", nn_linear(g, "auxiliary/classifier", second, head->classes, true));
	return nn_graph_check(g) < 0 ? NULL : g;
}

int network_space_params(const struct space *s, const struct objective *o,
                         const struct objective_settings *head, struct nn_store *store)
{
	TRY(space_params(s, store));
	/* The head hangs on the same feature in every network: any code creates it. */
	struct arena *mem = arena_new();
	uint8_t code[SPACE_MAX_DECISIONS] = { 0 };
	struct nn_graph *g = network_graph(s, code, o, head, mem);
	int status = g ? nn_graph_params(g, store) : err_code();
	arena_free(mem);
	return status;
}

struct nn_net *network_forward(struct nn_ctx *ctx, const struct nn_graph *g, struct nn_store *values,
                               const struct batch *b, enum nn_bn_mode mode, struct nn_stats *stats)
{
	nn_ctx_reset(ctx);
	struct nn_net *net = nn_bind(ctx, g, values, NULL, b->images * b->views);
	if (!net)
		return NULL;
	nn_set_stats(net, stats);
	nn_set_input(net, "image", b->data);
	return nn_forward(net, mode) < 0 ? NULL : net;
}

struct nn_stats *network_calibrate(struct nn_ctx *ctx, const struct nn_graph *g, struct nn_store *values,
                                   struct loader *l, struct arena *mem)
{
	struct nn_stats *stats = nn_stats_new(mem);
	for (int64_t b = 0; b < loader_batches(l); b++) {
		const struct batch *batch = loader_get(l, 0, b);
		if (!batch || !network_forward(ctx, g, values, batch, NN_BN_ACCUMULATE, stats))
			return NULL;
	}
	nn_stats_finish(stats);
	return stats;
}

int network_fits(const struct space *s, const struct dataset *d, const char *dataset_path)
{
	const struct space_settings *set = &s->settings;
	if (set->rows == d->h && set->columns == d->w && set->channels == d->c)
		return 0;
	return err_set(ERR_CONFIG, "%s:/images: %lld x %lld x %lld, expected %lld x %lld x %lld (row, column, channel) as the "
	               "network was made for; run nas-space on this dataset", dataset_path, (long long)d->h, (long long)d->w,
	               (long long)d->c, (long long)set->rows, (long long)set->columns, (long long)set->channels);
}

int network_labelled(const struct labels *l, const struct dataset *d, enum data_split split,
                     const char *labels_path)
{
	if (l->classes < 2)
		return err_set(ERR_DATA, "%s:/class_name: %lld classes, expected at least 2; without labels use the objective ntxent",
		               labels_path, (long long)l->classes);
	for (int64_t i = d->first[split]; i < d->first[split] + d->size[split]; i++)
		if (l->label[i] < 0 || l->label[i] >= l->classes)
			return err_set(ERR_DATA, "%s:/label: image %lld (%s) has label %d, expected 0 .. %lld; "
			               "give every image a class folder, or use the objective ntxent", labels_path, (long long)i,
			               data_split_name(split), (int)l->label[i], (long long)l->classes - 1);
	return 0;
}

const char *objective_word(int i)
{
	return plugin_name(PLUGIN_TABLE(objective_table), i);
}

const char *optim_word(int i)
{
	return plugin_name(PLUGIN_TABLE(nn_optim_table), i);
}

const char *regime_word(int i)
{
	return plugin_name(PLUGIN_TABLE(nn_regime_table), i);
}

const char *sampler_word(int i)
{
	return plugin_name(PLUGIN_TABLE(sampler_table), i);
}
