#include <string.h>
#include "base/err.h"
#include "nn/params.h"
#include "stages/model.h"
#include "tensor/backend.h"

extern const struct h5_schema h5_schema_model;

static int attributes_write(struct h5_writer *w, const struct model *m)
{
	struct space s = *m->space;
	s.settings.classes = m->head.classes;        /* the outputs that it has, not those that cost counts */
	TRY(h5_attr_text(w, "code", m->text));
	TRY(space_attributes_write(&s, w));
	TRY(objective_attributes_write(m->objective, &m->head, w));
	return h5_attr_text(w, "engine", backend_engine());
}

static int contents_write(struct h5_writer *w, const struct model *m, const struct nn_curve *curve)
{
	int64_t decisions = m->space->decisions, channels = m->space->settings.channels;
	TRY(attributes_write(w, m));
	TRY(nn_params_write(w, "/param", m->values));
	TRY(nn_stats_write(w, "/stat", m->stats));
	TRY(h5_write(w, "/arch", H5_U8, 1, &decisions, m->code, 0));
	TRY(h5_write(w, "/mean", H5_F64, 1, &channels, m->mean, 0));
	TRY(h5_write(w, "/sd", H5_F64, 1, &channels, m->sd, 0));
	return nn_curve_write(w, curve);
}

int model_write(const struct model *m, const struct nn_curve *curve, const char *path,
                const struct h5_recipe *recipe)
{
	struct h5_writer *w;
	TRY(h5_create(&w, path, &h5_schema_model, recipe));
	int status = contents_write(w, m, curve);
	if (status >= 0)
		return h5_commit(w);
	h5_abandon(w);
	return status;
}

/* The space and the head, from attributes. */
static int attributes_read(struct model *m, const struct h5_file *f, struct arena *mem)
{
	struct space *space;
	char *text;
	TRY(space_attributes_read(&space, f, mem));
	TRY(objective_attributes_read(&m->objective, &m->head, f));
	TRY(h5_get_text(f, "code", mem, &text));
	m->space = space;
	m->text = text;
	return 0;
}

static int contents_read(struct model *m, const struct h5_file *f, struct arena *mem)
{
	TRY(attributes_read(m, f, mem));
	int64_t dims[H5_MAX_RANK];
	TRY(h5_info(f, "/arch", NULL, NULL, dims, NULL));
	if (dims[0] != m->space->decisions)
		return err_set(ERR_DATA, "%s:/arch: %lld decisions, expected %d as in space %s", h5_path(f),
		               (long long)dims[0], m->space->decisions, m->space->type->name);
	TRY(h5_read_rows(f, "/arch", 0, dims[0], m->code));
	if (!space_legal(m->space, m->code))
		return err_set(ERR_DATA, "%s:/arch: not an architecture of space %s", h5_path(f), m->space->type->name);
	TRY(h5_info(f, "/mean", NULL, NULL, dims, NULL));
	if (dims[0] != m->space->settings.channels)
		return err_set(ERR_DATA, "%s:/mean: %lld channels, expected %lld as in the attribute channels", h5_path(f),
		               (long long)dims[0], (long long)m->space->settings.channels);
	TRY(h5_read(f, "/mean", H5_F64, mem, &m->mean));
	TRY(h5_read(f, "/sd", H5_F64, mem, &m->sd));
	struct nn_graph *g = network_graph(m->space, m->code, m->objective, &m->head, mem);
	if (!g)
		return err_code();
	m->values = nn_store_new(mem);
	m->stats = nn_stats_new(mem);
	TRY(nn_graph_params(g, m->values));
	TRY(nn_params_read(f, "/param", m->values, NULL));
	return nn_stats_read(f, "/stat", m->stats);
}

int model_read(struct model *m, const char *path, struct arena *mem)
{
	struct h5_file *f;
	memset(m, 0, sizeof(*m));
	TRY(h5_open(&f, path, &h5_schema_model));
	int status = contents_read(m, f, mem);
	h5_close(f);
	return status;
}
