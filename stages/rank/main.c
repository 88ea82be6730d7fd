/* nas-rank: how well scores order networks, against cost and against known values. */
#include "base/die.h"
#include "base/err.h"
#include "stages/frame.h"
#include "stages/rank/ranking.h"

int main(int argc, char **argv)
{
	struct ranking_args a = { .from = { .strata = "depth", .bins = 5 },
	                          .how = { .top = 10, .samples = 1000, .seed = 1 } };
	const struct opt options[] = {
		OPT_WORD("strata", &a.from.strata, strata_words, "networks of like cost are those of equal depth, or of a bin of"),
		OPT_LONG("bins", &a.from.bins, 1, 64, "strata macs and params: bins of as many networks each"),
		OPT_LONG("top", &a.how.top, 1, 1000000, "k of precision at k and of the best of the top k"),
		OPT_LONG("samples", &a.how.samples, 0, 1000000, "bootstrap samples of the interval of tau-b; 0: no interval"),
		OPT_LONG("seed", &a.how.seed, 0, 9e15, "seed of the bootstrap"),
		OPT_EXEC_TEXT("scores-out", &a.scores_out, "write `code TAB score` of every network to this file too"),
		OPT_EXEC_TEXT("table-out", &a.table_out, "write the comparisons to this tab-separated file too"),
		OPT_END
	};
	struct stage_input inputs[] = {
		{ .role = "space", .help = "space.h5 that the trials are of" },
		{ .role = "scores", .help = "history.h5 or scores.h5, trials of its last phase; of several files the mean", .many = true },
		{ .role = "against", .help = "another such file, whose scores are the known values", .optional = true },
		{ .role = "truth", .help = "text file of known values, `code TAB value` a line", .optional = true, .foreign = true },
		{ .role = "metrics", .help = "metrics.h5 of one network, whose top-1 is a known value", .optional = true, .many = true },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-rank", .version = 2, .summary = "compare the order of scores with cost and with known values",
		.options = options, .inputs = inputs, .output = "ranking.h5",
	};

	stage_begin(&s, argc, argv);
	if (!!inputs[2].path + !!inputs[3].path + !!inputs[4].path > 1)
		die_on(err_set(ERR_USAGE, "--against, --truth, --metrics: known values come from one source, give one of the three"));
	a.from.space = inputs[0].path;
	a.from.scores = inputs[1].paths;
	a.from.n_scores = inputs[1].n_paths;
	a.from.metrics = inputs[4].paths;
	a.from.n_metrics = inputs[4].n_paths;
	a.from.against = inputs[2].path;
	a.from.truth = inputs[3].path;
	die_on(ranking(&a, s.out, &s.recipe, s.mem));
	return stage_end(&s);
}
