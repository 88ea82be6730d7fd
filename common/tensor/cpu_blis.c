/* Matrix products through BLIS, one thread per call.
 *
 * The small-matrix path is switched off: with it the bits of a row depend on how many rows there are
 * (haswell and zen3 kernels), and a chunk of a batch would no longer be a part of the batch. */
#include <errno.h>
#include <stdlib.h>
#include "base/err.h"
#include "tensor/cpu.h"
#include <blis.h>

#ifdef __x86_64__
/* BLIS runs any kernel that it is told to; an instruction that the CPU lacks then ends the program. */
static bool can_run(long arch)
{
	bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");

	switch (arch) {
	case BLIS_ARCH_SKX:
		return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
		       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
	case BLIS_ARCH_HASWELL: case BLIS_ARCH_ZEN: case BLIS_ARCH_ZEN2: case BLIS_ARCH_ZEN3:
		return avx2;
	case BLIS_ARCH_SANDYBRIDGE:
		return __builtin_cpu_supports("avx");
	case BLIS_ARCH_PENRYN:
		return __builtin_cpu_supports("ssse3");
	case BLIS_ARCH_GENERIC:
		return true;
	}
	return false;
}

/* BLIS picks its kernel from the environment when it starts; Debian's build does not know Zen 4 and
 * newer, and would fall back to plain C there. */
static int choose_kernel(enum cpu_isa isa)
{
	static const int best[] = {
		[CPU_BASELINE] = BLIS_ARCH_GENERIC, [CPU_AVX2] = BLIS_ARCH_HASWELL, [CPU_AVX512] = BLIS_ARCH_SKX,
	};
	const char *wish = getenv("BLIS_ARCH_TYPE");
	char number[16], *end;
	long arch;

	if (!wish) {
		snprintf(number, sizeof(number), "%d", best[isa]);
		if (setenv("BLIS_ARCH_TYPE", number, 1))
			return err_set(ERR_INTERNAL, "cannot set BLIS_ARCH_TYPE: out of memory");
		return 0;
	}
	errno = 0;
	arch = strtol(wish, &end, 10);
	if (wish[0] < '0' || wish[0] > '9' || *end || errno || !can_run(arch))
		return err_set(ERR_CONFIG, "environment variable BLIS_ARCH_TYPE is '%s', expected the number of a kernel "
		               "that this CPU can run (%d = AVX2, %d = AVX-512, %d = plain C); unset it to have it chosen",
		               wish, BLIS_ARCH_HASWELL, BLIS_ARCH_SKX, BLIS_ARCH_GENERIC);
	return 0;
}
#else
static int choose_kernel(enum cpu_isa isa)
{
	(void)isa;      /* elsewhere BLIS detects the CPU itself */
	return 0;
}
#endif

int cpu_blis_init(enum cpu_isa isa)
{
	TRY(choose_kernel(isa));
	bli_init();
	return 0;
}

const char *cpu_blis_kernel(void)
{
	return bli_arch_string(bli_arch_query_id());
}

void cpu_gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
              const float *b, int64_t ldb, float beta, float *c, int64_t ldc)
{
	rntm_t rntm = BLIS_RNTM_INITIALIZER;
	float one = 1;

	bli_rntm_set_num_threads(1, &rntm);
	bli_rntm_disable_l3_sup(&rntm);
	bli_sgemm_ex(ta ? BLIS_TRANSPOSE : BLIS_NO_TRANSPOSE, tb ? BLIS_TRANSPOSE : BLIS_NO_TRANSPOSE, m, n, k, &one,
	             (float *)a, lda, 1, (float *)b, ldb, 1, &beta, c, ldc, 1, NULL, &rntm);
}
