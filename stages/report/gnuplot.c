/* gnuplot as a child: the script on its standard input, the picture from its standard output. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "plots.h"
#include "textfile.h"

enum { NOT_INSTALLED = 127 };       /* as a shell says it */

/* In the child.  Only its status is heard of: a failure there is described by the parent. */
static _Noreturn void become_gnuplot(const char *folder, const char *script, int out)
{
	int null = open("/dev/null", O_WRONLY);
	if (chdir(folder) < 0 || null < 0)
		_exit(NOT_INSTALLED - 1);
	int in = open(script, O_RDONLY);
	if (in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0)
		_exit(NOT_INSTALLED - 1);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	execlp("gnuplot", "gnuplot", "-d", "-", (char *)NULL);   /* -d: no settings of the user's */
	_exit(errno == ENOENT ? NOT_INSTALLED : NOT_INSTALLED - 1);
}

int gnuplot_run(const char *folder, const char *script, const char *svg)
{
	struct textfile picture;
	TRY(textfile_open(&picture, folder, svg));
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		become_gnuplot(folder, script, fileno(picture.f));
	bool waited = child > 0;
	while (waited && waitpid(child, &status, 0) < 0)
		waited = errno == EINTR;
	if (!waited) {
		int code = err_system(ERR_INTERNAL, folder, "start gnuplot for it");
		textfile_drop(&picture);
		return code;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return textfile_commit(&picture);
	textfile_drop(&picture);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_INSTALLED)
		return 1;
	return err_set(ERR_INTERNAL, "%s/%s: gnuplot failed (status %d); cd %s && gnuplot %s >%s tells why",
	               folder, script, WIFEXITED(status) ? WEXITSTATUS(status) : -1, folder, script, svg);
}
