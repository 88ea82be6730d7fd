/* Files that appear whole or not at all; see tempfile.h. */
#include "base/tempfile.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/process.h"

#define SLOTS 64

/* Names of the files to remove when the process ends.  Emptied by exchange, so that a signal handler and
 * the code it interrupts never both take one. */
static _Atomic(char *) slot[SLOTS];
static pid_t owner;             /* a child after fork() must not remove its parent's files */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Atomic unsigned int counter;

void tempfile_drop_all(void)
{
	int i;

	if (getpid() != owner)
		return;
	for (i = 0; i < SLOTS; i++) {
		char *path = atomic_exchange(&slot[i], NULL);

		if (path)
			unlink(path);       /* the name is not freed: free() is not signal-safe */
	}
}

static void at_start(void)
{
	owner = getpid();
	atexit(tempfile_drop_all);
}

static void *need(void *p)
{
	if (!p)
		die(-ERR_INTERNAL, "out of memory for a file name");
	return p;
}

/* Length of the folder part of a path, slash included. */
static int folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (int)(slash - path) + 1 : 0;
}

static uint32_t host_number(void)
{
	char name[256] = "";

	gethostname(name, sizeof name - 1);
	return (uint32_t)hash64_text(name);
}

int make_folder(const char *path)
{
	char *copy = need(strdup(path)), *c = copy;
	struct stat st;
	int code = 0;

	do {
		char kept;
		int number;

		c += strspn(c, "/");
		c += strcspn(c, "/");
		kept = *c;
		*c = '\0';
		number = *copy && mkdir(copy, 0777) ? errno : 0;
		if (number && number != EEXIST && stat(copy, &st)) {    /* it is there: a file system that is read-only says so first */
			errno = number;
			code = err_system(ERR_IO, copy, "make the folder");
		}
		*c = kept;
	} while (!code && *c);
	if (!code && stat(path, &st))
		code = err_system(ERR_IO, path, "make the folder");
	else if (!code && !S_ISDIR(st.st_mode))
		code = err_set(ERR_IO, "%s: is no folder", path);
	free(copy);
	return code;
}

static int make_parent(const char *target)
{
	char folder[PATH_MAX];
	int n = folder_length(target);

	if (!n)
		return 0;
	if (n >= PATH_MAX)
		return err_set(ERR_USAGE, "%.100s...: the path is too long", target);
	memcpy(folder, target, (size_t)n);
	folder[n] = '\0';
	return make_folder(folder);
}

static int take_slot(char *path)
{
	int i;

	for (i = 0; i < SLOTS; i++) {
		char *empty = NULL;

		if (atomic_compare_exchange_strong(&slot[i], &empty, path))
			return i;
	}
	return -1;
}

int tempfile_open(struct tempfile *t, const char *target)
{
	int n = folder_length(target), fd;
	struct stat st;

	*t = (struct tempfile){ .slot = -1 };
	pthread_once(&once, at_start);
	if (!target[n])
		return err_set(ERR_USAGE, "\"%s\" is no file name", target);
	if (!stat(target, &st) && !S_ISREG(st.st_mode))
		return err_set(ERR_IO, "%s: is no regular file; choose another name", target);
	TRY(make_parent(target));
	t->target = need(strdup(target));
	if (asprintf(&t->path, "%.*s.%s.tmp.%08x.%d.%u", n, target, target + n, host_number(), (int)getpid(),
	             atomic_fetch_add(&counter, 1)) < 0)
		need(NULL);
	fd = open(t->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0) {
		int code = err_system(ERR_IO, target, "create");

		free(t->path);
		t->path = NULL;
		tempfile_drop(t);
		return code;
	}
	close(fd);
	t->slot = take_slot(t->path);
	return 0;
}

/* fsync of a file or folder by name. */
static int sync_path(const char *path, int flags, const char *shown)
{
	int fd = open(path, flags | O_CLOEXEC), code = 0;

	if (fd < 0)
		return err_system(ERR_IO, shown, "sync");
	if (fsync(fd) && errno != EINVAL && errno != EROFS)   /* EINVAL: a file system without fsync of folders */
		code = err_system(ERR_IO, shown, "sync");
	if (close(fd) && !code)
		code = err_system(ERR_IO, shown, "close");
	return code;
}

int tempfile_sync(const struct tempfile *t)
{
	return sync_path(t->path, O_RDONLY, t->target);
}

int tempfile_commit(struct tempfile *t)
{
	int n = folder_length(t->target);
	char *folder;
	int code;

	TRY(tempfile_sync(t));
	if (rename(t->path, t->target))
		return err_system(ERR_IO, t->target, "rename to this name");
	if (t->slot >= 0)
		atomic_exchange(&slot[t->slot], NULL);
	t->slot = -1;
	free(t->path);
	t->path = NULL;
	folder = need(n ? strndup(t->target, (size_t)n) : strdup("."));
	code = sync_path(folder, O_RDONLY | O_DIRECTORY, folder);
	free(folder);
	tempfile_drop(t);
	return code;
}

void tempfile_drop(struct tempfile *t)
{
	if (t->path)
		unlink(t->path);
	if (t->slot >= 0)
		atomic_exchange(&slot[t->slot], NULL);
	free(t->path);
	free(t->target);
	*t = (struct tempfile){ .slot = -1 };
}

/* The pid in ".NAME.tmp.HOST.PID.N" of this host; 0 for any other name. */
static pid_t pid_of_leftover(const char *name)
{
	const char *mark = NULL, *next = name;
	unsigned int host, pid, n;
	int used = 0;

	while ((next = strstr(next + 1, ".tmp.")))
		mark = next;
	if (*name != '.' || !mark || !isxdigit((unsigned char)mark[5]))
		return 0;
	if (sscanf(mark, ".tmp.%8x.%10u.%10u%n", &host, &pid, &n, &used) != 3 || mark[used])
		return 0;
	return host == host_number() && pid <= INT_MAX ? (pid_t)pid : 0;
}

int tempfile_sweep(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (!dir)
		return errno == ENOENT ? 0 : err_system(ERR_IO, folder, "list");
	while ((entry = readdir(dir))) {
		pid_t pid = pid_of_leftover(entry->d_name);

		if (pid > 0 && process_gone(pid))
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	closedir(dir);
	return 0;
}

static int write_all(const char *path, const char *text, const char *shown)
{
	size_t left = strlen(text);
	int fd = open(path, O_WRONLY | O_CLOEXEC), code = 0;

	if (fd < 0)
		return err_system(ERR_IO, shown, "write");
	while (left && !code) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno != EINTR)
			code = err_system(ERR_IO, shown, "write");
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	if (close(fd) && !code)
		code = err_system(ERR_IO, shown, "write");
	return code;
}

int tempfile_write_text(const char *target, const char *text)
{
	struct tempfile t;
	int code;

	TRY(tempfile_open(&t, target));
	code = write_all(t.path, text, target);
	if (!code)
		code = tempfile_commit(&t);
	tempfile_drop(&t);
	return code;
}
