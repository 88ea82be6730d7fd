/* Text that a report reads: byte 0 says whether a log or a table of latencies. */
#include <math.h>

#include "stages/report/run.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem;
	const char *path;

	if (!size)
		return 0;
	mem = arena_new();
	mkdir(fuzz_path("log"), 0700);
	mkdir(fuzz_path("measured"), 0700);
	path = fuzz_file(data[0] & 1 ? "log/a.log" : "measured/latency.tsv", data + 1, size - 1);
	if (data[0] & 1) {
		const double seconds = run_seconds(fuzz_folder, mem);

		FUZZ_CHECK(isnan(seconds) || seconds >= 0);
	} else
		FUZZ_CHECK(!isinf(run_latency(fuzz_folder, mem)));
	unlink(path);
	rmdir(fuzz_path("log"));
	rmdir(fuzz_path("measured"));
	arena_free(mem);
	return 0;
}
