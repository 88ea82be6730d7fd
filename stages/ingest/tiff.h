/* Between tiff.c, which finds pages, and tiff_page.c and tiff_ycbcr.c, which decode one.  Nobody else sees
 * libtiff. */
#ifndef INGEST_TIFF_H
#define INGEST_TIFF_H

#include <tiffio.h>
#include "source.h"

#define TIFF_CHUNK_MAX ((int64_t)64 << 20)      /* bytes of one strip or tile, and of one allocation of libtiff */

/* The first error that libtiff reported, or ""; and errno of a system call that failed under it, or 0: that says
 * nothing about the file. */
struct tiff_error { char text[200]; int system; };

/* Decodes the present page of t into p (arena memory); ERR_DATA with p->reason. */
int tiff_page(TIFF *t, const struct tiff_error *e, struct arena *mem, struct picture *p);

/* tiff_ycbcr.c: colours at a lower resolution than luma, hs x vs pixels each. */
struct ycbcr { int64_t hs, vs; };
int64_t ycbcr_bytes(const struct ycbcr *s, int64_t rows, int64_t columns);     /* as stored */
void ycbcr_unpack(const struct ycbcr *s, const uint8_t *in, int64_t rows, int64_t columns, uint8_t *out);
int ycbcr_to_rgb(TIFF *t, struct picture *p);                                  /* in place; ERR_DATA with p->reason */

#endif
