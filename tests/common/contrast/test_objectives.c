/* Objectives: gradients against finite differences, NT-Xent against PyTorch and by hand. */
#include "tests/harness.h"
#include <unistd.h>
#include "base/rng.h"
#include "contrast/objective.h"
#include "h5/file.h"
#include "nn/graph.h"
#include "tests/golden/infonce.h"
#include "tests/golden/ntxent.h"
#include "tests/golden/views.h"

#define GOLDEN_TOLERANCE 1e-5
#define GRADIENT_TOLERANCE 2e-3      /* relative to the largest entry */
#define STEP 0x1p-10                 /* of finite differences: exact in float */

extern const struct objective objective_ntxent, objective_crossentropy, objective_barlow, objective_vicreg, objective_infonce,
                              objective_alignuniform;
extern const struct h5_schema h5_schema_weights;

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

static float *normals(struct arena *mem, const char *purpose, int64_t count)
{
	struct rng r = rng_stream(1, purpose, 0, 0, 0);
	float *x = ARENA_NEW(mem, float, count);
	for (int64_t i = 0; i < count; i++)
		x[i] = (float)rng_normal(&r);
	return x;
}

/* Rows of normal numbers as a view of a bank has them. */
static double *directions(struct arena *mem, const char *purpose, int64_t rows, int64_t width)
{
	const float *x = normals(mem, purpose, rows * width);
	double *z = ARENA_NEW(mem, double, rows * width);
	for (int64_t i = 0; i < rows; i++)
		bank_direction_of_row(width, x + i * width, z + i * width);
	return z;
}

static void ntxent_loss_and_gradient_match_pytorch(void **state)
{
	struct arena *mem = *state;
	for (size_t k = 0; k < sizeof(ntxent_golden) / sizeof(*ntxent_golden); k++) {
		int64_t n = ntxent_golden[k].n, dim = ntxent_golden[k].dim, count = 2 * n * dim;
		struct objective_settings s = objective_defaults;
		s.temperature = ntxent_golden[k].temperature;
		float *x = normals(mem, arena_printf(mem, "golden/ntxent/%zu", k), count), *dx = ARENA_NEW(mem, float, count);
		assert_near(objective_ntxent.loss(&s, n, dim, x, NULL, NULL, dx, mem), ntxent_golden[k].loss, GOLDEN_TOLERANCE);
		for (int64_t i = 0; i < count; i++)
			assert_near(dx[i], ntxent_golden[k].gradient[i], GOLDEN_TOLERANCE);
	}
}

static void losses_of_two_views_and_their_gradients_match_pytorch(void **state)
{
	struct arena *mem = *state;
	for (size_t k = 0; k < sizeof(views_golden) / sizeof(*views_golden); k++) {
		const struct objective *o = plugin_find(PLUGIN_TABLE(objective_table), "objective", views_golden[k].name);
		int64_t n = views_golden[k].n, dim = views_golden[k].dim, count = n * dim;
		struct objective_settings s = objective_defaults;
		float *x = normals(mem, arena_printf(mem, "golden/%s/%d", o->name, views_golden[k].number), 2 * count);
		float *dx = ARENA_NEW(mem, float, 2 * count);
		for (int64_t i = 0; i < count; i++)
			x[count + i] = x[i] + x[count + i] * 0.5f;
		assert_near(o->loss(&s, n, dim, x, NULL, NULL, dx, mem), views_golden[k].loss, GOLDEN_TOLERANCE * fabs(views_golden[k].loss));
		for (int64_t i = 0; i < 2 * count; i++)
			assert_near(dx[i], views_golden[k].gradient[i], GOLDEN_TOLERANCE);
	}
}

static void infonce_loss_and_gradient_match_pytorch(void **state)
{
	struct arena *mem = *state;
	for (size_t k = 0; k < sizeof(infonce_golden) / sizeof(*infonce_golden); k++) {
		int64_t n = infonce_golden[k].n, width = infonce_golden[k].width, negatives = infonce_golden[k].negatives, count = 9 * n * width;
		struct objective_settings s = { .temperature = 0.07, .embedding = width };
		float *x = normals(mem, arena_printf(mem, "golden/infonce/%zu", k), count), *dx = ARENA_NEW(mem, float, count);
		int64_t *image = ARENA_NEW(mem, int64_t, n), *other = ARENA_NEW(mem, int64_t, negatives);
		struct bank_view bank = {
			width, negatives, directions(mem, arena_printf(mem, "golden/infonce/negative/%zu", k), negatives, width), other,
			directions(mem, arena_printf(mem, "golden/infonce/positive/%zu", k), n, width), image,
		};
		for (int64_t i = 0; i < n; i++)
			image[i] = i;
		for (int64_t i = 0; i < negatives; i++)
			other[i] = i + n - 1;            /* the first negative is of the last image, where it does not count */
		assert_near(objective_infonce.loss(&s, n, 3 * width, x, NULL, &bank, dx, mem), infonce_golden[k].loss, GOLDEN_TOLERANCE * infonce_golden[k].loss);
		for (int64_t i = 0; i < count; i++)
			assert_near(dx[i], infonce_golden[k].gradient[i], GOLDEN_TOLERANCE);
	}
}

