/* nas-evaluate: scores one shard of the candidates. */
#include "base/die.h"
#include "stages/evaluate/evaluate.h"
#include "stages/frame.h"

static const char *score_word(int i)
{
	return i ? objective_word(i - 1) : "auto";
}

int main(int argc, char **argv)
{
	struct evaluate_args a = evaluate_defaults;
	struct training_options *t = &a.training;
	const struct opt options[] = {
		OPT_LONG("shard", &a.shard, 1, 1000000, "which shard of the candidates, from 1"),
		OPT_LONG("shards", &a.shards, 1, 1000000, "into how many shards they are dealt"),
		OPT_LONG("calibration-images", &a.calibration_images, 1, 9e15, "training images that recalibrate batch-norm"),
		OPT_LONG("images", &a.images, 0, 9e15, "validation images that are scored; 0 = all"),
		OPT_LONG("batch", &a.batch, 2, 65536, "images in a batch: the negatives of the contrastive loss"),
		OPT_TEXT("augment", &a.augment, "augmentations or a preset; auto = contrast for ntxent, none for crossentropy"),
		OPT_LONG("seed", &a.seed, 0, 9e15, "seed of the choice of images and of their views"),
		OPT_WORD("objective", &t->objective, score_word, "what scores candidates, and from scratch trains them; auto = what the weights were trained for, ntxent"),
		OPT_REAL("epochs", &t->epochs, 0, 1e6, "from scratch: passes over the images"),
		OPT_REAL("fraction", &a.fraction, 1e-6, 1, "from scratch: share of the training images"),
		OPT_LONG("halving", &a.halving, 0, 64, "from scratch: keep the best 1/N of each rung of successive halving; 0 = off"),
		OPT_LONG("repeats", &a.repeats, 1, 1000, "from scratch: trainings of each candidate, each with the next seed; mean score"),
		OPT_WORD("optimizer", &t->optimizer, optim_word, "from scratch: what changes the weights"),
		OPT_REAL("lr", &t->lr, 0, 1e6, "from scratch: learning rate after warm-up"),
		OPT_REAL("momentum", &t->momentum, 0, 1, "from scratch: momentum (Nesterov)"),
		OPT_REAL("weight-decay", &t->weight_decay, 0, 1, "from scratch: weight decay; not on batch-norm and bias"),
		OPT_WORD("schedule", &t->schedule, nn_schedule_name, "from scratch: how the learning rate changes after warm-up"),
		OPT_REAL("warmup", &t->warmup, 0, 1e6, "from scratch: epochs over which the learning rate rises from zero"),
		OPT_REAL("clip", &t->clip, 0, 1e30, "from scratch: largest gradient norm; 0 = off"),
		OPT_REAL("temperature", &t->temperature, 0, 1e3, "temperature of the contrastive loss; 0 = that of the weights, 0.5 from scratch"),
		OPT_LONG("hidden", &t->hidden, 1, OBJECTIVE_MAX_WIDTH, "from scratch: hidden width of the projection head"),
		OPT_LONG("embedding", &t->embedding, 1, OBJECTIVE_MAX_WIDTH, "from scratch: output width of the projection head"),
		OPT_EXEC_LONG("together", &a.together, 0, 1000000, "candidates that share their common layers; 0 = what 1 GiB holds"),
		OPT_END
	};
	struct stage_input inputs[] = {
		{ .role = "dataset", .help = "dataset.h5 of nas-ingest" },
		{ .role = "space", .help = "space.h5" },
		{ .role = "weights", .help = "weights.h5 of nas-pretrain; \"scratch\": train each candidate", .word = "scratch" },
		{ .role = "candidates", .help = "candidates.h5 of nas-propose" },
		{ .role = "labels", .help = "labels.h5: adds loss and top-1", .optional = true },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-evaluate", .version = 3, .summary = "score candidates, with shared weights or trained from scratch",
		.options = options, .inputs = inputs, .output = "scores.h5",
	};
	stage_begin(&s, argc, argv);
	t->batch = a.batch;
	t->seed = a.seed;
	t->augment = a.augment;
	a.dataset = inputs[0].path;
	a.space = inputs[1].path;
	a.weights = inputs[2].path;
	a.candidates = inputs[3].path;
	a.labels = inputs[4].path;
	die_on(evaluate(&a, s.out, &s.recipe, s.threads, s.mem));
	return stage_end(&s);
}
