/* nas-select: the networks to keep. */
#include "base/die.h"
#include "stages/frame.h"
#include "stages/select/choose.h"

int main(int argc, char **argv)
{
	struct choose_args a = choose_defaults;
	const struct opt options[] = {
		OPT_TEXT("pick", &a.pick, "best, pareto or ensemble:N"),
		OPT_COUNT("max-macs", &a.max_macs, "most multiply-adds for one image; 0: no limit"),
		OPT_COUNT("max-params", &a.max_params, "most parameters; 0: no limit"),
		OPT_END
	};
	struct stage_input inputs[] = {
		{ .role = "space", .help = "space.h5 that the trials are of" },
		{ .role = "history", .help = "history.h5; trials of its last phase are chosen from" },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-select", .version = 2, .summary = "select the best network, a Pareto front or an ensemble",
		.options = options, .inputs = inputs, .output = "selection.h5",
	};

	stage_begin(&s, argc, argv);
	a.space = inputs[0].path;
	a.history = inputs[1].path;
	die_on(choose(&a, s.out, &s.recipe, s.mem));
	return stage_end(&s);
}
