/* Whole networks against PyTorch in float64: losses, gradients, ten steps of training.
 *
 * float32 against float64 drifts: rounding alone moves step-1 gradients by up to 6e-3 of their norm.
 * Images come from nas-ingest's own code; with the environment variable CIFAR set to a folder of CIFAR-10's
 * binary files the same is done with real images. */
#include "tests/harness.h"
#include <stdlib.h>
#include <unistd.h>
#include "data/loader.h"
#include "nn/optim.h"
#include "stages/ingest/ingest.h"
#include "stages/network.h"
#include "tensor/backend.h"

struct golden_tensor { const char *name; int64_t count; double norm; };
struct golden_run {
	const char *code;
	const double *loss;
	size_t tensors;
	const struct golden_tensor *tensor;
	const double *entry;             /* 64 evenly spaced entries of each tensor, all when it has fewer */
};
#include "tests/golden/network_cifar.h"
#include "tests/golden/network_shapes10.h"

enum { STEPS = 10, BATCH = 64, ENTRIES = 64 };
#define FIRST_LOSS_TOLERANCE 1e-6
#define LOSS_TOLERANCE 1e-4
#define GRADIENT_TOLERANCE 2e-2      /* relative L2 per tensor */
#define TINY 1e-8                    /* tensors below this share of the total norm ... */
#define TINY_TOLERANCE 1e-5          /* ... must be within this share of it */
#define RATE 1e-4

extern const struct nn_optim nn_optim_sgd;
extern const struct objective objective_crossentropy;

struct fixture {
	struct arena *mem;
	struct pool *pool;
	struct dataset data;
	struct labels labels;
};

static void ingest(struct fixture *f, const char *data, const char *builtin)
{
	char folder[] = "/tmp/test_golden.XXXXXX";
	struct ingest_args a = INGEST_DEFAULTS;
	struct ingest in = { 0 };
	assert_non_null(mkdtemp(folder));
	const char *dataset = arena_printf(f->mem, "%s/dataset.h5", folder), *labels = arena_printf(f->mem, "%s/labels.h5", folder);
	struct h5_recipe recipe = h5_recipe_make(f->mem, "test", 1, (const struct opt[]){ OPT_END }, NULL, 0);
	a.builtin = builtin;
	f->pool = pool_new(0);
	assert_ok(ingest_load(&in, data, &a, f->pool, f->mem));
	assert_ok(ingest_save(&in, dataset, &recipe, labels, &recipe));
	ingest_close(&in);
	assert_ok(dataset_read(&f->data, dataset, f->mem));
	assert_ok(labels_read(&f->labels, labels, &f->data, f->mem));
	unlink(dataset);
	unlink(labels);
	rmdir(folder);
}

/* One tensor: norm of all of it, difference over the kept entries. */
static void check_gradient(const struct golden_run *run, const struct golden_tensor *t, const struct nn_param *p,
                           const double *entry, double total)
{
	int64_t n = t->count < ENTRIES ? t->count : ENTRIES;
	double norm = 0, difference = 0, size = 0;
	if (!p || p->count != t->count)
		fail_msg("%s: %s is absent or has another size", run->code, t->name);
	for (int64_t i = 0; i < p->count; i++)
		norm += (double)p->data[i] * p->data[i];
	for (int64_t i = 0; i < n; i++) {
		difference += pow(p->data[i * t->count / n] - entry[i], 2);
		size += entry[i] * entry[i];
	}
	bool tiny = t->norm < TINY * total;
	double allowed = tiny ? TINY_TOLERANCE * total : GRADIENT_TOLERANCE * sqrt(size);
	double norm_allowed = tiny ? TINY_TOLERANCE * total : GRADIENT_TOLERANCE * t->norm;
	if (!(sqrt(difference) <= allowed))
		fail_msg("%s: gradient of %s is off by %g, allowed %g", run->code, t->name, sqrt(difference), allowed);
	if (!(fabs(sqrt(norm) - t->norm) <= norm_allowed))
		fail_msg("%s: gradient of %s has norm %.9g, expected %.9g within %g", run->code, t->name, sqrt(norm), t->norm, norm_allowed);
}

