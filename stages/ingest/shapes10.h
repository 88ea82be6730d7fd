/* shapes10: the built-in data set.  32 x 32 x 3 images of ten textured shapes, drawn from a seed.
 *
 * The class is the shape alone.  Colour, texture, position, size, turn, aspect, clutter and noise are
 * drawn independently of it, so that no pixel by itself says anything about the class. */
#ifndef INGEST_SHAPES10_H
#define INGEST_SHAPES10_H

#include <stdint.h>

enum { SHAPES10_SIDE = 32, SHAPES10_CLASSES = 10 };
/* Raise it when the same seed gives other pixels: a run's recipe rests on it. */
#define SHAPES10_VERSION 1

/* Image i of the set of this seed; its class is i % 10.  A pure function of both. */
void shapes10_draw(uint64_t seed, uint32_t i, uint8_t out[SHAPES10_SIDE * SHAPES10_SIDE * 3]);
const char *shapes10_class_name(int k);

#endif
