/* nas-record: adds what evaluation found to the history of a search. */
#include "base/die.h"
#include "stages/frame.h"
#include "stages/record/record.h"

int main(int argc, char **argv)
{
	struct record_args a = { 0 };
	const struct opt options[] = { OPT_END };
	struct stage_input inputs[] = {
		{ .role = "space", .help = "space.h5 that the candidates are of" },
		{ .role = "candidates", .help = "candidates.h5 of nas-propose" },
		{ .role = "scores", .help = "scores.h5 of nas-evaluate, once for each shard", .many = true },
		{ .role = "history", .help = "history.h5 so far", .optional = true },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-record", .version = 1, .summary = "record the scores of candidates",
		.options = options, .inputs = inputs, .output = "history.h5",
	};

	stage_begin(&s, argc, argv);
	a.space = inputs[0].path;
	a.candidates = inputs[1].path;
	a.scores = inputs[2].paths;
	a.n_scores = inputs[2].n_paths;
	a.history = inputs[3].path;
	die_on(record(&a, s.out, &s.recipe, s.mem));
	return stage_end(&s);
}
