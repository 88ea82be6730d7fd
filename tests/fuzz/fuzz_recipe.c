/* Two recipes, cut apart at the first zero byte: the explanation of what differs. */
#include "h5/recipe.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *there = fuzz_text(data, size), *now, difference[1024], tiny[7];
	const size_t n = strlen(there);

	now = there + n + (n < size);
	h5_recipe_difference(there, now, difference, sizeof difference);
	h5_recipe_difference(there, there, tiny, sizeof tiny);
	FUZZ_CHECK(!tiny[0]);
	h5_recipe_difference(now, there, tiny, sizeof tiny);
	free(there);
	return 0;
}
