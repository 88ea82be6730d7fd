/* Digests. */
#include "tests/harness.h"

#include <unistd.h>

#include "base/hash.h"

/* Published in xxHash's specification of XXH3 (doc/xxhash_spec.md) and by `xxhsum -H2 /dev/null`. */
static void the_digest_of_nothing_is_the_published_one(void **state)
{
	struct digest d = hash128("", 0);
	char text[DIGEST_TEXT];

	(void)state;
	digest_print(&d, text);
	assert_string_equal(text, "99aa06d3014798d86001c324468d497f");
	assert_true(hash64_text("") == 0x2d06800538d394c2);
}

static void streaming_equals_one_piece(void **state)
{
	static unsigned char data[100000];
	struct digest whole, pieces;
	struct hasher *h = hasher_new();
	size_t at = 0, n;

	(void)state;
	for (n = 0; n < sizeof data; n++)
		data[n] = (unsigned char)(n * 31 + n / 256);
	for (n = 0; at < sizeof data; at += n) {
		n = at % 777 + 1;
		if (n > sizeof data - at)
			n = sizeof data - at;
		hasher_add(h, data + at, n);
	}
	hasher_add(h, NULL, 0);
	pieces = hasher_end(h);
	whole = hash128(data, sizeof data);
	assert_true(digest_equal(&whole, &pieces));
	data[5] ^= 1;
	whole = hash128(data, sizeof data);
	assert_false(digest_equal(&whole, &pieces));
}

static void digests_are_read_back_and_nothing_else_is(void **state)
{
	static const char *const bad[] = { "", "0123", "0123456789abcdef0123456789abcdeg", "0123456789ABCDEF0123456789abcdef",
		"0123456789abcdef0123456789abcdef0" };
	struct digest d, back;
	char text[DIGEST_TEXT];
	size_t i;

	(void)state;
	d = hash128("x", 1);
	digest_print(&d, text);
	assert_ok(digest_parse(text, &back));
	assert_true(digest_equal(&d, &back));
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_fails(digest_parse(bad[i], &back), ERR_DATA, "32 hexadecimal digits");
}

static void a_file_has_the_digest_of_its_bytes(void **state)
{
	char path[] = "/tmp/nasmill-test-hash-XXXXXX";
	struct digest file, bytes = hash128("hello\n", 6);
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "hello\n", 6), 6);
	close(fd);
	assert_ok(hash_file(path, &file));
	assert_true(digest_equal(&file, &bytes));
	unlink(path);
	assert_fails(hash_file(path, &file), ERR_NOINPUT, "No such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_digest_of_nothing_is_the_published_one),
		cmocka_unit_test(streaming_equals_one_piece),
		cmocka_unit_test(digests_are_read_back_and_nothing_else_is),
		cmocka_unit_test(a_file_has_the_digest_of_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
