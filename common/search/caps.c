/* Hard upper limits on cost: what is over them is never proposed and never selected. */
#include "base/err.h"
#include "search/strategy.h"

int caps_allow(const struct space *s, const struct caps *caps, const uint8_t *code)
{
	struct nn_cost cost;

	if (!caps->macs && !caps->params)
		return 1;
	TRY(space_cost(s, code, &cost));
	return (!caps->macs || cost.macs <= caps->macs) && (!caps->params || cost.params <= caps->params);
}
