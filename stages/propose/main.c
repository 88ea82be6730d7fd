/* nas-propose: asks a strategy for the next architectures. */
#include "base/die.h"
#include "stages/frame.h"
#include "stages/propose/propose.h"

static const char *strategy_word(int i)
{
	return plugin_name(PLUGIN_TABLE(strategy_table), i);
}

/* A profile sets the defaults of the other options. */
static struct strategy_settings defaults_of(int argc, char **argv)
{
	const char *name = opt_peek(argc, argv, "profile");
	const struct strategy_settings *profile = name ? strategy_profile(name) : NULL;

	return profile ? *profile : strategy_defaults;
}

int main(int argc, char **argv)
{
	struct propose_args a = {
		.strategy = "tpe", .profile = "default", .k = 16, .round = 1, .phase = 1, .seed = 1,
	};
	struct tpe_settings *tpe = &a.settings.tpe;

	a.settings = defaults_of(argc, argv);
	const struct opt options[] = {
		OPT_WORD("strategy", &a.strategy, strategy_word, "who proposes"),
		OPT_LONG("k", &a.k, 0, 100000, "new candidates"),
		OPT_LONG("rescore", &a.rescore, 0, 100000, "best trials of earlier phases to score again, before the new ones"),
		OPT_LONG("round", &a.round, 1, 1000000, "round of the search, from 1"),
		OPT_LONG("phase", &a.phase, 0, 1000000, "phase that the scores will belong to"),
		OPT_COUNT("max-macs", &a.settings.caps.macs, "most multiply-adds for one image; 0: no limit"),
		OPT_COUNT("max-params", &a.settings.caps.params, "most parameters; 0: no limit"),
		OPT_LONG("seed", &a.seed, 0, 4294967295, "seed of the search"),
		OPT_WORD("profile", &a.profile, strategy_profiles, "defaults of all options below"),
		OPT_WORD("repeat", &a.settings.repeat, strategy_repeats, "tpe, evolution: may an architecture be proposed again?"),
		OPT_WORD("mode", &tpe->mode, tpe_modes, "tpe: one density over all decisions, or one each"),
		OPT_WORD("split", &tpe->split, tpe_splits, "tpe: good are share x N, or share x sqrt(N)"),
		OPT_WORD("kernel", &tpe->kernel, tpe_kernels, "tpe: estimator; hyperopt's needs mode independent"),
		OPT_WORD("weights", &tpe->weights, tpe_weights, "tpe: of observations: by age, all alike, or by improvement"),
		OPT_WORD("liar", &tpe->liar, tpe_liars, "tpe: pending trials are bad, or not seen"),
		OPT_REAL("good-share", &tpe->good_share, 0.001, 1, "tpe: share of the observations that are good"),
		OPT_LONG("good-max", &tpe->good_max, 1, 100000, "tpe: most observations that are good"),
		OPT_LONG("startup", &tpe->startup, 0, 100000, "tpe: observations before which proposals are random"),
		OPT_LONG("candidates", &tpe->candidates, 0, 100000, "tpe: draws of which the best is proposed; 0: the exact best"),
		OPT_REAL("prior-weight", &tpe->prior_weight, 0.001, 1000, "tpe: weight of the prior, in observations"),
		OPT_TEXT("choice-prior", &tpe->choice_prior, "tpe: prior of choices, NAME=WEIGHT:NAME=WEIGHT; others 1"),
		OPT_LONG("population", &a.settings.evolution.population, 1, 100000, "evolution: newest trials that can be parents"),
		OPT_LONG("tournament", &a.settings.evolution.tournament, 1, 100000, "evolution: rivals of which the best is the parent"),
		OPT_END
	};
	struct stage_input inputs[] = {
		{ .role = "space", .help = "space.h5 of nas-space or nas-shrink" },
		{ .role = "history", .help = "history.h5 of nas-record", .optional = true },
		{ .role = "list", .help = "text file with one architecture per line, for strategy list", .optional = true, .foreign = true },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-propose", .version = 2, .summary = "propose architectures for evaluation",
		.options = options, .inputs = inputs, .output = "candidates.h5",
	};

	stage_begin(&s, argc, argv);
	a.space = inputs[0].path;
	a.history = inputs[1].path;
	a.list = inputs[2].path;
	die_on(propose(&a, s.out, &s.recipe, s.mem));
	return stage_end(&s);
}
