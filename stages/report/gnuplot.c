/* gnuplot as a child: the script on its standard input, the picture from its standard output. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "plots.h"
#include "textfile.h"

/* Starts gnuplot in folder; its messages go nowhere.  Returns 0 or an errno, ENOENT when it is not installed. */
static int start(const char *folder, int in, int out, int null, pid_t *child)
{
	posix_spawn_file_actions_t act;
	posix_spawnattr_t attr;
	sigset_t heeded;
	int code = posix_spawn_file_actions_init(&act);

	if (code)
		return code;
	sigemptyset(&heeded);
	sigaddset(&heeded, SIGPIPE);
	sigaddset(&heeded, SIGXFSZ);
	code = posix_spawnattr_init(&attr);
	if (!code) {
		posix_spawnattr_setsigdefault(&attr, &heeded);
		posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
		char *argv[] = { "gnuplot", "-d", "-", NULL };   /* -d: no settings of the user's */

		if ((code = posix_spawn_file_actions_addchdir_np(&act, folder)) == 0 &&
		    (code = posix_spawn_file_actions_adddup2(&act, in, 0)) == 0 &&
		    (code = posix_spawn_file_actions_adddup2(&act, out, 1)) == 0 &&
		    (code = posix_spawn_file_actions_adddup2(&act, null, 2)) == 0)
			code = posix_spawnp(child, argv[0], &act, &attr, argv, environ);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&act);
	return code;
}

/* Opens a file of the folder; -1 with errno. */
static int open_in(const char *folder, const char *name, int flags)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return open(path, flags | O_CLOEXEC);
}

int gnuplot_run(const char *folder, const char *script, const char *svg)
{
	struct textfile picture;
	pid_t child;
	int status = 0, failed = 0;
	TRY(textfile_open(&picture, folder, svg));
	int in = open_in(folder, script, O_RDONLY), null = in < 0 ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0)
		failed = errno;
	else
		failed = start(folder, in, fileno(picture.f), null, &child);
	const bool missing = null >= 0 && failed == ENOENT;
	if (in >= 0)
		close(in);
	if (null >= 0)
		close(null);
	while (!failed && waitpid(child, &status, 0) < 0)
		failed = errno == EINTR ? 0 : errno;
	if (failed) {
		textfile_drop(&picture);
		errno = failed;
		return missing ? 1 : err_system(ERR_INTERNAL, folder, "start gnuplot for it");
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return textfile_commit(&picture);
	textfile_drop(&picture);
	return err_set(ERR_INTERNAL, "%s/%s: gnuplot failed (status %d); cd %s && gnuplot %s >%s tells why",
	               folder, script, WIFEXITED(status) ? WEXITSTATUS(status) : -1, folder, script, svg);
}
