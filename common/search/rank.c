#include "search/rank.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_statistics_double.h>

struct pair { double x, y; int64_t index; };

static int by_x_then_y(const void *a, const void *b)
{
	const struct pair *p = a, *q = b;

	if (p->x != q->x)
		return p->x < q->x ? -1 : 1;
	if (p->y != q->y)
		return p->y < q->y ? -1 : 1;
	return (p->index > q->index) - (p->index < q->index);
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

struct kendall rank_kendall_pairs(const double *x, const double *y, int64_t n, struct arena *mem)
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
		for (next = first + 1; next < n && p[next].x == p[first].x && p[next].y == p[first].y; next++)
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
	return (struct kendall){ all - tied_x - tied_y + tied_both - 2 * swaps, all - tied_x, all - tied_y };
}

double rank_kendall_tau(struct kendall k)
{
	return k.x > 0 && k.y > 0 ? k.net / sqrt(k.x * k.y) : NAN;
}

double rank_kendall(const double *x, const double *y, int64_t n, struct arena *mem)
{
	return rank_kendall_tau(rank_kendall_pairs(x, y, n, mem));
}

/* Index of each point in the order of largest x, then largest y, then smallest index. */
static void places(const double *x, const double *y, int64_t n, struct arena *mem, int64_t *place,
                   int64_t *order)
{
	struct arena_mark mark = arena_mark(mem);
	struct pair *p = ARENA_NEW(mem, struct pair, n);

	for (int64_t i = 0; i < n; i++)
		p[i] = (struct pair){ .x = -x[i], .y = -y[i], .index = i };
	qsort(p, (size_t)n, sizeof *p, by_x_then_y);
	for (int64_t i = 0; i < n; i++) {
		if (place)
			place[p[i].index] = i;
		if (order)
			order[i] = p[i].index;
	}
	arena_rewind(mem, mark);
}

static double weighted(const double *x, const double *y, const int64_t *place, int64_t n)
{
	struct kendall k = { 0 };

	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; j < i; j++) {
			double w = 1 / (double)(place[i] + 1) + 1 / (double)(place[j] + 1);
			int a = (x[i] > x[j]) - (x[i] < x[j]), b = (y[i] > y[j]) - (y[i] < y[j]);

			k.net += a * b * w;
			k.x += a ? w : 0;
			k.y += b ? w : 0;
		}
	return rank_kendall_tau(k);
}

double rank_weighted_kendall(const double *x, const double *y, int64_t n, struct arena *mem)
{
	struct arena_mark mark = arena_mark(mem);
	int64_t *place = ARENA_NEW(mem, int64_t, n);
	double tau;

	places(x, y, n, mem, place, NULL);
	tau = weighted(x, y, place, n);
	places(y, x, n, mem, place, NULL);
	tau = (tau + weighted(x, y, place, n)) / 2;
	arena_rewind(mem, mark);
	return tau;
}

/* The first k of the order by x alone. */
static int64_t *top(const double *x, int64_t n, struct arena *mem)
{
	double *none = ARENA_NEW(mem, double, n);
	int64_t *order = ARENA_NEW(mem, int64_t, n);

	places(x, none, n, mem, NULL, order);
	return order;
}

double rank_precision(const double *x, const double *y, int64_t n, int64_t k, struct arena *mem)
{
	struct arena_mark mark = arena_mark(mem);
	int64_t *a = top(x, n, mem), *b = top(y, n, mem), hits = 0;
	bool *in = ARENA_NEW(mem, bool, n);

	k = k < n ? k : n;
	for (int64_t i = 0; i < k; i++)
		in[b[i]] = true;
	for (int64_t i = 0; i < k; i++)
		hits += in[a[i]];
	arena_rewind(mem, mark);
	return (double)hits / (double)k;
}

double rank_best_of_top(const double *x, const double *y, int64_t n, int64_t k, struct arena *mem)
{
	struct arena_mark mark = arena_mark(mem);
	int64_t *a = top(x, n, mem);
	double best = -INFINITY;

	for (int64_t i = 0; i < k && i < n; i++)
		best = fmax(best, y[a[i]]);
	arena_rewind(mem, mark);
	return best;
}

double rank_spearman(const double *x, const double *y, int64_t n, struct arena *mem)
{
	struct arena_mark mark = arena_mark(mem);
	double rho = gsl_stats_spearman(x, 1, y, 1, (size_t)n, ARENA_NEW(mem, double, 2 * n));

	arena_rewind(mem, mark);
	return rho;
}

double rank_intraclass(const double *x, int64_t n, int64_t k)
{
	double all = 0, between = 0, within = 0;

	if (n < 2 || k < 2)
		return NAN;
	for (int64_t i = 0; i < n * k; i++)
		all += x[i] / (double)(n * k);
	for (int64_t i = 0; i < n; i++) {
		double mean = 0;

		for (int64_t j = 0; j < k; j++)
			mean += x[i * k + j] / (double)k;
		between += (double)k * (mean - all) * (mean - all) / (double)(n - 1);
		for (int64_t j = 0; j < k; j++)
			within += (x[i * k + j] - mean) * (x[i * k + j] - mean) / (double)(n * (k - 1));
	}
	return (between - within) / (between + (double)(k - 1) * within);
}