static void check_gradients(const struct golden_run *run, const struct nn_store *grads)
{
	const double *entry = run->entry;
	double total = 0;
	assert_int_equal(run->tensors, grads->count);
	for (size_t k = 0; k < run->tensors; k++)
		total += run->tensor[k].norm * run->tensor[k].norm;
	for (size_t k = 0; k < run->tensors; k++) {
		const struct golden_tensor *t = &run->tensor[k];
		check_gradient(run, t, nn_store_find(grads, t->name), entry, sqrt(total));
		entry += t->count < ENTRIES ? t->count : ENTRIES;
	}
}

/* The first 64 training images, into `images`. */
static struct batch take(const struct fixture *f, float *images)
{
	int64_t size = f->data.h * f->data.w * f->data.c, first = f->data.first[DATA_TRAIN];
	for (int64_t i = 0; i < BATCH; i++)
		dataset_image(&f->data, first + i, images + i * size);
	return (struct batch){ .images = BATCH, .views = 1, .data = images, .label = f->labels.label + first };
}

static void check_run(struct fixture *f, const struct golden_run *run)
{
	struct arena *mem = arena_new();
	struct space_settings set = { .rows = f->data.h, .columns = f->data.w, .channels = f->data.c, .classes = f->labels.classes };
	struct objective_settings head = objective_defaults;
	struct space *space = space_new(mem, "macro", &set);
	uint8_t code[SPACE_MAX_DECISIONS];
	head.classes = f->labels.classes;
	assert_non_null(space);
	assert_ok(space->type->parse(space, run->code, code));
	struct nn_graph *g = network_graph(space, code, &objective_crossentropy, &head, mem);
	assert_non_null(g);
	struct nn_store *values = nn_store_new(mem);
	assert_ok(nn_graph_params(g, values));
	nn_init_store(values, 1);
	struct nn_store *grads = nn_store_like(mem, values);
	struct nn_ctx *ctx = nn_ctx_new(mem, f->pool, backend_find("cpu"));
	struct nn_optim_state *optim = nn_optim_new(mem, &nn_optim_sgd, values);
	struct nn_optim_settings settings = { .lr = RATE };
	float *images = ARENA_NEW(mem, float, BATCH * f->data.h * f->data.w * f->data.c);
	struct batch b = take(f, images);
	for (int64_t step = 0; step < STEPS; step++) {
		nn_ctx_reset(ctx);
		struct nn_net *net = nn_bind(ctx, g, values, grads, BATCH);
		assert_non_null(net);
		nn_set_input(net, "image", b.data);
		assert_ok(nn_forward(net, NN_BN_BATCH));
		double loss = objective_crossentropy.loss(&head, BATCH, head.classes, nn_output(net, "out", NULL), b.label, NULL,
		                                          nn_seed(net, "out"), ctx->step);
		assert_near(loss, run->loss[step], step ? LOSS_TOLERANCE : FIRST_LOSS_TOLERANCE);
		assert_ok(nn_backward(net));
		if (step == 0)
			check_gradients(run, grads);
		assert_ok(nn_optim_step(ctx, optim, &settings, -1, values, grads, NULL));
	}
	nn_ctx_free(ctx);
	arena_free(mem);
}

static void networks_train_like_pytorch_on_shapes10(void **state)
{
	struct fixture f = { .mem = *state };
	ingest(&f, "shapes10", "640:64:64");
	for (size_t i = 0; i < sizeof(shapes10_run) / sizeof(*shapes10_run); i++)
		check_run(&f, &shapes10_run[i]);
	pool_free(f.pool);
}

static void networks_train_like_pytorch_on_cifar(void **state)
{
	const char *folder = getenv("CIFAR");
	if (!folder || !*folder)
		skip();
	struct fixture f = { .mem = *state };
	ingest(&f, folder, "640:64:64");
	for (size_t i = 0; i < sizeof(cifar_run) / sizeof(*cifar_run); i++)
		check_run(&f, &cifar_run[i]);
	pool_free(f.pool);
}

static int set_up(void **state)
{
	*state = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	arena_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_train_like_pytorch_on_shapes10),
		cmocka_unit_test(networks_train_like_pytorch_on_cifar),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
