/* Options of search spaces on a command line: a row "--<name> VALUE" for every option that a space declares.
 *
 *   struct space_words w;
 *   const struct opt *table = space_words_table(&w, fixed, "the space's own default");
 *   ... stage_begin parses ...
 *   settings.options = space_words_text(&w, mem);
 *
 * Values are checked by space_new, which knows the space. */
#ifndef STAGES_SPACE_WORDS_H
#define STAGES_SPACE_WORDS_H

#include "base/arena.h"
#include "base/opt.h"

enum { SPACE_WORDS = 32, SPACE_WORDS_ROWS = 96 };

struct space_words {
	int count;
	const char *name[SPACE_WORDS];
	const char *value[SPACE_WORDS];      /* "auto": not given */
	char help[SPACE_WORDS][512];
	struct opt table[SPACE_WORDS_ROWS];
};

/* Rows of `fixed`, then one for each option name of the spaces; `otherwise`: what auto means. */
const struct opt *space_words_table(struct space_words *w, const struct opt *fixed, const char *otherwise);
/* "name=value:name=value" of what was given. */
const char *space_words_text(const struct space_words *w, struct arena *mem);

#endif
