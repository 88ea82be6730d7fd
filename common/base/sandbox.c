/* A child process under limits; see sandbox.h. */
#include "base/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "base/err.h"

enum { WORKERS = 64, NAME_SIZE = 256 };

/* What the child tells.  `at` is written by one worker each and read when all are gone. */
struct told {
	bool done, limited;          /* limited: memory by us, not by whoever started the program */
	int code;
	char text[16384];
	char at[WORKERS][NAME_SIZE];
};

static struct told *mine;            /* in the child only */
static int seconds_allowed;

static void allow_time(void)
{
	struct rusage u;
	struct rlimit limit;

	if (getrusage(RUSAGE_SELF, &u) || getrlimit(RLIMIT_CPU, &limit))
		return;
	limit.rlim_cur = (rlim_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec + 1 + seconds_allowed);
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_CPU, &limit);
}

void sandbox_at(int worker, const char *what)
{
	if (!mine)
		return;
	snprintf(mine->at[worker % WORKERS], NAME_SIZE, "%s", what);
	allow_time();
}

/* The shadow memory of a sanitizer takes all address space there is; it has limits of its own. */
static bool allow_memory(size_t more)
{
#if !defined(__SANITIZE_ADDRESS__)
	unsigned long long pages = 0;
	struct rlimit limit;
	FILE *f = fopen("/proc/self/statm", "re");
	const bool known = f && fscanf(f, "%llu", &pages) == 1;

	if (f)
		fclose(f);
	if (!known || getrlimit(RLIMIT_AS, &limit))
		return false;
	const rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + more;
	if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < most)
		return false;
	limit.rlim_cur = most;
	return !setrlimit(RLIMIT_AS, &limit);
#else
	(void)more;
	return false;
#endif
}

static _Noreturn void child(int (*work)(void *arg), void *arg, const struct sandbox *s, struct told *t,
                            pid_t parent)
{
	const struct rlimit no_core = { 0, 0 };

	mine = t;
	seconds_allowed = s->seconds;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	die_into(t->text, sizeof t->text);
	setrlimit(RLIMIT_CORE, &no_core);
	t->limited = allow_memory(s->memory);
	allow_time();
	t->code = work(arg);
	if (t->code < 0)
		snprintf(t->text, sizeof t->text, "%s", err_text());
	if (fflush(stdout) && t->code >= 0) {
		t->code = ERR_IO;
		snprintf(t->text, sizeof t->text, "standard output: cannot write: %s", strerror(errno));
	}
	t->done = true;
	_exit(0);
}

/* "a.tif or b.tif" */
static void name_places(const struct told *t, char *text, size_t size)
{
	size_t used = 0;
	int i;

	text[0] = '\0';
	for (i = 0; i < WORKERS; i++)
		if (t->at[i][0] && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " or " : "", t->at[i]);
}

static int explain(const struct told *t, const struct sandbox *s, int status)
{
	char places[2048];
	const char *where = places;

	name_places(t, places, sizeof places);
	if (!places[0])
		where = "it";
	if (WIFEXITED(status) && t->text[0] && (!t->limited || WEXITSTATUS(status) != -ERR_INTERNAL))
		return err_set(-WEXITSTATUS(status), "%s", t->text);
	if (WIFEXITED(status) && t->text[0])
		return err_set(ERR_DATA, "%s: reading %s needs more than the %zu MiB of memory that are allowed; remove or replace it",
		               s->doing, where, s->memory >> 20);
	if (WIFEXITED(status))
		return err_set(ERR_DATA, "%s: reading %s ended with status %d; it is damaged: remove or replace it",
		               s->doing, where, WEXITSTATUS(status));
	if (WTERMSIG(status) == SIGXCPU)
		return err_set(ERR_DATA, "%s: reading %s took more than %d s of processor time; remove or replace it",
		               s->doing, where, s->seconds);
	if (WTERMSIG(status) == SIGKILL)
		return err_set(ERR_INTERNAL, "%s: the process that read %s was killed; is the memory full?", s->doing,
		               where);
	return err_set(ERR_DATA, "%s: reading %s ended in a crash (%s); it is damaged: remove or replace it",
	               s->doing, where, strsignal(WTERMSIG(status)));
}

int sandbox_run(int (*work)(void *arg), void *arg, const struct sandbox *s)
{
	struct told *t = mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const pid_t parent = getpid();
	int status = 0, code;
	pid_t pid;

	if (t == MAP_FAILED)
		return err_set(ERR_INTERNAL, "%s: no memory for a child process: %s", s->doing, strerror(errno));
	fflush(stdout);
	pid = fork();
	if (!pid)
		child(work, arg, s, t, parent);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0)
		code = err_set(ERR_INTERNAL, "%s: cannot start a child process: %s", s->doing, strerror(errno));
	else if (!t->done)
		code = explain(t, s, status);
	else
		code = t->code < 0 ? err_set(t->code, "%s", t->text) : t->code;
	munmap(t, sizeof *t);
	return code;
}
