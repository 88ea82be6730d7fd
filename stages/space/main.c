/* nas-space: the named search space for these images. */
#include "base/die.h"
#include "space/space.h"
#include "stages/frame.h"
#include "stages/space/make.h"

static const char *space_word(int i)
{
	return plugin_name(PLUGIN_TABLE(space_table), i);
}

int main(int argc, char **argv)
{
	struct space_args a = space_defaults;
	const struct opt options[] = {
		OPT_WORD("space", &a.space, space_word, "search space"),
		OPT_REAL("width", &a.width, 0.001, 64, "multiplier of all widths"),
		OPT_LONG("classes", &a.classes, 0, 1000000, "classes of the classifier that cost counts; 0: none"),
		OPT_END
	};
	struct stage_input inputs[] = {
		{ .role = "dataset", .help = "dataset.h5 of nas-ingest: shape of the images" },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-space", .version = 1, .summary = "set up a search space for a set of images",
		.options = options, .inputs = inputs, .output = "space.h5",
	};

	stage_begin(&s, argc, argv);
	die_on(make_space(&a, inputs[0].path, s.out, &s.recipe, s.mem));
	return stage_end(&s);
}
