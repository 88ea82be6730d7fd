/* Bringing images to one size by area resampling: each output pixel is the mean of the part of the
 * source it covers, boundary pixels by their share.  Sums in double, integers rounded half up. */
#ifndef INGEST_FIT_H
#define INGEST_FIT_H

#include "source.h"

enum fit_mode {
	FIT_CROP,      /* keep the aspect ratio, fill the size, cut off what sticks out on both sides */
	FIT_PAD,       /* keep the aspect ratio, show everything; the border gets the mean of each channel */
	FIT_STRETCH,   /* change the aspect ratio */
};
const char *fit_name(int i);      /* "crop", "pad", "stretch", NULL */

/* in -> out of h x w in arena memory; the same size is passed on unchanged. */
void fit(const struct picture *in, int64_t h, int64_t w, enum fit_mode mode, struct arena *mem,
         struct picture *out);

#endif
