/* Reads a run folder.  A file that is missing is no error: the run may be unfinished. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "h5/file.h"
#include "run.h"

extern const struct h5_schema h5_schema_dataset, h5_schema_labels, h5_schema_metrics,
	h5_schema_weights, h5_schema_model;

static const char *inside(const struct run *r, const char *name)
{
	return arena_printf(r->mem, "%s/%s", r->folder, name);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Numbers NN of folders round-NN, ascending; -1 when the run folder cannot be listed. */
static int list_rounds(const struct run *r, int **round)
{
	DIR *d = opendir(r->folder);
	if (!d)
		return err_set(ERR_NOINPUT, "%s: %s; --run expects the folder of a run, such as results/NAME",
		               r->folder, strerror(errno));
	int n = 0, room = 0;
	int *list = NULL;
	for (struct dirent *e; errno = 0, (e = readdir(d));) {
		int number, length = 0;
		if (sscanf(e->d_name, "round-%d%n", &number, &length) != 1 || e->d_name[length] || number < 1)
			continue;
		ARENA_GROW(r->mem, list, n, room, 64);
		list[n++] = number;
	}
	const int code = errno ? err_system(ERR_IO, r->folder, "read") : 0;
	closedir(d);
	TRY(code);
	if (n)
		qsort(list, (size_t)n, sizeof *list, by_number);
	*round = list;
	return n;
}

static int read_images(struct run *r)
{
	const char *path = inside(r, "dataset.h5");
	if (!exists(path))
		return 0;
	struct h5_file *f;
	TRY(h5_open(&f, path, &h5_schema_dataset));
	int64_t dims[H5_MAX_RANK];
	const uint8_t *split = NULL;
	int code = h5_info(f, "/images", NULL, NULL, dims, NULL);
	if (code >= 0)
		code = h5_read(f, "/split", H5_U8, r->mem, &split);
	h5_close(f);
	TRY(code);
	r->images = (struct images){ .known = true, .rows = dims[1], .columns = dims[2], .channels = dims[3] };
	for (int64_t i = 0; i < dims[0]; i++)
		if (split[i] < 3)
			r->images.split[split[i]]++;
	return 0;
}

static int read_curve(struct run *r, const char *file, bool retrain)
{
	struct curve *c = &r->curve[r->n_curves];
	struct h5_file *f;
	TRY(h5_open(&f, inside(r, file), retrain ? &h5_schema_model : &h5_schema_weights));
	int64_t dims[H5_MAX_RANK];
	char *objective = NULL;
	int code = h5_info(f, "/curve/step", NULL, NULL, dims, NULL);
	if (code >= 0)
		code = h5_read(f, "/curve/step", H5_I64, r->mem, &c->step);
	if (code >= 0)
		code = h5_read(f, "/curve/loss", H5_F64, r->mem, &c->loss);
	if (code >= 0)
		code = h5_read(f, "/curve/rate", H5_F64, r->mem, &c->rate);
	if (code >= 0)
		code = h5_get_text(f, "objective", r->mem, &objective);
	if (code >= 0 && !retrain && r->n_masks > 0)
		code = h5_get_i64(f, "phase", &r->mask[r->n_masks - 1].phase);
	h5_close(f);
	TRY(code);
	c->file = file;
	c->objective = objective;
	c->retrain = retrain;
	c->events = dims[0];
	r->n_curves++;
	return 0;
}

static void add_mask(struct run *r, int round, const struct space *s)
{
	r->mask[r->n_masks] = (struct phase_mask){ .round = round, .phase = r->n_masks + 1, .space = s };
	r->n_masks++;
}

/* The first phase has the space of the run. */
static int read_space(struct run *r, int rounds)
{
	const char *path = inside(r, "space.h5");
	struct space *s;
	r->mask = ARENA_NEW(r->mem, struct phase_mask, rounds + 1);
	if (!exists(path))
		return 0;
	TRY(space_read(&s, path, r->mem));
	r->space = s;
	add_mask(r, 1, s);
	return 0;
}

/* The history of the whole run, or else that of its newest round. */
static int read_history(struct run *r, const int *round, int rounds)
{
	const char *path = inside(r, "history.h5");
	for (int i = rounds; !exists(path) && i-- > 0;)
		path = inside(r, arena_printf(r->mem, "round-%02d/history.h5", round[i]));
	if (!exists(path))
		return 0;
	if (!r->space)
		return err_set(ERR_NOINPUT, "%s/space.h5: no such file, but there is %s, which needs it; make the run again", r->folder, path);
	return history_read(&r->history, path, r->space, r->mem);
}

/* Number of the round that scored the best again, whose folder has no number; 0: there was none. */
static int read_final(const struct run *r, int *final)
{
	const char *path = inside(r, "round-final/candidates.h5");
	struct history last;
	*final = 0;
	if (!exists(path) || !r->space)
		return 0;
	TRY(candidates_read(&last, path, r->space, r->mem));
	*final = last.round;
	return 0;
}

/* A finished search may lie beside rounds of an earlier, longer one: those are not in its history. */
static bool belongs(const struct run *r, int round, int final)
{
	if (!exists(inside(r, "history.h5")))
		return true;
	for (int64_t i = 0; i < r->history.count && round != final; i++)
		if (r->history.trial[i].round == round)
			return true;
	return false;
}

