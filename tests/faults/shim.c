/* Fails the k-th call of a kind: a library for LD_PRELOAD, for tests only.
 *
 *   FAULT_PROGRAM  acts in the process of this name only (what it starts inherits LD_PRELOAD)
 *   FAULT_STATE    file of sizeof(struct state) bytes, mapped: counts outlive a killed process
 *   FAULT_CALL     kind of call, one of kind_name below
 *   FAULT_AT       which call of that kind fails, from 1
 *   FAULT_HOW      ENOSPC EIO EDQUOT EINTR ENOLCK ...  it fails with this error (a count of 0 or NULL with errno)
 *                  SHORT  a read or write does half of it;   KILL  SIGKILL before the call
 *                  TORN   a write does half of it, then SIGKILL
 *   FAULT_STICKY   1: all later calls fail the same way, as on a disk that stays full
 *   FAULT_CALLERS  all: allocations count whoever asks; else only those that the program's own code asks for
 *   FAULT_ALIEN    FROM-TO in hexadecimal: code of the program that is not its own (a library linked into it)
 *   FAULT_NOSYNC   1: fsync answers at once (tests look at what a process leaves, not at power loss)
 *
 * System calls are made directly, so that nothing has to be looked up before it is needed; allocations go to
 * glibc's __libc_ names.  What glibc calls inside itself (the write of a stream) cannot be intercepted: closing
 * a stream that was open for writing counts as one write of it. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN, READ, WRITE, FSYNC, RENAME, CLOSE, MKDIR, UNLINK, MMAP, THREAD, MALLOC, FLOCK, FORK, KINDS };
static const char *const kind_name[KINDS] = {
	"open", "read", "write", "fsync", "rename", "close", "mkdir", "unlink", "mmap", "pthread_create", "malloc", "flock", "fork",
};

struct state {
	_Atomic int64_t count[16], fired;
	char where[512];                 /* what the call that failed was about */
};

static struct state *state, nowhere;
static enum kind chosen = KINDS;
static int64_t at;
static int error;                        /* errno, or one of the three below */
enum { SHORT = -1, KILL = -2, TORN = -3 };
static bool sticky, all_callers, no_sync;
static uintptr_t own_begin, own_end;     /* the program itself */
static uintptr_t alien_begin, alien_end; /* but not this part of it */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t align, size_t size);

/* ---- set up ---- */

static int first_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	unsigned long from = 0, to = 0;
	sscanf(arg, "%lx-%lx", &from, &to);
	alien_begin = info->dlpi_addr + from;
	alien_end = info->dlpi_addr + to;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		if (p->p_type == PT_LOAD && p->p_flags & PF_X) {
			own_begin = info->dlpi_addr + p->p_vaddr;
			own_end = own_begin + p->p_memsz;
		}
	}
	return 1;
}

static int error_number(const char *name)
{
	static const struct { const char *name; int number; } known[] = {
		{ "ENOSPC", ENOSPC }, { "EIO", EIO }, { "EDQUOT", EDQUOT }, { "EINTR", EINTR }, { "ENOLCK", ENOLCK },
		{ "ENOMEM", ENOMEM }, { "EAGAIN", EAGAIN }, { "EMFILE", EMFILE }, { "EACCES", EACCES }, { "ENOSYS", ENOSYS },
		{ "SHORT", SHORT }, { "KILL", KILL }, { "TORN", TORN },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].name, name))
			return known[i].number;
	_exit(99);                       /* the test is wrong */
}

static const char *setting(const char *name)
{
	const char *text = getenv(name);
	return text ? text : "";
}

