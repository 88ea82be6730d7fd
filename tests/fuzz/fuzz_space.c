/* Options of every space: byte 0 says which, the rest is their text.  What is accepted makes a space of which a
 * network can be drawn, and its own text of options makes it again. */
#include "space/space.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct space_settings set = { .rows = 32, .columns = 32, .channels = 3, .classes = 10 };
	uint8_t code[SPACE_MAX_DECISIONS] = { 0 };
	struct rng r = rng_stream(1, "fuzz", 0, 0, 0);
	struct space *s, *again;
	struct arena *mem;
	const char *name;
	char *text;
	int n = 0;

	if (!size)
		return 0;
	while (space_table[n])
		n++;
	name = space_table[data[0] % n]->name;
	mem = arena_new();
	text = fuzz_text(data + 1, size - 1);
	set.options = text;
	s = space_new(mem, name, &set);
	if (s) {
		FUZZ_CHECK(s->decisions > 0 && s->decisions <= SPACE_MAX_DECISIONS);
		space_uniform(s, &r, code);
		FUZZ_CHECK(space_legal(s, code));
		again = space_new(mem, name, &s->settings);
		FUZZ_CHECK(again && again->decisions == s->decisions && !strcmp(again->settings.options, s->settings.options));
	} else {
		fuzz_try(-1);
	}
	free(text);
	arena_free(mem);
	return 0;
}
