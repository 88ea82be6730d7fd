/* nas-test: how a trained network, or an ensemble of them, does on the test images. */
#include "base/die.h"
#include "stages/frame.h"
#include "stages/test/test.h"

int main(int argc, char **argv)
{
	struct test_args a = test_defaults;
	const struct opt options[] = {
		OPT_LONG("bins", &a.bins, 1, 10000, "bins of the calibration error"),
		OPT_LONG("batch", &a.batch, 1, 65536, "images in a batch: the negatives of an encoder's loss"),
		OPT_TEXT("augment", &a.augment, "views of an encoder's loss: augmentations or a preset"),
		OPT_LONG("seed", &a.seed, 0, 9e15, "seed of the views"),
		OPT_EXEC_TEXT("latency-out", &a.latency_out, "measure the time per image too, and write it to this .tsv"),
		OPT_END
	};
	struct stage_input inputs[] = {
		{ .role = "dataset", .help = "dataset.h5 of nas-ingest" },
		{ .role = "labels", .help = "labels.h5, for a classifier", .optional = true },
		{ .role = "model", .help = "model.h5 of nas-retrain; several make an ensemble", .many = true },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-test", .version = 2, .summary = "test a trained network or an ensemble",
		.options = options, .inputs = inputs, .output = "metrics.h5",
	};
	stage_begin(&s, argc, argv);
	a.dataset = inputs[0].path;
	a.labels = inputs[1].path;
	a.models = inputs[2].paths;
	a.n_models = inputs[2].n_paths;
	die_on(test_models(&a, s.out, &s.recipe, s.threads, s.mem));
	return stage_end(&s);
}
