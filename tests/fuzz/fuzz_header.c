/* The user block: bytes as they come, without a right digest. */
#include "h5/file.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file("file.h5", data, size);
	struct h5_header h;
	struct h5_file *f;

	fuzz_try(h5_header_read(path, &h));
	fuzz_try(h5_header_verify(path, &h));
	if (fuzz_try(h5_open(&f, path, NULL)) == 0)
		h5_close(f);
	unlink(path);
	return 0;
}
