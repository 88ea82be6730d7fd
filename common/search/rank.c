#include "search/rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct pair { double x, y; int64_t index; };

static int by_x_then_y(const void *a, const void *b)
{
	const struct pair *p = a, *q = b;

	if (p->x != q->x)
		return p->x < q->x ? -1 : 1;
	return (p->y > q->y) - (p->y < q->y);
}

void rank_average(const double *value, int64_t n, struct arena *mem, double *rank)
{
	struct arena_mark mark = arena_mark(mem);
	struct pair *p = ARENA_NEW(mem, struct pair, n);

	for (int64_t i = 0; i < n; i++)
		p[i] = (struct pair){ .x = value[i], .index = i };
	qsort(p, (size_t)n, sizeof *p, by_x_then_y);
	for (int64_t first = 0, next; first < n; first = next) {
		for (next = first + 1; next < n && p[next].x == p[first].x; next++)
			;
		for (int64_t i = first; i < next; i++)
			rank[p[i].index] = 0.5 * (double)(first + 1 + next);
	}
	arena_rewind(mem, mark);
}

/* Sorts y by merging; returns the number of exchanges a bubble sort would need: pairs in the wrong order. */
static int64_t merge_count(double *y, double *other, int64_t n)
{
	int64_t half = n / 2, count, i = 0, j = half, k = 0;

	if (n < 2)
		return 0;
	count = merge_count(y, other, half) + merge_count(y + half, other, n - half);
	while (i < half && j < n) {
		if (y[j] < y[i]) {
			count += half - i;
			other[k++] = y[j++];
		} else {
			other[k++] = y[i++];
		}
	}
	memcpy(other + k, y + i, (size_t)(half - i) * sizeof *y);
	k += half - i;
	memcpy(other + k, y + j, (size_t)(n - j) * sizeof *y);
	memcpy(y, other, (size_t)n * sizeof *y);
	return count;
}

static double pairs(int64_t n)
{
	return 0.5 * (double)n * (double)(n - 1);
}

double rank_kendall(const double *x, const double *y, int64_t n, struct arena *mem)
{
	struct arena_mark mark = arena_mark(mem);
	struct pair *p = ARENA_NEW(mem, struct pair, n);
	double *sorted = ARENA_NEW(mem, double, n), *other = ARENA_NEW(mem, double, n);
	double all = pairs(n), tied_x = 0, tied_y = 0, tied_both = 0, swaps;

	for (int64_t i = 0; i < n; i++)
		p[i] = (struct pair){ .x = x[i], .y = y[i] };
	qsort(p, (size_t)n, sizeof *p, by_x_then_y);
	for (int64_t first = 0, next; first < n; first = next) {
		for (next = first + 1; next < n && p[next].x == p[first].x; next++)
			;
		tied_x += pairs(next - first);
	}
	for (int64_t first = 0, next; first < n; first = next) {
		for (next = first + 1; next < n && !by_x_then_y(p + next, p + first); next++)
			;
		tied_both += pairs(next - first);
	}
	for (int64_t i = 0; i < n; i++)
		sorted[i] = p[i].y;
	swaps = (double)merge_count(sorted, other, n);
	for (int64_t first = 0, next; first < n; first = next) {
		for (next = first + 1; next < n && sorted[next] == sorted[first]; next++)
			;
		tied_y += pairs(next - first);
	}
	arena_rewind(mem, mark);
	/* concordant - discordant, over the pairs that are tied in neither variable */
	return (all - tied_x - tied_y + tied_both - 2 * swaps) / (sqrt(all - tied_x) * sqrt(all - tied_y));
}

double rank_spearman(const double *x, const double *y, int64_t n, struct arena *mem)
{
	struct arena_mark mark = arena_mark(mem);
	double *rx = ARENA_NEW(mem, double, n), *ry = ARENA_NEW(mem, double, n);
	double mean = 0.5 * (double)(n + 1), xx = 0, yy = 0, xy = 0;

	rank_average(x, n, mem, rx);
	rank_average(y, n, mem, ry);
	for (int64_t i = 0; i < n; i++) {
		xx += (rx[i] - mean) * (rx[i] - mean);
		yy += (ry[i] - mean) * (ry[i] - mean);
		xy += (rx[i] - mean) * (ry[i] - mean);
	}
	arena_rewind(mem, mark);
	return xy / sqrt(xx * yy);
}
