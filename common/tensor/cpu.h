/* The parts of the "cpu" backend, for backend.c and for tests that compare instruction sets. */
#ifndef TENSOR_CPU_H
#define TENSOR_CPU_H

#include "base/cpu.h"
#include "tensor/backend.h"

/* Number of the kernels in the engine's name, by which files made with older ones are told apart.  Raise it
 * when the order of additions, or what is rounded, changes in any kernel or in what calls one: the same
 * recipe then gives other bits, and a training that older programs began is not theirs to go on with any more. */
enum { CPU_KERNELS = 2 };

/* Overrides what the vector kernels of one instruction set do; gemm stays. */
typedef void kernels_fn(struct backend *b);
kernels_fn kernels_install_baseline;
#ifdef __x86_64__
kernels_fn kernels_install_avx2, kernels_install_avx512;
#endif

/* A complete backend with the kernels of this instruction set, which the CPU must have. */
struct backend cpu_backend(enum cpu_isa isa);

/* BLIS with one thread: starts it with the kernel that suits the instruction set.  ERR_CONFIG when
 * $BLIS_ARCH_TYPE is no kernel that this CPU can run. */
int cpu_blis_init(enum cpu_isa isa);
const char *cpu_blis_kernel(void);
void cpu_gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
              const float *b, int64_t ldb, float beta, float *c, int64_t ldc);

#endif
