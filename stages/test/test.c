#include <string.h>
#include "base/err.h"
#include "base/log.h"
#include "nn/loss.h"
#include "stages/model.h"
#include "stages/test/latency.h"
#include "stages/test/measure.h"
#include "stages/test/test.h"
#include "tensor/backend.h"

extern const struct h5_schema h5_schema_metrics;

const struct test_args test_defaults = {
	.bins = 15, .batch = 64, .seed = 1, .augment = "contrast",
};

struct exam {
	struct arena *mem;
	struct dataset data;
	struct labels labels;
	int64_t members;
	struct model *model;
	const struct nn_graph **graph;
	struct pool *pool;
	struct nn_ctx *ctx;
	struct loader *loader;
	bool classify;
	struct measure *measure;     /* classifiers */
	double loss;                 /* encoders: sum over images and members; then the mean */
	int64_t images;
};

/* The members answer the same question about the same images. */
static int members_agree(const struct exam *e, const struct test_args *a)
{
	const struct model *first = &e->model[0];
	for (int64_t i = 0; i < e->members; i++) {
		const struct model *m = &e->model[i];
		size_t size = (size_t)e->data.c * sizeof(double);
		TRY(network_fits(m->space, &e->data, a->dataset));
		if (m->objective != first->objective || m->head.classes != first->head.classes)
			return err_set(ERR_CONFIG, "%s: %s with %lld classes, expected %s with %lld as in %s", a->models[i],
			               m->objective->name, (long long)m->head.classes, first->objective->name,
			               (long long)first->head.classes, a->models[0]);
		if (memcmp(m->mean, first->mean, size) || memcmp(m->sd, first->sd, size))
			return err_set(ERR_CONFIG, "%s:/mean: inputs are normalised otherwise than in %s; were they trained on one dataset?",
			               a->models[i], a->models[0]);
	}
	return 0;
}

static int labels_prepare(struct exam *e, const struct test_args *a)
{
	if (!e->classify)
		return 0;
	if (!a->labels)
		return err_set(ERR_USAGE, "--labels: not given, but %s is a classifier", a->models[0]);
	TRY(labels_read(&e->labels, a->labels, &e->data, e->mem));
	TRY(network_labelled(&e->labels, &e->data, DATA_TEST, a->labels));
	if (e->labels.classes == e->model[0].head.classes)
		return 0;
	return err_set(ERR_DATA, "%s:/class_name: %lld classes, expected %lld as in %s", a->labels,
	               (long long)e->labels.classes, (long long)e->model[0].head.classes, a->models[0]);
}

static int loader_prepare(struct exam *e, const struct test_args *a)
{
	struct loader_settings set = {
		.split = DATA_TEST, .batch = a->batch, .views = e->model[0].objective->views, .shuffle = false,
		.seed = (uint64_t)a->seed, .purpose = "test",
	};
	TRY(augment_parse(e->classify ? "none" : a->augment, &set.augment));
	e->loader = loader_new(e->mem, e->pool, &e->data, e->classify ? &e->labels : NULL, &set);
	return e->loader ? 0 : err_code();
}

/* Probabilities averaged over the members, in double. */
static int classify(struct exam *e, const struct batch *b)
{
	int64_t classes = e->labels.classes, count = b->images * classes;
	struct arena_mark mark = arena_mark(e->mem);
	double *sum = ARENA_NEW(e->mem, double, count);
	float *p = ARENA_NEW(e->mem, float, count);
	for (int64_t i = 0; i < e->members; i++) {
		struct model *m = &e->model[i];
		struct nn_net *net = network_forward(e->ctx, e->graph[i], m->values, b, NN_BN_FIXED, m->stats);
		if (!net)
			return err_code();
		nn_softmax(b->images, classes, nn_output(net, "out", NULL), p);
		for (int64_t k = 0; k < count; k++)
			sum[k] += p[k];
	}
	for (int64_t k = 0; k < count; k++)
		p[k] = (float)(sum[k] / (double)e->members);
	measure_add(e->measure, b->images, p, b->label);
	arena_rewind(e->mem, mark);
	return 0;
}

static int contrast(struct exam *e, const struct batch *b, int64_t full)
{
	if (b->images < full)
		return 0;
	for (int64_t i = 0; i < e->members; i++) {
		struct model *m = &e->model[i];
		struct nn_shape shape;
		struct nn_net *net = network_forward(e->ctx, e->graph[i], m->values, b, NN_BN_FIXED, m->stats);
		if (!net)
			return err_code();
		const float *out = nn_output(net, "out", &shape);
		e->loss += (double)b->images / (double)e->members *
		           objective_score(m->objective, &m->head, NULL, b->images, shape.c, out, NULL, e->ctx->step);
	}
	e->images += b->images;
	return 0;
}

