#include <gnu/libc-version.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "tensor/cpu.h"

static struct backend cpu;
static char engine[128];
static int started;
static pthread_once_t once = PTHREAD_ONCE_INIT;

struct backend cpu_backend(enum cpu_isa isa)
{
	struct backend b = backend_cpu_ref;

	b.name = "cpu";
	b.gemm = cpu_gemm;
	kernels_install_baseline(&b);
#ifdef __x86_64__
	if (isa == CPU_AVX512)
		kernels_install_avx512(&b);
	else if (isa == CPU_AVX2)
		kernels_install_avx2(&b);
#else
	(void)isa;
#endif
	return b;
}

static void start(void)
{
	started = cpu_init();
	if (started == 0)
		started = cpu_blis_init(cpu_isa());
	if (started < 0)
		return;
	cpu = cpu_backend(cpu_isa());
	snprintf(engine, sizeof(engine), "%s kernels-%d blis-%s glibc-%s", cpu_isa_name(cpu_isa()), CPU_KERNELS,
	         cpu_blis_kernel(), gnu_get_libc_version());
}

const struct backend *backend_find(const char *name)
{
	pthread_once(&once, start);
	if (started < 0)
		return NULL;
	if (!strcmp(name, "cpu"))
		return &cpu;
	if (!strcmp(name, "ref"))
		return &backend_cpu_ref;
	err_set(ERR_USAGE, "backend '%s' is unknown; there are 'cpu' (fast) and 'ref' (plain loops)", name);
	return NULL;
}

const char *backend_engine(void)
{
	pthread_once(&once, start);
	return engine;
}

const char *backend_blis_kernel(void)
{
	pthread_once(&once, start);
	return started < 0 ? "" : cpu_blis_kernel();
}
