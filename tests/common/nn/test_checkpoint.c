/* Checkpoints: what comes back, and which of the two files counts. */
#include "tests/harness.h"
#include <fcntl.h>
#include <unistd.h>
#include "base/tempfile.h"
#include "nn/checkpoint.h"
#include "nn/params.h"
#include "tensor/cpu.h"

extern const struct h5_schema h5_schema_checkpoint;
extern const struct nn_optim nn_optim_adam;

static char folder[] = "/tmp/test_checkpoint.XXXXXX";

/* A trainer's state without training: two parameters, Adam's two slots, averaged weights, a curve. */
struct fixture {
	struct arena *mem;
	struct nn_trainer trainer;
	struct nn_curve *curve;
	struct h5_recipe recipe;
	struct nn_checkpoint ring;
};

static void fill(struct nn_store *s, float first)
{
	for (int i = 0; i < s->count; i++)
		for (int64_t k = 0; k < s->param[i]->count; k++)
			s->param[i]->data[k] = first++;
}

static struct fixture fixture_new(struct arena *mem, const char *out, int version)
{
	static const int64_t shape[2][4] = { { 3, 2, 2, 5 }, { 1, 1, 1, 4 } };
	struct fixture f = { .mem = mem, .recipe = h5_recipe_make(mem, "nas-nothing", version, (const struct opt[]){ OPT_END }, NULL, 0) };
	f.trainer.values = nn_store_new(mem);
	assert_non_null(nn_store_add(f.trainer.values, "a/conv/weight", shape[0], NN_INIT_HE, true, 0));
	assert_non_null(nn_store_add(f.trainer.values, "a/bn/shift", shape[1], NN_INIT_ZERO, false, 0));
	f.trainer.optim = nn_optim_new(mem, &nn_optim_adam, f.trainer.values);
	f.trainer.average = nn_store_like(mem, f.trainer.values);
	f.curve = nn_curve_new(mem);
	nn_checkpoint_init(&f.ring, mem, arena_printf(mem, "%s/%s", folder, out), NULL);
	return f;
}

static void fixture_at(struct fixture *f, int64_t step)
{
	fill(f->trainer.values, (float)step);
	fill(f->trainer.average, (float)step + 1000);
	for (int i = 0; i < 2; i++)
		fill(f->trainer.optim->slot[i], (float)step + 2000 + 1000 * (float)i);
	f->trainer.step = f->trainer.optim->steps = step;
	nn_curve_step(f->curve, 1.5);
	nn_curve_event(f->curve, step, 0.25);
	nn_curve_step(f->curve, 0.125);
	f->ring.recipe = &f->recipe;
}

static void assert_store(const struct nn_store *s, float first)
{
	for (int i = 0; i < s->count; i++)
		for (int64_t k = 0; k < s->param[i]->count; k++)
			assert_near(s->param[i]->data[k], first++, 0);
}

static void assert_at(const struct fixture *f, int64_t step)
{
	assert_int_equal(f->trainer.step, step);
	assert_int_equal(f->trainer.optim->steps, step);
	assert_store(f->trainer.values, (float)step);
	assert_store(f->trainer.average, (float)step + 1000);
	assert_store(f->trainer.optim->slot[0], (float)step + 2000);
	assert_store(f->trainer.optim->slot[1], (float)step + 3000);
}

