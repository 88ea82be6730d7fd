/* Stamps and the texts of nas-ingest's options. */
#include "stages/ingest/stamp.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file("stamp", data, size);
	const struct digest listing = { { 0 } };
	struct ingest_digests d;
	int64_t share[DATA_SPLITS], h, w;
	char *text = fuzz_text(data, size);

	fuzz_try(stamp_read(path, &listing, 3, &d));
	if (fuzz_try(ingest_parse_split(text, size & 1, share)) == 0)
		FUZZ_CHECK(share[0] > 0 && share[1] >= 0 && share[2] >= 0);
	if (fuzz_try(ingest_parse_size(text, &h, &w)) == 0)
		FUZZ_CHECK(h >= 0 && w >= 0 && h <= 65536 && w <= 65536 && !h == !w);
	free(text);
	unlink(path);
	return 0;
}
