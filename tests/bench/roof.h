/* What one core of this machine can do: the roofline of Williams, Waterman and Patterson 2009.
 *
 * The peak is a large BLIS sgemm, the bandwidth a copy (memcpy, or past the caches, whichever is faster) of
 * as many bytes as the thing that is compared with it reads and writes: what fits into a cache is held against that. */
#ifndef BENCH_ROOF_H
#define BENCH_ROOF_H

#include "tests/bench/bench.h"

enum { ROOF_SIZES = 13 };
struct roof {
	double flops;                            /* per second */
	double bytes[ROOF_SIZES];                /* read + written by a copy: 64 KiB, 128 KiB, ... 256 MiB */
	double bandwidth[ROOF_SIZES];            /* bytes per second */
};

void roof_measure(const struct bench *b, struct roof *r);
/* Bandwidth of a copy that moves so many bytes: between the two sizes around it. */
double roof_bandwidth(const struct roof *r, double bytes);
/* The least time that so many operations and bytes can take. */
double roof_seconds(const struct roof *r, double flops, double bytes);

#endif
