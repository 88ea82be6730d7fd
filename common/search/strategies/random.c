/* Uniform over canonical codes that are new and under the caps. */
#include "search/strategy.h"

static int random_propose(const struct ask *a, int64_t id, struct rng *r, uint8_t *code)
{
	(void)id;
	return ask_uniform_new(a, r, code);
}

const struct strategy strategy_random = {
	.name = "random", .summary = "uniform over canonical codes", .propose = random_propose,
};
