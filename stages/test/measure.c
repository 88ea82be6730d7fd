#include <math.h>
#include "stages/test/measure.h"

struct measure *measure_new(struct arena *mem, int64_t classes, int64_t bins)
{
	struct measure *m = ARENA_NEW(mem, struct measure, 1);
	m->classes = classes;
	m->bins = bins;
	m->class_top1 = ARENA_NEW(mem, double, classes);
	m->confusion = ARENA_NEW(mem, int64_t, classes * classes);
	m->bin_confidence = ARENA_NEW(mem, double, bins);
	m->bin_top1 = ARENA_NEW(mem, double, bins);
	m->bin_images = ARENA_NEW(mem, int64_t, bins);
	return m;
}

void measure_add(struct measure *m, int64_t n, const float *probability, const int32_t *label)
{
	for (int64_t i = 0; i < n; i++) {
		const float *p = probability + i * m->classes;
		int64_t best = 0;
		for (int64_t c = 1; c < m->classes; c++)
			if (p[c] > p[best])
				best = c;
		int64_t bin = (int64_t)ceil((double)p[best] * (double)m->bins) - 1;
		bin = bin < 0 ? 0 : bin >= m->bins ? m->bins - 1 : bin;
		m->loss -= log(fmax(p[label[i]], 1e-30));
		m->confusion[label[i] * m->classes + best]++;
		m->bin_images[bin]++;
		m->bin_confidence[bin] += p[best];
		m->bin_top1[bin] += best == label[i];
		m->top1 += best == label[i];
		m->images++;
	}
}

void measure_finish(struct measure *m)
{
	double n = (double)m->images;
	for (int64_t c = 0; c < m->classes; c++) {
		int64_t images = 0;
		for (int64_t k = 0; k < m->classes; k++)
			images += m->confusion[c * m->classes + k];
		m->class_top1[c] = images ? (double)m->confusion[c * m->classes + c] / (double)images : NAN;
	}
	for (int64_t b = 0; b < m->bins; b++) {
		m->ece += fabs(m->bin_top1[b] - m->bin_confidence[b]) / n;
		m->bin_confidence[b] = m->bin_images[b] ? m->bin_confidence[b] / (double)m->bin_images[b] : NAN;
		m->bin_top1[b] = m->bin_images[b] ? m->bin_top1[b] / (double)m->bin_images[b] : NAN;
	}
	m->loss /= n;
	m->top1 /= n;
}