/* All directions equal: every cosine is 1, whatever the temperature. */
static void infonce_of_equal_directions_costs_log_of_negatives_plus_one(void **state)
{
	static const int64_t image[] = { 0, 1 }, negative[] = { 2, 3, 4, 5 };
	const double half = sqrt(0.5), equal[4 * 2] = { half, half, half, half, half, half, half, half };
	struct bank_view bank = { 2, 4, equal, negative, equal, image };
	struct objective_settings s = { .temperature = 0.07, .embedding = 2 };
	float x[3 * 2 * 6];
	for (int i = 0; i < 36; i++)
		x[i] = 2;
	assert_near(objective_infonce.loss(&s, 2, 6, x, NULL, &bank, NULL, *state), log(5), 1e-12);
	/* scored: against the four, or against the one other image of the batch */
	assert_near(objective_score(&objective_infonce, &s, &bank, 2, 6, x, NULL, *state), log(5), 1e-12);
	assert_near(objective_score(&objective_infonce, &s, NULL, 2, 6, x, NULL, *state), log(2), 1e-12);
}

static void a_bank_row_is_the_closed_form_of_its_visits(void **state)
{
	struct arena *mem = *state;
	struct nn_store *store = nn_store_new(mem);
	struct bank *b = bank_new(mem, store, 10, 4, 2, 1);
	const float visit[3][2] = { { 1, -2 }, { 3, 5 }, { -4, 0.5f } };
	const int64_t image = 12;
	for (int i = 0; i < 3; i++)
		bank_visit(b, 1, &image, visit[i]);
	for (int k = 0; k < 2; k++)
		assert_near(b->sum->data[2 * 2 + k], visit[2][k] + visit[1][k] / 2 + visit[0][k] / 4, 0);
	/* only who was visited can be a negative */
	struct bank_view v = bank_look(b, 1, &image, 3, 1, 0, mem);
	assert_int_equal(v.negatives, 1);
	assert_int_equal(v.negative_image[0], 12);
	for (int k = 0; k < 2; k++) {
		double length = hypot(b->sum->data[4], b->sum->data[5]);
		assert_near(v.positive[k], b->sum->data[4 + k] / length, 1e-15);
		assert_near(v.negative[k], b->sum->data[4 + k] / length, 1e-15);
	}
}

static void negatives_are_drawn_anew_each_step_without_repeats(void **state)
{
	struct arena *mem = *state;
	struct bank *b = bank_new(mem, nn_store_new(mem), 0, 50, 1, 1);
	const float one = 1;
	int same = 0, seen[50] = { 0 };
	for (int64_t i = 0; i < 50; i++)
		bank_visit(b, 1, &i, &one);
	struct bank_view v = bank_look(b, 0, NULL, 20, 1, 3, mem), w = bank_look(b, 0, NULL, 20, 1, 4, mem), x = bank_look(b, 0, NULL, 20, 1, 3, mem);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(seen[v.negative_image[i]]++, 0);
		assert_int_equal(v.negative_image[i], x.negative_image[i]);
		same += v.negative_image[i] == w.negative_image[i];
	}
	assert_true(same < 10);
}

/* Zeros: C = 0, so every feature costs 1; no variance, so the hinge stands at 1 - sqrt(1e-4). */
static void views_of_zeros_cost_what_the_equations_say(void **state)
{
	struct objective_settings s = objective_defaults;
	float x[2 * 4 * 3] = { 0 };
	assert_near(objective_barlow.loss(&s, 4, 3, x, NULL, NULL, NULL, *state), 3, 1e-12);
	assert_near(objective_vicreg.loss(&s, 4, 3, x, NULL, NULL, NULL, *state), 25 * 0.99, 1e-12);
}

