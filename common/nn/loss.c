/* Predictions from a classifier's outputs. */
#include "nn/loss.h"

#include <math.h>

int64_t nn_count_correct(int64_t n, int64_t c, const float *out, const int32_t *label)
{
	int64_t correct = 0;
	for (int64_t i = 0; i < n; i++) {
		int64_t best = 0;
		for (int64_t j = 1; j < c; j++)
			if (out[i * c + j] > out[i * c + best])
				best = j;
		correct += best == label[i];
	}
	return correct;
}

void nn_softmax(int64_t n, int64_t c, const float *x, float *y)
{
	for (int64_t i = 0; i < n; i++, x += c, y += c) {
		double top = x[0], sum = 0;
		for (int64_t j = 1; j < c; j++)
			top = x[j] > top ? x[j] : top;
		for (int64_t j = 0; j < c; j++)
			sum += exp(x[j] - top);
		for (int64_t j = 0; j < c; j++)
			y[j] = (float)(exp(x[j] - top) / sum);
	}
}
