/* Regimes on a toy space: two decisions of three linear layers each. */
#include "tests/harness.h"

#include "nn/layers.h"
#include "nn/loss.h"
#include "nn/trainer.h"

enum { CHOICES = 3, N = 6, C = 4 };

struct toy {
	int drawn[2][CHOICES];           /* how often each choice was drawn */
	float image[N * C];
	int32_t label[N];
};

static struct arena *mem;
static struct pool *pool;
static struct nn_ctx *ctx;
static struct nn_store *values;
static struct toy toy;

static void draw(void *arg, int64_t step, int k, uint8_t *code)
{
	(void)arg;
	code[0] = (uint8_t)((step + k) % CHOICES);
	code[1] = (uint8_t)((2 * step + k + 1) % CHOICES);
	for (int d = 0; d < 2; d++)
		toy.drawn[d][code[d]]++;
}

static const struct nn_graph *graph(void *arg, struct arena *to, const uint8_t *code)
{
	struct nn_graph *g = nn_graph_new(to);
	int x = nn_graph_input(g, "image", 1, 1, C);
	(void)arg;
	for (int d = 0; d < 2; d++)
		x = nn_linear(g, arena_printf(to, "layer%d/choice%d", d, code[d]), x, C, true);
	nn_graph_output(g, "out", x);
	return g;
}

static int64_t images(void *arg, const struct nn_batch *b) { (void)arg; (void)b; return N; }
static const float *input(void *arg, const struct nn_batch *b) { (void)b; return ((struct toy *)arg)->image; }

static double loss(void *arg, struct nn_ctx *c, const struct nn_batch *b, int64_t dim, const float *out, float *dout)
{
	(void)c;
	(void)b;
	return nn_loss_table[0]->value(N, dim, out, ((struct toy *)arg)->label, 0, dout);
}

static const struct nn_hooks hooks = {
	.arg = &toy, .decisions = 2, .max_choices = CHOICES, .draw = draw, .draw_fair = draw,
	.graph = graph, .images = images, .input = input, .loss = loss,
};

