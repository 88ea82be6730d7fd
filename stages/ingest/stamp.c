/* The stamp file:
 *
 *   nasmill stamp 1
 *   listing DIGEST
 *   skipped 0
 *   digests PIXELS LABELS
 */
#include "stamp.h"

#include <stdio.h>
#include <unistd.h>
#include "base/err.h"
#include "base/tempfile.h"

bool stamp_exists(const char *path)
{
	return path[0] && access(path, F_OK) == 0;
}

int stamp_read(const char *path, const struct digest *listing, int64_t skip_bad, struct ingest_digests *d)
{
	if (!path[0])
		return 0;
	FILE *in = fopen(path, "re");
	if (!in)
		return 0;
	char l[DIGEST_TEXT], p[DIGEST_TEXT], q[DIGEST_TEXT];
	long long skipped;
	const int fields = fscanf(in, "nasmill stamp 1 listing %32s skipped %lld digests %32s %32s", l, &skipped,
	                          p, q);
	fclose(in);
	struct digest then;
	if (fields != 4 || skipped > skip_bad)
		return 0;
	if (digest_parse(l, &then) < 0 || digest_parse(p, &d->pixels) < 0 || digest_parse(q, &d->labels) < 0) {
		err_clear();
		return 0;
	}
	return digest_equal(&then, listing);
}

int stamp_write(const char *path, const struct digest *listing, int64_t skipped,
                const struct ingest_digests *d)
{
	char text[256], l[DIGEST_TEXT], p[DIGEST_TEXT], q[DIGEST_TEXT];
	digest_print(listing, l);
	digest_print(&d->pixels, p);
	digest_print(&d->labels, q);
	snprintf(text, sizeof(text), "nasmill stamp 1\nlisting %s\nskipped %lld\ndigests %s %s\n", l,
	         (long long)skipped, p, q);
	return tempfile_write_text(path, text);
}