static void flip_a_byte(const char *path, off_t from_end)
{
	int fd = open(path, O_RDWR);
	char c;
	off_t at = lseek(fd, 0, SEEK_END) - from_end;
	assert_int_equal(pread(fd, &c, 1, at), 1);
	c ^= 0x10;
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

static void state_and_curve_come_back(void **state)
{
	struct fixture f = fixture_new(*state, "whole.h5", 1), g = fixture_new(*state, "whole.h5", 1);
	fixture_at(&f, 7);
	assert_ok(nn_checkpoint_save(&f.ring, &f.trainer, f.curve));
	g.ring.recipe = &g.recipe;
	assert_int_equal(nn_checkpoint_load(&g.ring, &g.trainer, g.curve), 1);
	assert_at(&g, 7);
	assert_int_equal(g.curve->count, 1);
	assert_int_equal(g.curve->step[0], 7);
	assert_near(g.curve->loss[0], 1.5, 0);
	assert_near(g.curve->rate[0], 0.25, 0);
	assert_int_equal(g.curve->steps, 1);
	assert_near(g.curve->sum, 0.125, 0);
}

static void nothing_to_resume_is_no_error(void **state)
{
	struct fixture f = fixture_new(*state, "none.h5", 1);
	f.ring.recipe = &f.recipe;
	assert_int_equal(nn_checkpoint_load(&f.ring, &f.trainer, f.curve), 0);
}

static void a_checkpoint_before_the_first_event_comes_back(void **state)
{
	struct fixture f = fixture_new(*state, "early.h5", 1);
	f.ring.recipe = &f.recipe;
	assert_ok(nn_checkpoint_save(&f.ring, &f.trainer, f.curve));
	assert_int_equal(nn_checkpoint_load(&f.ring, &f.trainer, f.curve), 1);
	assert_int_equal(f.curve->count, 0);
}

static void the_newest_counts_and_the_older_is_written_next(void **state)
{
	struct fixture f = fixture_new(*state, "ring.h5", 1), g = fixture_new(*state, "ring.h5", 1);
	for (int64_t step = 1; step <= 3; step++) {
		fixture_at(&f, step);
		assert_ok(nn_checkpoint_save(&f.ring, &f.trainer, f.curve));
	}
	fixture_at(&g, 0);
	assert_int_equal(nn_checkpoint_load(&g.ring, &g.trainer, g.curve), 1);
	assert_at(&g, 3);
	assert_int_equal(g.ring.next, 1);        /* 3 went over 1, so 2 goes next */
	nn_checkpoint_remove(&g.ring);
	assert_int_not_equal(access(g.ring.path[0], F_OK), 0);
	assert_int_not_equal(access(g.ring.path[1], F_OK), 0);
}

static void a_damaged_checkpoint_is_passed_over_for_the_other(void **state)
{
	struct fixture f = fixture_new(*state, "damaged.h5", 1);
	for (int64_t step = 1; step <= 2; step++) {
		fixture_at(&f, step);
		assert_ok(nn_checkpoint_save(&f.ring, &f.trainer, f.curve));
	}
	flip_a_byte(f.ring.path[1], 300);
	assert_int_equal(nn_checkpoint_load(&f.ring, &f.trainer, f.curve), 1);
	assert_at(&f, 1);
	assert_int_equal(f.ring.next, 1);
	flip_a_byte(f.ring.path[0], 300);
	assert_int_equal(nn_checkpoint_load(&f.ring, &f.trainer, f.curve), 0);
	assert_string_equal(err_text(), "");
}

static void an_empty_file_is_passed_over(void **state)
{
	struct fixture f = fixture_new(*state, "empty.h5", 1);
	f.ring.recipe = &f.recipe;
	assert_ok(tempfile_write_text(f.ring.path[0], ""));
	assert_int_equal(nn_checkpoint_load(&f.ring, &f.trainer, f.curve), 0);
	assert_string_equal(err_text(), "");
}

static void a_checkpoint_of_another_recipe_is_passed_over(void **state)
{
	struct fixture f = fixture_new(*state, "recipe.h5", 1), g = fixture_new(*state, "recipe.h5", 2);
	fixture_at(&f, 5);
	fixture_at(&g, 0);
	assert_ok(nn_checkpoint_save(&f.ring, &f.trainer, f.curve));
	assert_int_equal(nn_checkpoint_load(&g.ring, &g.trainer, g.curve), 0);
	assert_at(&g, 0);
}

/* A checkpoint at step 5 as a program with that engine writes it. */
static void write_by_engine(struct fixture *f, const char *engine)
{
	struct h5_writer *w;
	fixture_at(f, 5);
	assert_ok(h5_create(&w, f->ring.path[0], &h5_schema_checkpoint, &f->recipe));
	assert_ok(nn_params_write(w, "/param", f->trainer.values));
	assert_ok(nn_params_write(w, "/slot0", f->trainer.optim->slot[0]));
	assert_ok(nn_params_write(w, "/slot1", f->trainer.optim->slot[1]));
	assert_ok(nn_params_write(w, "/average", f->trainer.average));
	assert_ok(nn_curve_write(w, f->curve));
	assert_ok(h5_write_f64(w, "/pending/loss", 0));
	assert_ok(h5_write_i64(w, "/pending/steps", 0));
	assert_ok(h5_attr_i64(w, "step", 5));
	assert_ok(h5_attr_i64(w, "optimiser_steps", 5));
	assert_ok(h5_attr_text(w, "engine", engine));
	assert_ok(h5_commit(w));
}

static void a_checkpoint_of_another_engine_is_refused_with_the_way_out(void **state)
{
	struct fixture f = fixture_new(*state, "engine.h5", 1);
	write_by_engine(&f, backend_engine());
	assert_int_equal(nn_checkpoint_load(&f.ring, &f.trainer, f.curve), 1);
	write_by_engine(&f, "abacus");
	assert_fails(nn_checkpoint_load(&f.ring, &f.trainer, f.curve), ERR_CONFIG, "delete the checkpoints");
}

static void a_checkpoint_of_other_kernels_is_refused(void **state)
{
	struct fixture f = fixture_new(*state, "kernels.h5", 1);
	const char *mark = strstr(backend_engine(), " kernels-");
	assert_non_null(mark);
	const char *rest = strchr(mark + 1, ' ');
	char *newer = arena_printf(*state, "%.*s kernels-%d%s", (int)(mark - backend_engine()), backend_engine(), CPU_KERNELS + 1, rest);
	char *unnumbered = arena_printf(*state, "%.*s%s", (int)(mark - backend_engine()), backend_engine(), rest);
	write_by_engine(&f, newer);
	assert_fails(nn_checkpoint_load(&f.ring, &f.trainer, f.curve), ERR_CONFIG, newer);
	write_by_engine(&f, unnumbered);
	assert_fails(nn_checkpoint_load(&f.ring, &f.trainer, f.curve), ERR_CONFIG, "another version of nasmill");
}

static void parameters_of_another_shape_are_refused(void **state)
{
	static const int64_t other[4] = { 3, 2, 2, 6 };
	struct fixture f = fixture_new(*state, "shape.h5", 1);
	struct nn_store *s = nn_store_new(*state);
	struct h5_file *file;
	fixture_at(&f, 1);
	assert_ok(nn_checkpoint_save(&f.ring, &f.trainer, f.curve));
	assert_non_null(nn_store_add(s, "a/conv/weight", other, NN_INIT_ZERO, true, 0));
	assert_ok(h5_open(&file, f.ring.path[0], &h5_schema_checkpoint));
	assert_fails(nn_params_read(file, "/param", s, NULL), ERR_DATA, "expected 3 x 2 x 2 x 6");
	h5_close(file);
}

static void an_absent_parameter_is_refused_unless_it_may_lack(void **state)
{
	static const int64_t shape[4] = { 1, 1, 1, 2 };
	struct fixture f = fixture_new(*state, "absent.h5", 1);
	struct h5_file *file;
	fixture_at(&f, 1);
	assert_ok(nn_checkpoint_save(&f.ring, &f.trainer, f.curve));
	struct nn_param *p = nn_store_add(f.trainer.values, "head/new/bias", shape, NN_INIT_ZERO, true, 0);
	p->data[0] = 3;
	assert_ok(h5_open(&file, f.ring.path[0], &h5_schema_checkpoint));
	assert_fails(nn_params_read(file, "/param", f.trainer.values, NULL), ERR_DATA, "head/new/bias: absent");
	assert_ok(nn_params_read(file, "/param", f.trainer.values, "head/new/"));
	assert_near(p->data[0], 3, 0);
	h5_close(file);
}

static int set_up(void **state)
{
	*state = arena_new();
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	arena_free(*state);
	char command[128];
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_and_curve_come_back),
		cmocka_unit_test(nothing_to_resume_is_no_error),
		cmocka_unit_test(a_checkpoint_before_the_first_event_comes_back),
		cmocka_unit_test(the_newest_counts_and_the_older_is_written_next),
		cmocka_unit_test(a_damaged_checkpoint_is_passed_over_for_the_other),
		cmocka_unit_test(an_empty_file_is_passed_over),
		cmocka_unit_test(a_checkpoint_of_another_recipe_is_passed_over),
		cmocka_unit_test(a_checkpoint_of_another_engine_is_refused_with_the_way_out),
		cmocka_unit_test(a_checkpoint_of_other_kernels_is_refused),
		cmocka_unit_test(parameters_of_another_shape_are_refused),
		cmocka_unit_test(an_absent_parameter_is_refused_unless_it_may_lack),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
