#include <string.h>
#include "base/err.h"
#include "nn/params.h"

int nn_params_write(struct h5_writer *w, const char *group, const struct nn_store *s)
{
	struct arena *mem = arena_new();
	int status = 0;
	for (int i = 0; i < s->count && status >= 0; i++) {
		const struct nn_param *p = s->param[i];
		status = h5_write(w, arena_printf(mem, "%s/%s", group, p->name), H5_F32, 4, p->shape, p->data, 0);
	}
	arena_free(mem);
	return status;
}

static int param_read(const struct h5_file *f, const char *path, struct nn_param *p)
{
	int rank;
	int64_t dims[H5_MAX_RANK];
	TRY(h5_info(f, path, NULL, &rank, dims, NULL));
	if (rank != 4 || memcmp(dims, p->shape, sizeof(p->shape)))
		return err_set(ERR_DATA, "%s:%s: %d-dimensional, %lld x %lld x %lld x %lld, expected %lld x %lld x %lld x %lld; "
		               "was it made for another space, width or number of classes?", h5_path(f), path, rank,
		               (long long)dims[0], (long long)(rank > 1 ? dims[1] : 0), (long long)(rank > 2 ? dims[2] : 0),
		               (long long)(rank > 3 ? dims[3] : 0), (long long)p->shape[0], (long long)p->shape[1],
		               (long long)p->shape[2], (long long)p->shape[3]);
	return h5_read_rows(f, path, 0, p->shape[0], p->data);
}

int nn_params_read(const struct h5_file *f, const char *group, struct nn_store *s, const char *may_lack)
{
	struct arena *mem = arena_new();
	int status = 0;
	for (int i = 0; i < s->count && status >= 0; i++) {
		struct nn_param *p = s->param[i];
		const char *path = arena_printf(mem, "%s/%s", group, p->name);
		if (h5_has(f, path))
			status = param_read(f, path, p);
		else if (!may_lack || strncmp(p->name, may_lack, strlen(may_lack)))
			status = err_set(ERR_DATA, "%s:%s: absent, expected because the network has this parameter; "
			                 "was it made for another space?", h5_path(f), path);
	}
	arena_free(mem);
	return status;
}

int nn_stats_write(struct h5_writer *w, const char *group, const struct nn_stats *s)
{
	struct arena *mem = arena_new();
	int status = 0;
	for (int i = 0; i < s->count && status >= 0; i++) {
		const struct nn_stat *t = &s->stat[i];
		status = h5_write(w, arena_printf(mem, "%s/%s/mean", group, t->name), H5_F64, 1, &t->c, t->mean, 0);
		if (status >= 0)
			status = h5_write(w, arena_printf(mem, "%s/%s/var", group, t->name), H5_F64, 1, &t->c, t->var, 0);
	}
	arena_free(mem);
	return status;
}

struct reading { const struct h5_file *f; const char *group; struct nn_stats *stats; };

/* Called for every dataset; acts on those that end in "/mean" and reads the variance beside it. */
static int stat_read(void *arg, const char *path)
{
	const struct reading *r = arg;
	size_t skip = strlen(r->group) + 1, length = strlen(path), tail = strlen("/mean");
	if (length <= skip + tail || strcmp(path + length - tail, "/mean"))
		return 0;
	int rank;
	int64_t dims[H5_MAX_RANK], var_dims[H5_MAX_RANK];
	int site_length = (int)(length - skip - tail);
	const char *site = arena_printf(r->stats->mem, "%.*s", site_length, path + skip);
	const char *var = arena_printf(r->stats->mem, "%s/%s/var", r->group, site);
	TRY(h5_info(r->f, path, NULL, &rank, dims, NULL));
	TRY(h5_info(r->f, var, NULL, NULL, var_dims, NULL));
	if (var_dims[0] != dims[0])
		return err_set(ERR_DATA, "%s:%s: %lld channels, expected %lld as in the mean", h5_path(r->f), var,
		               (long long)var_dims[0], (long long)dims[0]);
	struct nn_stat *t = nn_stats_add(r->stats, site, dims[0]);
	if (!t)
		return err_code();
	TRY(h5_read_rows(r->f, path, 0, dims[0], t->mean));
	TRY(h5_read_rows(r->f, var, 0, dims[0], t->var));
	t->batches = 1;
	return 0;
}

int nn_stats_read(const struct h5_file *f, const char *group, struct nn_stats *s)
{
	struct reading r = { f, group, s };
	return h5_visit(f, group, stat_read, &r);
}
