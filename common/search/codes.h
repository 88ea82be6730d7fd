/* Distinct architectures, numbered 0, 1, 2 ... in the order in which they came; starts as all zero bytes but for
 * `decisions`.  Codes are canonical, and stay where they are. */
#ifndef SEARCH_CODES_H
#define SEARCH_CODES_H

#include <stdint.h>
#include "nn/index.h"

struct codes {
	int decisions;
	int count, room;
	const uint8_t **code;
	struct nn_index index;
};

int codes_find(const struct codes *c, const uint8_t *code);                  /* its number, or -1 */
int codes_number(struct codes *c, struct arena *mem, const uint8_t *code);   /* its number, a new one when it is new */

#endif
