/* Numbers of one stored type as another, when nothing is lost. */
#ifndef H5_CONVERT_H
#define H5_CONVERT_H

#include <stdint.h>
#include "h5/schema.h"

/* -1, or the index of the first element that `to` cannot hold exactly.  NaN fits both float types. */
int64_t h5_convert(int64_t count, enum h5_type from, const void *source, enum h5_type to, void *target);

#endif
