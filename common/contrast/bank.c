#include "contrast/bank.h"

#include <math.h>
#include "base/rng.h"

#define SMALLEST_NORM 1e-8       /* a row shorter than this counts as this long */

double bank_direction(int64_t width, const double *x, double *z)
{
	double squares = 0, norm;
	for (int64_t k = 0; k < width; k++)
		squares += x[k] * x[k];
	norm = fmax(sqrt(squares), SMALLEST_NORM);
	for (int64_t k = 0; k < width; k++)
		z[k] = x[k] / norm;
	return norm;
}

void bank_direction_of_row(int64_t width, const float *x, double *z)
{
	for (int64_t k = 0; k < width; k++)
		z[k] = x[k];
	bank_direction(width, z, z);
}

struct bank *bank_new(struct arena *mem, struct nn_store *store, int64_t first, int64_t images, int64_t width,
                      int64_t batch)
{
	struct bank *b = ARENA_NEW(mem, struct bank, 1);
	*b = (struct bank){ .first = first, .images = images, .width = width };
	b->sum = nn_store_add(store, "bank/sum", (const int64_t[]){ images, 1, 1, width }, NN_INIT_ZERO, false, 0);
	b->visit = ARENA_NEW(mem, float, batch * width);
	return b->sum ? b : NULL;
}

static float *row(const struct bank *b, int64_t image)
{
	return b->sum->data + (image - b->first) * b->width;
}

void bank_visit(struct bank *b, int64_t n, const int64_t *image, const float *v)
{
	for (int64_t i = 0; i < n; i++) {
		float *s = row(b, image[i]);
		for (int64_t k = 0; k < b->width; k++)
			s[k] = v[i * b->width + k] + 0.5f * s[k];
	}
}

static bool visited(const struct bank *b, int64_t image)
{
	const float *s = row(b, image);
	for (int64_t k = 0; k < b->width; k++)
		if (s[k] != 0)
			return true;
	return false;
}

struct bank_view bank_look(const struct bank *b, int64_t n, const int64_t *image, int64_t negatives,
                           uint64_t seed, int64_t step, struct arena *mem)
{
	struct rng r = rng_stream(seed, "bank/negatives", 0, (uint32_t)step, 0);
	uint32_t *order = ARENA_NEW(mem, uint32_t, b->images);
	double *negative = ARENA_NEW(mem, double, negatives * b->width), *positive = ARENA_NEW(mem, double, n * b->width);
	int64_t *number = ARENA_NEW(mem, int64_t, negatives), count = 0;
	for (int64_t i = 0; i < b->images; i++)
		order[i] = (uint32_t)i;
	/* Fisher-Yates from the front, as far as needed */
	for (int64_t i = 0; i < b->images && count < negatives; i++) {
		int64_t j = i + rng_below(&r, (uint32_t)(b->images - i));
		uint32_t drawn = order[j];
		order[j] = order[i];
		if (!visited(b, b->first + drawn))
			continue;
		bank_direction_of_row(b->width, row(b, b->first + drawn), negative + count * b->width);
		number[count++] = b->first + drawn;
	}
	for (int64_t i = 0; i < n; i++)
		bank_direction_of_row(b->width, row(b, image[i]), positive + i * b->width);
	return (struct bank_view){ b->width, count, negative, number, positive, image };
}
