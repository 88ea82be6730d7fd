/* Settings of the strategies under the names by which they are known (csnas-tpe.md 3.9, 3.10).
 *
 *   default          Optuna's multivariate estimator with the linear split, duplicates rejected
 *   csnas            what the released CSNAS search runs: hyperopt's defaults, 24 draws, sqrt split of 0.25
 *   csnas-intended   what its script means to run: share 0.2 and 20,000 draws, which is the exact best choice
 *
 * Evolution: Real et al. 2019 for populations of the size of these searches. */
#include <string.h>
#include "search/strategy.h"

#define HYPEROPT .mode = "independent", .split = "sqrt", .kernel = "hyperopt", .weights = "age", .liar = "bad", \
	.good_max = 25, .startup = 20, .prior_weight = 1, .choice_prior = ""
#define EVOLUTION .evolution = { .population = 20, .tournament = 5 }

const struct strategy_settings strategy_defaults = {
	.seed = 1, .repeat = "reject", EVOLUTION,
	.tpe = { .mode = "multivariate", .split = "linear", .kernel = "optuna", .weights = "age", .liar = "bad",
	         .good_share = 0.1, .good_max = 25, .startup = 10, .candidates = 24, .prior_weight = 1, .choice_prior = "" },
};

static const struct strategy_settings csnas = {
	.seed = 1, .repeat = "allow", EVOLUTION, .tpe = { HYPEROPT, .good_share = 0.25, .candidates = 24 },
};

static const struct strategy_settings intended = {
	.seed = 1, .repeat = "allow", EVOLUTION, .tpe = { HYPEROPT, .good_share = 0.2, .candidates = 0 },
};

static const struct { const char *name; const struct strategy_settings *settings; } profile[] = {
	{ "default", &strategy_defaults }, { "csnas", &csnas }, { "csnas-intended", &intended }, { NULL, NULL },
};

const char *strategy_profiles(int i) { return profile[i].name; }

const struct strategy_settings *strategy_profile(const char *name)
{
	for (int i = 0; profile[i].name; i++)
		if (!strcmp(profile[i].name, name))
			return profile[i].settings;
	return NULL;
}

/* The i-th of some words. */
#define WORDS(name, ...) const char *name(int i) { return (const char *const[]){ __VA_ARGS__, NULL }[i]; }

WORDS(strategy_repeats, "reject", "allow")
WORDS(tpe_modes, "multivariate", "independent")
WORDS(tpe_splits, "linear", "sqrt")
WORDS(tpe_kernels, "optuna", "hyperopt")
WORDS(tpe_weights, "age", "uniform", "ei")
WORDS(tpe_liars, "bad", "ignore")