static int examine(struct exam *e, const struct test_args *a)
{
	int64_t batches = loader_batches(e->loader);
	int64_t full = loader_images(e->loader) < a->batch ? loader_images(e->loader) : a->batch;
	for (int64_t i = 0; i < batches; i++) {
		const struct batch *b = loader_get(e->loader, 0, i);
		if (!b)
			return err_code();
		TRY(e->classify ? classify(e, b) : contrast(e, b, full));
		log_progress(i + 1 == batches, "test: batch %lld/%lld", (long long)i + 1, (long long)batches);
	}
	loader_finish(e->loader);
	if (e->classify) {
		measure_finish(e->measure);
		e->images = e->measure->images;
		e->loss = e->measure->loss;
		log_event("test", "images=%lld loss=%.5f top1=%.4f ece=%.4f", (long long)e->images, e->loss,
		          e->measure->top1, e->measure->ece);
	} else {
		e->loss /= (double)e->images;
		log_event("test", "images=%lld loss=%.5f", (long long)e->images, e->loss);
	}
	return 0;
}

static int cost_write(struct h5_writer *w, const struct exam *e)
{
	int64_t *macs = ARENA_NEW(e->mem, int64_t, e->members), *params = ARENA_NEW(e->mem, int64_t, e->members);
	const char **code = ARENA_NEW(e->mem, const char *, e->members);
	for (int64_t i = 0; i < e->members; i++) {
		struct nn_cost cost;
		TRY(space_cost(e->model[i].space, e->model[i].code, &cost));
		macs[i] = cost.macs;
		params[i] = cost.params;
		code[i] = e->model[i].text;
	}
	TRY(h5_write(w, "/macs", H5_I64, 1, &e->members, macs, 0));
	TRY(h5_write(w, "/params", H5_I64, 1, &e->members, params, 0));
	return h5_write_texts(w, "/code", e->members, code);
}

static int measure_write(struct h5_writer *w, const struct measure *m, const struct labels *l)
{
	int64_t square[2] = { m->classes, m->classes };
	TRY(h5_write_texts(w, "/class_name", l->classes, (const char *const *)l->class_name));
	TRY(h5_write_f64(w, "/top1", m->top1));
	TRY(h5_write_f64(w, "/ece", m->ece));
	TRY(h5_write(w, "/class_top1", H5_F64, 1, &m->classes, m->class_top1, 0));
	TRY(h5_write(w, "/confusion", H5_I64, 2, square, m->confusion, 0));
	TRY(h5_write(w, "/bin_confidence", H5_F64, 1, &m->bins, m->bin_confidence, 0));
	TRY(h5_write(w, "/bin_top1", H5_F64, 1, &m->bins, m->bin_top1, 0));
	return h5_write(w, "/bin_images", H5_I64, 1, &m->bins, m->bin_images, 0);
}

static int save(const struct exam *e, const char *out, const struct h5_recipe *recipe)
{
	struct h5_writer *w;
	TRY(h5_create(&w, out, &h5_schema_metrics, recipe));
	int status = h5_write_i64(w, "/images", e->images);
	if (status >= 0)
		status = h5_write_f64(w, "/loss", e->loss);
	if (status >= 0 && e->classify)
		status = measure_write(w, e->measure, &e->labels);
	if (status >= 0)
		status = cost_write(w, e);
	if (status >= 0)
		return h5_commit(w);
	h5_abandon(w);
	return status;
}

int test_models(const struct test_args *a, const char *out, const struct h5_recipe *recipe, int64_t threads,
                struct arena *mem)
{
	struct exam e = { .mem = mem, .members = a->n_models };
	TRY(dataset_read(&e.data, a->dataset, mem));
	e.model = ARENA_NEW(mem, struct model, e.members);
	e.graph = ARENA_NEW(mem, const struct nn_graph *, e.members);
	for (int64_t i = 0; i < e.members; i++) {
		struct model *m = &e.model[i];
		TRY(model_read(m, a->models[i], mem));
		e.graph[i] = network_graph(m->space, m->code, m->objective, &m->head, mem);
		if (!e.graph[i])
			return err_code();
	}
	TRY(members_agree(&e, a));
	e.data.mean = e.model[0].mean;
	e.data.sd = e.model[0].sd;
	e.classify = e.model[0].objective->needs_labels;
	TRY(labels_prepare(&e, a));
	if (e.classify)
		e.measure = measure_new(mem, e.labels.classes, a->bins);
	const struct backend *be = backend_find("cpu");
	if (!be)
		return err_code();
	e.pool = pool_new((int)threads);
	e.ctx = nn_ctx_new(mem, e.pool, be);
	TRY(loader_prepare(&e, a));
	TRY(examine(&e, a));
	nn_ctx_free(e.ctx);
	pool_free(e.pool);
	/* A metrics.h5 that exists is not made again: what belongs beside it comes first. */
	if (a->latency_out)
		TRY(latency_write(e.model, e.members, threads, a->latency_out));
	return save(&e, out, recipe);
}
