/* selection.h5: chosen architectures, with all that is needed to build them. */
#ifndef SEARCH_SELECTION_H
#define SEARCH_SELECTION_H

#include "search/history.h"

struct selection {
	struct space *space;         /* all choices on */
	struct history members;      /* done; first the best */
	char *pick;
};

int selection_write(const struct space *s, const struct trial *const *member, int64_t members,
                    const char *pick, const char *path, const struct h5_recipe *recipe);
int selection_read(struct selection *out, const char *path, struct arena *mem);

#endif
