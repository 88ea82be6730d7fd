/* Known values of architectures, larger is better; as a text file `code <TAB> value` a line (lines.h). */
#ifndef SEARCH_VALUES_H
#define SEARCH_VALUES_H

#include <stdbool.h>
#include "search/codes.h"
#include "space/space.h"

struct values {
	struct codes codes;
	int room;
	double *value;               /* of architecture number 0, 1, ... */
};

struct values values_new(const struct space *s);
/* The value of a canonical code, which must stay where it is; false: it had one before. */
bool values_set(struct values *v, struct arena *mem, const uint8_t *code, double value);
/* ERR_NOINPUT, ERR_DATA (file and line: no code of this space, no number, an architecture twice). */
int values_read(struct values *v, const char *path, const struct space *s, struct arena *mem);
/* The value of a canonical code, NaN when it has none. */
double values_find(const struct values *v, const uint8_t *code);

#endif
