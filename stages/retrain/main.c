/* nas-retrain: trains a chosen network from scratch. */
#include "base/die.h"
#include "stages/frame.h"
#include "stages/retrain/retrain.h"
#include "stages/space_words.h"

/* "auto" and the objectives */
static const char *objective_or_auto(int i)
{
	return i ? objective_word(i - 1) : "auto";
}

int main(int argc, char **argv)
{
	struct retrain_args a = retrain_defaults;
	struct space_words words;
	const struct opt options[] = {
		OPT_WORD("objective", &a.training.objective, objective_or_auto, "auto = crossentropy where there are classes, else ntxent"),
		OPT_LONG("member", &a.member, 1, 1000000, "which network of the selection, from 1"),
		OPT_TEXT("arch", &a.arch, "this architecture of --space instead of a selection's"),
		OPT_LONG("calibration-images", &a.calibration_images, 1, 9e15, "training images for the final batch-norm statistics"),
		OPT_REAL("drop-path", &a.training.drop_path, 0, 0.99, "probability that an image skips an operation, at the end; from 0 in a line"),
		OPT_REAL("auxiliary", &a.training.auxiliary, 0, 100, "weight of the auxiliary head's loss; 0 = no such head"),
		TRAINING_OPTIONS(&a.training),
		OPT_END
	};
	struct stage_input inputs[] = {
		{ .role = "dataset", .help = "dataset.h5 of nas-ingest" },
		{ .role = "labels", .help = "labels.h5; without classes the network becomes an encoder", .optional = true },
		{ .role = "selection", .help = "selection.h5 of nas-select", .optional = true },
		{ .role = "space", .help = "space.h5 that --arch belongs to", .optional = true },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-retrain", .version = 2, .summary = "train a chosen network from scratch",
		.options = space_words_table(&words, options, "as in the search"), .inputs = inputs,
		.output = "model.h5", .graceful = true,
	};
	stage_begin(&s, argc, argv);
	a.dataset = inputs[0].path;
	a.labels = inputs[1].path;
	a.selection = inputs[2].path;
	a.space = inputs[3].path;
	a.space_options = space_words_text(&words, s.mem);
	die_on(retrain(&a, s.out, &s.recipe, s.threads, s.mem));
	return stage_end(&s);
}
