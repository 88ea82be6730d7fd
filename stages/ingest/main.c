/* nas-ingest: images -> dataset.h5, labels.h5 */
#include <string.h>
#include "base/die.h"
#include "base/err.h"
#include "base/log.h"
#include "fit.h"
#include "ingest.h"
#include "stages/frame.h"

/* The frame asks for the digest of the images while it makes the recipe; decoding them for that is the
 * whole work of this stage, so the result is kept. */
struct ingest_stage {
	struct stage stage;            /* first: the frame hands it back */
	struct ingest_args args;
	const char *which, *labels_out;
	struct pool *pool;
	struct ingest ingest;
	bool loaded;
};

static const char *which_name(int i)
{
	static const char *const name[] = { "dataset", "labels", NULL };
	return name[i];
}

static int load(struct ingest_stage *g, const char *data)
{
	if (g->loaded)
		return 0;
	if (!g->pool)
		g->pool = pool_new((int)g->stage.threads);
	TRY(ingest_load(&g->ingest, data, &g->args, g->pool, g->stage.mem));
	g->loaded = true;
	return 0;
}

static int data_digest(struct stage *s, const struct stage_input *in, struct digest *d)
{
	struct ingest_stage *g = (struct ingest_stage *)s;
	struct ingest_digests known;
	const int code = ingest_digests(&known, in->path, &g->args, s->mem);
	TRY(code);
	if (code == 0) {
		TRY(load(g, in->path));
		known = g->ingest.digests;
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
		OPT_TEXT("split", &a->split, "shares train:valid:test; auto = 80:10:10, or 90:10 of the training file where the data "
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
	const struct ingest *in = &g.ingest;
	const struct h5_recipe dataset = recipe(&g, &in->digests.pixels), labels = recipe(&g, &in->digests.labels);
	die_on(ingest_save(in, g.stage.out, &dataset, g.labels_out, &labels));
	die_on(ingest_stamp(in, a->stamp));
	log_event("ingest", "source=%s images=%lld train=%lld valid=%lld test=%lld rows=%lld columns=%lld channels=%lld "
	          "classes=%lld skipped=%lld", in->source.kind->name, (long long)in->count, (long long)in->split[DATA_TRAIN],
	          (long long)in->split[DATA_VALID], (long long)in->split[DATA_TEST], (long long)in->h, (long long)in->w,
	          (long long)in->c, (long long)in->source.classes, (long long)in->skipped);
	ingest_close(&g.ingest);
	pool_free(g.pool);
	return stage_end(&g.stage);
}
