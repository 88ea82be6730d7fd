#include "search/diversity.h"

static int64_t differing(const uint8_t *a, const uint8_t *b, int decisions)
{
	int64_t n = 0;

	for (int d = 0; d < decisions; d++)
		n += a[d] != b[d];
	return n;
}

double diversity_hamming(const uint8_t *a, const uint8_t *b, int decisions)
{
	return (double)differing(a, b, decisions) / decisions;
}

double diversity_to(const uint8_t *code, const uint8_t *const *other, int64_t n, int decisions)
{
	int64_t sum = 0;

	for (int64_t i = 0; i < n; i++)
		sum += differing(code, other[i], decisions);
	return n ? (double)sum / ((double)n * decisions) : 0;
}

int64_t (*diversity_count(const uint8_t *const *code, int64_t n, int decisions, struct arena *mem))[SPACE_MAX_CHOICES]
{
	int64_t (*count)[SPACE_MAX_CHOICES] = arena_alloc(mem, (size_t)decisions, sizeof *count);

	for (int64_t i = 0; i < n; i++)
		for (int d = 0; d < decisions; d++)
			count[d][code[i][d]]++;
	return count;
}

double diversity_to_counted(const uint8_t *code, int64_t (*count)[SPACE_MAX_CHOICES], int64_t n,
                            int decisions)
{
	int64_t sum = 0;

	for (int d = 0; d < decisions; d++)
		sum += n - count[d][code[d]];
	return n ? (double)sum / ((double)n * decisions) : 0;
}

double diversity_mean(const uint8_t *const *code, int64_t n, int decisions)
{
	int64_t sum = 0;

	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; j < i; j++)
			sum += differing(code[i], code[j], decisions);
	return n > 1 ? (double)sum / (0.5 * (double)n * (double)(n - 1) * decisions) : 0;
}
