/* Stamp: remembers which digests a listing of files had, so that asking again costs no decoding.
 * A text file of four lines; anything unexpected in it means "no stamp". */
#ifndef INGEST_STAMP_H
#define INGEST_STAMP_H

#include "ingest.h"

/* 1 when the stamp is of this listing and needed no more than skip_bad images to be skipped. */
int stamp_read(const char *path, const struct digest *listing, int64_t skip_bad, struct ingest_digests *d);
bool stamp_exists(const char *path);         /* "" does not */
int stamp_write(const char *path, const struct digest *listing, int64_t skipped,
                const struct ingest_digests *d);

#endif
