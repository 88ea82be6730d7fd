/* Text that a report reads: byte 0 says whether a log or a table of latencies. */
#include <math.h>

#include "stages/report/run.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem;
	const char *path;
	double measured;

	if (!size)
		return 0;
	mem = arena_new();
	mkdir(fuzz_path("log"), 0700);
	mkdir(fuzz_path("measured"), 0700);
	path = fuzz_file(data[0] & 1 ? "log/a.log" : "measured/latency.tsv", data + 1, size - 1);
	if (data[0] & 1) {
		FUZZ_CHECK(!run_seconds(fuzz_folder, mem, &measured));
		FUZZ_CHECK(isnan(measured) || measured >= 0);
	} else {
		FUZZ_CHECK(!run_latency(fuzz_folder, mem, &measured));
		FUZZ_CHECK(!isinf(measured));
	}
	unlink(path);
	rmdir(fuzz_path("log"));
	rmdir(fuzz_path("measured"));
	arena_free(mem);
	return 0;
}
