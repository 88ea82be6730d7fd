/* Speed of the primitives at the shapes of a chunk of 8 images of space macro; one thread.
 * make MODE=release build/release/tests/bench/bench_kernels (built on demand, no test). */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "base/die.h"
#include "base/err.h"
#include "tensor/backend.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *numbers(int64_t count)
{
	float *p = aligned_alloc(64, (size_t)(count + 16) / 16 * 64);

	if (!p)
		die_on(err_set(ERR_INTERNAL, "out of memory"));
	for (int64_t i = 0; i < count; i++)
		p[i] = (float)(i % 17) / 8 - 1;
	return p;
}

/* The best of ten runs. */
#define TIME(what, amount, unit, ...) do { \
		double best = 1e9; \
		for (int run_ = 0; run_ < 10; run_++) { \
			double t = now(); \
			__VA_ARGS__; \
			t = now() - t; \
			best = t < best ? t : best; \
		} \
		printf("  %-22s %8.1f us %7.1f %s\n", what, best * 1e6, (amount) / best * 1e-9, unit); \
	} while (0)

static void convolution(const struct backend *b, int64_t n, int64_t size, int64_t c, int64_t oc, int k, int s, bool dw)
{
	struct conv_geom g = {
		.n = n, .h = size, .w = size, .c = c, .oh = size / s, .ow = size / s, .oc = oc, .kh = k, .kw = k, .sh = s, .sw = s,
		.ph = k / 2, .pw = k / 2, .dh = 1, .dw = 1, .groups = 1,
	};
	int64_t in = n * size * size * c, out = n * g.oh * g.ow * oc, taps = oc * k * k * (dw ? 1 : c);
	float *x = numbers(in), *y = numbers(out), *w = numbers(taps);
	float *scratch = numbers((int64_t)(dw ? b->dwconv_scratch : b->conv_scratch)(&g) + 1);
	double flop = 2.0 * (double)(n * g.oh * g.ow) * (double)taps;

	printf("%s %dx%d stride %d (%d, %d, %d, %d -> %d)\n", dw ? "depthwise" : "dense", k, k, s, (int)n, (int)size, (int)size, (int)c, (int)oc);
	TIME("forward", flop, "GFLOP/s", (dw ? b->dwconv_fwd : b->conv_fwd)(&g, x, w, y, scratch));
	TIME("backward data", flop, "GFLOP/s", (dw ? b->dwconv_bwd_data : b->conv_bwd_data)(&g, y, w, 0, x, scratch));
	TIME("backward weights", flop, "GFLOP/s", (dw ? b->dwconv_bwd_weights : b->conv_bwd_weights)(&g, x, y, w, scratch));
	free(x); free(y); free(w); free(scratch);
}

static void passes(const struct backend *b, int64_t rows, int64_t c)
{
	int64_t all = rows * c;
	float *x = numbers(all), *y = numbers(all), *z = numbers(all), *p = numbers(c);
	double *sums = malloc(sizeof(*sums) * 2 * (size_t)c), bytes = 4.0 * (double)all;

	printf("passes over (%d, %d)\n", (int)rows, (int)c);
	TIME("copy", 2 * bytes, "GB/s", b->axpby(all, 1, x, 0, y));
	TIME("add", 3 * bytes, "GB/s", b->add(all, x, y, z));
	TIME("bn_stats", bytes, "GB/s", b->bn_stats(rows, c, x, sums, sums + c));
	TIME("bn_apply relu6", 2 * bytes, "GB/s", b->bn_apply(rows, c, x, p, p, ACT_RELU6, y));
	TIME("bn_apply swish", 2 * bytes, "GB/s", b->bn_apply(rows, c, x, p, p, ACT_SWISH, y));
	TIME("bn_bwd_sums relu6", 2 * bytes, "GB/s", b->bn_bwd_sums(rows, c, x, y, p, p, p, ACT_RELU6, sums, sums + c));
	TIME("bn_bwd_data relu6", 3 * bytes, "GB/s", b->bn_bwd_data(rows, c, x, y, p, p, p, ACT_RELU6, p, p, p, 0, z));
	TIME("bn_bwd_data swish", 3 * bytes, "GB/s", b->bn_bwd_data(rows, c, x, y, p, p, p, ACT_SWISH, p, p, p, 0, z));
	TIME("gpool", bytes, "GB/s", b->gpool_fwd(8, rows / 8, c, x, y));
	free(x); free(y); free(z); free(p); free(sums);
}

int main(int argc, char **argv)
{
	const struct backend *b = backend_find(argc > 1 ? argv[1] : "cpu");

	if (!b)
		die_on(err_code());
	printf("%s\n", backend_engine());
	convolution(b, 8, 32, 96, 96, 3, 1, true);
	convolution(b, 8, 32, 96, 96, 3, 2, true);
	convolution(b, 8, 32, 24, 24, 3, 1, true);
	convolution(b, 8, 16, 384, 384, 5, 1, true);
	convolution(b, 8, 16, 192, 192, 3, 1, true);
	convolution(b, 8, 16, 384, 384, 5, 2, true);
	convolution(b, 8, 8, 768, 768, 5, 1, true);
	convolution(b, 8, 8, 384, 384, 3, 1, true);
	convolution(b, 8, 4, 1536, 1536, 5, 1, true);
	convolution(b, 8, 32, 3, 32, 3, 1, false);
	convolution(b, 8, 16, 64, 192, 1, 1, false);
	convolution(b, 8, 32, 96, 32, 1, 1, false);
	convolution(b, 8, 8, 64, 64, 3, 1, false);
	passes(b, 8 * 32 * 32, 96);
	passes(b, 8 * 16 * 16, 384);
	passes(b, 8 * 8 * 8, 768);
	passes(b, 8 * 8 * 8, 24);
	return 0;
}
