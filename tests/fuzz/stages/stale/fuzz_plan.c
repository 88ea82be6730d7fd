/* Plans of nas-stale.  Nothing is asked: that would run the commands. */
#include "stages/stale/plan.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new();
	const char *path = fuzz_file("plan", data, size);
	struct plan p;

	if (fuzz_try(plan_read(&p, path, mem)) == 0)
		for (int i = 0; i < p.n; i++) {
			FUZZ_CHECK(p.targets[i].path && p.targets[i].command);
			for (int k = 0; k < p.targets[i].n_inputs; k++)
				FUZZ_CHECK(p.targets[i].inputs[k][0]);
		}
	unlink(path);
	arena_free(mem);
	return 0;
}
