/* CIFAR folders.  A whole record takes 3,073 bytes, so inputs say how files are made of them:
 *
 *   byte 0 & 1   CIFAR-100 instead of CIFAR-10       & 2  a third file: class names, the last bytes of the input
 *   bytes 1, 2   records of the training and the test file, modulo 4
 *   bytes 3, 4   bytes that are missing (signed) from each
 *   the rest     labels, from the first record on; repeated */
#include "tests/fuzz/stages/ingest/images.h"

static void put(const char *name, int records, int extra, int label_bytes, const uint8_t *label, size_t labels)
{
	static uint8_t bytes[4 * 3074 + 128];
	const long size = (long)records * (label_bytes + 3072) + extra;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = label[i / 3073 % labels];
	fuzz_file(name, bytes, size > 0 ? (size_t)size : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int hundred = size > 0 && data[0] & 1;
	const char *train = hundred ? "train.bin" : "data_batch_1.bin", *test = hundred ? "test.bin" : "test_batch.bin";
	const char *names = hundred ? "fine_label_names.txt" : "batches.meta.txt";

	if (size < 6)
		return 0;
	put(train, data[1] % 4, (int8_t)data[3], 1 + hundred, data + 5, size - 5);
	put(test, data[2] % 4, (int8_t)data[4], 1 + hundred, data + 5, size - 5);
	if (data[0] & 2)
		fuzz_file(names, data + 5, size - 5);
	fuzz_images(fuzz_folder);
	unlink(fuzz_path(train));
	unlink(fuzz_path(test));
	unlink(fuzz_path(names));
	return 0;
}