/* Orthogonal axes are sqrt(2) apart: uniformity log exp(-2 * 2); turned by a right angle, a view is as far from its twin. */
static void aligned_and_uniform_views_cost_what_the_equations_say(void **state)
{
	struct objective_settings s = objective_defaults;
	const float equal[] = { 3, 0,  6, 0,  1, 0,  2, 0 }, apart[] = { 3, 0,  0, 2,  1, 0,  0, 7 }, turned[] = { 3, 0,  0, 2,  0, 5,  1, 0 };
	assert_near(objective_alignuniform.loss(&s, 2, 2, equal, NULL, NULL, NULL, *state), 0, 1e-12);
	assert_near(objective_alignuniform.loss(&s, 2, 2, apart, NULL, NULL, NULL, *state), -4, 1e-12);
	assert_near(objective_alignuniform.loss(&s, 2, 2, turned, NULL, NULL, NULL, *state), 2 - 4, 1e-12);
	assert_near(objective_alignuniform.loss(&s, 1, 2, (const float[]){ 1, 0, 0, 1 }, NULL, NULL, NULL, *state), 2, 1e-12);
}

/* Every similarity is 1 / T, so each row chooses uniformly among 2n - 1 others. */
static void equal_views_of_all_images_cost_log_of_the_others(void **state)
{
	struct objective_settings s = objective_defaults;
	float x[5 * 2 * 3];
	for (int i = 0; i < 30; i++)
		x[i] = (float)(1 + i % 3);
	assert_near(objective_ntxent.loss(&s, 5, 3, x, NULL, NULL, NULL, *state), log(9), 1e-12);
}

/* Two images on orthogonal axes: l = -1/T + log(exp(1/T) + 2 exp(0)) */
static void orthogonal_images_cost_what_equation_1_says(void **state)
{
	struct objective_settings s = objective_defaults;
	const float x[] = { 3, 0,  0, 2,  1, 0,  0, 7 };
	assert_near(objective_ntxent.loss(&s, 2, 2, x, NULL, NULL, NULL, *state), log(exp(2) + 2) - 2, 1e-12);
}

static void a_row_of_zeros_gives_a_finite_loss_and_gradient(void **state)
{
	struct objective_settings s = objective_defaults;
	const float x[] = { 0, 0,  0, 2,  1, 0,  0, 7 };
	float dx[8];
	assert_true(isfinite(objective_ntxent.loss(&s, 2, 2, x, NULL, NULL, dx, *state)));
	for (int i = 0; i < 8; i++)
		assert_true(isfinite(dx[i]));
}

static void a_feature_that_is_not_finite_gives_a_loss_that_is_not(void **state)
{
	struct objective_settings s = objective_defaults;
	const float bad[] = { NAN, INFINITY };
	for (int k = 0; k < 2; k++) {
		float x[] = { 1, 1,  0, 2,  1, bad[k],  0, 7 };
		assert_false(isfinite(objective_ntxent.loss(&s, 2, 2, x, NULL, NULL, NULL, *state)));
	}
}

static void every_gradient_matches_finite_differences(void **state)
{
	struct arena *mem = *state;
	static const int32_t label[] = { 2, 0, 4, 2, 1 };
	static const struct { int64_t n, dim; double smoothing; } example[] = { { 5, 6, 0 }, { 5, 18, 0.1 }, { 2, 6, 0.3 } };
	for (int k = 0; objective_table[k]; k++)
		for (size_t e = 0; e < sizeof(example) / sizeof(*example); e++) {
			const struct objective *o = objective_table[k];
			int64_t n = example[e].n, dim = example[e].dim, count = o->views * n * dim;
			struct objective_settings s = objective_defaults;
			static const int64_t image[] = { 3, 4, 5, 6, 7 }, negative[] = { 9, 4, 8, 11 };
			struct bank_view bank = {
				dim / 3, 4, directions(mem, "negatives", 4, dim / 3), negative, directions(mem, "positives", n, dim / 3), image,
			};
			s.smoothing = example[e].smoothing;
			s.classes = dim;
			float *x = normals(mem, "finite differences", count), *dx = ARENA_NEW(mem, float, count);
			double largest = 0;
			o->loss(&s, n, dim, x, label, &bank, dx, mem);
			for (int64_t i = 0; i < count; i++)
				largest = fmax(largest, fabs(dx[i]));
			for (int64_t i = 0; i < count; i++) {
				float at = x[i], high = at + (float)STEP, low = at - (float)STEP;
				x[i] = high;
				double above = o->loss(&s, n, dim, x, label, &bank, NULL, mem);
				x[i] = low;
				double below = o->loss(&s, n, dim, x, label, &bank, NULL, mem);
				x[i] = at;
				double slope = (above - below) / ((double)high - low);
				if (fabs(slope - dx[i]) > GRADIENT_TOLERANCE * largest)
					fail_msg("%s: gradient %lld is %g, finite difference %g", o->name, (long long)i, dx[i], slope);
			}
		}
}

