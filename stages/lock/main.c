/* nas-lock: one make at a time in the folder of a run.
 *
 *   nas-lock DIR -- COMMAND ...
 *
 * Takes an exclusive flock on DIR/.lock and becomes COMMAND.  The descriptor stays open through exec
 * and fork, so every child holds the lock too and it dies with its last owner: there are no stale
 * locks, and stages that outlive a killed make keep a second one away.  Busy: status 75.
 * Temporary files of processes that are gone are removed first. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/die.h"
#include "base/err.h"
#include "base/process.h"
#include "base/tempfile.h"
#include "stages/outcome.h"

#define NAMED 4          /* owners that a message names */

/* "process 12 (nas-pretrain), process 13 (nas-run)": who has the lock file open, as far as /proc shows it. */
static void holders(int fd, char *text, size_t size)
{
	char name[32];
	struct stat lock, st;
	pid_t last = 0;
	glob_t open_files;
	size_t i, used = 0;
	int n = 0;

	*text = '\0';
	if (fstat(fd, &lock))
		return;
	if (glob("/proc/[0-9]*/fd/*", GLOB_NOSORT, NULL, &open_files))
		return;
	for (i = 0; i < open_files.gl_pathc && n < NAMED; i++) {
		const char *path = open_files.gl_pathv[i];
		pid_t pid = (pid_t)atol(path + strlen("/proc/"));
		char comm[64] = "?";
		FILE *f;

		if (pid == last || pid == getpid() || stat(path, &st) || st.st_ino != lock.st_ino ||
		    st.st_dev != lock.st_dev)
			continue;
		last = pid;
		snprintf(name, sizeof name, "/proc/%d/comm", (int)pid);
		f = fopen(name, "re");
		if (f && fgets(comm, sizeof comm, f))
			comm[strcspn(comm, "\n")] = '\0';
		if (f)
			fclose(f);
		used += (size_t)snprintf(text + used, size - used, "%sprocess %d (%s)", n++ ? ", " : "", (int)pid, comm);
		if (used >= size)
			break;
	}
	globfree(&open_files);
}

/* The lock file's text, written by the owner: "PID HOST START". */
static _Noreturn void busy(const char *dir, int fd)
{
	char text[512], host[256] = "?", start[64] = "?", here[256] = "", who[512], gone[600] = "";
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	long pid = 0;

	text[n > 0 ? n : 0] = '\0';
	sscanf(text, "%ld %255s %63s", &pid, host, start);
	gethostname(here, sizeof here - 1);
	if (pid > 0 && !strcmp(host, here) && process_gone((pid_t)pid)) {
		holders(fd, who, sizeof who);
		snprintf(gone, sizeof gone, " (which is gone, but what it started still works: %s)",
		         *who ? who : "a stage");
	}
	outcome_failed("nas-lock ended with status 75 (the run is in use by process %ld on %s)", pid, host);
	die(-ERR_LOCKED, "%s is in use by process %ld on %s since %s%s; wait until it ends, stop it, or choose another RUN",
	    dir, pid, host, start, gone);
}

static void sign(int fd, const char *path)
{
	char host[256] = "?", start[64], text[512];
	time_t now = time(NULL);
	int n;

	gethostname(host, sizeof host - 1);
	strftime(start, sizeof start, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	n = snprintf(text, sizeof text, "%ld %s %s\n", (long)getpid(), host, start);
	if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)n, 0) != n)
		die(-ERR_IO, "%s: cannot write: %s", path, strerror(errno));
}

/* What processes that were killed left in any folder of the run: nobody else writes there now. */
static int sweep(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	if (type == FTW_D && tempfile_sweep(path) < 0)
		err_clear();
	return 0;
}

int main(int argc, char **argv)
{
	char path[4096];
	int fd;

	die_set_program("nas-lock");
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		puts("nas-lock DIR -- COMMAND ...\nRuns COMMAND while holding DIR/.lock; status 75 when another process holds it.");
		die_printed(0);
	}
	if (argc < 4 || strcmp(argv[2], "--"))
		die(-ERR_USAGE, "usage: nas-lock DIR -- COMMAND ...");
	die_on(make_folder(argv[1]));
	snprintf(path, sizeof path, "%s/.lock", argv[1]);
	fd = open(path, O_RDWR | O_CREAT, 0666);     /* not close-on-exec: children inherit it */
	if (fd < 0)
		die(-ERR_IO, "%s: cannot open: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			busy(argv[1], fd);
		die(-ERR_IO, "%s: cannot lock: %s; a run needs a file system with locks, choose another RESULTS", path,
		    strerror(errno));
	}
	sign(fd, path);
	nftw(argv[1], sweep, 16, FTW_PHYS);
	execvp(argv[3], argv + 3);
	die(127, "%s: %s", argv[3], strerror(errno));
}
