/* The same work by another program, in turn with ours, on the same processors in the same minutes.
 *
 *   peers.tsv   every number; printed: peer_ratio <train|infer> <uniform|11111111|22222222> <ours / best peer>
 *
 * The peer is a Python script that prints "... paths=uniform mode=train ... images_per_s=123.4"; it is run in
 * each of its variants.  Per mode and set of paths, the best peer is the variant with the highest median. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/die.h"
#include "base/err.h"
#include "base/log.h"
#include "tests/bench/bench.h"
#include "tests/bench/supernet.h"

enum { BATCH = 64, THREADS = 2, MAX_RUNS = 64, SETS = 3 };

static const char *const modes[] = { "train", "infer" };

/* Variants of the script: its header names them. */
static const struct variant { const char *name, *environment, *options; } variants[] = {
	{ "default", "", "" },
	{ "channels-last", "", "--channels-last" },
	{ "default, kept memory", "GLIBC_TUNABLES=glibc.malloc.mmap_threshold=4294967295:"
	  "glibc.malloc.trim_threshold=17179869184:glibc.malloc.top_pad=268435456", "" },
	{ "channels-last, kept memory", "GLIBC_TUNABLES=glibc.malloc.mmap_threshold=4294967295:"
	  "glibc.malloc.trim_threshold=17179869184:glibc.malloc.top_pad=268435456", "--channels-last" },
	{ "ours", "", "" },
};
enum { OURS = 4, VARIANTS };

struct contest {
	struct bench b;
	const char *peer, *python, *launch;
	bool ours;
	struct bench_table *table;
	double rate[VARIANTS][2][SETS][MAX_RUNS];
	int runs[VARIANTS][2][SETS];
};

/* ---- ours: one pass, as the script makes it ---------------------------------------------------------- */

/* Steps of a set in one timing: those of the script. */
static int passes_of(const struct path_set *set)
{
	return set->count > 1 ? 1 : set->path[0][0] == '1' ? 6 : 4;
}

static void pass(struct supernet *n, const struct path_set *set, const struct supernet_path *path, bool training)
{
	for (int p = 0; p < passes_of(set); p++)
		for (int i = 0; i < set->count; i++)
			if (training)
				supernet_train(n, set->path[i]);
			else
				supernet_infer(n, &path[i]);
}

static void run_ours(const struct bench *b)
{
	struct supernet n;
	supernet_open(&n, "crossentropy", b->tiny ? 8 : 32, b->tiny ? 8 : BATCH, THREADS);
	for (const struct path_set *set = path_sets; set->name; set++)
		for (int m = 0; m < 2; m++) {
			struct supernet_path path[12];
			for (int i = 0; i < set->count; i++)
				path[i] = supernet_path(&n, set->path[i]);
			if (m == 0)
				supernet_train(&n, set->path[0]);
			double begin = clock_seconds();
			pass(&n, set, path, m == 0);
			printf("paths=%s mode=%s images_per_s=%.1f\n", set->name, modes[m],
			       (double)(n.rows * set->count * passes_of(set)) / (clock_seconds() - begin));
		}
	supernet_close(&n);
}

/* ---- the contest --------------------------------------------------------------------------------------- */

static int index_of(const char *line, const char *key, int count, const char *(*name)(int i))
{
	const char *at = strstr(line, key);
	for (int i = 0; at && i < count; i++)
		if (!strncmp(at + strlen(key), name(i), strlen(name(i))))
			return i;
	return -1;
}

static const char *mode_name(int i) { return modes[i]; }
static const char *set_name(int i) { return path_sets[i].name; }

static void take(struct contest *c, int variant, int round, const char *line)
{
	const char *at = strstr(line, "images_per_s=");
	int mode = index_of(line, "mode=", 2, mode_name), set = index_of(line, "paths=", SETS, set_name);
	if (!at || mode < 0 || set < 0)
		return;
	double rate = atof(at + strlen("images_per_s="));
	c->rate[variant][mode][set][c->runs[variant][mode][set]++] = rate;
	bench_row(c->table, variants[variant].name, modes[mode], path_sets[set].name, (double)round, rate);
}

