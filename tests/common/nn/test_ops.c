/* Every operator of the table, on each of its examples: gradients against central finite differences
 * (reference backend), the fast backend against the reference, and adding to gradients that are there. */
#include "tests/harness.h"

#include "base/rng.h"
#include "nn/op.h"

#define STEP 2.5e-3              /* of finite differences, times a normal number */
#define STEP_OFFSET 2e-2         /* where numbers are around 1,000 and float32 resolves 6e-5 */
#define GRADIENT_TOLERANCE 2e-3  /* unless the example says otherwise */
#define BACKENDS_TOLERANCE 2e-5  /* relative L2 */
#define OFFSET_TOLERANCE 1e-3    /* the same, numbers around 1,000 */

static struct arena *mem;
static struct nn_ctx *ref, *cpu;

static int setup(void **state)
{
	(void)state;
	mem = arena_new();
	struct pool *pool = pool_new(2);
	ref = nn_ctx_new(mem, pool, backend_find("ref"));
	cpu = nn_ctx_new(mem, pool, backend_find("cpu"));
	assert_non_null(ref->be);
	assert_non_null(cpu->be);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pool_free(ref->pool);
	nn_ctx_free(ref);
	nn_ctx_free(cpu);
	arena_free(mem);
	return 0;
}

static bool far_from_zero(const struct nn_example *e) { return fabs(e->offset) >= 100; }


/* One operator on one example, ready to run in a context. */
struct trial {
	const struct nn_op *op;
	const struct nn_example *e;
	char where[64];
	struct arena *mem;
	struct nn_ctx *ctx;
	struct nn_tensor in[4], *inp[4], out;
	float beta[4], *keep, *projection;       /* loss = sum projection * out */
	struct nn_call call;
};

static float normal(struct rng *r) { return (float)rng_normal(r); }

static void fill(struct trial *t, int i)
{
	struct rng r = rng_stream(11, t->op->name, (uint32_t)(t->e - t->op->examples), (uint32_t)i, 0);
	int64_t n = nn_shape_floats(t->in[i].shape);
	float *x = t->in[i].data;
	bool param = t->e->params >> i & 1;
	for (int64_t k = 0; k < n; k++)
		x[k] = normal(&r) + (param ? 0 : (float)t->e->offset);
	if (t->e->distinct) {
		for (int64_t k = 0; k < n; k++)
			x[k] = 0.03f * (float)(k - n / 2);
		for (int64_t k = n - 1; k > 0; k--) {
			int64_t j = rng_below(&r, (uint32_t)(k + 1));
			float swap = x[k];
			x[k] = x[j];
			x[j] = swap;
		}
	}
	/* away from the bends of activations */
	const float bend[] = { -3, 0, 3, 6 };
	for (int64_t k = 0; k < n && !t->e->distinct; k++)
		for (int b = 0; b < 4; b++)
			if (fabsf(x[k] - bend[b]) < 0.05f)
				x[k] = bend[b] + (x[k] < bend[b] ? -0.05f : 0.05f);
}

static struct trial trial_new(struct nn_ctx *ctx, const struct nn_op *op, const struct nn_example *e)
{
	struct trial t = { .op = op, .e = e, .mem = mem, .ctx = ctx };
	snprintf(t.where, sizeof t.where, "%s, example %d", op->name, (int)(e - op->examples));
	struct nn_graph *g = nn_graph_new(mem);
	int64_t batch = e->in[0].n;
	int in[4], n_attr = 0;
	for (int i = 0; i < e->n_in; i++) {
		struct nn_shape s = e->in[i];
		const char *name = arena_printf(mem, "in%d", i);
		in[i] = e->params >> i & 1 ? nn_graph_param(g, name, (int64_t[]){ s.n, s.h, s.w, s.c }, NN_INIT_HE, true, 0)
		                           : nn_graph_input(g, name, s.h, s.w, s.c);
	}
	while (n_attr < 10 && e->attr[n_attr].name)
		n_attr++;
	int node = nn_graph_op(g, op->name, "op", e->n_in, in, n_attr, e->attr);
	if (g->failed)
		fail_msg("%s: %s", t.where, err_text());
	for (int i = 0; i < e->n_in; i++) {
		t.in[i].shape = e->in[i];
		t.in[i].data = ARENA_NEW(mem, float, nn_shape_floats(e->in[i]));
		t.in[i].grad = ARENA_NEW(mem, float, nn_shape_floats(e->in[i]));
		fill(&t, i);
	}
	t.out.shape = g->node[node].shape;
	t.out.shape.n = batch;
	int64_t n = nn_shape_floats(t.out.shape);
	t.out.data = ARENA_NEW(mem, float, n);
	t.out.grad = ARENA_NEW(mem, float, n);
	t.projection = ARENA_NEW(mem, float, n);
	struct rng r = rng_stream(12, op->name, 0, 0, 0);
	for (int64_t k = 0; k < n; k++)
		t.projection[k] = normal(&r);
	if (op->keep)
		t.keep = ARENA_NEW(mem, float, op->keep(&g->node[node], e->in, batch));
	t.call = (struct nn_call){ .node = &g->node[node], .n_in = e->n_in, .ctx = ctx, .bn_mode = NN_BN_BATCH, .training = true };
	return t;
}

