/* Between tiff.c, which finds pages, and tiff_page.c, which decodes one.  Both alone see libtiff. */
#ifndef INGEST_TIFF_H
#define INGEST_TIFF_H

#include <tiffio.h>
#include "source.h"

#define TIFF_CHUNK_MAX ((int64_t)64 << 20)      /* bytes of one strip or tile, and of one allocation of libtiff */

struct tiff_error { char text[200]; };          /* the first error that libtiff reported, or "" */

/* Decodes the present page of t into p (arena memory); ERR_DATA with p->reason. */
int tiff_page(TIFF *t, const struct tiff_error *e, struct arena *mem, struct picture *p);

#endif
