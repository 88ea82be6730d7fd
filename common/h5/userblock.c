/* The user block: what a file says of itself before libhdf5 is asked.  Offsets are in file.h. */
#include "h5/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/read.h"

#define FORMAT_VERSION 1
#define AT_FORMAT 8
#define AT_SCHEMA_VERSION 12
#define AT_SCHEMA 16
#define AT_LENGTH 48
#define AT_DIGEST 56
#define AT_RECIPE 72
#define AT_ZEROS 88
#define SCHEMA_SIZE 32
#define PIECE (64 << 10)             /* read at once; stays in cache until it is hashed */

static const char magic[8] = "NASMILL\n";
static const char remedy[] = "delete it and run make again";

static void put(unsigned char *at, uint64_t value, int bytes)
{
	for (; bytes--; value >>= 8)
		*at++ = (unsigned char)value;
}

static uint64_t get(const unsigned char *at, int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

/* Opens a regular file and reads its block.  O_NONBLOCK: a FIFO must not hang us. */
static int open_block(const char *path, const char *shown, int *fd, unsigned char block[H5_USERBLOCK],
                      uint64_t *length)
{
	struct stat st;
	ssize_t n;
	int code = 0;

	*length = 0;
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0)
		return err_system(ERR_NOINPUT, shown, "open");
	if (fstat(*fd, &st))
		code = err_system(ERR_IO, shown, "open");
	else if (!S_ISREG(st.st_mode))
		code = err_set(ERR_DATA, "%s: is %s; expected a nasmill file", shown,
		               S_ISDIR(st.st_mode) ? "a folder" : "no regular file");
	else if ((n = read_fully(*fd, block, H5_USERBLOCK)) < 0)
		code = err_system(ERR_IO, shown, "read");
	else if (n == 0)
		code = err_set(ERR_DATA, "%s: is empty; %s", shown, remedy);
	else if (memcmp(block, magic, (size_t)n < sizeof magic ? (size_t)n : sizeof magic))
		code = err_set(ERR_DATA, "%s: is no nasmill file; was it written by another program?", shown);
	else if (n < H5_USERBLOCK)
		code = err_set(ERR_DATA, "%s: is cut off after %zd bytes; %s", shown, n, remedy);
	if (code) {
		close(*fd);
		*fd = -1;
		return code;
	}
	*length = (uint64_t)st.st_size;
	return 0;
}

static int parse_block(const char *shown, const unsigned char *block, struct h5_header *h)
{
	*h = (struct h5_header){
		.format_version = (int)get(block + AT_FORMAT, 4), .schema_version = (int)get(block + AT_SCHEMA_VERSION, 4),
		.length = get(block + AT_LENGTH, 8),
	};
	memcpy(h->schema, block + AT_SCHEMA, SCHEMA_SIZE);
	memcpy(h->digest.byte, block + AT_DIGEST, sizeof h->digest.byte);
	memcpy(h->recipe.byte, block + AT_RECIPE, sizeof h->recipe.byte);
	if (h->format_version != FORMAT_VERSION)
		return err_set(ERR_DATA, "%s: format version %d, expected %d; was it written by a newer nasmill, or damaged?",
		               shown, h->format_version, FORMAT_VERSION);
	if (!h->schema[0])
		return err_set(ERR_DATA, "%s: names no schema: it is damaged; %s", shown, remedy);
	return 0;
}

int h5_header_read(const char *path, struct h5_header *h)
{
	unsigned char block[H5_USERBLOCK];
	uint64_t length;
	int fd;

	TRY(open_block(path, path, &fd, block, &length));
	close(fd);
	TRY(parse_block(path, block, h));
	if (length != h->length)
		return err_set(ERR_DATA, "%s: %llu bytes long, expected %llu: it is damaged; %s", path,
		               (unsigned long long)length, (unsigned long long)h->length, remedy);
	return 0;
}

/* Digest of block (its digest field zero) and of what follows in fd, which must be length bytes in all. */
static int digest_rest(int fd, const char *shown, unsigned char *block, uint64_t length, struct digest *d)
{
	struct hasher *h = hasher_new();
	unsigned char piece[PIECE];
	uint64_t total = H5_USERBLOCK;
	ssize_t n;

	memset(block + AT_DIGEST, 0, sizeof d->byte);
	hasher_add(h, block, H5_USERBLOCK);
	while ((n = read_fully(fd, piece, PIECE)) > 0) {
		hasher_add(h, piece, (size_t)n);
		total += (uint64_t)n;
	}
	*d = hasher_end(h);
	if (n < 0)
		return err_system(ERR_IO, shown, "read");
	if (total != length)
		return err_set(ERR_DATA, "%s: changed while it was read; try again", shown);
	return 0;
}

