/* Known values of architectures from a text file: `code <TAB> value` a line, larger is better; blank lines
 * and what follows a '#' are ignored. */
#ifndef SEARCH_VALUES_H
#define SEARCH_VALUES_H

#include <stdint.h>
#include "space/space.h"

struct values {
	int64_t count;
	struct value { const uint8_t *code; double value; int line; } *value;    /* canonical codes, in the order of the file */
};

/* ERR_NOINPUT, ERR_DATA (file and line: no code of this space, no number, an architecture twice). */
int values_read(struct values *v, const char *path, const struct space *s, struct arena *mem);
/* The value of a canonical code, NaN when the file has none. */
double values_find(const struct values *v, const struct space *s, const uint8_t *code);

#endif
