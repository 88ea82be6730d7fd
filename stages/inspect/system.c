/* nas-inspect --system */
#include <gnu/libc-version.h>
#include <gsl/gsl_version.h>
#include <hdf5.h>
#include <stdio.h>
#include <unistd.h>
#include "base/cpu.h"
#include "base/err.h"
#include "base/pool.h"
#include "inspect.h"
#include "tensor/backend.h"

int inspect_system(void)
{
	unsigned major, minor, release;

	TRY(cpu_init());
	if (!backend_find("cpu"))
		return err_code();
	if (H5get_libversion(&major, &minor, &release) < 0)
		return err_set(ERR_INTERNAL, "libhdf5 does not tell its version");
	printf("cpu: %s\n", cpu_model());
	printf("isa: %s\n", cpu_isa_name(cpu_isa()));
	printf("blis_kernel: %s\n", backend_blis_kernel());
	printf("threads: %d of %ld processors\n", pool_cpus(), sysconf(_SC_NPROCESSORS_ONLN));
	printf("engine: %s\n", backend_engine());
	printf("hdf5: %u.%u.%u\n", major, minor, release);
	printf("gsl: %s\n", gsl_version);
	printf("libc: glibc %s\n", gnu_get_libc_version());
	return 0;
}
