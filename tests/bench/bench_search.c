/* What stands around training: proposals, ingest, augmentation, checkpoints, the start of a program.
 *
 *   search.tsv   seconds of each thing, and how much it did in them */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/die.h"
#include "base/err.h"
#include "base/log.h"
#include "base/tempfile.h"
#include "nn/checkpoint.h"
#include "tests/bench/bench.h"
#include "tests/bench/supernet.h"
#include "tests/common/search/flat.h"

extern const struct strategy strategy_tpe;

struct around {
	struct bench b;
	const char *bin, *data;          /* folder of the programs; images, as nas-ingest takes them, or "" */
	const char *scratch;
	struct bench_table *table;
};

static const struct bench_column columns[] = {
	BENCH_TEXT("what", 44), { "ms", 10, 3 }, { "amount", 12, 1 }, BENCH_TEXT("unit", 12), { 0 }
};

/* amount: per second, in `unit` */
static void row(struct around *a, const char *what, double seconds, double amount, const char *unit)
{
	bench_row(a->table, what, 1e3 * seconds, amount / seconds, unit);
}

static const char *in_scratch(struct around *a, const char *name)
{
	return arena_printf(a->b.mem, "%s/%s", a->scratch, name);
}

/* ---- one tpe proposal ------------------------------------------------------------------------------ */

struct proposal { const struct space *space; const struct history *history; struct arena *mem; };

static void propose(void *arg)
{
	const struct proposal *p = arg;
	struct arena_mark mark = arena_mark(p->mem);
	struct history proposed = { .decisions = p->space->decisions, .trial = ARENA_NEW(p->mem, struct trial, 1) };
	struct ask ask = { p->space, p->history, &strategy_defaults, p->mem, p->history->count, &proposed };
	die_on(strategy_run(&strategy_tpe, &ask, 1));
	arena_rewind(p->mem, mark);
}

static void proposals(struct around *a)
{
	enum { DECISIONS = 28, CHOICES = 8 };
	for (int trials = 100; trials <= (a->b.tiny ? 100 : 10000); trials *= 10) {
		const char *what = arena_printf(a->b.mem, "tpe proposal, %d trials x %d decisions", trials, DECISIONS);
		if (!bench_wanted(&a->b, "%s", what))
			continue;
		struct arena *mem = arena_new();
		struct space *s = flat_space(mem, DECISIONS, CHOICES);
		struct history h = { .decisions = DECISIONS, .trial = ARENA_NEW(mem, struct trial, trials) };
		struct rng r = rng_stream(1, "bench", 0, 0, 0);
		for (int i = 0; i < trials; i++) {
			uint8_t code[DECISIONS];
			space_uniform(s, &r, code);
			flat_tell(&h, s, mem, code, 1, rng_uniform(&r));
		}
		struct proposal p = { s, &h, mem };
		row(a, what, bench_seconds(&a->b, propose, &p), 1, "proposals/s");
		arena_free(mem);
	}
}

/* ---- programs ------------------------------------------------------------------------------------- */

/* CIFAR-10 as it comes, in the scratch folder, with random pixels: six files of records of a label and an image. */
static const char *const parts[] = {
	"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin",
};
enum { PARTS = 6, PIXELS = 3 * 32 * 32 };

static void write_images(struct around *a, int64_t count)
{
	uint8_t record[1 + PIXELS];
	for (int i = 0; i < PARTS; i++) {
		struct rng r = rng_stream(1, "bench", (uint32_t)i, 0, 0);
		FILE *f = fopen(in_scratch(a, parts[i]), "wb");
		for (int64_t k = 0; f && k < count / PARTS; k++) {
			record[0] = (uint8_t)(k % 10);
			for (int p = 1; p <= PIXELS; p++)
				record[p] = (uint8_t)rng_u32(&r);
			fwrite(record, sizeof record, 1, f);
		}
		if (!f || fclose(f))
			die_on(err_system(ERR_IO, in_scratch(a, parts[i]), "write"));
	}
}

static void program(void *arg)
{
	bench_program(arg);
}

static void programs(struct around *a)
{
	const char *dataset = in_scratch(a, "dataset.h5"), *space = in_scratch(a, "space.h5");
	const char *ingest[] = {
		arena_printf(a->b.mem, "%s/nas-ingest", a->bin), "--data", *a->data ? a->data : a->scratch, "--out", dataset,
		"--labels-out", in_scratch(a, "labels.h5"), "--quiet", NULL,
	};
	const char *make_space[] = { arena_printf(a->b.mem, "%s/nas-space", a->bin), "--dataset", dataset, "--out", space, "--quiet", NULL };
	const char *recipe[] = {
		arena_printf(a->b.mem, "%s/nas-pretrain", a->bin), "--dataset", dataset, "--space", space, "--out",
		in_scratch(a, "weights.h5"), "--recipe", NULL,
	};
	const char *ask[] = {
		arena_printf(a->b.mem, "%s/nas-propose", a->bin), "--space", space, "--k", "1", "--out", in_scratch(a, "candidates.h5"),
		"--quiet", NULL,
	};
	int64_t count = a->b.tiny ? 60 : 60000;
	if (!bench_wanted(&a->b, "programs"))
		return;
	if (!*a->data)
		write_images(a, count);
	row(a, arena_printf(a->b.mem, "nas-ingest, %lld images", (long long)count), bench_seconds(&a->b, program, ingest),
	    (double)count, "images/s");
	bench_program(make_space);
	row(a, arena_printf(a->b.mem, "nas-pretrain --recipe, %lld images", (long long)count), bench_seconds(&a->b, program, recipe), 1, "starts/s");
	row(a, "nas-propose, one candidate", bench_seconds(&a->b, program, ask), 1, "starts/s");
}