/* The shrunk spaces and the weights that started phases, then the trained models. */
static int read_phases(struct run *r, const int *round, int rounds)
{
	enum { MODELS = 99 };
	int final;
	TRY(read_final(r, &final));
	r->curve = ARENA_NEW(r->mem, struct curve, rounds + MODELS);
	for (int i = 0; i < rounds; i++) {
		const char *space = arena_printf(r->mem, "round-%02d/space.h5", round[i]);
		const char *weights = arena_printf(r->mem, "round-%02d/weights.h5", round[i]);
		struct space *s;
		if (!belongs(r, round[i], final))
			continue;
		if (exists(inside(r, space))) {
			TRY(space_read(&s, inside(r, space), r->mem));
			add_mask(r, round[i], s);
		}
		if (exists(inside(r, weights)))
			TRY(read_curve(r, weights, false));
	}
	for (int m = 1; m <= MODELS; m++) {
		const char *model = m == 1 ? "model.h5" : arena_printf(r->mem, "model-%02d.h5", m);
		if (exists(inside(r, model)))
			TRY(read_curve(r, model, true));
	}
	return 0;
}

static int read_selection(struct run *r)
{
	const char *path = inside(r, "selection.h5");
	return exists(path) ? selection_read(&r->selection, path, r->mem) : 0;
}

static int read_labelled_metrics(struct metrics *m, const struct h5_file *f, struct arena *mem)
{
	int64_t dims[H5_MAX_RANK];
	if (h5_has(f, "/top1"))
		TRY(h5_read_f64(f, "/top1", &m->top1));
	if (h5_has(f, "/ece"))
		TRY(h5_read_f64(f, "/ece", &m->ece));
	if (h5_has(f, "/confusion") && h5_has(f, "/class_top1")) {
		TRY(h5_info(f, "/confusion", NULL, NULL, dims, NULL));
		if (dims[0] != dims[1])
			return err_set(ERR_DATA, "%s:/confusion: %lld rows and %lld columns, expected as many of each",
			               h5_path(f), (long long)dims[0], (long long)dims[1]);
		TRY(h5_read(f, "/confusion", H5_I64, mem, &m->confusion));
		TRY(h5_read(f, "/class_top1", H5_F64, mem, &m->class_top1));
		m->classes = dims[0];
	}
	if (h5_has(f, "/bin_confidence") && h5_has(f, "/bin_top1") && h5_has(f, "/bin_images")) {
		TRY(h5_info(f, "/bin_confidence", NULL, NULL, dims, NULL));
		TRY(h5_read(f, "/bin_confidence", H5_F64, mem, &m->bin_confidence));
		TRY(h5_read(f, "/bin_top1", H5_F64, mem, &m->bin_top1));
		TRY(h5_read(f, "/bin_images", H5_I64, mem, &m->bin_images));
		m->bins = dims[0];
	}
	return 0;
}

static int read_metrics(struct run *r)
{
	const char *path = inside(r, "metrics.h5");
	struct metrics *m = &r->metrics;
	m->loss = m->top1 = m->ece = NAN;
	if (!exists(path))
		return 0;
	struct h5_file *f;
	TRY(h5_open(&f, path, &h5_schema_metrics));
	int code = h5_read_i64(f, "/images", &m->images);
	if (code >= 0)
		code = h5_read_f64(f, "/loss", &m->loss);
	if (code >= 0)
		code = read_labelled_metrics(m, f, r->mem);
	h5_close(f);
	m->known = code >= 0;
	return code;
}

static int read_class_names(struct run *r)
{
	const char *path = inside(r, "labels.h5");
	if (!exists(path))
		return 0;
	struct h5_file *f;
	TRY(h5_open(&f, path, &h5_schema_labels));
	char **name = NULL;
	int code = h5_has(f, "/class_name") ? h5_read_texts(f, "/class_name", r->mem, &r->class_names, &name) : 0;
	h5_close(f);
	r->class_name = name;
	return code;
}

int run_read(struct run *r, const char *folder, struct arena *mem)
{
	*r = (struct run){ .folder = folder, .mem = mem };
	int *round = NULL;
	int rounds = list_rounds(r, &round);
	TRY(rounds);
	if (!rounds && !exists(inside(r, "dataset.h5")) && !exists(inside(r, "space.h5")))
		return err_set(ERR_NOINPUT, "%s: no run: found neither dataset.h5 nor space.h5 in it", folder);
	TRY(read_images(r));
	TRY(read_space(r, rounds));
	TRY(read_history(r, round, rounds));
	TRY(read_phases(r, round, rounds));
	TRY(read_selection(r));
	TRY(read_metrics(r));
	TRY(read_class_names(r));
	TRY(run_seconds(folder, mem, &r->seconds));
	return run_latency(folder, mem, &r->latency_ms);
}

int run_member(const struct run *r, int64_t id)
{
	for (int64_t m = 0; m < r->selection.members.count; m++)
		if (r->selection.members.trial[m].id == id)
			return (int)m + 1;
	return 0;
}
