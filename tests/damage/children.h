/* Numbered cases in child processes under limits: a case that ends its process, hangs or takes too much
 * memory costs a violation and nothing more.  Many cases run in one child, so a million are no matter. */
#ifndef TESTS_CHILDREN_H
#define TESTS_CHILDREN_H

#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define CASE_MEMORY RLIM_INFINITY            /* its shadow takes all address space */
#else
#define CASE_MEMORY ((rlim_t)1 << 30)
#endif
enum { CASE_SECONDS = 10 };                  /* of processor time for one case */

enum case_result { CASE_REFUSED, CASE_READ, CASE_WRONG, CASE_RESULTS };
typedef enum case_result case_fn(void *arg, long number);

/* What children tell their parent. */
struct cases { long at, died, first_dead, result[CASE_RESULTS], first_wrong; };

static inline void cases_limit(void)
{
	struct rusage u;
	struct rlimit cpu;

	getrusage(RUSAGE_SELF, &u);
	cpu.rlim_cur = (rlim_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec + CASE_SECONDS);
	cpu.rlim_max = RLIM_INFINITY;
	setrlimit(RLIMIT_CPU, &cpu);
}

static inline _Noreturn void cases_child(struct cases *c, case_fn *fn, void *arg, long n)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };      /* CMocka catches them */
	const struct rlimit memory = { CASE_MEMORY, CASE_MEMORY }, core = { 0, 0 };

	setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_CORE, &core);
	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
		signal(crashes[i], SIG_DFL);
	while (c->at < n) {
		enum case_result r;

		if (c->at % 64 == 0)
			cases_limit();
		r = fn(arg, c->at);
		c->result[r]++;
		if (r == CASE_WRONG && c->first_wrong < 0)
			c->first_wrong = c->at;
		c->at++;
	}
	_exit(0);
}

/* Cases first .. n-1; what became of them. */
static inline struct cases cases_run(case_fn *fn, void *arg, long first, long n)
{
	struct cases *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), c;

	*shared = (struct cases){ .at = first, .first_dead = -1, .first_wrong = -1 };
	while (shared->at < n) {
		const pid_t pid = fork();
		int status;

		if (!pid)
			cases_child(shared, fn, arg, n);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			abort();
		if (WIFEXITED(status) && !WEXITSTATUS(status))
			break;
		if (!shared->died++)
			shared->first_dead = shared->at;
		shared->at++;
	}
	c = *shared;
	munmap(shared, sizeof *shared);
	return c;
}

#endif