__attribute__((constructor)) static void begin(void)
{
	const char *program = setting("FAULT_PROGRAM");
	if (*program && strcmp(program, program_invocation_short_name))
		return;
	dl_iterate_phdr(first_object, (void *)setting("FAULT_ALIEN"));
	all_callers = !strcmp(setting("FAULT_CALLERS"), "all");
	no_sync = *setting("FAULT_NOSYNC");
	sticky = *setting("FAULT_STICKY");
	const char *path = setting("FAULT_STATE");
	int fd = *path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
	void *map = &nowhere;
	if (fd >= 0)
		map = (void *)syscall(SYS_mmap, NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (*path && (fd < 0 || map == MAP_FAILED))
		_exit(98);
	if (fd >= 0)
		syscall(SYS_close, fd);
	if (*setting("FAULT_CALL")) {
		at = atoll(setting("FAULT_AT"));
		error = error_number(setting("FAULT_HOW"));
		for (int i = 0; i < KINDS; i++)
			if (!strcmp(kind_name[i], setting("FAULT_CALL")))
				chosen = (enum kind)i;
		if (chosen == KINDS)
			_exit(97);
	}
	state = map;                     /* from now on calls count */
}

/* ---- the decision ---- */

static void note(const char *path, int fd)
{
	char link[64];
	ssize_t n;
	if (path) {
		strncpy(state->where, path, sizeof(state->where) - 1);
	} else if (fd >= 0) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = syscall(SYS_readlinkat, AT_FDCWD, link, state->where, sizeof(state->where) - 1);
		state->where[n > 0 ? n : 0] = '\0';
	}
}

/* Counts a call; true when it is to fail.  KILL never returns. */
static bool fails(enum kind kind, const char *path, int fd)
{
	if (!state)
		return false;
	int64_t n = atomic_fetch_add(&state->count[kind], 1) + 1;
	if (kind != chosen || !(n == at || (sticky && n > at)))
		return false;
	if (atomic_fetch_add(&state->fired, 1) == 0)
		note(path, fd);
	if (error == KILL)
		syscall(SYS_kill, getpid(), SIGKILL);
	return true;
}

#define REFUSE(kind, path, fd, value) do { if (fails(kind, path, fd)) { errno = error; return value; } } while (0)

/* ---- files ---- */

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
	REFUSE(OPEN, path, -1, -1);
	return (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define MODE_OF(flags, mode) \
	if (flags & (O_CREAT | __O_TMPFILE)) { \
		va_list ap; \
		va_start(ap, flags); \
		mode = va_arg(ap, mode_t); \
		va_end(ap); \
	}

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	MODE_OF(flags, mode);
	return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
	mode_t mode = 0;
	MODE_OF(flags, mode);
	return open_at(folder, path, flags, mode);
}

int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
	return open_at(AT_FDCWD, path, flags, 0);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));
int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags)
{
	return open_at(AT_FDCWD, path, flags, 0);
}

static ssize_t read_some(int fd, void *data, size_t size, off_t offset, bool positioned)
{
	if (fails(READ, NULL, fd)) {
		if (error != SHORT) {
			errno = error;
			return -1;
		}
		size = size > 1 ? size / 2 : size;
	}
	return positioned ? syscall(SYS_pread64, fd, data, size, offset) : syscall(SYS_read, fd, data, size);
}

static ssize_t write_some(int fd, const void *data, size_t size, off_t offset, bool positioned)
{
	bool torn = false;
	if (fails(WRITE, NULL, fd)) {
		if (error > 0) {
			errno = error;
			return -1;
		}
		torn = error == TORN;
		size = size > 1 ? size / 2 : size;
	}
	ssize_t n = positioned ? syscall(SYS_pwrite64, fd, data, size, offset) : syscall(SYS_write, fd, data, size);
	if (torn)
		syscall(SYS_kill, getpid(), SIGKILL);
	return n;
}

ssize_t read(int fd, void *data, size_t size)
{
	return read_some(fd, data, size, 0, false);
}

ssize_t pread(int fd, void *data, size_t size, off_t offset)
{
	return read_some(fd, data, size, offset, true);
}

ssize_t pread64(int fd, void *data, size_t size, off_t offset) __attribute__((alias("pread")));

ssize_t write(int fd, const void *data, size_t size)
{
	return write_some(fd, data, size, 0, false);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
	return write_some(fd, data, size, offset, true);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t offset) __attribute__((alias("pwrite")));

int fsync(int fd)
{
	REFUSE(FSYNC, NULL, fd, -1);
	return no_sync ? 0 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd) __attribute__((alias("fsync")));