/* Points the call into the struct where it lies now. */
static struct nn_call *call_of(struct trial *t)
{
	for (int i = 0; i < t->e->n_in; i++)
		t->inp[i] = &t->in[i];
	t->call.in = t->inp;
	t->call.beta = t->beta;
	t->call.out = &t->out;
	t->call.keep = t->keep;
	return &t->call;
}

static double loss(struct trial *t)
{
	double sum = 0;
	nn_ctx_reset(t->ctx);
	assert_ok(t->op->forward(call_of(t)));
	for (int64_t k = 0; k < nn_shape_floats(t->out.shape); k++)
		sum += (double)t->projection[k] * t->out.data[k];
	return sum;
}

/* Forward and backward; gradients start at `start`, which is added to when beta is 1. */
static void gradients(struct trial *t, float beta, float start)
{
	loss(t);
	for (int i = 0; i < t->e->n_in; i++) {
		t->beta[i] = t->e->params >> i & 1 ? 1 : beta;
		for (int64_t k = 0; k < nn_shape_floats(t->in[i].shape); k++)
			t->in[i].grad[k] = start;
	}
	nn_ctx_reset(t->ctx);
	memcpy(t->out.grad, t->projection, (size_t)nn_shape_floats(t->out.shape) * sizeof(float));    /* an operator may use it up */
	assert_ok(t->op->backward(call_of(t)));
}

/* Loss difference over +- direction, and what the gradient says about it. */
static void compare(struct trial *t, float *const direction[4], double grad_norm, const char *kind)
{
	double predicted = 0, tolerance = t->e->tolerance > 0 ? t->e->tolerance : GRADIENT_TOLERANCE;
	double length2 = 0;
	float *plus[4], *minus[4], *kept[4];
	for (int i = 0; i < t->e->n_in; i++) {
		int64_t n = nn_shape_floats(t->in[i].shape);
		plus[i] = ARENA_NEW(mem, float, n);
		minus[i] = ARENA_NEW(mem, float, n);
		kept[i] = t->in[i].data;
		for (int64_t k = 0; k < n; k++) {
			plus[i][k] = kept[i][k] + direction[i][k];
			minus[i][k] = kept[i][k] - direction[i][k];
			double moved = (double)plus[i][k] - minus[i][k];         /* as rounded */
			predicted += t->in[i].grad[k] * moved;
			length2 += moved * moved;
		}
	}
	for (int i = 0; i < t->e->n_in; i++)
		t->in[i].data = plus[i];
	double up = loss(t);
	for (int i = 0; i < t->e->n_in; i++)
		t->in[i].data = minus[i];
	double difference = up - loss(t);
	for (int i = 0; i < t->e->n_in; i++)
		t->in[i].data = kept[i];
	/* grad_norm: root mean square of the gradient's entries */
	double scale = fmax(fabs(predicted), grad_norm * sqrt(length2));
	if (!(fabs(difference - predicted) <= tolerance * scale))
		fail_msg("%s, %s: the loss moves by %.9g, the gradient says %.9g (scale %.3g, tolerance %g)", t->where, kind,
		         difference, predicted, scale, tolerance);
}

static void every_gradient_matches_finite_differences(void **state)
{
	(void)state;
	for (int o = 0; nn_op_table[o]; o++)
		for (const struct nn_example *e = nn_op_table[o]->examples; e->n_in; e++) {
			struct arena_mark mark = arena_mark(mem);
			struct trial t = trial_new(ref, nn_op_table[o], e);
			double step = far_from_zero(e) ? STEP_OFFSET : STEP, g2 = 0;
			int64_t total = 0;
			float *direction[4];
			gradients(&t, 0, 0);
			for (int i = 0; i < e->n_in; i++) {
				direction[i] = ARENA_NEW(mem, float, nn_shape_floats(e->in[i]));
				for (int64_t k = 0; k < nn_shape_floats(e->in[i]); k++)
					g2 += (double)t.in[i].grad[k] * t.in[i].grad[k];
				total += nn_shape_floats(e->in[i]);
			}
			double rms = sqrt(g2 / (double)total);
			struct rng r = rng_stream(13, "directions", 0, 0, 0);
			for (int d = 0; d < 3; d++) {
				for (int i = 0; i < e->n_in; i++)
					for (int64_t k = 0; k < nn_shape_floats(e->in[i]); k++)
						direction[i][k] = (float)step * normal(&r);
				compare(&t, direction, rms, "random direction");
			}
			for (int i = 0; i < e->n_in; i++)
				memset(direction[i], 0, (size_t)nn_shape_floats(e->in[i]) * sizeof(float));
			for (int i = 0; i < e->n_in; i++)
				for (int d = 0; d < 3; d++) {
					int64_t k = rng_below(&r, (uint32_t)nn_shape_floats(e->in[i]));
					direction[i][k] = (float)(4 * step);
					compare(&t, direction, rms, arena_printf(mem, "input %d, entry %ld", i, (long)k));
					direction[i][k] = 0;
				}
			arena_rewind(mem, mark);
		}
}