/* Versions of HDF5's superblock before 3 come with metadata that has no checksums: damage in it may crash
 * libhdf5, and we never write them. */
static int check_superblock(int fd, const char *shown)
{
	static const unsigned char expected[] = { 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n', 3 };
	unsigned char found[sizeof expected];
	ssize_t n = read_fully_at(fd, found, sizeof found, H5_USERBLOCK);

	if (n < 0)
		return err_system(ERR_IO, shown, "read");
	if (n != (ssize_t)sizeof found)
		return err_set(ERR_DATA, "%s: holds nothing behind its user block; %s", shown, remedy);
	if (memcmp(found, expected, sizeof expected - 1))
		return err_set(ERR_DATA, "%s: is no HDF5 file behind its user block; was it written by another program?", shown);
	if (found[8] != expected[8])
		return err_set(ERR_DATA, "%s: is HDF5 of an old format (superblock %d, expected %d); was it written by another program?",
		               shown, found[8], expected[8]);
	return 0;
}

static int verify(const char *path, const char *shown, struct h5_header *h)
{
	unsigned char block[H5_USERBLOCK];
	uint64_t length;
	struct digest found;
	int fd, i, code;

	TRY(open_block(path, shown, &fd, block, &length));
	code = parse_block(shown, block, h);
	if (!code && length != h->length)
		code = err_set(ERR_DATA, "%s: %llu bytes long, expected %llu: it is damaged; %s", shown,
		               (unsigned long long)length, (unsigned long long)h->length, remedy);
	for (i = AT_ZEROS; !code && i < H5_USERBLOCK; i++)
		if (block[i])
			code = err_set(ERR_DATA, "%s: byte %d is %d, expected 0: it is damaged; %s", shown, i, block[i], remedy);
	if (!code)
		code = digest_rest(fd, shown, block, length, &found);
	if (!code && !digest_equal(&found, &h->digest))
		code = err_set(ERR_DATA, "%s: its digest is not that of its content: it is damaged; %s", shown, remedy);
	if (!code)
		code = check_superblock(fd, shown);
	close(fd);
	return code;
}

int h5_header_verify(const char *path, struct h5_header *h)
{
	return verify(path, path, h);
}

static int write_block(int fd, const char *shown, const unsigned char *block)
{
	size_t done = 0;

	while (done < H5_USERBLOCK) {
		ssize_t n = pwrite(fd, block + done, H5_USERBLOCK - done, (off_t)done);

		if (n < 0 && errno != EINTR)
			return err_system(ERR_IO, shown, "write");
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}

int h5_header_write(const char *path, const char *shown, const struct h5_schema *schema, struct digest recipe)
{
	unsigned char block[H5_USERBLOCK] = { 0 };
	struct h5_header back;
	struct digest d;
	struct stat st;
	int fd, code = 0;

	if (strlen(schema->name) > SCHEMA_SIZE)
		return err_set(ERR_INTERNAL, "schema name \"%s\" is longer than %d", schema->name, SCHEMA_SIZE);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		code = err_system(ERR_IO, shown, "write");
	else if (st.st_size <= H5_USERBLOCK)
		code = err_set(ERR_INTERNAL, "%s: nothing behind the user block", shown);
	if (!code) {
		memcpy(block, magic, sizeof magic);
		put(block + AT_FORMAT, FORMAT_VERSION, 4);
		put(block + AT_SCHEMA_VERSION, (uint64_t)schema->version, 4);
		memcpy(block + AT_SCHEMA, schema->name, strlen(schema->name));
		put(block + AT_LENGTH, (uint64_t)st.st_size, 8);
		memcpy(block + AT_RECIPE, recipe.byte, sizeof recipe.byte);
		if (lseek(fd, H5_USERBLOCK, SEEK_SET) < 0)
			code = err_system(ERR_IO, shown, "read");
	}
	if (!code)
		code = digest_rest(fd, shown, block, (uint64_t)st.st_size, &d);
	if (!code) {
		memcpy(block + AT_DIGEST, d.byte, sizeof d.byte);
		code = write_block(fd, shown, block);
	}
	if (fd >= 0 && close(fd) && !code)
		code = err_system(ERR_IO, shown, "close");
	if (!code)
		code = verify(path, shown, &back);
	return code;
}
