/* Every decision uniformly and independently (Guo et al. 2020, "Single path one-shot neural architecture
 * search with uniform sampling", section 3.2). */
#include "space/space.h"

static void uniform_draw(const struct space *s, uint64_t seed, int64_t step, int draw, uint8_t *code)
{
	struct rng r = rng_stream(seed, "sampler/uniform", (uint32_t)step, (uint32_t)((uint64_t)step >> 32),
	                          (uint32_t)draw);

	space_uniform(s, &r, code);
}

const struct sampler sampler_uniform = {
	.name = "uniform", .summary = "each decision uniformly among its choices that are on", .draw = uniform_draw,
};
