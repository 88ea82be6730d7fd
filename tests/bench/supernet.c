#include "tests/bench/supernet.h"

#include <string.h>
#include "base/die.h"
#include "base/err.h"
#include "base/rng.h"
#include "nn/op.h"

extern const struct sampler sampler_uniform;
extern const struct nn_regime nn_regime_single;
extern const struct nn_optim nn_optim_sgd;

const struct path_set path_sets[] = {
	{ "uniform", "macro", 12, { "11012111", "11202010", "02122201", "02021120", "11122021", "12102002",
	                   "12220211", "02120020", "00210012", "10121202", "12022211", "02112010" } },
	{ "11111111", "macro", 1, { "11111111" } },
	{ "22222222", "macro", 1, { "22222222" } },
	/* second order, Liu, Simonyan and Yang 2019 */
	{ "darts", "darts", 1, {
		"Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
		"('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], "
		"normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), "
		"('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], "
		"reduce_concat=[2, 3, 4, 5])" } },
	{ 0 }
};

enum { CHANNELS = 3, CLASSES = 10 };

static void must(const void *made)
{
	if (!made)
		die_on(err_code() < 0 ? err_code() : ERR_INTERNAL);
}

static void random_batch(struct supernet *n, int64_t side, int views)
{
	struct rng r = rng_stream(1, "bench", 0, 0, 0);
	int64_t count = n->rows * side * side * CHANNELS;
	float *data = arena_raw(n->mem, (size_t)count, sizeof *data);
	int32_t *label = ARENA_NEW(n->mem, int32_t, n->rows);
	for (int64_t i = 0; i < count; i++)
		data[i] = (float)(3.46 * (rng_uniform(&r) - 0.5));      /* SD 1 */
	for (int64_t i = 0; i < n->rows; i++)
		label[i] = (int32_t)rng_below(&r, CLASSES);
	n->batch = (struct batch){ .images = n->rows / views, .views = views, .data = data, .label = label };
	n->data = (struct dataset){
		.count = n->rows, .h = side, .w = side, .c = CHANNELS, .type = H5_F32, .images = data, .size = { n->rows },
	};
	n->labels = (struct labels){ .count = n->rows, .classes = CLASSES, .label = label };
}

const struct path_set *path_set(const char *name)
{
	const struct path_set *set = path_sets;
	while (set->name && strcmp(set->name, name))
		set++;
	return set->name ? set : NULL;
}

static void code_of(struct supernet *n, const char *path, uint8_t *code)
{
	const struct space *s = n->training.space;
	die_on(s->type->parse(s, path, code));
	s->type->canonical(s, code, code);
}

void supernet_open(struct supernet *n, const struct path_set *set, const char *objective, int64_t side, int64_t batch,
                   int64_t threads)
{
	struct space_settings settings = { .rows = side, .columns = side, .channels = CHANNELS, .classes = CLASSES };
	const struct objective *o = plugin_find(PLUGIN_TABLE(objective_table), "objective", objective);
	must(o);
	*n = (struct supernet){ .mem = arena_new(), .rows = batch * o->views };
	n->options = (struct training_options){
		.objective = objective, .lr = 0.05, .momentum = 0.9, .weight_decay = 5e-4, .temperature = 0.5,
		.batch = batch, .hidden = 256, .embedding = 128, .seed = 1,
	};
	struct training *t = &n->training;
	*t = (struct training){
		.mem = n->mem, .options = &n->options, .data = &n->data, .labels = &n->labels, .labels_path = "labels",
		.sampler = strcmp(set->space, "macro") ? NULL : &sampler_uniform, .regime = &nn_regime_single,
	};
	t->space = space_new(n->mem, set->space, &settings);
	must(t->space);
	code_of(n, set->path[0], t->code);
	random_batch(n, side, o->views);
	die_on(training_prepare(t, objective, threads));
	t->sampler = NULL;               /* from here on the path is t->code */
	t->trainer = nn_trainer_new(n->mem, t->ctx, &t->hooks, t->values, &nn_optim_sgd);
	t->trainer->settings.weight_decay = n->options.weight_decay;
	t->trainer->schedule = (struct nn_schedule){ .kind = NN_SCHEDULE_CONSTANT, .base = n->options.lr, .total = INT32_MAX };
}

void supernet_close(struct supernet *n)
{
	nn_ctx_free(n->training.ctx);
	pool_free(n->training.pool);
	arena_free(n->mem);
}

void supernet_train(struct supernet *n, const char *path)
{
	struct training *t = &n->training;
	double loss;
	code_of(n, path, t->code);
	die_on(t->regime->step(t->trainer, (const struct nn_batch *)&n->batch, NULL, &loss));
}

static void forward(struct supernet *n, const struct supernet_path *p, enum nn_bn_mode mode)
{
	must(network_forward(n->training.ctx, p->graph, n->training.values, &n->batch, mode, p->stats));
}

const struct nn_graph *supernet_graph(struct supernet *n, const char *path)
{
	const struct training *t = &n->training;
	uint8_t code[SPACE_MAX_DECISIONS];
	code_of(n, path, code);
	const struct nn_graph *g = network_graph(t->space, code, t->objective, &t->head, n->mem);
	must(g);
	return g;
}

struct supernet_path supernet_path(struct supernet *n, const char *path)
{
	struct supernet_path p = { supernet_graph(n, path), nn_stats_new(n->mem) };
	forward(n, &p, NN_BN_ACCUMULATE);
	nn_stats_finish(p.stats);
	return p;
}

void supernet_infer(struct supernet *n, const struct supernet_path *p)
{
	forward(n, p, NN_BN_FIXED);
}

void supernet_calibrate(struct supernet *n, const struct supernet_path *p)
{
	forward(n, p, NN_BN_ACCUMULATE);
}
