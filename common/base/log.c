/* Log file and progress line; see log.h. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/die.h"
#include "base/err.h"
#include "base/tempfile.h"

#define LINE_SIZE 8192
#define PROGRESS_PERIOD 0.1     /* seconds */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int file = -1;
static bool quiet;
static bool line_open;          /* the terminal's cursor stands behind a progress line */
static double last_progress;

int log_open(const char *path)
{
	char folder[4096];
	const char *slash;

	if (!path)
		return 0;
	slash = strrchr(path, '/');
	if (slash && slash > path) {
		snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
		TRY(make_folder(folder));
	}
	file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (file < 0)
		return err_system(ERR_IO, path, "open the log");
	return 0;
}

void log_close(void)
{
	if (file >= 0)
		close(file);
	file = -1;
}

void log_quiet(bool on)
{
	quiet = on;
}

bool log_on_terminal(void)
{
	static int known = -1;

	if (known < 0)
		known = isatty(STDERR_FILENO);
	return known;
}

/* One write() for one line: stages that share a log do not mix theirs.  A log that cannot be written
 * (full disk) is no reason to lose hours of work: it is given up. */
static void append(const char *event, const char *text)
{
	char line[LINE_SIZE], *c;
	struct timespec now;
	struct tm utc;
	size_t n;

	if (file < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	n = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &utc);
	n += (size_t)snprintf(line + n, sizeof line - n, ".%03dZ %s pid=%d %s%s%s", (int)(now.tv_nsec / 1000000),
	                      die_program(), (int)getpid(), event, *text ? " " : "", text);
	if (n > sizeof line - 2)
		n = sizeof line - 2;
	line[n] = '\0';
	for (c = line; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	line[n++] = '\n';
	if (write(file, line, n) < 0 && errno != EINTR)
		log_close();
}

static void end_line(void)
{
	if (line_open)
		fputc('\n', stderr);
	line_open = false;
}

void log_end_line(void)
{
	pthread_mutex_lock(&lock);
	end_line();
	pthread_mutex_unlock(&lock);
}

void log_file(const char *event, const char *text)
{
	pthread_mutex_lock(&lock);
	append(event, text);
	pthread_mutex_unlock(&lock);
}

void log_event(const char *event, const char *format, ...)
{
	char text[LINE_SIZE];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	pthread_mutex_lock(&lock);
	append(event, text);
	if (!quiet && !log_on_terminal())
		fprintf(stderr, "%s: %s%s%s\n", die_program(), event, *text ? " " : "", text);
	pthread_mutex_unlock(&lock);
}

void log_progress(bool done, const char *format, ...)
{
	double now = clock_seconds();
	char text[512];
	va_list ap;

	if (quiet || !log_on_terminal())
		return;
	pthread_mutex_lock(&lock);
	if (done || now - last_progress >= PROGRESS_PERIOD) {
		last_progress = now;
		va_start(ap, format);
		vsnprintf(text, sizeof text, format, ap);
		va_end(ap);
		fprintf(stderr, "\r%s: %s\033[K", die_program(), text);
		line_open = true;
		if (done)
			end_line();
		fflush(stderr);
	}
	pthread_mutex_unlock(&lock);
}

double clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void duration_print(double seconds, char text[32])
{
	long long s = seconds > 0 && seconds < 1e15 ? (long long)(seconds + 0.5) : 0;

	if (seconds < 9.95)
		snprintf(text, 32, "%.1f s", seconds > 0 ? seconds : 0.0);
	else if (s < 60)
		snprintf(text, 32, "%lld s", s);
	else if (s < 3600)
		snprintf(text, 32, "%lld min %lld s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(text, 32, "%lld h %lld min", s / 3600, s % 3600 / 60);
	else
		snprintf(text, 32, "%lld d %lld h", s / 86400, s % 86400 / 3600);
}
