/* TIFF files through libtiff. */
#include "tests/fuzz/stages/ingest/images.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file("image.tif", data, size);
	char copy[128];

	strcpy(copy, path);
	fuzz_images(copy);
	unlink(copy);
	return 0;
}
