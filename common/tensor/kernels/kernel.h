/* Vector kernels: one source, compiled once per instruction set with -DKERNEL_ISA=...
 *
 * A vector is V floats in GCC's vector extension, so that the compiler picks the instructions; KERNEL(f)
 * is f with the instruction set in its name.  Per-channel work goes V channels at a time; the last
 * channels, fewer than V, are loaded into a zero-filled vector and take the same arithmetic, so that the
 * bits of a number do not depend on where in a vector it stands. */
#ifndef TENSOR_KERNEL_H
#define TENSOR_KERNEL_H

#include <stdint.h>
#include <string.h>
#include "tensor/cpu.h"
#ifdef __SSE2__
#include <immintrin.h>
#endif

#define KERNEL_JOIN(a, b) a##_##b
#define KERNEL_PASTE(a, b) KERNEL_JOIN(a, b)
#define KERNEL(name) KERNEL_PASTE(name, KERNEL_ISA)
#define INLINE static inline __attribute__((always_inline))
/* Before a loop of a few turns, known to the compiler: all of them one after another. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 64")
#endif

#if defined(__AVX512F__)
enum { V = 16 };
#elif defined(__AVX2__)
enum { V = 8 };
#else
enum { V = 4 };
#endif

typedef float vf __attribute__((vector_size(V * 4)));
typedef int32_t vi __attribute__((vector_size(V * 4)));

INLINE int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

INLINE vf splat(float f)
{
	return f - (vf){ 0 };
}

INLINE vf load(const float *p)
{
	vf v;

	memcpy(&v, p, sizeof(v));
	return v;
}

INLINE void store(float *p, vf v)
{
	memcpy(p, &v, sizeof(v));
}

/* Past the caches, to an address of whole vectors; whoever ends a series of them calls streamed(), so
 * that other threads see them. */
#if defined(__AVX512F__)
INLINE void stream(float *p, vf v) { _mm512_stream_ps(p, (__m512)v); }
#elif defined(__AVX2__)
INLINE void stream(float *p, vf v) { _mm256_stream_ps(p, (__m256)v); }
#elif defined(__SSE2__)
INLINE void stream(float *p, vf v) { _mm_stream_ps(p, (__m128)v); }
#else
INLINE void stream(float *p, vf v) { store(p, v); }
#endif

/* The cache line of p will be written. */
INLINE void fetch_to_write(const float *p)
{
#ifdef __x86_64__
	__asm__ volatile("prefetchw %0" : : "m"(*p));
#else
	__builtin_prefetch(p, 1);
#endif
}

INLINE void streamed(void)
{
#ifdef __SSE2__
	_mm_sfence();
#endif
}

#if defined(__AVX512F__)
INLINE vf load_part(const float *p, int n)
{
	return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
}

INLINE void store_part(float *p, vf v, int n)
{
	_mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
}
#elif defined(__AVX2__)
INLINE __m256i first_lanes(int n)
{
	static const int32_t edge[2 * V] = { -1, -1, -1, -1, -1, -1, -1, -1 };

	return _mm256_loadu_si256((const __m256i *)(edge + V - n));
}

INLINE vf load_part(const float *p, int n)
{
	return (vf)_mm256_maskload_ps(p, first_lanes(n));
}

INLINE void store_part(float *p, vf v, int n)
{
	_mm256_maskstore_ps(p, first_lanes(n), (__m256)v);
}
#else
INLINE vf load_part(const float *p, int n)
{
	vf v = { 0 };

	for (int i = 0; i < n; i++)
		v[i] = p[i];
	return v;
}

INLINE void store_part(float *p, vf v, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = v[i];
}
#endif

/* Of each 16 bytes a0 a1 a2 a3 and b0 b1 b2 b3: a0 b0 a1 b1 and a2 b2 a3 b3; in pairs: a0 a1 b0 b1 and a2 a3 b2 b3. */
#if defined(__AVX512F__)
INLINE vf zip_low(vf a, vf b) { return (vf)_mm512_unpacklo_ps((__m512)a, (__m512)b); }
INLINE vf zip_high(vf a, vf b) { return (vf)_mm512_unpackhi_ps((__m512)a, (__m512)b); }
INLINE vf pairs_low(vf a, vf b) { return (vf)_mm512_unpacklo_pd((__m512d)a, (__m512d)b); }
INLINE vf pairs_high(vf a, vf b) { return (vf)_mm512_unpackhi_pd((__m512d)a, (__m512d)b); }
#elif defined(__AVX2__)
INLINE vf zip_low(vf a, vf b) { return (vf)_mm256_unpacklo_ps((__m256)a, (__m256)b); }
INLINE vf zip_high(vf a, vf b) { return (vf)_mm256_unpackhi_ps((__m256)a, (__m256)b); }
INLINE vf pairs_low(vf a, vf b) { return (vf)_mm256_unpacklo_pd((__m256d)a, (__m256d)b); }
INLINE vf pairs_high(vf a, vf b) { return (vf)_mm256_unpackhi_pd((__m256d)a, (__m256d)b); }
#else
INLINE vf zip_low(vf a, vf b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
INLINE vf zip_high(vf a, vf b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
INLINE vf pairs_low(vf a, vf b) { return __builtin_shufflevector(a, b, 0, 1, 4, 5); }
INLINE vf pairs_high(vf a, vf b) { return __builtin_shufflevector(a, b, 2, 3, 6, 7); }
#endif

/* n numbers at p, the other lanes 0; costs nothing extra where n is known to be V. */
INLINE vf get(const float *p, int n)
{
	return n == V ? load(p) : load_part(p, n);
}

INLINE void put(float *p, vf v, int n)
{
	if (n == V)
		store(p, v);
	else
		store_part(p, v, n);
}

/* a b + c, rounded once where the instruction set can: the compiler alone would fuse here and not there. */
INLINE vf madd(vf a, vf b, vf c)
{
#if defined(__AVX512F__)
	return (vf)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__FMA__)
	return (vf)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
	return a * b + c;
#endif
}

/* v as it is when stored: a product in it is not fused with what follows. */
INLINE vf rounded(vf v)
{
#ifdef __x86_64__
	__asm__("" : "+x"(v));
#endif
	return v;
}

/* What a result is added to. */
INLINE vf keep(float beta, const float *p, int n)
{
	return beta == 0 ? (vf){ 0 } : get(p, n);
}

INLINE vf choose(vi mask, vf yes, vf no)
{
	return (vf)(((vi)yes & mask) | ((vi)no & ~mask));
}

/* The block for j = 0, V, 2 V, ... with n = V numbers, then for the n < V that are left. */
#define EACH(j, n, count, ...) do { \
		int64_t j = 0; \
		for (; j + V <= (count); j += V) { enum { n = V }; __VA_ARGS__ } \
		if (j < (count)) { int n = (int)((count) - j); __VA_ARGS__ } \
	} while (0)

/* Each file of kernels puts its own into the table. */
void KERNEL(conv_install)(struct backend *b);
void KERNEL(dwconv_install)(struct backend *b);
void KERNEL(norm_install)(struct backend *b);
void KERNEL(pool_install)(struct backend *b);
void KERNEL(rows_install)(struct backend *b);

#endif
