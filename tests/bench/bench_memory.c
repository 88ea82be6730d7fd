/* Resident size of training, one process per case.
 *
 *   memory.tsv   peak, without pages of files, after `steps` steps; growth = what it gained in the last 50
 *
 * The engine's own memory: a batch of random images is all the data there is.  (nas-pretrain holds the
 * dataset as well.) */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/die.h"
#include "base/err.h"
#include "tests/bench/bench.h"
#include "tests/bench/supernet.h"

enum { WARM_UP = 12, WATCHED = 50, SHORT = 6 };
enum { TRAIN_THREADS = 2 };

struct size { double peak, growth; };       /* bytes */

/* A line of proc(5) status, in bytes. */
static double status(const char *key)
{
	char line[256];
	double kb = NAN;
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			sscanf(line + strlen(key) + 1, "%lf", &kb);
	if (f)
		fclose(f);
	return 1024 * kb;
}

static int64_t steps_of(const struct bench *b, int64_t batch)
{
	return batch > 64 || b->tiny ? SHORT : WARM_UP + WATCHED;
}

static struct size train(const struct bench *b, const struct path_set *set, int64_t batch)
{
	struct supernet n;
	struct size s = { .growth = NAN };
	double before = NAN;
	int64_t steps = steps_of(b, batch);
	supernet_open(&n, set, "crossentropy", b->tiny ? 8 : 32, b->tiny ? batch / 8 : batch, TRAIN_THREADS);
	for (int64_t i = 0; i < steps; i++) {
		if (i == WARM_UP)
			before = status("RssAnon");
		supernet_train(&n, set->path[i % set->count]);
	}
	s.growth = status("RssAnon") - before;
	/* what is mapped of files only grows: the peak of the rest is at least this far below */
	s.peak = status("VmHWM") - status("RssFile") - status("RssShmem");
	supernet_close(&n);
	return s;
}

/* In a process of its own. */
static struct size measure(const struct bench *b, const struct path_set *set, int64_t batch)
{
	int end[2], ended;
	struct size s = { NAN, NAN };
	fflush(stdout);
	if (pipe(end))
		die_on(err_system(ERR_INTERNAL, "pipe", "open"));
	pid_t child = fork();
	if (child < 0)
		die_on(err_system(ERR_INTERNAL, "fork", "start a process"));
	if (!child) {
		s = train(b, set, batch);
		_exit(write(end[1], &s, sizeof s) != sizeof s);
	}
	close(end[1]);
	ssize_t got = read(end[0], &s, sizeof s);
	close(end[0]);
	if (waitpid(child, &ended, 0) != child || ended || got != sizeof s)
		die(-ERR_INTERNAL, "the process that trained %s failed", set->name);
	return s;
}

int main(int argc, char **argv)
{
	static const struct bench_column columns[] = {
		BENCH_TEXT("paths", 8), { "batch", 0, 0 }, { "threads", 0, 0 }, { "steps", 0, 0 }, { "peak_mb", 0, 1 },
		{ "growth_kb", 0, 1 }, { 0 }
	};
	struct bench b;
	bench_begin(&b, argc, argv, "memory", "resident size of training", NULL);
	struct bench_table *t = bench_table(&b, "memory", columns);
	for (const struct path_set *set = path_sets; set->name; set++)
		for (int64_t batch = 64; batch <= 128; batch += 64) {
			if (!bench_wanted(&b, "%s batch %d", set->name, (int)batch))
				continue;
			struct size s = measure(&b, set, batch);
			bench_row(t, set->name, (double)(b.tiny ? batch / 8 : batch), (double)TRAIN_THREADS, (double)steps_of(&b, batch),
			          1e-6 * s.peak, s.growth / 1024);
		}
	bench_table_close(t);
	return bench_end(&b);
}
