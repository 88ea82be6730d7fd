/* Processor and instruction set; see cpu.h. */
#include "base/cpu.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/err.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

static const char *const names[] = { "baseline", "avx2", "avx512" };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int chosen = -1;

/* What CPU and operating system (its saving of wide registers included) can run. */
static enum cpu_isa best(void)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
		return CPU_BASELINE;
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
		return CPU_AVX512;
	return CPU_AVX2;
#else
	return CPU_BASELINE;
#endif
}

static int choose(void)
{
	const char *wish = getenv("ISA");
	enum cpu_isa have = best();
	int i;

	if (!wish || !*wish) {
		chosen = have;
		return 0;
	}
	for (i = CPU_BASELINE; i <= CPU_AVX512; i++)
		if (!strcmp(wish, names[i]))
			break;
	if (i > CPU_AVX512)
		return err_set(ERR_CONFIG, "ISA=%s is unknown; expected avx512, avx2 or baseline", wish);
	if (i > (int)have)
		return err_set(ERR_CONFIG, "ISA=%s: this processor (%s) has no more than %s; unset ISA or lower it",
		               wish, cpu_model(), names[have]);
	chosen = i;
	return 0;
}

int cpu_init(void)
{
	int code = 0;

	pthread_mutex_lock(&lock);
	if (chosen < 0)
		code = choose();
	pthread_mutex_unlock(&lock);
	return code;
}

enum cpu_isa cpu_isa(void)
{
	die_on(cpu_init());
	return (enum cpu_isa)chosen;
}

const char *cpu_isa_name(enum cpu_isa isa)
{
	return names[isa];
}

#if defined(__x86_64__)
static char model[49];

static void read_model(void)
{
	unsigned int word[12] = { 0 }, top = __get_cpuid_max(0x80000000, NULL), i;
	size_t n;

	strcpy(model, "x86-64");
	if (top < 0x80000004)
		return;
	for (i = 0; i < 3; i++)
		__get_cpuid(0x80000002 + i, &word[4 * i], &word[4 * i + 1], &word[4 * i + 2], &word[4 * i + 3]);
	memcpy(model, word, 48);
	n = strspn(model, " ");
	memmove(model, model + n, sizeof model - n);
	for (n = strlen(model); n && model[n - 1] == ' '; n--)
		model[n - 1] = '\0';
}

const char *cpu_model(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_model);
	return model;
}
#else
const char *cpu_model(void)
{
	return "not x86-64";
}
#endif
