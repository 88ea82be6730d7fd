/* nas-space: the named search space for these images. */
#include "base/die.h"
#include "space/space.h"
#include "stages/frame.h"
#include "stages/space/make.h"
#include "stages/space_words.h"

static const char *space_word(int i)
{
	return plugin_name(PLUGIN_TABLE(space_table), i);
}

int main(int argc, char **argv)
{
	struct space_args a = space_defaults;
	struct space_words words;
	const struct opt options[] = {
		OPT_WORD("space", &a.space, space_word, "search space"),
		OPT_FLAG("small", &a.small, "options that are auto make a small network, for a quick try"),
		OPT_LONG("classes", &a.classes, 0, 1000000, "classes of the classifier that cost counts; 0: none"),
		OPT_END
	};
	struct stage_input inputs[] = {
		{ .role = "dataset", .help = "dataset.h5 of nas-ingest: shape of the images" },
		{ .role = NULL },
	};
	struct stage s = {
		.name = "nas-space", .version = 2, .summary = "set up a search space for a set of images",
		.options = space_words_table(&words, options, "as the space has it"), .inputs = inputs,
		.output = "space.h5",
	};

	stage_begin(&s, argc, argv);
	a.options = space_words_text(&words, s.mem);
	die_on(make_space(&a, inputs[0].path, s.out, &s.recipe, s.mem));
	return stage_end(&s);
}
