/* Tables of known values (truth): byte 0 says of which space. */
#include <math.h>

#include "search/values.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct space_settings set = { .rows = 32, .columns = 32, .channels = 3, .classes = 10 };
	uint8_t code[SPACE_MAX_DECISIONS] = { 0 };
	struct arena *mem;
	struct space *s;
	struct values v;
	const char *path;
	int n = 0;

	if (!size)
		return 0;
	while (space_table[n])
		n++;
	mem = arena_new();
	s = space_new(mem, space_table[data[0] % n]->name, &set);
	FUZZ_CHECK(s);
	path = fuzz_file("truth.tsv", data + 1, size - 1);
	if (fuzz_try(values_read(&v, path, s, mem)) == 0) {
		s->type->canonical(s, code, code);
		FUZZ_CHECK(!isinf(values_find(&v, code)));
	}
	unlink(path);
	arena_free(mem);
	return 0;
}
