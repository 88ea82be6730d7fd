/* What stages read of a search: space, history, candidates, scores, selection, dataset, labels; good files of a
 * small search with edits anywhere, the digest right.  Whatever is read is then used. */
#include <math.h>

#include "data/dataset.h"
#include "search/selection.h"
#include "search/strategy.h"
#include "tests/fuzz/edits.h"

enum { SPACE, HISTORY, CANDIDATES, SCORES, SELECTION, DATASET, LABELS, KINDS, TRIALS = 24 };
extern const struct h5_schema h5_schema_dataset, h5_schema_labels;

static struct arena *lasting;
static struct space *space;
static struct dataset data_of;

static void fill_history(struct history *h)
{
	struct rng r = rng_stream(1, "fuzz", 0, 0, 0);

	*h = (struct history){ .decisions = space->decisions, .count = TRIALS, .round = 1, .phase = 1 };
	h->trial = ARENA_NEW(lasting, struct trial, TRIALS);
	for (int i = 0; i < TRIALS; i++) {
		uint8_t *code = ARENA_NEW(lasting, uint8_t, space->decisions);

		space_uniform(space, &r, code);
		space->type->canonical(space, code, code);
		h->trial[i] = (struct trial){ .id = i, .origin = -1, .round = 1 + i / 8, .phase = 1 + i / 16, .status = TRIAL_DONE,
		                              .code = code, .score = -1 - 0.1 * i, .loss = NAN, .top1 = NAN, .macs = 1000 + i, .params = 100 };
	}
}

static void write_dataset(const char *path, const struct h5_recipe *recipe)
{
	const int64_t dims[4] = { 20, 8, 8, 3 };
	const double mean[3] = { 3, 2, 1 }, sd[3] = { 1, 2, 3 };
	uint8_t *images = ARENA_NEW(lasting, uint8_t, 20 * 192), split[20];
	struct h5_writer *w;

	for (int i = 0; i < 20; i++)
		split[i] = i < 12 ? 0 : i < 16 ? 1 : 2;
	FUZZ_CHECK(h5_create(&w, path, &h5_schema_dataset, recipe) == 0);
	h5_write(w, "/images", H5_U8, 4, dims, images, 0);
	h5_write(w, "/split", H5_U8, 1, dims, split, 0);
	h5_write(w, "/mean", H5_F64, 1, &dims[3], mean, 0);
	h5_write(w, "/sd", H5_F64, 1, &dims[3], sd, 0);
	FUZZ_CHECK(h5_commit(w) == 0);
}

static void write_labels(const char *path, const struct h5_recipe *recipe)
{
	static const char *const name[] = { "a", "bb", "ccc" };
	const char *source[20];
	int32_t label[20];
	const int64_t n = 20;
	struct h5_writer *w;

	for (int i = 0; i < 20; i++)
		label[i] = i % 3, source[i] = "image.tif";
	FUZZ_CHECK(h5_create(&w, path, &h5_schema_labels, recipe) == 0);
	h5_write(w, "/label", H5_I32, 1, &n, label, 0);
	h5_write_texts(w, "/class_name", 3, name);
	h5_write_texts(w, "/source_name", 20, source);
	FUZZ_CHECK(h5_commit(w) == 0);
}

static void make_examples(struct fuzz_example e[KINDS])
{
	const struct space_settings set = { .rows = 32, .columns = 32, .channels = 3, .classes = 10 };
	struct h5_recipe recipe;
	struct history h;
	const struct trial *member[2];
	char path[128];

	lasting = arena_new();
	recipe = h5_recipe_make(lasting, "nas-example", 1, NULL, NULL, 0);
	space = space_new(lasting, space_table[0]->name, &set);
	fill_history(&h);
	member[0] = &h.trial[0], member[1] = &h.trial[1];
	strcpy(path, fuzz_path("example.h5"));
	for (int i = 0; i < KINDS; i++) {
		switch (i) {
		case SPACE:      FUZZ_CHECK(space_write(space, path, &recipe) == 0); break;
		case HISTORY:    FUZZ_CHECK(history_write(&h, path, &recipe) == 0); break;
		case CANDIDATES: FUZZ_CHECK(candidates_write(&h, path, "random", &recipe) == 0); break;
		case SCORES:     FUZZ_CHECK(scores_write(&h, path, "ntxent", &recipe) == 0); break;
		case SELECTION:  FUZZ_CHECK(selection_write(space, member, 2, "pareto", path, &recipe) == 0); break;
		case DATASET:    write_dataset(path, &recipe); FUZZ_CHECK(dataset_read(&data_of, path, lasting) == 0); break;
		case LABELS:     write_labels(path, &recipe); break;
		}
		e[i] = fuzz_example_take(path);
	}
}

static void use_space(const struct space *s)
{
	uint8_t code[SPACE_MAX_DECISIONS];
	struct rng r = rng_stream(1, "use", 0, 0, 0);

	FUZZ_CHECK(space_inhabited(s));
	space_uniform(s, &r, code);
	FUZZ_CHECK(space_log10_size(s) >= 0);
}

static void use_history(const struct history *h, struct arena *mem)
{
	struct observation *o;

	history_observations(h, space, true, mem, &o);
	history_observations(h, space, false, mem, &o);
	for (int64_t i = 0; i < h->count; i++) {
		char text[SPACE_TEXT];

		space->type->print(space, h->trial[i].code, text, sizeof text);
		FUZZ_CHECK(h->trial[i].status != TRIAL_DONE || !isnan(h->trial[i].score));
	}
}

static void use_dataset(const struct dataset *d)
{
	float *x = malloc(sizeof *x * (size_t)(d->h * d->w * d->c));

	for (int64_t i = 0; i < d->count; i++)
		dataset_image(d, i, x);
	free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_example example[KINDS];
	struct arena *mem;
	struct selection chosen;
	struct history h;
	struct dataset d;
	struct labels l;
	struct space *s;
	const char *path;

	if (!lasting)
		make_examples(example);
	if (!size)
		return 0;
	mem = arena_new();
	path = fuzz_edited(&example[data[0] % KINDS], data + 1, size - 1);
	switch (data[0] % KINDS) {
	case SPACE:      if (!fuzz_try(space_read(&s, path, mem))) use_space(s); break;
	case HISTORY:    if (!fuzz_try(history_read(&h, path, space, mem))) use_history(&h, mem); break;
	case CANDIDATES: if (!fuzz_try(candidates_read(&h, path, space, mem))) use_history(&h, mem); break;
	case SCORES:     if (!fuzz_try(scores_read(&h, path, space, mem))) use_history(&h, mem); break;
	case SELECTION:  fuzz_try(selection_read(&chosen, path, mem)); break;
	case DATASET:    if (!fuzz_try(dataset_read(&d, path, mem))) use_dataset(&d); break;
	case LABELS:     fuzz_try(labels_read(&l, path, &data_of, mem)); break;
	}
	unlink(path);
	arena_free(mem);
	return 0;
}
