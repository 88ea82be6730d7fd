/* nas-propose: asks a strategy for the next architectures. */
#include "base/die.h"
#include "stages/frame.h"
#include "stages/propose/propose.h"

static const char *strategy_word(int i)
{
	return plugin_name(PLUGIN_TABLE(strategy_table), i);
}

int main(int argc, char **argv)
{
	struct propose_args a = {
		.strategy = "tpe", .k = 16, .round = 1, .phase = 1, .seed = 1, .settings = strategy_defaults,
	};
	const struct opt options[] = {
		OPT_WORD("strategy", &a.strategy, strategy_word, "who proposes"),
		OPT_LONG("k", &a.k, 0, 100000, "new candidates"),
		OPT_LONG("rescore", &a.rescore, 0, 100000, "best trials of earlier phases to score again, before the new ones"),
		OPT_LONG("round", &a.round, 1, 1000000, "round of the search, from 1"),
		OPT_LONG("phase", &a.phase, 0, 1000000, "phase that the scores will belong to"),
		OPT_COUNT("max-macs", &a.settings.caps.macs, "most multiply-adds for one image; 0: no limit"),
		OPT_COUNT("max-params", &a.settings.caps.params, "most parameters; 0: no limit"),
		OPT_LONG("seed", &a.seed, 0, 4294967295, "seed of the search"),
		OPT_REAL("good-share", &a.settings.good_share, 0.001, 1, "tpe: share of the observations that are good"),
		OPT_LONG("good-max", &a.settings.good_max, 1, 100000, "tpe: most observations that are good"),
		OPT_LONG("startup", &a.settings.startup, 0, 100000, "tpe: observations before which proposals are random"),
		OPT_LONG("candidates", &a.settings.candidates, 1, 100000, "tpe: draws of which the best is proposed"),
		OPT_REAL("prior-weight", &a.settings.prior_weight, 0.001, 1000, "tpe: weight of the uniform prior, in observations"),
		OPT_END
	};
	struct stage_input inputs[] = {
		{ .role = "space", .help = "space.h5 of nas-space or nas-shrink" },
		{ .role = "history", .help = "history.h5 of nas-record", .optional = true },
		{ .role = "list", .help = "text file with one architecture per line, for strategy list", .optional = true, .foreign = true },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-propose", .version = 1, .summary = "propose architectures for evaluation",
		.options = options, .inputs = inputs, .output = "candidates.h5",
	};

	stage_begin(&s, argc, argv);
	a.space = inputs[0].path;
	a.history = inputs[1].path;
	a.list = inputs[2].path;
	die_on(propose(&a, s.out, &s.recipe, s.mem));
	return stage_end(&s);
}
