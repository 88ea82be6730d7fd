/* nas-ingest: images -> dataset.h5, labels.h5 */
#include <string.h>
#include <unistd.h>
#include "base/die.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "fit.h"
#include "ingest.h"
#include "stamp.h"
#include "stages/frame.h"

/* The frame asks for the digest of the images while it makes the recipe; decoding them for that is the
 * whole work of this stage, so the result is kept. */
struct ingest_stage {
	struct stage stage;            /* first: the frame hands it back */
	struct ingest_args args;
	const char *which, *labels_out;
	struct arena *shared;
	struct ingest *ingest;         /* in `shared`; NULL: not loaded yet */
};

/* What each thread may need for the largest picture that is read: decoded, turned, resized. */
enum { GIB_EACH = 3, SECONDS = 60 };

static const char *which_name(int i)
{
	static const char *const name[] = { "dataset", "labels", NULL };
	return name[i];
}

/* Images are decoded in a child process, see base/sandbox.h; pixels and names come back in shared memory. */
struct loading { const struct ingest_stage *g; const char *data; struct ingest *ingest; };

static int load_apart(void *arg)
{
	const struct loading *l = arg;
	struct pool *pool = pool_new((int)l->g->stage.threads);
	const int code = ingest_load(l->ingest, l->data, &l->g->args, pool, l->g->shared);
	ingest_close(l->ingest);
	return code;
}

static int load(struct ingest_stage *g, const char *data)
{
	if (g->ingest)
		return 0;
	const size_t memory = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
	const size_t threads = (size_t)(g->stage.threads ? g->stage.threads : pool_cpus());
	const struct sandbox limits = { data, (threads * GIB_EACH + 1) << 30, SECONDS };
	g->shared = arena_shared(memory / 10 * 9);
	struct loading *l = ARENA_NEW(g->shared, struct loading, 1);
	*l = (struct loading){ g, data, ARENA_NEW(g->shared, struct ingest, 1) };
	TRY(sandbox_run(load_apart, l, &limits));
	g->ingest = l->ingest;
	/* a stamp that exists is brought up to date, but none is made: asking for a recipe must not create files */
	return stamp_exists(g->args.stamp) ? ingest_stamp(g->ingest, g->args.stamp) : 0;
}

static int data_digest(struct stage *s, const struct stage_input *in, struct digest *d)
{
	struct ingest_stage *g = (struct ingest_stage *)s;
	struct ingest_digests known;
	const int code = ingest_digests(&known, in->path, &g->args, s->mem);
	TRY(code);
	if (code == 0) {
		TRY(load(g, in->path));
		known = g->ingest->digests;
	}
	*d = strcmp(g->which, "labels") ? known.pixels : known.labels;
	return 0;
}

static struct h5_recipe recipe(const struct ingest_stage *g, const struct digest *data)
{
	const struct h5_recipe_input input = { "data", *data };
	return h5_recipe_make(g->stage.mem, g->stage.name, g->stage.version, g->stage.options, &input, 1);
}

int main(int argc, char **argv)
{
	struct ingest_stage g = { .args = INGEST_DEFAULTS, .which = "dataset", .labels_out = "" };
	struct ingest_args *a = &g.args;
	const struct opt options[] = {
		OPT_TEXT("size", &a->size, "side, or height x width (24x32), of every image; 0 = as they are"),
		OPT_WORD("fit", &a->fit, fit_name, "how differing sizes are brought to --size, by area resampling"),
		OPT_TEXT("split", &a->split,
		         "shares train:valid:test; auto = 80:10:10, or 90:10 of the training file where the data "
		         "bring a test set (CIFAR); then a third share counts for nothing"),
		OPT_TEXT("builtin-images", &a->builtin, "images in train:valid:test of shapes10"),
		OPT_LONG("seed", &a->seed, 0, 9e15, "of order, split and shapes10"),
		OPT_EXEC_LONG("skip-bad", &a->skip_bad, 0, 1e9, "go on without up to so many images that cannot be read, and list them"),
		OPT_EXEC_TEXT("labels-out", &g.labels_out, "labels.h5: classes and source names"),
		OPT_EXEC_TEXT("stamp", &a->stamp, "file that remembers the digest of the data under names, sizes and times of its files"),
		OPT_EXEC_WORD("which", &g.which, which_name, "whose recipe --recipe prints"),
		OPT_END
	};
	struct stage_input inputs[] = {
		{ "data", "folder of TIFF files (one folder per class, or flat), TIFF file of many pages, CIFAR binary folder, or shapes10",
		  .foreign = true },
		{ NULL }
	};
	g.stage = (struct stage){
		.name = "nas-ingest", .version = 1, .summary = "decode, fit, hash and split images", .options = options,
		.inputs = inputs, .output = "dataset.h5", .foreign_digest = data_digest,
	};
	stage_begin(&g.stage, argc, argv);
	if (!g.labels_out[0])
		die(-ERR_USAGE, "--labels-out FILE is missing");
	die_on(load(&g, inputs[0].path));
	const struct ingest *in = g.ingest;
	const struct h5_recipe dataset = recipe(&g, &in->digests.pixels), labels = recipe(&g, &in->digests.labels);
	die_on(ingest_save(in, g.stage.out, &dataset, g.labels_out, &labels));
	die_on(ingest_stamp(in, a->stamp));
	ingest_log_skipped(in);
	log_event("ingest",
	          "source=%s images=%lld train=%lld valid=%lld test=%lld rows=%lld columns=%lld channels=%lld "
	          "classes=%lld skipped=%lld", in->source.kind->name, (long long)in->count, (long long)in->split[DATA_TRAIN],
	          (long long)in->split[DATA_VALID], (long long)in->split[DATA_TEST], (long long)in->h,
	          (long long)in->w, (long long)in->c, (long long)in->source.classes, (long long)in->skipped);
	arena_free(g.shared);
	return stage_end(&g.stage);
}
