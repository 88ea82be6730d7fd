#include "contrast/objective.h"
#include "base/err.h"
#include "h5/file.h"

const struct objective_settings objective_defaults = {
	.temperature = 0.5, .hidden = 256, .embedding = 128, .smoothing = 0, .classes = 0,
};

int objective_attributes_write(const struct objective *o, const struct objective_settings *s,
                               struct h5_writer *w)
{
	TRY(h5_attr_text(w, "objective", o->name));
	TRY(h5_attr_i64(w, "hidden", s->hidden));
	TRY(h5_attr_i64(w, "embedding", s->embedding));
	return h5_attr_f64(w, "temperature", s->temperature);
}

static int width_read(const struct h5_file *f, const char *name, int64_t least, int64_t most, int64_t *width)
{
	TRY(h5_get_i64(f, name, width));
	if (*width >= least && *width <= most)
		return 0;
	return err_set(ERR_DATA, "%s:/: attribute %s: %lld, expected %lld to %lld", h5_path(f), name,
	               (long long)*width, (long long)least, (long long)most);
}

int objective_attributes_read(const struct objective **o, struct objective_settings *s,
                              const struct h5_file *f)
{
	*s = objective_defaults;
	TRY(h5_get_plugin(f, "objective", "objective", PLUGIN_TABLE(objective_table), o));
	TRY(width_read(f, "hidden", 1, OBJECTIVE_MAX_WIDTH, &s->hidden));
	TRY(width_read(f, "embedding", 1, OBJECTIVE_MAX_WIDTH, &s->embedding));
	TRY(width_read(f, "classes", (*o)->needs_labels ? 2 : 0, OBJECTIVE_MAX_CLASSES, &s->classes));
	TRY(h5_get_f64(f, "temperature", &s->temperature));
	if (s->temperature > 0)
		return 0;
	return err_set(ERR_DATA, "%s:/: attribute temperature: %g, expected more than 0", h5_path(f),
	               s->temperature);
}

double objective_score(const struct objective *o, const struct objective_settings *s, const struct bank_view *negatives,
                       int64_t n, int64_t dim, const float *out, const int32_t *label, struct arena *mem)
{
	struct bank_view view = { 0 };
	if (o->bank) {
		double *own = ARENA_NEW(mem, double, n * s->embedding);
		int64_t *image = ARENA_NEW(mem, int64_t, n);
		for (int64_t i = 0; i < n; i++) {
			image[i] = -1 - i;           /* none that a bank has */
			bank_direction_of_row(s->embedding, out + i * dim, own + i * s->embedding);
		}
		view = negatives ? *negatives : (struct bank_view){ s->embedding, n, own, image };
		view.positive = own;
		view.image = image;
	}
	return o->loss(s, n, dim, out, label, o->bank ? &view : NULL, NULL, mem);
}
