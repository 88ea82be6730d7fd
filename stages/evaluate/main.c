/* nas-evaluate: scores one shard of the candidates with shared weights. */
#include "base/die.h"
#include "stages/evaluate/evaluate.h"
#include "stages/frame.h"

int main(int argc, char **argv)
{
	struct evaluate_args a = evaluate_defaults;
	const struct opt options[] = {
		OPT_LONG("shard", &a.shard, 1, 1000000, "which shard of the candidates, from 1"),
		OPT_LONG("shards", &a.shards, 1, 1000000, "into how many shards they are dealt"),
		OPT_LONG("calibration-images", &a.calibration_images, 1, 9e15, "training images that recalibrate batch-norm"),
		OPT_LONG("images", &a.images, 0, 9e15, "validation images that are scored; 0 = all"),
		OPT_LONG("batch", &a.batch, 2, 65536, "images in a batch: the negatives of the contrastive loss"),
		OPT_TEXT("augment", &a.augment, "augmentations or a preset; auto = contrast for ntxent, none for crossentropy"),
		OPT_LONG("seed", &a.seed, 0, 9e15, "seed of the choice of images and of their views"),
		OPT_EXEC_LONG("together", &a.together, 0, 1000000, "candidates that share their common layers; 0 = what 1 GiB holds"),
		OPT_END
	};
	struct stage_input inputs[] = {
		{ .role = "dataset", .help = "dataset.h5 of nas-ingest" },
		{ .role = "space", .help = "space.h5" },
		{ .role = "weights", .help = "weights.h5 of nas-pretrain" },
		{ .role = "candidates", .help = "candidates.h5 of nas-propose" },
		{ .role = "labels", .help = "labels.h5: adds loss and top-1", .optional = true },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-evaluate", .version = 1, .summary = "score candidates with shared weights",
		.options = options, .inputs = inputs, .output = "scores.h5",
	};
	stage_begin(&s, argc, argv);
	a.dataset = inputs[0].path;
	a.space = inputs[1].path;
	a.weights = inputs[2].path;
	a.candidates = inputs[3].path;
	a.labels = inputs[4].path;
	die_on(evaluate(&a, s.out, &s.recipe, s.threads, s.mem));
	return stage_end(&s);
}