static int setup(void **state)
{
	(void)state;
	mem = arena_new();
	pool = pool_new(2);
	ctx = nn_ctx_new(mem, pool, backend_find("cpu"));
	values = nn_store_new(mem);
	for (uint8_t k = 0; k < CHOICES; k++)
		assert_ok(nn_graph_params(graph(&toy, mem, (uint8_t[]){ k, k }), values));
	for (int i = 0; i < N; i++) {
		toy.label[i] = i % C;
		for (int k = 0; k < C; k++)
			toy.image[i * C + k] = (float)((3 * i + 5 * k) % 7 - 3) / 2;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pool_free(pool);
	nn_ctx_free(ctx);
	arena_free(mem);
	return 0;
}

static struct nn_trainer *trainer(double lr)
{
	nn_init_store(values, 2);
	memset(toy.drawn, 0, sizeof toy.drawn);
	struct nn_trainer *t = nn_trainer_new(mem, ctx, &hooks, values, plugin_find(PLUGIN_TABLE(nn_optim_table), "optimiser", "sgd"));
	t->schedule = (struct nn_schedule){ .kind = NN_SCHEDULE_CONSTANT, .base = lr };
	return t;
}

static const struct nn_regime *regime(const char *name) { return plugin_find(PLUGIN_TABLE(nn_regime_table), "regime", name); }

static void single_moves_the_sampled_path_and_nothing_else(void **state)
{
	(void)state;
	struct nn_trainer *t = trainer(0.1);
	struct nn_store *before = nn_store_like(mem, values);
	double mean;
	for (int step = 0; step < 4; step++) {
		nn_store_copy(before, values);
		assert_ok(regime("single")->step(t, NULL, NULL, &mean));
		int on[2] = { step % CHOICES, (2 * step + 1) % CHOICES };
		for (int i = 0; i < values->count; i++) {
			int layer, choice;
			assert_int_equal(sscanf(values->param[i]->name, "layer%d/choice%d", &layer, &choice), 2);
			bool same = !memcmp(values->param[i]->data, before->param[i]->data,
			                    (size_t)values->param[i]->count * sizeof(float));
			if (same == (on[layer] == choice))
				fail_msg("step %d: %s %s", step, values->param[i]->name, same ? "was sampled and stayed" : "moved");
		}
	}
	assert_int_equal(t->step, 4);
}

static void fair_uses_every_choice_once_and_takes_the_mean(void **state)
{
	(void)state;
	struct nn_trainer *t = trainer(0.5);
	struct nn_store *before = nn_store_like(mem, values), *sum = nn_store_like(mem, values);
	nn_store_copy(before, values);
	double mean, one, losses = 0;
	/* the same three paths one by one: gradients of thirds */
	nn_ctx_reset(ctx);
	for (int m = 0; m < CHOICES; m++) {
		uint8_t code[2];
		draw(&toy, 0, m, code);
		assert_ok(nn_trainer_path(t, code, NULL, 1, &one));
		losses += one / CHOICES;
	}
	nn_store_copy(sum, t->grads);
	nn_store_zero(t->grads);
	memset(toy.drawn, 0, sizeof toy.drawn);
	t->settings.nesterov = false;
	assert_ok(regime("fair")->step(t, NULL, NULL, &mean));
	for (int d = 0; d < 2; d++)
		for (int k = 0; k < CHOICES; k++)
			assert_int_equal(toy.drawn[d][k], 1);
	assert_near(mean, losses, 1e-6);
	for (int i = 0; i < values->count; i++)
		for (int64_t k = 0; k < values->param[i]->count; k++)
			assert_near(values->param[i]->data[k], before->param[i]->data[k] - 0.5 * sum->param[i]->data[k] / CHOICES, 1e-6);
	assert_int_equal(t->step, 1);
	assert_int_equal(t->optim->steps, 1);
}

/* The output in front of the last layer, as `out` and as auxiliary output. */
static const struct nn_graph *graph_short(void *arg, struct arena *to, const uint8_t *code)
{
	struct nn_graph *g = nn_graph_new(to);
	int x = nn_graph_input(g, "image", 1, 1, C);
	(void)arg;
	nn_graph_output(g, "out", nn_linear(g, arena_printf(to, "layer0/choice%d", code[0]), x, C, true));
	return g;
}

static const struct nn_graph *graph_auxiliary(void *arg, struct arena *to, const uint8_t *code)
{
	struct nn_graph *g = (struct nn_graph *)graph(arg, to, code);
	for (int i = 0; i < g->count; i++)
		if (g->node[i].kind == NN_OP && !strncmp(g->node[i].name, "layer0/", 7))
			nn_graph_output(g, "auxiliary-out", i);
	return g;
}

static void an_auxiliary_output_adds_its_share_of_loss_and_gradient(void **state)
{
	(void)state;
	static const uint8_t code[2] = { 1, 2 };
	struct nn_trainer *t = trainer(0.1);
	struct nn_store *sum = nn_store_like(mem, values);
	struct nn_hooks with = hooks;
	double out, side, both;
	assert_ok(nn_trainer_path(t, code, NULL, 1, &out));
	with.graph = graph_short;
	t->hooks = &with;
	assert_ok(nn_trainer_path(t, code, NULL, 0.4, &side));
	nn_store_copy(sum, t->grads);
	nn_store_zero(t->grads);
	with.graph = graph_auxiliary;
	with.auxiliary = 0.4;
	assert_ok(nn_trainer_path(t, code, NULL, 1, &both));
	assert_near(both, out + 0.4 * side, 1e-12);
	for (int i = 0; i < values->count; i++)
		for (int64_t k = 0; k < values->param[i]->count; k++)
			assert_near(t->grads->param[i]->data[k], sum->param[i]->data[k], 1e-6);
	/* weight 0: as if it were not there */
	with.auxiliary = 0;
	assert_ok(nn_trainer_path(t, code, NULL, 1, &both));
	assert_true(both == out);
}

static void every_regime_learns_the_toy(void **state)
{
	(void)state;
	for (int r = 0; nn_regime_table[r]; r++) {
		struct nn_trainer *t = trainer(0.05);
		double first = 0, last = 0;
		t->average = nn_store_like(mem, values);
		t->average_decay = 0.9;
		for (int step = 0; step < 300; step++) {
			assert_ok(nn_regime_table[r]->step(t, NULL, NULL, &last));
			first = step ? first : last;
		}
		if (!(last < 0.5 * first))
			fail_msg("%s: loss %g at first, %g after 300 steps", nn_regime_table[r]->name, first, last);
		assert_true(t->last_norm > 0);
		assert_true(t->average->param[0]->data[0] != 0);
	}
}

static void a_loss_that_is_not_finite_stops_the_step(void **state)
{
	(void)state;
	struct nn_trainer *t = trainer(0.1);
	double mean;
	values->param[0]->data[0] = NAN;
	int code = 0;
	for (int step = 0; step < CHOICES && !code; step++)
		code = regime("single")->step(t, NULL, NULL, &mean);
	assert_fails(code, ERR_DATA, "the loss is not finite");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_moves_the_sampled_path_and_nothing_else),
		cmocka_unit_test(fair_uses_every_choice_once_and_takes_the_mean),
		cmocka_unit_test(an_auxiliary_output_adds_its_share_of_loss_and_gradient),
		cmocka_unit_test(every_regime_learns_the_toy),
		cmocka_unit_test(a_loss_that_is_not_finite_stops_the_step),
	};
	return cmocka_run_group_tests_name("regimes", tests, setup, teardown);
}
