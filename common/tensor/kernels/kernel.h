/* Vector kernels: one source, compiled once per instruction set with -DKERNEL_ISA=...
 *
 * A vector is V floats, in GCC's vector extension, so that the compiler picks the instructions; KERNEL(f)
 * is f with the instruction set in its name.  Per-channel work goes V channels at a time; the last
 * channels, fewer than V, are loaded into a zero-filled vector and take the same arithmetic, so that the bits
 * of a number do not depend on where in a vector it stands. */
#ifndef TENSOR_KERNEL_H
#define TENSOR_KERNEL_H

#include <stdint.h>
#include <string.h>
#include "tensor/backend.h"

#define KERNEL_JOIN(a, b) a##_##b
#define KERNEL_PASTE(a, b) KERNEL_JOIN(a, b)
#define KERNEL(name) KERNEL_PASTE(name, KERNEL_ISA)

#endif
