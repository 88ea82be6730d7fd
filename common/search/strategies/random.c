/* Uniform over canonical codes that are new and under the caps. */
#include "search/strategy.h"

static int random_propose(const struct ask *a, int64_t id, uint8_t *code)
{
	struct rng r = rng_stream(a->settings->seed, "propose", (uint32_t)id, 0, 0);

	return ask_uniform_new(a, &r, code);
}

const struct strategy strategy_random = {
	.name = "random", .summary = "uniform over canonical codes", .propose = random_propose,
};
