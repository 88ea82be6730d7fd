/* Files of architectures for strategy "list": byte 0 says of which space. */
#include "search/strategy.h"
#include "tests/fuzz/fuzz.h"

extern const struct strategy strategy_list;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct space_settings set = { .rows = 32, .columns = 32, .channels = 3, .classes = 10 };
	struct strategy_settings how = strategy_defaults;
	struct arena *mem;
	struct history empty = { 0 }, proposed;
	struct ask a;
	int n = 0;

	if (!size)
		return 0;
	while (space_table[n])
		n++;
	mem = arena_new();
	a = (struct ask){ .history = &empty, .settings = &how, .mem = mem, .first_id = 0, .proposed = &proposed };
	a.space = space_new(mem, space_table[data[0] % n]->name, &set);
	FUZZ_CHECK(a.space);
	empty.decisions = a.space->decisions;
	proposed = (struct history){ .decisions = a.space->decisions, .trial = ARENA_NEW(mem, struct trial, 8) };
	how.file = fuzz_file("list.txt", data + 1, size - 1);
	fuzz_try(strategy_run(&strategy_list, &a, 8));
	for (int64_t i = 0; i < proposed.count; i++)
		FUZZ_CHECK(space_legal(a.space, proposed.trial[i].code));
	unlink(how.file);
	arena_free(mem);
	return 0;
}
