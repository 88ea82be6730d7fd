/* nas-shrink: switches choices off. */
#include "base/die.h"
#include "stages/frame.h"
#include "stages/shrink/shrink.h"

static const char *shrinker_word(int i)
{
	return plugin_name(PLUGIN_TABLE(shrinker_table), i);
}

int main(int argc, char **argv)
{
	struct shrink_args a = { .shrinker = "marginal", .settings = shrink_defaults };
	const struct opt options[] = {
		OPT_WORD("shrinker", &a.shrinker, shrinker_word, "who decides"),
		OPT_LONG("drop", &a.settings.drop, 0, 100000, "choices to switch off, over all decisions"),
		OPT_LONG("keep", &a.settings.keep, 1, 64, "choices that stay on in each decision"),
		OPT_REAL("diversity", &a.settings.diversity, 0, 1, "weight of diversity against quality"),
		OPT_EXEC_FLAG("dry-run", &a.dry_run, "print the table of choices and write nothing; needs no --out"),
		OPT_END
	};
	struct stage_input inputs[] = {
		{ .role = "space", .help = "space.h5 to shrink" },
		{ .role = "history", .help = "history.h5 of nas-record" },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-shrink", .version = 1, .summary = "switch off the least useful choices of a space",
		.options = options, .inputs = inputs, .output = "space.h5", .no_output = &a.dry_run,
	};

	stage_begin(&s, argc, argv);
	a.space = inputs[0].path;
	a.history = inputs[1].path;
	die_on(shrink(&a, s.out, &s.recipe, s.mem));
	return stage_end(&s);
}
