/* Files of every schema with edits anywhere, the digest right: schema check, libhdf5 and the readers of common/h5. */
#include "tests/fuzz/edits.h"

enum { SCHEMAS_MAX = 64 };

static int make_examples(struct fuzz_example e[SCHEMAS_MAX])
{
	int n = 0;

	for (; h5_schema_table[n] && n < SCHEMAS_MAX; n++) {
		const char *path = fuzz_path("example.h5");

		FUZZ_CHECK(example_write(path, h5_schema_table[n]) == 0);
		e[n] = fuzz_example_take(path);
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_example example[SCHEMAS_MAX];
	static int n;
	const char *path;

	if (!n)
		n = make_examples(example);
	if (!size)
		return 0;
	path = fuzz_edited(&example[data[0] % n], data + 1, size - 1);
	fuzz_try(example_read(path));
	unlink(path);
	return 0;
}
