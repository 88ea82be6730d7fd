#include <stdlib.h>
#include "base/err.h"
#include "base/log.h"
#include "base/tempfile.h"
#include "stages/test/latency.h"
#include "tensor/backend.h"

#define WARM_RUNS 5
#define MAX_RUNS 200
#define MIN_RUNS 20
#define ENOUGH_SECONDS 1.0

struct latency { int64_t runs; double median, p10, p90; };      /* milliseconds */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static int measure(const struct model *m, struct nn_ctx *ctx, const struct nn_graph *g, const float *image,
                   struct latency *l)
{
	double ms[MAX_RUNS], begin = clock_seconds();
	int64_t n = 0;
	for (int64_t i = 0; i < WARM_RUNS + MAX_RUNS; i++) {
		double start = clock_seconds();
		nn_ctx_reset(ctx);
		struct nn_net *net = nn_bind(ctx, g, m->values, NULL, 1);
		if (!net)
			return err_code();
		nn_set_stats(net, m->stats);
		nn_set_input(net, "image", image);
		TRY(nn_forward(net, NN_BN_FIXED));
		if (i >= WARM_RUNS)
			ms[n++] = 1e3 * (clock_seconds() - start);
		if (n >= MIN_RUNS && clock_seconds() - begin > ENOUGH_SECONDS)
			break;
	}
	qsort(ms, (size_t)n, sizeof(*ms), by_value);
	*l = (struct latency){ n, ms[n / 2], ms[n / 10], ms[n * 9 / 10] };
	return 0;
}

static char *row(struct arena *mem, const char *text, const char *member, const char *code, int64_t threads,
                 const struct latency *l)
{
	return arena_printf(mem, "%s%s\t%s\t%lld\t%lld\t%.4f\t%.4f\t%.4f\n", text, member, code, (long long)threads,
	                    (long long)l->runs, l->median, l->p10, l->p90);
}

int latency_write(const struct model *model, int64_t members, int64_t threads, const char *path)
{
	struct arena *mem = arena_new();
	int64_t all = threads ? threads : pool_cpus(), counts[2] = { 1, all };
	char *text = arena_strdup(mem, "member\tcode\tthreads\truns\tlatency_ms\tp10_ms\tp90_ms\n");
	int status = 0;
	for (int k = 0; k < (all > 1 ? 2 : 1) && status >= 0; k++) {
		struct pool *pool = pool_new((int)counts[k]);
		struct nn_ctx *ctx = nn_ctx_new(mem, pool, backend_find("cpu"));
		struct latency sum = { 0 };
		for (int64_t i = 0; i < members && status >= 0; i++) {
			const struct model *m = &model[i];
			const struct space_settings *s = &m->space->settings;
			struct nn_graph *g = network_graph(m->space, m->code, m->objective, &m->head, mem);
			const float *image = ARENA_NEW(mem, float, s->rows * s->columns * s->channels);
			struct latency l;
			status = g ? measure(m, ctx, g, image, &l) : err_code();
			if (status < 0)
				break;
			text = row(mem, text, arena_printf(mem, "%lld", (long long)i + 1), m->text, counts[k], &l);
			sum = (struct latency){ l.runs, sum.median + l.median, sum.p10 + l.p10, sum.p90 + l.p90 };
		}
		if (status >= 0 && members > 1)
			text = row(mem, text, "all", "-", counts[k], &sum);
		nn_ctx_free(ctx);
		pool_free(pool);
	}
	if (status >= 0)
		status = tempfile_write_text(path, text);
	arena_free(mem);
	return status;
}