/* ---- augmentation ----------------------------------------------------------------------------------- */

struct augmentation { struct augment_list list; struct image image; float *scratch; int64_t images; };

static void augment(void *arg)
{
	struct augmentation *g = arg;
	for (int64_t i = 0; i < g->images; i++)
		augment_apply(&g->list, &g->image, 1, (uint32_t)i, 0, 0, g->scratch);
}

static void augmentations(struct around *a)
{
	static const char *const preset[] = { "crop", "contrast", "contrast-noup" };
	for (int i = 0; i < 3; i++) {
		if (!bench_wanted(&a->b, "augment %s", preset[i]))
			continue;
		struct augmentation g = { .image = { 32, 32, 3, bench_floats(&a->b, 32 * 32 * 3) }, .images = 256 };
		g.scratch = bench_floats(&a->b, 4 * 32 * 32 * 3);
		die_on(augment_parse(augment_preset(preset[i]), &g.list));
		row(a, arena_printf(a->b.mem, "augmentation %s, 32x32x3, one thread", preset[i]),
		    bench_seconds(&a->b, augment, &g) / (double)g.images, 1, "images/s");
	}
}

/* ---- checkpoints ------------------------------------------------------------------------------------ */

struct saving { struct nn_checkpoint checkpoint; struct supernet net; struct nn_curve *curve; };

static void save(void *arg)
{
	struct saving *s = arg;
	die_on(nn_checkpoint_save(&s->checkpoint, s->net.training.trainer, s->curve));
}

static void load(void *arg)
{
	struct saving *s = arg;
	int found = nn_checkpoint_load(&s->checkpoint, s->net.training.trainer, s->curve);
	die_on(found);
	if (!found)
		die(-ERR_INTERNAL, "the checkpoint that was just written is not there");
}

static double megabytes(const char *path)
{
	struct stat st;
	return stat(path, &st) ? NAN : 1e-6 * (double)st.st_size;
}

static void checkpoints(struct around *a)
{
	struct saving s;
	if (!bench_wanted(&a->b, "checkpoint"))
		return;
	struct h5_recipe recipe = h5_recipe_make(a->b.mem, "bench", 1, NULL, NULL, 0);
	supernet_open(&s.net, path_set("22222222"), "ntxent", a->b.tiny ? 8 : 32, 8, 1);
	supernet_train(&s.net, "22222222");
	s.curve = nn_curve_new(s.net.mem);
	nn_checkpoint_init(&s.checkpoint, s.net.mem, in_scratch(a, "weights.h5"), &recipe);
	double write = bench_seconds(&a->b, save, &s), mb = megabytes(s.checkpoint.path[0]);
	row(a, arena_printf(a->b.mem, "checkpoint written, %.0f MB", mb), write, mb, "MB/s");
	row(a, "checkpoint read", bench_seconds(&a->b, load, &s), mb, "MB/s");
	nn_checkpoint_remove(&s.checkpoint);
	supernet_close(&s.net);
}

/* ------------------------------------------------------------------------------------------------------ */

static void clean(struct around *a)
{
	static const char *const name[] = { "dataset.h5", "labels.h5", "space.h5", "candidates.h5" };
	for (int i = 0; i < 4; i++)
		unlink(in_scratch(a, name[i]));
	for (int i = 0; i < PARTS; i++)
		unlink(in_scratch(a, parts[i]));
	rmdir(a->scratch);
}

int main(int argc, char **argv)
{
	struct around a = { .bin = "build/release/bin", .data = "" };
	const struct opt more[] = {
		OPT_EXEC_TEXT("bin", &a.bin, "folder of the programs"),
		OPT_EXEC_TEXT("data", &a.data, "60,000 images, as nas-ingest takes them; empty: CIFAR-10 of random pixels"),
		OPT_END
	};
	bench_begin(&a.b, argc, argv, "search", "proposals, ingest, augmentation, checkpoints, start of a program", more);
	log_quiet(true);
	a.scratch = arena_printf(a.b.mem, "%s/scratch.%ld", a.b.out, (long)getpid());
	die_on(make_folder(a.scratch));
	a.table = bench_table(&a.b, "search", columns);
	proposals(&a);
	programs(&a);
	augmentations(&a);
	checkpoints(&a);
	bench_table_close(a.table);
	clean(&a);
	return bench_end(&a.b);
}
