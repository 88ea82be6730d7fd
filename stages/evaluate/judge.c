#include "stages/evaluate/judge.h"

#include <math.h>
#include <string.h>
#include "base/err.h"
#include "base/log.h"
#include "nn/loss.h"
#include "stages/evaluate/classmean.h"
#include "tensor/backend.h"

extern const struct nn_loss nn_loss_crossentropy;

int judge_labels(struct judge *j, const char *path)
{
	if (!path && j->objective->needs_labels)
		return err_set(ERR_USAGE, "--labels: not given, but weights trained by %s are scored with labels",
		               j->objective->name);
	if (!path)
		return 0;
	TRY(labels_read(&j->labels, path, &j->data, j->mem));
	TRY(network_labelled(&j->labels, &j->data, DATA_TRAIN, path));
	TRY(network_labelled(&j->labels, &j->data, DATA_VALID, path));
	if (j->objective->needs_labels && j->labels.classes != j->head.classes)
		return err_set(ERR_DATA, "%s:/class_name: %lld classes, expected %lld as in the weights", path,
		               (long long)j->labels.classes, (long long)j->head.classes);
	j->labelled = true;
	return 0;
}

static struct loader *images(struct judge *j, const struct evaluate_args *a, enum data_split split,
                             int64_t limit)
{
	const char *augment = strcmp(a->augment, "auto") ? a->augment : j->objective->views > 1 ? "contrast" : "none";
	struct loader_settings set = {
		.split = split, .batch = a->batch, .views = j->objective->views, .plain = j->objective->plain, .shuffle = false, .limit = limit,
		.seed = (uint64_t)a->seed, .purpose = split == DATA_TRAIN ? "calibrate" : "score",
	};
	if (augment_parse(augment, &set.augment) < 0)
		return NULL;
	return loader_new(j->mem, j->pool, &j->data, j->labelled ? &j->labels : NULL, &set);
}

/* ---- what happens to a group on one batch ------------------------------------------------------- */

/* Labels of the rows of a batch, views one after the other. */
static int32_t *row_labels(struct arena *mem, const struct batch *b)
{
	int32_t *label = arena_raw(mem, (size_t)(b->views * b->images), sizeof(*label));
	for (int v = 0; v < b->views; v++)
		memcpy(label + v * b->images, b->label, (size_t)b->images * sizeof(*label));
	return label;
}

/* Outputs of the group are there; each candidate reads its own, in any thread. */
struct reading {
	struct judge *j;
	const struct group *group;
	const struct batch *batch;
	struct nn_net *net;
	void (*read)(struct judge *j, struct contestant *c, const struct batch *b, struct nn_net *net,
	             struct arena *scratch);
};

static void read_outputs(void *arg, int64_t k, int worker)
{
	const struct reading *r = arg;
	struct arena *scratch = r->j->ctx->worker[worker]->step;
	struct arena_mark mark = arena_mark(scratch);
	r->read(r->j, r->group->member[k], r->batch, r->net, scratch);
	arena_rewind(scratch, mark);
}

static int calibrate(struct judge *j, struct group *g, const struct batch *b)
{
	return network_forward(j->ctx, g->graph, j->values, b, NN_BN_ACCUMULATE, g->stats) ? 0 : err_code();
}

static int forward_and_read(struct judge *j, struct group *g, const struct batch *b,
                            void (*read)(struct judge *j, struct contestant *c, const struct batch *b,
                                         struct nn_net *net, struct arena *scratch))
{
	struct reading r = { j, g, b, network_forward(j->ctx, g->graph, j->values, b, NN_BN_FIXED, g->stats), read };
	if (!r.net)
		return err_code();
	pool_run(j->pool, g->count, read_outputs, &r);
	return 0;
}

static void add_classes(struct judge *j, struct contestant *c, const struct batch *b, struct nn_net *net,
                        struct arena *scratch)
{
	struct nn_shape shape;
	const float *feature = nn_output(net, c->feature, &shape);
	(void)j;
	classmean_add(c->classes, shape.n, feature, row_labels(scratch, b));
}

static int learn_classes(struct judge *j, struct group *g, const struct batch *b)
{
	return forward_and_read(j, g, b, add_classes);
}

static void add_label_score(struct judge *j, struct contestant *c, const int32_t *label, int64_t rows,
                            const float *logits)
{
	c->rows += rows;
	c->label_loss += (double)rows * nn_loss_crossentropy.value(rows, j->labels.classes, logits, label, 0, NULL);
	c->correct += nn_count_correct(rows, j->labels.classes, logits, label);
}