static void every_head_names_its_parameters_after_the_objective(void **state)
{
	struct arena *mem = *state;
	for (int k = 0; objective_table[k]; k++) {
		const struct objective *o = objective_table[k];
		struct objective_settings s = objective_defaults;
		s.classes = 7;
		struct nn_graph *g = nn_graph_new(mem);
		struct nn_store *store = nn_store_new(mem);
		nn_graph_output(g, "out", o->head(g, nn_graph_input(g, "feature", 1, 1, 24), &s));
		assert_ok(nn_graph_check(g));
		assert_ok(nn_graph_params(g, store));
		const char *prefix = arena_printf(mem, "head/%s/", o->name);
		assert_true(store->count > 0);
		for (int i = 0; i < store->count; i++)
			assert_int_equal(strncmp(store->param[i]->name, prefix, strlen(prefix)), 0);
	}
}

/* weights.h5 with nothing but its attributes, and what reading them says. */
static int written_and_read(const char *path, const struct objective *o, const struct objective_settings *s,
                            const struct objective **again, struct objective_settings *settings)
{
	struct arena *mem = arena_new();
	struct h5_recipe recipe = h5_recipe_make(mem, "nas-pretrain", 1, NULL, NULL, 0);
	struct h5_writer *w;
	struct h5_file *f;
	int64_t none = 0;
	assert_ok(h5_create(&w, path, &h5_schema_weights, &recipe));
	assert_ok(objective_attributes_write(o, s, w));
	assert_ok(h5_attr_i64(w, "classes", s->classes));
	assert_ok(h5_attr_i64(w, "phase", 1));
	assert_ok(h5_attr_text(w, "engine", "none"));
	assert_ok(h5_write(w, "/curve/step", H5_I64, 1, &none, &none, 0));
	assert_ok(h5_write(w, "/curve/loss", H5_F64, 1, &none, &none, 0));
	assert_ok(h5_write(w, "/curve/rate", H5_F64, 1, &none, &none, 0));
	assert_ok(h5_commit(w));
	assert_ok(h5_open(&f, path, &h5_schema_weights));
	int status = objective_attributes_read(again, settings, f);
	h5_close(f);
	arena_free(mem);
	return status;
}

static void files_say_which_objective_and_head_and_are_named_when_it_is_none(void **state)
{
	(void)state;
	struct objective stranger = objective_ntxent;
	struct objective_settings s = { .temperature = 0.25, .hidden = 48, .embedding = 24, .classes = 7 }, settings;
	const struct objective *o;
	char path[] = "/tmp/test_objectives_XXXXXX", text[256];
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_ok(written_and_read(path, &objective_ntxent, &s, &o, &settings));
	assert_ptr_equal(o, &objective_ntxent);
	assert_memory_equal(&settings, &s, sizeof(s));
	stranger.name = "nonesuch";
	snprintf(text, sizeof(text), "%s:/: attribute objective: unknown objective \"nonesuch\"; there are: alignuniform, barlow, crossentropy, infonce, ntxent, vicreg", path);
	assert_fails(written_and_read(path, &stranger, &s, &o, &settings), ERR_DATA, text);
	s.hidden = 0;
	assert_fails(written_and_read(path, &objective_ntxent, &s, &o, &settings), ERR_DATA, "attribute hidden: 0, expected 1 to");
	s.hidden = 48;
	s.classes = 1;
	assert_fails(written_and_read(path, &objective_crossentropy, &s, &o, &settings), ERR_DATA, "attribute classes: 1, expected 2 to");
	s.classes = 2;
	s.temperature = 0;
	assert_fails(written_and_read(path, &objective_ntxent, &s, &o, &settings), ERR_DATA, "attribute temperature: 0, expected more");
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ntxent_loss_and_gradient_match_pytorch),
		cmocka_unit_test(losses_of_two_views_and_their_gradients_match_pytorch),
		cmocka_unit_test(views_of_zeros_cost_what_the_equations_say),
		cmocka_unit_test(aligned_and_uniform_views_cost_what_the_equations_say),
		cmocka_unit_test(infonce_loss_and_gradient_match_pytorch),
		cmocka_unit_test(infonce_of_equal_directions_costs_log_of_negatives_plus_one),
		cmocka_unit_test(a_bank_row_is_the_closed_form_of_its_visits),
		cmocka_unit_test(negatives_are_drawn_anew_each_step_without_repeats),
		cmocka_unit_test(equal_views_of_all_images_cost_log_of_the_others),
		cmocka_unit_test(orthogonal_images_cost_what_equation_1_says),
		cmocka_unit_test(a_row_of_zeros_gives_a_finite_loss_and_gradient),
		cmocka_unit_test(a_feature_that_is_not_finite_gives_a_loss_that_is_not),
		cmocka_unit_test(every_gradient_matches_finite_differences),
		cmocka_unit_test(every_head_names_its_parameters_after_the_objective),
		cmocka_unit_test(files_say_which_objective_and_head_and_are_named_when_it_is_none),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