static void run(struct contest *c, int variant, int round)
{
	const struct variant *v = &variants[variant];
	char self[4096], command[16384], line[512];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	if (length < 0)
		die_on(err_system(ERR_INTERNAL, "/proc/self/exe", "read"));
	self[length] = '\0';
	if (variant == OURS)
		snprintf(command, sizeof command, "%s '%s' --ours%s", c->launch, self, c->b.tiny ? " --tiny" : "");
	else
		snprintf(command, sizeof command, "%s env OMP_NUM_THREADS=%d %s '%s' '%s' --threads %d --batch %d --repeats 1 %s",
		         c->launch, THREADS, v->environment, c->python, c->peer, THREADS, c->b.tiny ? 8 : BATCH, v->options);
	FILE *f = popen(command, "r");
	if (!f)
		die_on(err_system(ERR_INTERNAL, command, "start"));
	while (fgets(line, sizeof line, f))
		take(c, variant, round, line);
	if (pclose(f))
		die(-ERR_INTERNAL, "%s: failed", command);
}

static void ratios(struct contest *c)
{
	printf("\n");
	for (int m = 0; m < 2; m++)
		for (int s = 0; s < SETS; s++) {
			double best = 0, ours = bench_median(c->runs[OURS][m][s], c->rate[OURS][m][s]);
			int by = 0;
			for (int v = 0; v < OURS; v++) {
				double rate = bench_median(c->runs[v][m][s], c->rate[v][m][s]);
				if (rate > best) {
					best = rate;
					by = v;
				}
			}
			printf("peer_ratio %s %s %.2f   (%.0f / %.0f %s)\n", modes[m], path_sets[s].name, ours / best, ours, best,
			       variants[by].name);
		}
}

static bool has_torch(const struct contest *c)
{
	char command[8192];
	snprintf(command, sizeof command, "'%s' -c 'import torch' 2>/dev/null", c->python);
	return system(command) == 0;
}

int main(int argc, char **argv)
{
	static const struct bench_column columns[] = {
		BENCH_TEXT("program", 26), BENCH_TEXT("mode", 5), BENCH_TEXT("paths", 8), { "round", 0, 0 }, { "images_per_s", 0, 1 }, { 0 }
	};
	static struct contest c = { .peer = "", .python = "/usr/bin/python3", .launch = "" };
	const struct opt more[] = {
		OPT_EXEC_TEXT("peer", &c.peer, "the script"),
		OPT_EXEC_TEXT("python", &c.python, "who runs it"),
		OPT_EXEC_TEXT("launch", &c.launch, "stands before every program"),
		OPT_EXEC_FLAG("ours", &c.ours, "only our side, as lines"),
		OPT_END
	};
	bench_begin(&c.b, argc, argv, "peers", "the same work by PyTorch", more);
	if (c.ours) {
		run_ours(&c.b);
		return bench_end(&c.b);
	}
	if (!*c.peer || access(c.peer, R_OK) || !has_torch(&c)) {
		printf("skipped: %s\n", !*c.peer ? "give the script: PEER=path/to/torch_supernet.py" :
		       access(c.peer, R_OK) ? "the script of PEER cannot be read" : "python3 has no torch: apt-get install python3-torch");
		return bench_end(&c.b);
	}
	c.table = bench_table(&c.b, "peers", columns);
	for (int round = 1; round <= c.b.repeats; round++)
		for (int v = 0; v < OURS; v++) {
			if (!bench_wanted(&c.b, "%s", variants[v].name))
				continue;
			run(&c, v, round);
			run(&c, OURS, round);
		}
	bench_table_close(c.table);
	ratios(&c);
	return bench_end(&c.b);
}
