/* Which processor this is, and which kernels it gets.
 *
 * One instruction set is chosen for the life of the process: the best that CPUID reports, or the
 * one that the environment variable ISA names ("avx512", "avx2", "baseline"; asking for more than
 * the CPU has is an error).  BLIS's kernel follows from it, so bits depend on one word. */
#ifndef BASE_CPU_H
#define BASE_CPU_H

enum cpu_isa { CPU_BASELINE, CPU_AVX2, CPU_AVX512 };

/* ERR_CONFIG when $ISA is unknown or beyond this CPU. */
int cpu_init(void);
enum cpu_isa cpu_isa(void);                /* cpu_init on first use; dies if that fails */
const char *cpu_isa_name(enum cpu_isa isa);
const char *cpu_model(void);               /* "AMD EPYC", from CPUID */

#endif
