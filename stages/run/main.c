/* nas-run: runs one stage for Make and says in one line how it failed.
 *
 *   nas-run [LAUNCHER ...] nas-VERB ... --out FILE --log FILE
 *
 * Make knows its child only; this one passes Make's SIGTERM on to the stage, waits until that has
 * written its checkpoint, and ends the same way: by the same status or the same signal.  The stage's
 * input is /dev/null, because launchers like srun would eat the terminal's. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "base/err.h"
#include "stages/outcome.h"

static volatile pid_t child;
static volatile sig_atomic_t seen;
static pid_t parent;

/* Make sends SIGTERM to its child only.  Anyone else usually signals the whole group, stage included, and
 * a second signal would end the stage before its checkpoint; so a stranger has to insist. */
static void pass_on(int number, siginfo_t *info, void *context)
{
	(void)context;
	seen++;
	if (child > 0 && (info->si_pid == parent ? seen == 1 : seen > 1))
		kill(child, number);
}

/* The terminal has told the stage already. */
static void stay(int number)
{
	(void)number;
}

static const char *value_after(char **argv, const char *option)
{
	for (; argv[0] && argv[1]; argv++)
		if (!strcmp(argv[0], option))
			return argv[1];
	return "?";
}

static const char *stage_of(char **argv)
{
	const char *base;
	int i;

	for (i = 0; argv[i]; i++) {
		base = strrchr(argv[i], '/');
		base = base ? base + 1 : argv[i];
		if (!strncmp(base, "nas-", 4))
			return base;
	}
	return argv[0];
}

static int start(char **argv)
{
	sigset_t none;
	int fd;

	child = fork();
	if (child < 0)
		die(-ERR_INTERNAL, "cannot start %s: %s", argv[0], strerror(errno));
	if (child > 0)
		return 0;
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	fd = open("/dev/null", O_RDONLY);
	if (fd > 0) {
		dup2(fd, STDIN_FILENO);
		close(fd);
	}
	execvp(argv[0], argv);
	fprintf(stderr, "nas-run: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

int main(int argc, char **argv)
{
	struct sigaction forward = { .sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigaction quiet = { .sa_handler = stay, .sa_flags = SA_RESTART }, before;
	sigset_t held;
	int status, number;

	die_set_program("nas-run");
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		puts("nas-run [LAUNCHER ...] nas-VERB ...\nRuns a stage for Make: passes SIGTERM on, waits, tells how it ended.");
		die_printed(0);
	}
	if (argc < 2)
		die(-ERR_USAGE, "usage: nas-run COMMAND ...");
	parent = getppid();
	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigprocmask(SIG_BLOCK, &held, NULL);
	sigaction(SIGTERM, &forward, NULL);
	for (number = SIGHUP; number <= SIGINT; number++)
		if (!sigaction(number, NULL, &before) && before.sa_handler != SIG_IGN)
			sigaction(number, &quiet, NULL);
	start(argv + 1);
	sigprocmask(SIG_UNBLOCK, &held, NULL);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die(-ERR_INTERNAL, "cannot wait for %s: %s", argv[1], strerror(errno));
	if (WIFEXITED(status)) {
		if (WEXITSTATUS(status))
			outcome_failed("%s ended with status %d (%s) and did not make %s; log: %s", stage_of(argv + 1),
			               WEXITSTATUS(status), outcome_meaning(WEXITSTATUS(status)),
			               value_after(argv, "--out"), value_after(argv, "--log"));
		return WEXITSTATUS(status);
	}
	number = WTERMSIG(status);
	outcome_failed("%s was ended by signal %d (%s) and did not make %s; log: %s", stage_of(argv + 1), number,
	               strsignal(number), value_after(argv, "--out"), value_after(argv, "--log"));
	signal(number, SIG_DFL);
	raise(number);
	return 128 + number;
}