int rename(const char *from, const char *to)
{
	REFUSE(RENAME, to, -1, -1);
	return (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int close(int fd)
{
	bool failed = fails(CLOSE, NULL, fd);
	int result = (int)syscall(SYS_close, fd);       /* Linux closes it, whatever it answers */
	if (failed) {
		errno = error;
		return -1;
	}
	return result;
}

int mkdir(const char *path, mode_t mode)
{
	REFUSE(MKDIR, path, -1, -1);
	return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int unlink(const char *path)
{
	REFUSE(UNLINK, path, -1, -1);
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int flock(int fd, int operation)
{
	REFUSE(FLOCK, NULL, fd, -1);
	return (int)syscall(SYS_flock, fd, operation);
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	REFUSE(MMAP, NULL, fd, MAP_FAILED);
	return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, offset);
}

void *mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset) __attribute__((alias("mmap")));

/* ---- what has to be looked up ---- */

#define REAL(name) ({ \
	static _Atomic(void *) found_; \
	if (!found_) \
		found_ = dlsym(RTLD_NEXT, name); \
	found_; })

FILE *fopen(const char *path, const char *mode)
{
	FILE *(*real)(const char *, const char *) = REAL("fopen");
	REFUSE(OPEN, path, -1, NULL);
	return real(path, mode);
}

FILE *fopen64(const char *path, const char *mode) __attribute__((alias("fopen")));

/* What the stream holds has to go to a full device, so that stdio itself finds out. */
static void divert(FILE *f)
{
	int full = (int)syscall(SYS_openat, AT_FDCWD, "/dev/full", O_WRONLY | O_CLOEXEC);
	if (full >= 0) {
		syscall(SYS_dup3, full, fileno(f), O_CLOEXEC);
		syscall(SYS_close, full);
	}
}

static bool writes(FILE *f)
{
	int flags = state ? (int)syscall(SYS_fcntl, fileno(f), F_GETFL) : 0;
	return flags > 0 && (flags & O_ACCMODE) != O_RDONLY;
}

int fclose(FILE *f)
{
	int (*real)(FILE *) = REAL("fclose");
	if (!writes(f) || !fails(WRITE, NULL, fileno(f)) || error < 0)
		return real(f);
	divert(f);
	real(f);
	errno = error;
	return EOF;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *), void *arg)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) = REAL("pthread_create");
	if (fails(THREAD, NULL, -1))
		return error;
	return real(thread, attributes, fn, arg);
}

pid_t fork(void)
{
	pid_t (*real)(void) = REAL("fork");
	REFUSE(FORK, NULL, -1, -1);
	return real();
}

/* ---- allocations ---- */

static bool no_memory(const void *caller)
{
	uintptr_t from = (uintptr_t)caller;
	bool own = from >= own_begin && from < own_end && !(from >= alien_begin && from < alien_end);
	if (!state || !(own || all_callers))
		return false;
	if (!fails(MALLOC, NULL, -1))
		return false;
	if (!state->where[0]) {
		Dl_info info;
		uintptr_t base = dladdr(caller, &info) ? (uintptr_t)info.dli_fbase : 0;
		snprintf(state->where, sizeof(state->where), "%s+%#zx", base ? info.dli_fname : "?", (size_t)(from - base));
	}
	errno = ENOMEM;
	return true;
}

#define CALLER __builtin_return_address(0)

void *malloc(size_t size)
{
	return no_memory(CALLER) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return no_memory(CALLER) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return no_memory(CALLER) ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return no_memory(CALLER) ? NULL : __libc_memalign(align, size);
}

int posix_memalign(void **out, size_t align, size_t size)
{
	if (no_memory(CALLER))
		return ENOMEM;
	*out = __libc_memalign(align, size);
	return *out ? 0 : ENOMEM;
}

/* These allocate inside glibc on behalf of their caller. */
char *strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = no_memory(CALLER) ? NULL : __libc_malloc(size);
	return copy ? memcpy(copy, text, size) : NULL;
}

char *strndup(const char *text, size_t most)
{
	size_t size = strnlen(text, most);
	char *copy = no_memory(CALLER) ? NULL : __libc_malloc(size + 1);
	if (!copy)
		return NULL;
	copy[size] = '\0';
	return memcpy(copy, text, size);
}

int vasprintf(char **out, const char *format, va_list ap)
{
	int (*real)(char **, const char *, va_list) = REAL("vasprintf");
	return no_memory(CALLER) ? -1 : real(out, format, ap);
}

int asprintf(char **out, const char *format, ...)
{
	int (*real)(char **, const char *, va_list) = REAL("vasprintf");
	if (no_memory(CALLER))
		return -1;
	va_list ap;
	va_start(ap, format);
	int n = real(out, format, ap);
	va_end(ap);
	return n;
}
