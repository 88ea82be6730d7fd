/* The same work by another program, in turn with ours, on the same processors in the same minutes.
 *
 *   peers.tsv   every number; printed: peer_ratio <train|infer> <uniform|11111111|22222222|darts> <ours / best peer>
 *
 * The peer is a Python script that prints "... paths=uniform mode=train ... images_per_s=123.4"; it is run in
 * each of its variants.  Per mode and set of paths, the best peer is the variant with the highest median.  There is
 * one script for the paths of space macro, and one for darts, which is told what its network must cost. */
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

enum { BATCH = 64, THREADS = 2, MAX_RUNS = 64 };

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
	const char *peer, *darts, *python, *launch, *ours;
	struct bench_table *table;
	double rate[VARIANTS][2][PATH_SETS][MAX_RUNS];
	int runs[VARIANTS][2][PATH_SETS];
};

/* A script, the space that its networks are of, and options for it. */
struct peer { const char *script, *space, *options; };

/* ---- ours: one pass, as the script makes it ---------------------------------------------------------- */

/* Steps of a set in one timing: those of the script. */
static int passes_of(const struct path_set *set)
{
	return set->count > 1 ? 1 : set->path[0][0] == '2' ? 4 : 6;
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

static int64_t side(const struct bench *b) { return b->tiny ? 8 : 32; }
static int64_t batch(const struct bench *b) { return b->tiny ? 8 : BATCH; }

static void run_ours(const struct bench *b, const char *space)
{
	for (const struct path_set *set = path_sets; set->name; set++) {
		struct supernet n;
		if (strcmp(set->space, space))
			continue;
		supernet_open(&n, set, "crossentropy", side(b), batch(b), THREADS);
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
	int mode = index_of(line, "mode=", 2, mode_name), set = index_of(line, "paths=", PATH_SETS, set_name);
	if (!at || mode < 0 || set < 0)
		return;
	double rate = atof(at + strlen("images_per_s="));
	c->rate[variant][mode][set][c->runs[variant][mode][set]++] = rate;
	bench_row(c->table, variants[variant].name, modes[mode], path_sets[set].name, (double)round, rate);
}

static void run(struct contest *c, const struct peer *p, int variant, int round)
{
	const struct variant *v = &variants[variant];
	char self[4096], command[16384], line[512];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	if (length < 0)
		die_on(err_system(ERR_INTERNAL, "/proc/self/exe", "read"));
	self[length] = '\0';
	if (variant == OURS)
		snprintf(command, sizeof command, "%s '%s' --ours %s%s", c->launch, self, p->space, c->b.tiny ? " --tiny" : "");
	else
		snprintf(command, sizeof command, "%s env OMP_NUM_THREADS=%d %s '%s' '%s' --threads %d --batch %d --repeats 1 %s %s",
		         c->launch, THREADS, v->environment, c->python, p->script, THREADS, (int)batch(&c->b), v->options, p->options);
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
		for (int s = 0; s < PATH_SETS; s++) {
			double best = 0, ours = bench_median(c->runs[OURS][m][s], c->rate[OURS][m][s]);
			int by = 0;
			for (int v = 0; v < OURS; v++) {
				double rate = bench_median(c->runs[v][m][s], c->rate[v][m][s]);
				if (rate > best) {
					best = rate;
					by = v;
				}
			}
			if (best > 0)
				printf("peer_ratio %s %s %.2f   (%.0f / %.0f %s)\n", modes[m], path_sets[s].name, ours / best, ours,
				       best, variants[by].name);
		}
}

static bool has_torch(const struct contest *c)
{
	char command[8192];
	snprintf(command, sizeof command, "'%s' -c 'import torch' 2>/dev/null", c->python);
	return system(command) == 0;
}

static const char *darts_options(const struct contest *c)
{
	struct supernet n;
	struct nn_cost cost;
	supernet_open(&n, path_set("darts"), "crossentropy", side(&c->b), 8, 1);
	die_on(space_cost(n.training.space, n.training.code, &cost));
	supernet_close(&n);
	return arena_printf(c->b.mem, "--side %d --params %lld --macs %lld", (int)side(&c->b), (long long)cost.params,
	                    (long long)cost.macs);
}

/* NULL: it can be run. */
static const char *hindrance(const struct contest *c, const char *script)
{
	if (!*script)
		return "no script is given";
	if (access(script, R_OK))
		return "the script cannot be read";
	return has_torch(c) ? NULL : "python3 has no torch: apt-get install python3-torch";
}

static void contest(struct contest *c, const struct peer *p)
{
	for (int round = 1; round <= c->b.repeats; round++)
		for (int v = 0; v < OURS; v++) {
			if (!bench_wanted(&c->b, "%s %s", p->space, variants[v].name))
				continue;
			run(c, p, v, round);
			run(c, p, OURS, round);
		}
}

int main(int argc, char **argv)
{
	static const struct bench_column columns[] = {
		BENCH_TEXT("program", 26), BENCH_TEXT("mode", 5), BENCH_TEXT("paths", 8), { "round", 0, 0 }, { "images_per_s", 0, 1 }, { 0 }
	};
	static struct contest c = { .peer = "", .darts = "", .python = "/usr/bin/python3", .launch = "", .ours = "" };
	const struct opt more[] = {
		OPT_EXEC_TEXT("peer", &c.peer, "the script for space macro"),
		OPT_EXEC_TEXT("darts", &c.darts, "the script for darts"),
		OPT_EXEC_TEXT("python", &c.python, "who runs it"),
		OPT_EXEC_TEXT("launch", &c.launch, "stands before every program"),
		OPT_EXEC_TEXT("ours", &c.ours, "only our side of this space, as lines"),
		OPT_END
	};
	bench_begin(&c.b, argc, argv, "peers", "the same work by PyTorch", more);
	if (*c.ours) {
		run_ours(&c.b, c.ours);
		return bench_end(&c.b);
	}
	const struct peer peers[] = { { c.peer, "macro", "" }, { c.darts, "darts", darts_options(&c) } };
	c.table = bench_table(&c.b, "peers", columns);
	for (int i = 0; i < 2; i++) {
		const char *why = hindrance(&c, peers[i].script);
		if (why)
			printf("skipped: %s: %s\n", peers[i].space, why);
		else
			contest(&c, &peers[i]);
	}
	bench_table_close(c.table);
	ratios(&c);
	return bench_end(&c.b);
}
