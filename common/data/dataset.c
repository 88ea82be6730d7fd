/* dataset.h5 and labels.h5 into memory, and one image into floats. */
#include "data/dataset.h"

#include <math.h>
#include "base/err.h"
#include "h5/file.h"

extern const struct h5_schema h5_schema_dataset, h5_schema_labels;

const char *data_split_name(int i)
{
	static const char *const name[] = { "train", "valid", "test" };
	return i >= 0 && i < DATA_SPLITS ? name[i] : NULL;
}

/* The schema cannot say that splits are in order and none is below a later one. */
static int read_split(struct dataset *d, const struct h5_file *f, struct arena *mem)
{
	const uint8_t *split;
	TRY(h5_read(f, "/split", H5_U8, mem, &split));
	for (int64_t i = 0; i < d->count; i++) {
		if (split[i] >= DATA_SPLITS || (i > 0 && split[i] < split[i - 1]))
			return err_set(ERR_DATA, "%s:/split: %d at %lld, expected 0, 1 and 2 in this order; was it written by nas-ingest?",
			               h5_path(f), split[i], (long long)i);
		d->size[split[i]]++;
	}
	for (int s = 1; s < DATA_SPLITS; s++)
		d->first[s] = d->first[s - 1] + d->size[s - 1];
	if (d->size[DATA_TRAIN] == 0)
		return err_set(ERR_DATA, "%s:/split: no training image", h5_path(f));
	return 0;
}

static int check_finite(const struct dataset *d, const struct h5_file *f)
{
	const float *x = d->images;
	const int64_t size = d->h * d->w * d->c;
	for (int64_t i = 0; d->type == H5_F32 && i < d->count * size; i++)
		if (!isfinite(x[i]))
			return err_set(ERR_DATA, "%s:/images: image %lld holds a pixel that is no finite number; was it written by nas-ingest?",
			               h5_path(f), (long long)(i / size));
	return 0;
}

static int read_images(struct dataset *d, const struct h5_file *f, struct arena *mem)
{
	int rank;
	int64_t dims[H5_MAX_RANK];
	TRY(h5_info(f, "/images", &d->type, &rank, dims, NULL));
	d->count = dims[0], d->h = dims[1], d->w = dims[2], d->c = dims[3];
	if (d->count < 1 || d->h < 1 || d->w < 1 || d->c < 1)
		return err_set(ERR_DATA, "%s:/images: %lld x %lld x %lld x %lld, expected at least 1 of each", h5_path(f),
		               (long long)d->count, (long long)d->h, (long long)d->w, (long long)d->c);
	TRY(h5_read(f, "/images", d->type, mem, &d->images));
	TRY(read_split(d, f, mem));
	TRY(h5_read(f, "/mean", H5_F64, mem, &d->mean));
	TRY(h5_read(f, "/sd", H5_F64, mem, &d->sd));
	for (int64_t k = 0; k < d->c; k++)
		if (!(d->sd[k] > 0) || !isfinite(d->sd[k]) || !isfinite(d->mean[k]))
			return err_set(ERR_DATA, "%s:/sd: %g for channel %lld with mean %g, expected a number above 0 and a finite mean",
			               h5_path(f), d->sd[k], (long long)k, d->mean[k]);
	TRY(check_finite(d, f));
	d->digest = h5_file_header(f)->digest;
	return 0;
}

int dataset_read(struct dataset *d, const char *path, struct arena *mem)
{
	*d = (struct dataset){ 0 };
	struct h5_file *f = NULL;
	TRY(h5_open(&f, path, &h5_schema_dataset));
	const int code = read_images(d, f, mem);
	h5_close(f);
	return code;
}

static int read_labels(struct labels *l, const struct h5_file *f, const struct dataset *d, struct arena *mem)
{
	int64_t dims[H5_MAX_RANK];
	TRY(h5_info(f, "/label", NULL, NULL, dims, NULL));
	l->count = dims[0];
	if (l->count != d->count)
		return err_set(ERR_DATA, "%s:/label: %lld labels, expected one for each of %lld images; are both files of the same "
		               "nas-ingest?", h5_path(f), (long long)l->count, (long long)d->count);
	TRY(h5_read(f, "/label", H5_I32, mem, &l->label));
	if (h5_has(f, "/class_name"))
		TRY(h5_read_texts(f, "/class_name", mem, &l->classes, &l->class_name));
	for (int64_t i = 0; i < l->count; i++)
		if (l->label[i] < -1 || l->label[i] >= l->classes)
			return err_set(ERR_DATA, "%s:/label: %d at %lld, expected -1 to %lld", h5_path(f),
			               (int)l->label[i], (long long)i, (long long)l->classes - 1);
	l->digest = h5_file_header(f)->digest;
	return 0;
}

int labels_read(struct labels *l, const char *path, const struct dataset *d, struct arena *mem)
{
	*l = (struct labels){ 0 };
	struct h5_file *f = NULL;
	TRY(h5_open(&f, path, &h5_schema_labels));
	const int code = read_labels(l, f, d, mem);
	h5_close(f);
	return code;
}

/* In double: 16-bit images with a large mean and a small SD would lose digits otherwise. */
#define NORMALISE(type) do { \
	const type *in = (const type *)d->images + image * size; \
	for (int64_t i = 0; i < size; i += d->c) \
		for (int64_t k = 0; k < d->c; k++) \
			out[i + k] = (float)((in[i + k] - d->mean[k]) / d->sd[k]); \
} while (0)

void dataset_image(const struct dataset *d, int64_t image, float *out)
{
	const int64_t size = d->h * d->w * d->c;
	switch (d->type) {
	case H5_U8:  NORMALISE(uint8_t); break;
	case H5_U16: NORMALISE(uint16_t); break;
	default:     NORMALISE(float);
	}
}
