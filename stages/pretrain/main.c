/* nas-pretrain: trains a supernet on images, without labels unless --objective asks for them. */
#include "base/die.h"
#include "stages/frame.h"
#include "stages/pretrain/pretrain.h"

int main(int argc, char **argv)
{
	struct pretrain_args a = pretrain_defaults;
	const struct opt options[] = {
		OPT_WORD("objective", &a.training.objective, objective_word, "what the weights are trained for"),
		OPT_WORD("regime", &a.regime, regime_word, "what one training step is"),
		OPT_WORD("sampler", &a.sampler, sampler_word, "which path trains next"),
		OPT_LONG("phase", &a.phase, 0, INT32_MAX, "phase that scores from these weights will belong to"),
		TRAINING_OPTIONS(&a.training),
		OPT_END
	};
	struct stage_input inputs[] = {
		{ .role = "dataset", .help = "dataset.h5 of nas-ingest" },
		{ .role = "space", .help = "space.h5: choices that are off are not trained" },
		{ .role = "labels", .help = "labels.h5, for an objective that needs it", .optional = true },
		{ .role = "weights", .help = "earlier weights.h5 to go on from", .optional = true },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-pretrain", .version = 1, .summary = "train the shared weights of all networks of a space",
		.options = options, .inputs = inputs, .output = "weights.h5", .graceful = true,
	};
	stage_begin(&s, argc, argv);
	a.dataset = inputs[0].path;
	a.space = inputs[1].path;
	a.labels = inputs[2].path;
	a.weights = inputs[3].path;
	die_on(pretrain(&a, s.out, &s.recipe, s.threads, s.mem));
	return stage_end(&s);
}
