/* Architecture text of every space: byte 0 says which, the rest is the text.  What parses is a code of that
 * space, prints, and parses again to the same code. */
#include "space/space.h"
#include "tests/fuzz/fuzz.h"

static void use(const struct space *s, const char *text)
{
	uint8_t code[SPACE_MAX_DECISIONS] = { 0 }, again[SPACE_MAX_DECISIONS] = { 0 }, canonical[SPACE_MAX_DECISIONS] = { 0 };
	char printed[SPACE_TEXT];

	if (fuzz_try(s->type->parse(s, text, code)) < 0)
		return;
	for (int d = 0; d < s->decisions; d++)
		FUZZ_CHECK(code[d] < s->decision[d].choices);
	s->type->print(s, code, printed, sizeof printed);
	FUZZ_CHECK(s->type->parse(s, printed, again) == 0);
	FUZZ_CHECK(!memcmp(code, again, (size_t)s->decisions));
	s->type->canonical(s, code, canonical);
	s->type->canonical(s, canonical, again);
	FUZZ_CHECK(!memcmp(canonical, again, (size_t)s->decisions));
	FUZZ_CHECK(space_hash(s, code) == space_hash(s, canonical));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct space_settings set = { .rows = 32, .columns = 32, .channels = 3, .classes = 10 };
	static struct space *space[64];
	static struct arena *lasting;
	static int n;
	char *text;

	if (!n) {
		lasting = arena_new();
		for (; space_table[n] && n < 64; n++)
			FUZZ_CHECK((space[n] = space_new(lasting, space_table[n]->name, &set)));
	}
	if (!size)
		return 0;
	text = fuzz_text(data + 1, size - 1);
	use(space[data[0] % n], text);
	free(text);
	return 0;
}
