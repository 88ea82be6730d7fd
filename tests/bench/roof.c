#include "tests/bench/roof.h"

#include <math.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include "tensor/backend.h"

struct product { const struct backend *be; int64_t n; float *a, *b, *c; };
struct copy { size_t bytes; float *from, *to; };

static void multiply(void *arg)
{
	struct product *p = arg;
	p->be->gemm(false, false, p->n, p->n, p->n, p->a, p->n, p->b, p->n, 0, p->c, p->n);
}

static void copy(void *arg)
{
	struct copy *c = arg;
	memcpy(c->to, c->from, c->bytes);
	__asm__ volatile("" : : "r"(c->to) : "memory");      /* someone may look */
}

/* The same past the caches: a line that is written whole need not be read first.  Whole lines. */
static void stream(void *arg)
{
#ifdef __SSE2__
	enum { LINE = 64 / sizeof(float), AHEAD = 32 * LINE };
	const struct copy *c = arg;
	const float *from = c->from, *end = from + c->bytes / sizeof(float);
	for (float *to = c->to; from < end; from += LINE, to += LINE) {
		__builtin_prefetch(from + AHEAD);
		for (int i = 0; i < LINE; i += 4)
			_mm_stream_ps(to + i, _mm_load_ps(from + i));
	}
	_mm_sfence();
#else
	copy(arg);
#endif
}

void roof_measure(const struct bench *b, struct roof *r)
{
	struct arena_mark mark = arena_mark(b->mem);
	struct product p = { .be = backend_find("cpu"), .n = b->tiny ? 64 : 1536 };
	p.a = bench_floats(b, p.n * p.n);
	p.b = bench_floats(b, p.n * p.n);
	p.c = bench_floats(b, p.n * p.n);
	r->flops = 2 * (double)p.n * (double)p.n * (double)p.n / bench_seconds(b, multiply, &p);
	arena_rewind(b->mem, mark);

	size_t largest = (size_t)1 << (b->tiny ? 15 : 15 + ROOF_SIZES - 1);
	int64_t floats = (int64_t)(largest / sizeof(float)), apart = 1040;      /* not the same sets of a cache */
	struct copy c = { .from = bench_floats(b, floats), .to = bench_floats(b, floats + apart) + apart };
	for (int i = 0; i < ROOF_SIZES; i++) {
		c.bytes = (size_t)1 << (15 + i);
		c.bytes = c.bytes < largest ? c.bytes : largest;
		r->bytes[i] = 2 * (double)c.bytes;
		r->bandwidth[i] = r->bytes[i] / fmin(bench_seconds(b, copy, &c), bench_seconds(b, stream, &c));
	}
	arena_rewind(b->mem, mark);
}

double roof_bandwidth(const struct roof *r, double bytes)
{
	int i = 1;
	while (i < ROOF_SIZES - 1 && r->bytes[i] < bytes)
		i++;
	double t = log2(bytes / r->bytes[i - 1]);                /* sizes double */
	t = t < 0 ? 0 : t > 1 ? 1 : t;
	return r->bandwidth[i - 1] + t * (r->bandwidth[i] - r->bandwidth[i - 1]);
}

double roof_seconds(const struct roof *r, double flops, double bytes)
{
	double compute = flops / r->flops, memory = bytes / roof_bandwidth(r, bytes);
	return compute > memory ? compute : memory;
}