static void add_score(struct judge *j, struct contestant *c, const struct batch *b, struct nn_net *net,
                      struct arena *scratch)
{
	struct nn_shape shape;
	const float *out = nn_output(net, c->out, &shape);
	/* An incomplete batch has fewer negatives of its own, so that its contrastive loss means something else. */
	if (j->objective->views == 1 || j->negatives || b->images == j->full) {
		c->images += b->images;
		c->loss += (double)b->images * objective_score(j->objective, &j->head, j->negatives, b->images,
		                                               shape.c, out, b->label, scratch);
	}
	if (j->objective->needs_labels) {
		add_label_score(j, c, row_labels(scratch, b), shape.n, out);
	} else if (j->labelled) {
		float *logits = arena_raw(scratch, (size_t)(shape.n * j->labels.classes), sizeof(float));
		classmean_logits(c->classes, j->head.temperature, shape.n, nn_output(net, c->feature, NULL), logits);
		add_label_score(j, c, row_labels(scratch, b), shape.n, logits);
	}
}

static int score(struct judge *j, struct group *g, const struct batch *b)
{
	return forward_and_read(j, g, b, add_score);
}

/* ---- all of them -------------------------------------------------------------------------------- */

/* Calls fn for each batch of a loader and each group. */
static int for_batches(struct judge *j, struct loader *l, const char *what,
                       int (*fn)(struct judge *j, struct group *g, const struct batch *b))
{
	int64_t batches = loader_batches(l);
	for (int64_t i = 0; i < batches; i++) {
		const struct batch *b = loader_get(l, 0, i);
		if (!b)
			return err_code();
		for (int64_t k = 0; k < j->groups.count; k++)
			TRY(fn(j, &j->groups.group[k], b));
		log_progress(i + 1 == batches, "%s: batch %lld/%lld of %lld candidates", what, (long long)i + 1,
		             (long long)batches, (long long)j->count);
	}
	loader_finish(l);            /* the pool has room for one loader's background work */
	return 0;
}

static int judge_all(struct judge *j)
{
	TRY(for_batches(j, j->calibration, "calibrate", calibrate));
	for (int64_t k = 0; k < j->groups.count; k++)
		nn_stats_finish(j->groups.group[k].stats);
	if (j->labelled && !j->objective->needs_labels) {
		TRY(for_batches(j, j->calibration, "class means", learn_classes));
		for (int64_t k = 0; k < j->count; k++)
			classmean_finish(j->contestant[k].classes);
	}
	return for_batches(j, j->validation, "score", score);
}

static void result(const struct judge *j, const struct contestant *c, struct trial *t)
{
	t->score = -c->loss / (double)c->images;
	t->status = isfinite(t->score) ? TRIAL_DONE : TRIAL_FAIL;
	t->top1 = t->loss = NAN;
	if (t->status == TRIAL_FAIL)
		t->score = NAN;
	else if (j->labelled) {
		t->top1 = (double)c->correct / (double)c->rows;
		t->loss = c->label_loss / (double)c->rows;
	}
}

static bool by_features(const struct judge *j) { return j->labelled && !j->objective->needs_labels; }

static int contestants(struct judge *j, const struct history *h)
{
	j->count = h->count;
	j->contestant = ARENA_NEW(j->mem, struct contestant, h->count + 1);
	for (int64_t k = 0; k < h->count; k++) {
		struct contestant *c = &j->contestant[k];
		c->code = h->trial[k].code;
		c->graph = network_graph(j->space, c->code, j->trained, &j->head, j->mem);
		if (!c->graph)
			return err_code();
		if (by_features(j))
			c->classes = classmean_new(j->mem, j->labels.classes,
			                           c->graph->node[nn_graph_find_output(c->graph, "feature")].shape.c);
	}
	return 0;
}

int judge_open(struct judge *j, const struct evaluate_args *a, int64_t threads, struct arena *mem)
{
	*j = (struct judge){ .mem = mem };
	TRY(dataset_read(&j->data, a->dataset, mem));
	TRY(space_read(&j->space, a->space, mem));
	TRY(network_fits(j->space, &j->data, a->dataset));
	const struct backend *be = backend_find("cpu");
	if (!be)
		return err_code();
	j->pool = pool_new((int)threads);
	j->ctx = nn_ctx_new(mem, j->pool, be);
	return 0;
}

int judge_trials(struct judge *j, const struct evaluate_args *a, int64_t validation, struct history *trials)
{
	TRY(contestants(j, trials));
	TRY(groups_make(&j->groups, j->contestant, j->count, j->space->decisions, by_features(j),
	                a->batch * j->objective->views, a->together, j->mem));
	j->calibration = images(j, a, DATA_TRAIN, a->calibration_images);
	j->validation = j->calibration ? images(j, a, DATA_VALID, validation) : NULL;
	if (!j->validation)
		return err_code();
	j->full = loader_images(j->validation) < a->batch ? loader_images(j->validation) : a->batch;
	TRY(judge_all(j));
	for (int64_t k = 0; k < trials->count; k++) {
		struct trial *t = &trials->trial[k];
		result(j, &j->contestant[k], t);
		log_event("score", "trial=%lld images=%lld score=%.6f top1=%.4f loss=%.5f", (long long)t->id,
		          (long long)j->contestant[k].images, t->score, t->top1, t->loss);
	}
	return 0;
}

void judge_close(struct judge *j)
{
	nn_ctx_free(j->ctx);
	pool_free(j->pool);
}