static void near(const char *where, const char *what, int64_t n, const float *got, const float *want, double tolerance)
{
	double error = 0, norm = 0;
	for (int64_t k = 0; k < n; k++) {
		error += ((double)got[k] - want[k]) * ((double)got[k] - want[k]);
		norm += (double)want[k] * want[k];
	}
	if (!(sqrt(error) <= tolerance * sqrt(norm) + 1e-7))
		fail_msg("%s: %s differs by %.3g of %.3g (relative tolerance %g)", where, what, sqrt(error), sqrt(norm), tolerance);
}

static void the_fast_backend_agrees_with_the_reference(void **state)
{
	(void)state;
	for (int o = 0; nn_op_table[o]; o++)
		for (const struct nn_example *e = nn_op_table[o]->examples; e->n_in; e++) {
			struct arena_mark mark = arena_mark(mem);
			struct trial a = trial_new(ref, nn_op_table[o], e), b = trial_new(cpu, nn_op_table[o], e);
			double tolerance = far_from_zero(e) ? OFFSET_TOLERANCE : BACKENDS_TOLERANCE;
			gradients(&a, 0, 0);
			gradients(&b, 0, 0);
			near(b.where, "output", nn_shape_floats(b.out.shape), b.out.data, a.out.data, tolerance);
			for (int i = 0; i < e->n_in; i++)
				near(b.where, arena_printf(mem, "gradient of input %d", i), nn_shape_floats(e->in[i]), b.in[i].grad,
				     a.in[i].grad, tolerance);
			arena_rewind(mem, mark);
		}
}

static void gradients_are_added_to_what_is_there(void **state)
{
	(void)state;
	struct nn_ctx *both[] = { ref, cpu };
	for (int c = 0; c < 2; c++)
		for (int o = 0; nn_op_table[o]; o++)
			for (const struct nn_example *e = nn_op_table[o]->examples; e->n_in; e++) {
				struct arena_mark mark = arena_mark(mem);
				struct trial set = trial_new(both[c], nn_op_table[o], e), add = trial_new(both[c], nn_op_table[o], e);
				gradients(&set, 0, 0);
				gradients(&add, 1, 0.5f);
				for (int i = 0; i < e->n_in; i++)
					for (int64_t k = 0; k < nn_shape_floats(e->in[i]); k++)
						assert_near(add.in[i].grad[k], 0.5 + set.in[i].grad[k], 2e-6);
				arena_rewind(mem, mark);
			}
}

static void gradients_that_are_not_wanted_are_not_written(void **state)
{
	(void)state;
	for (int o = 0; nn_op_table[o]; o++)
		for (int without = 0; without < nn_op_table[o]->examples[0].n_in; without++) {
			const struct nn_example *e = &nn_op_table[o]->examples[0];
			struct trial all = trial_new(cpu, nn_op_table[o], e), some = trial_new(cpu, nn_op_table[o], e);
			if (e->n_in == 1)
				continue;        /* then backward is not called at all */
			gradients(&all, 0, 0);
			loss(&some);
			memcpy(some.out.grad, some.projection, (size_t)nn_shape_floats(some.out.shape) * sizeof(float));
			some.in[without].grad = NULL;
			for (int i = 0; i < e->n_in; i++)
				some.beta[i] = e->params >> i & 1 ? 1 : 0;
			assert_ok(some.op->backward(call_of(&some)));
			for (int i = 0; i < e->n_in; i++)
				if (i != without)
					near(all.where, "a gradient", nn_shape_floats(e->in[i]), some.in[i].grad, all.in[i].grad, 0);
		}
}

static void every_operator_has_at_least_three_examples(void **state)
{
	(void)state;
	int operators = 0;
	for (int o = 0; nn_op_table[o]; o++, operators++) {
		int n = 0;
		while (nn_op_table[o]->examples[n].n_in)
			n++;
		if (n < 3)
			fail_msg("operator %s has %d examples, expected at least 3", nn_op_table[o]->name, n);
	}
	assert_true(operators >= 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operator_has_at_least_three_examples),
		cmocka_unit_test(every_gradient_matches_finite_differences),
		cmocka_unit_test(the_fast_backend_agrees_with_the_reference),
		cmocka_unit_test(gradients_are_added_to_what_is_there),
		cmocka_unit_test(gradients_that_are_not_wanted_are_not_written),
	};
	return cmocka_run_group_tests_name("operators", tests, setup, teardown);
}
