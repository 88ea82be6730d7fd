/* Every primitive of "cpu", for each instruction set of this CPU, against the plain loops. */
#include <sys/wait.h>
#include <unistd.h>
#include "tests/harness.h"
#include "tensor/cpu.h"

/* Inputs are multiples of 1/64 in [-2, 2), so that products with small factors are exact and no
 * activation lands on different sides of its kink in two implementations. */
static uint64_t state;

static float draw(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (float)(int)(state >> 56) / 64 - 2;
}

enum { FENCE = 24 };    /* numbers around an output that must stay */

/* `count` numbers that start `shift` floats after a cache line. */
struct array { float *base, *data; int64_t count; };

static struct array array(int64_t count, int shift, bool random)
{
	struct array a = { .count = count };

	a.base = aligned_alloc(64, ((size_t)count + 4 * FENCE) * sizeof(float) / 64 * 64 + 64);
	assert_non_null(a.base);
	a.data = a.base + 2 * FENCE - 16 + shift;
	for (int64_t i = -FENCE; i < count + FENCE; i++)
		a.data[i] = i < 0 || i >= count ? 12345 : random ? draw() : NAN;
	return a;
}

static void release(struct array a)
{
	for (int64_t i = 1; i <= FENCE; i++)
		if (a.data[-i] != 12345 || a.data[a.count + i - 1] != 12345)
			fail_msg("written outside the output, %d numbers away from it", (int)i);
	free(a.base);
}

/* Differences are measured against the largest magnitude, at least 1 (that of the inputs). */
static void compare(const char *what, const float *got, const float *want, int64_t count, double tolerance)
{
	double scale = 1;

	for (int64_t i = 0; i < count; i++)
		scale = fmax(scale, fabs(want[i]));
	for (int64_t i = 0; i < count; i++)
		if (!(fabs((double)got[i] - want[i]) <= tolerance * scale))
			fail_msg("%s: number %d is %.9g, expected %.9g within %g x %g", what, (int)i, (double)got[i],
			         (double)want[i], tolerance, scale);
}

static void compare_doubles(const char *what, const double *got, const double *want, int64_t count, double tolerance)
{
	double scale = 1;

	for (int64_t i = 0; i < count; i++)
		scale = fmax(scale, fabs(want[i]));
	for (int64_t i = 0; i < count; i++)
		if (!(fabs(got[i] - want[i]) <= tolerance * scale))
			fail_msg("%s: number %d is %.17g, expected %.17g within %g x %g", what, (int)i, got[i], want[i],
			         tolerance, scale);
}

static void same_bits(const char *what, const void *got, const void *want, size_t bytes)
{
	if (memcmp(got, want, bytes))
		fail_msg("%s: bits differ", what);
}

/* Unit roundoff of float32 is 6e-8.  Against the largest magnitude, float sums of up to 5,000 products
 * in 4 or more partial sums stay below sqrt(5000) x 6e-8 = 4e-6. */
static const double sum_tolerance = 5e-6;
/* Sums of numbers that are themselves such sums. */
static const double statistics_tolerance = 1e-5;
/* exp, division and a handful of products. */
static const double act_tolerance = 1e-6;
/* One to three roundings, contracted or not. */
static const double few_roundings = 4e-7;

/* Terms of up to 24 that may cancel, a rounding of 6e-8 each. */
static const double bn_tolerance = 3e-6;

static struct backend backends[3];
static int backend_count;

static int restart_numbers(void **unused)
{
	(void)unused;
	state = 1;
	return 0;
}

static int start(void **unused)
{
	(void)unused;
	if (!backend_find("cpu"))
		fail_msg("%s", err_text());
	for (int i = CPU_BASELINE; i <= (int)cpu_isa(); i++) {
		backends[backend_count] = cpu_backend((enum cpu_isa)i);
		backends[backend_count++].name = cpu_isa_name((enum cpu_isa)i);
	}
	return 0;
}

#define EACH_BACKEND(b) for (const struct backend *b = backends; b < backends + backend_count; b++)

/* ---- convolutions -------------------------------------------------------- */

/* n h w c oc kh kw sh sw ph pw dh dw groups, and output pixels beyond what symmetric padding gives */
struct conv_case { int64_t n, h, w, c, oc; int kh, kw, sh, sw, ph, pw, dh, dw, groups, more; };

static struct conv_geom geometry(struct conv_case t)
{
	return (struct conv_geom){
		.n = t.n, .h = t.h, .w = t.w, .c = t.c, .oc = t.oc, .kh = t.kh, .kw = t.kw, .sh = t.sh, .sw = t.sw,
		.ph = t.ph, .pw = t.pw, .dh = t.dh, .dw = t.dw, .groups = t.groups,
		.oh = (t.h + 2 * t.ph - t.dh * (t.kh - 1) - 1) / t.sh + 1 + t.more,
		.ow = (t.w + 2 * t.pw - t.dw * (t.kw - 1) - 1) / t.sw + 1 + t.more,
	};
}

struct conv_set {
	size_t (*scratch)(const struct conv_geom *g);
	void (*fwd)(const struct conv_geom *g, const struct conv_fwd *f, float *scratch);
	void (*bwd)(const struct conv_geom *g, const struct conv_bwd *b, float *scratch);
};

static struct conv_set dense(const struct backend *b)
{
	return (struct conv_set){ b->conv_scratch, b->conv_fwd, b->conv_bwd };
}

static struct conv_set depthwise(const struct backend *b)
{
	return (struct conv_set){ b->dwconv_scratch, b->dwconv_fwd, b->dwconv_bwd };
}

/* What one convolution gives: outputs, gradients, statistics. */
struct conv_results { struct array y, dx, dw; double *stat[4]; };

static struct conv_results conv_results(const struct conv_geom *g, int64_t weights, int shift)
{
	struct conv_results r = {
		array(g->n * g->oh * g->ow * g->oc, shift, false), array(g->n * g->h * g->w * g->c, 2 + shift, false),
		array(weights, 5, false),
	};

	for (int i = 0; i < 4; i++)
		r.stat[i] = calloc((size_t)(i < 2 ? g->oc : g->c), sizeof(double));
	return r;
}

static void conv_release(struct conv_results r)
{
	release(r.y); release(r.dx); release(r.dw);
	for (int i = 0; i < 4; i++)
		free(r.stat[i]);
}

/* What a convolution is given.  `lazy`: normalisation and gradient are still to be applied; `apart`: one gradient at a
 * time is wanted. */
struct conv_inputs { struct array x, dy, w, y, channel, start; bool lazy, finish, apart; enum act act; float beta; };

static void conv_run(struct conv_set s, const struct conv_geom *g, const struct conv_inputs *in, int64_t image, struct conv_results r)
{
	int64_t from = image * g->h * g->w * g->c, out = image * g->oh * g->ow * g->oc;
	struct array scratch = array((int64_t)s.scratch(g), 3, false);
	const float *p = in->channel.data;
	struct conv_fwd f = { in->x.data + from, in->w.data, r.y.data };
	struct conv_bwd b = { .x = f.x, .w = f.w, .dy = in->dy.data + out, .dw = r.dw.data, .dx = r.dx.data, .beta = in->beta };
	struct conv_bwd only_dw = b;

	if (in->lazy) {
		f.in = b.in = (struct affine){ p, p + g->c, in->act };
		f.mean = r.stat[0];
		f.m2 = r.stat[1];
		b.mean = p + 2 * g->c;
		b.sum_g = r.stat[2];
		b.sum_gx = r.stat[3];
		p += 3 * g->c;
		b.out = (struct norm_grad){ in->y.data + out, p, p + g->oc, p + 2 * g->oc, p + 3 * g->oc };
	}
	if (in->finish) {
		f.mean = f.m2 = NULL;
		f.out = (struct affine){ p, p + g->oc, in->act };
		f.add = in->y.data + out;
	}
	memcpy(r.dx.data, in->start.data + from, sizeof(float) * (size_t)r.dx.count);
	s.fwd(g, &f, scratch.data);
	if (in->apart) {
		only_dw.dx = NULL;
		b.dw = NULL;
		s.bwd(g, &only_dw, scratch.data);
	}
	s.bwd(g, &b, scratch.data);
	release(scratch);
}

/* Against the reference; then the same bits from other alignments, and for each image alone. */
static void check_conv(const char *isa, struct conv_set got, struct conv_set want, struct conv_geom g, int variant)
{
	int64_t in = g.n * g.h * g.w * g.c, out = g.n * g.oh * g.ow * g.oc;
	int64_t weights = g.oc * g.kh * g.kw * (g.groups == 0 ? 1 : g.c / g.groups);
	struct conv_geom one = g;
	char what[200];

	one.n = 1;
	snprintf(what, sizeof(what), "%s, %dx%dx%dx%d -> %d, kernel %dx%d stride %d pad %d dilation %d groups %d, variant %d", isa, (int)g.n,
	         (int)g.h, (int)g.w, (int)g.c, (int)g.oc, g.kh, g.kw, g.sh, g.ph, g.dh, g.groups, variant);
	state = 1;
	struct conv_inputs i = {
		array(in, 0, true), array(out, 0, true), array(weights, 0, true), array(out, 4, true),
		array(3 * g.c + 4 * g.oc, 1, true), array(in, 0, variant & 1), .lazy = variant > 1 && variant < 5, .finish = variant == 4,
		.apart = variant == 5, .act = ACT_RELU, .beta = variant & 1 ? 1 : 0,
	};
	struct conv_results a = conv_results(&g, weights, 0), e = conv_results(&g, weights, 0);

	conv_run(want, &g, &i, 0, e);
	conv_run(got, &g, &i, 0, a);
	compare(what, a.y.data, e.y.data, out, sum_tolerance);
	compare(what, a.dx.data, e.dx.data, in, sum_tolerance);
	compare(what, a.dw.data, e.dw.data, weights, sum_tolerance);
	for (int k = 0; k < 4; k++)
		compare_doubles(what, a.stat[k], e.stat[k], k < 2 ? g.oc : g.c, statistics_tolerance);
	for (int64_t image = 0; image < g.n; image++) {
		struct conv_results alone = conv_results(&one, weights, 1 + (int)image);

		conv_run(got, &one, &i, image, alone);
		same_bits(what, alone.y.data, a.y.data + image * out / g.n, sizeof(float) * (size_t)(out / g.n));
		same_bits(what, alone.dx.data, a.dx.data + image * in / g.n, sizeof(float) * (size_t)(in / g.n));
		conv_release(alone);
	}
	conv_release(a); conv_release(e);
	release(i.x); release(i.dy); release(i.w); release(i.y); release(i.channel); release(i.start);
}

enum { CONV_VARIANTS = 6 };     /* plain, added to; lazy with ReLU, the same added to; lazy and finished at once; plain, added to, apart */

static const struct conv_case conv_cases[] = {
	/* n  h   w   c   oc  kh kw sh sw ph pw dh dw groups more */
	{ 2,  5,  7,  24, 40, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0 },
	{ 1,  1,  1,  3,  5,  1, 1, 1, 1, 0, 0, 1, 1, 1, 0 },
	{ 3,  5,  5,  6,  9,  1, 1, 2, 2, 0, 0, 1, 1, 1, 0 },
	{ 2,  4,  3,  5,  4,  1, 1, 1, 1, 1, 1, 1, 1, 1, 0 },
	{ 3,  8,  8,  3,  16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 0 },
	{ 3,  20, 20, 3,  8,  3, 3, 1, 1, 1, 1, 1, 1, 1, 0 },          /* more than one tile of rows */
	{ 2,  9,  7,  5,  7,  3, 3, 2, 2, 1, 1, 1, 1, 1, 0 },
	{ 1,  9,  9,  1,  1,  3, 5, 1, 2, 1, 2, 1, 1, 1, 0 },
	{ 2,  11, 10, 4,  6,  3, 3, 1, 1, 2, 2, 2, 2, 1, 0 },
	{ 2,  2,  2,  8,  8,  5, 5, 1, 1, 2, 2, 1, 1, 1, 0 },          /* kernel larger than the image */
	{ 2,  6,  6,  12, 8,  3, 3, 1, 1, 1, 1, 1, 1, 4, 0 },
	{ 2,  6,  5,  6,  12, 1, 1, 1, 1, 0, 0, 1, 1, 3, 0 },
	{ 1,  7,  7,  6,  6,  3, 3, 2, 2, 1, 1, 2, 2, 2, 0 },
	{ 2,  8,  8,  4,  4,  3, 3, 2, 2, 0, 0, 1, 1, 1, 1 },          /* padding on one side only */
	{ 2,  7,  7,  3,  4,  2, 2, 3, 3, 0, 0, 1, 1, 1, 0 },          /* pixels that no output sees */
	{ 3,  14, 15, 33, 70, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0 },          /* more than one tile */
	{ 3,  14, 15, 16, 16, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0 },          /* few channels: every number of vectors */
	{ 2,  19, 13, 64, 21, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0 },
	{ 2,  12, 16, 20, 64, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0 },
	{ 2,  9,  11, 48, 33, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0 },
	{ 4,  11, 13, 9,  48, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0 },          /* statistics of more rows than go in float */
};

static const struct conv_case depthwise_shapes[] = {
	/* n  h   w   c   oc  kh kw sh sw ph pw dh dw - more */
	{ 2,  8,  8,  16, 16, 3, 3, 1, 1, 1, 1, 1, 1, 0, 0 },
	{ 1,  1,  1,  1,  1,  3, 3, 1, 1, 1, 1, 1, 1, 0, 0 },
	{ 2,  1,  1,  24, 24, 5, 5, 1, 1, 2, 2, 1, 1, 0, 0 },
	{ 3,  7,  9,  5,  5,  3, 3, 2, 2, 1, 1, 1, 1, 0, 0 },
	{ 2,  13, 11, 24, 24, 5, 5, 1, 1, 2, 2, 1, 1, 0, 0 },
	{ 2,  13, 12, 100, 100, 5, 5, 2, 2, 2, 2, 1, 1, 0, 0 },
	{ 1,  10, 17, 3,  3,  7, 7, 1, 1, 3, 3, 1, 1, 0, 0 },
	{ 2,  9,  9,  40, 40, 7, 7, 2, 2, 3, 3, 1, 1, 0, 0 },
	{ 2,  4,  4,  35, 35, 7, 7, 1, 1, 3, 3, 1, 1, 0, 0 },          /* kernel larger than the image */
	{ 2,  9,  10, 17, 17, 3, 3, 1, 1, 2, 2, 2, 2, 0, 0 },
	{ 2,  9,  11, 9,  9,  3, 3, 2, 2, 2, 2, 2, 2, 0, 0 },
	{ 1,  12, 12, 7,  7,  5, 5, 2, 2, 6, 6, 3, 3, 0, 0 },
	{ 2,  6,  7,  20, 20, 2, 4, 1, 1, 0, 1, 1, 1, 0, 0 },
	{ 2,  6,  7,  20, 20, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0 },
	{ 2,  9,  9,  12, 12, 3, 3, 3, 3, 0, 0, 1, 1, 0, 0 },
	{ 2,  9,  7,  12, 12, 1, 1, 2, 2, 0, 0, 1, 1, 0, 0 },          /* pixels that no output sees */
	{ 2,  8,  8,  18, 18, 3, 3, 2, 2, 0, 0, 1, 1, 0, 1 },          /* padding on one side only */
	{ 2,  5,  6,  8,  8,  3, 3, 1, 1, 4, 4, 1, 1, 0, 0 },          /* outputs that see padding only */
	{ 1,  3,  8,  8,  8,  3, 3, 1, 2, 1, 1, 1, 1, 0, 0 },
	{ 1,  40, 2,  2,  2,  35, 1, 1, 1, 17, 0, 1, 1, 0, 0 },
	{ 2,  37, 30, 20, 20, 5, 5, 2, 2, 2, 2, 1, 1, 0, 0 },          /* several bands, the last one short */
	{ 2,  33, 32, 16, 16, 3, 3, 1, 1, 1, 1, 1, 1, 0, 0 },
	{ 1,  35, 34, 17, 17, 3, 3, 1, 1, 2, 2, 2, 2, 0, 0 },
	{ 1,  34, 33, 5,  5,  3, 3, 2, 2, 0, 0, 1, 1, 0, 1 },
	{ 1,  20, 20, 16, 16, 20, 20, 1, 1, 0, 0, 1, 1, 0, 0 },        /* fewer rows of outputs than bands of the input, */
	{ 2,  6,  300, 3, 3,  5, 3, 1, 1, 0, 1, 1, 1, 0, 0 },          /* and long ones */
};

static void depthwise_convolutions_agree_with_plain_loops(void **unused)
{
	(void)unused;
	EACH_BACKEND(b)
		for (size_t i = 0; i < sizeof(depthwise_shapes) / sizeof(depthwise_shapes[0]); i++)
			for (int v = 0; v < CONV_VARIANTS; v++)
				check_conv(b->name, depthwise(b), depthwise(&backend_cpu_ref), geometry(depthwise_shapes[i]), v);
}

static void dense_convolutions_agree_with_plain_loops(void **unused)
{
	(void)unused;
	EACH_BACKEND(b)
		for (size_t i = 0; i < sizeof(conv_cases) / sizeof(conv_cases[0]); i++)
			for (int v = 0; v < CONV_VARIANTS; v++)
				check_conv(b->name, dense(b), dense(&backend_cpu_ref), geometry(conv_cases[i]), v);
}

/* ---- matrix products ----------------------------------------------------- */

static void matrix_products_agree_with_plain_loops(void **unused)
{
	static const int64_t sizes[][3] = { { 1, 1, 1 }, { 7, 5, 3 }, { 33, 17, 300 }, { 8, 10, 128 }, { 70, 48, 24 }, { 4, 6, 0 } };

	(void)unused;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (int mode = 0; mode < 8; mode++) {
			int64_t m = sizes[s][0], n = sizes[s][1], k = sizes[s][2];
			bool ta = mode & 1, tb = mode & 2;
			float beta = mode & 4 ? 1 : 0;
			int64_t lda = (ta ? m : k) + 3, ldb = (tb ? k : n) + 1, ldc = n + 2;
			struct array a = array((ta ? k : m) * lda, 1, true), b = array((tb ? n : k) * ldb, 2, true);
			struct array c = array(m * ldc, 3, beta == 1), e = array(m * ldc, 0, false);

			memcpy(e.data, c.data, sizeof(float) * (size_t)(m * ldc));
			backend_cpu_ref.gemm(ta, tb, m, n, k, a.data, lda, b.data, ldb, beta, e.data, ldc);
			backend_find("cpu")->gemm(ta, tb, m, n, k, a.data, lda, b.data, ldb, beta, c.data, ldc);
			for (int64_t i = 0; i < m; i++)
				compare("gemm", c.data + i * ldc, e.data + i * ldc, n, sum_tolerance);
			release(a); release(b); release(c); release(e);
		}
}

/* Rows computed in one call and in pieces of several sizes: 0 when all bits agree. */
static int tilings_differ(void)
{
	static const int64_t shapes[][2] = { { 48, 72 }, { 10, 600 }, { 192, 64 }, { 1, 27 }, { 33, 1152 } };
	static const int64_t pieces[] = { 512, 1, 7, 64, 130, 333 };
	const int64_t m = 1100;

	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++)
		for (int mode = 0; mode < 4; mode++) {
			int64_t n = shapes[s][0], k = shapes[s][1], at = 0;
			bool tb = mode & 1;
			float beta = mode & 2 ? 1 : 0;
			struct array a = array(m * k, 0, true), b = array(n * k, 0, true), c = array(m * n, 0, true);
			struct array d = array(m * n, 5, false);
			bool differ;

			memcpy(d.data, c.data, sizeof(float) * (size_t)(m * n));
			cpu_gemm(false, tb, m, n, k, a.data, k, b.data, tb ? k : n, beta, c.data, n);
			for (size_t p = 0; at < m; p++) {
				int64_t rows = pieces[p % 6] < m - at ? pieces[p % 6] : m - at;

				cpu_gemm(false, tb, rows, n, k, a.data + at * k, k, b.data, tb ? k : n, beta, d.data + at * n, n);
				at += rows;
			}
			differ = memcmp(c.data, d.data, sizeof(float) * (size_t)(m * n));
			release(a); release(b); release(c); release(d);
			if (differ)
				return 1;
		}
	return 0;
}

/* BLIS reads its choice once per process: each kernel has a process of its own. */
static int in_child(const char *arch, int (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		setenv("BLIS_ARCH_TYPE", arch, 1);
		_exit(fn());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int start_and_tile(void)
{
	return cpu_blis_init(cpu_isa()) < 0 ? 2 : tilings_differ();
}

static void a_row_of_a_product_has_the_same_bits_however_rows_are_split(void **unused)
{
	(void)unused;
	assert_int_equal(in_child("25", start_and_tile), 0);
	if (cpu_isa() >= CPU_AVX2)
		assert_int_equal(in_child("3", start_and_tile), 0);
	if (cpu_isa() >= CPU_AVX512)
		assert_int_equal(in_child("0", start_and_tile), 0);
}

static int refused(void)
{
	return !backend_find("cpu") && err_code() == ERR_CONFIG && strstr(err_text(), "BLIS_ARCH_TYPE") ? 0 : 1;
}

static void a_blis_kernel_that_cannot_run_here_is_refused(void **unused)
{
	static const char *const wrong[] = { "", "haswell", "3x", " 3", "-3", "99", "1", "99999999999999999999" };

	(void)unused;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(in_child(wrong[i], refused), 0);
	if (!getenv("ISA") && cpu_isa() < CPU_AVX512)
		assert_int_equal(in_child("0", refused), 0);
}

static void the_engine_names_what_decides_the_bits(void **unused)
{
	char text[64];

	(void)unused;
	snprintf(text, sizeof(text), "%s kernels-%d blis-%s glibc-", cpu_isa_name(cpu_isa()), CPU_KERNELS,
	         backend_blis_kernel());
	assert_memory_equal(backend_engine(), text, strlen(text));
	assert_null(backend_find("gpu"));
	assert_fails(err_code(), ERR_USAGE, "'gpu'");
}

/* ---- batch normalisation, activations ------------------------------------- */

static const int64_t tables[][2] = {    /* rows, channels */
	{ 1, 1 }, { 2, 3 }, { 5, 24 }, { 300, 5 }, { 131, 100 }, { 1000, 16 }, { 7, 300 }, { 64, 7 },
};
enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

static void channel_statistics_agree_even_far_from_zero(void **unused)
{
	(void)unused;
	EACH_BACKEND(b)
		for (int t = 0; t < TABLES * 2; t++) {
			int64_t rows = tables[t / 2][0], c = tables[t / 2][1];
			double got[2][300], want[2][300];
			struct array x = array(rows * c, t % 4, true);

			/* SD of draw() is 1.15: a mean of 1,150 is 1,000 of them; there float32 is spaced 1.2e-4, all
			 * of draw()'s values are exact, and only sums of 256 numbers are rounded, by four at a time: 64 + 2 additions of
			 * 6e-8 at worst in squares; in the mean 6e-8 of the largest, 4 */
			for (int64_t i = 0; t % 2 && i < rows * c; i++)
				x.data[i] += 1150;
			b->bn_stats(rows, c, x.data, got[0], got[1]);
			backend_cpu_ref.bn_stats(rows, c, x.data, want[0], want[1]);
			for (int64_t j = 0; j < c; j++)
				if (!(fabs(got[0][j] - want[0][j]) < 2.5e-7))
					fail_msg("%s: mean of %d rows is %.10g, expected %.10g", b->name, (int)rows, got[0][j], want[0][j]);
			compare_doubles("m2", got[1], want[1], c, 4e-6);
			release(x);
		}
}

static void statistics_survive_an_outlier_in_the_first_rows(void **unused)
{
	(void)unused;
	EACH_BACKEND(b) {
		struct array x = array(4096 * 3, 0, true);
		double mean[3], m2[3], want_mean[3], want_m2[3];

		for (int i = 0; i < 3; i++)
			x.data[i] = 1000;
		b->bn_stats(4096, 3, x.data, mean, m2);
		backend_cpu_ref.bn_stats(4096, 3, x.data, want_mean, want_m2);
		compare_doubles("mean", mean, want_mean, 3, 1e-6);
		compare_doubles("m2", m2, want_m2, 3, 1e-5);
		release(x);
	}
}

static void batch_norm_and_activations_agree(void **unused)
{
	(void)unused;
	EACH_BACKEND(b)
		for (int t = 0; t < TABLES; t++)
			for (int a = 0; a < ACT_COUNT; a++) {
				int64_t rows = tables[t][0], c = tables[t][1], all = rows * c;
				double tolerance = a == ACT_SWISH || a == ACT_SIGMOID ? act_tolerance : few_roundings;
				double sums[4][300];
				struct array x = array(all, 1, true), dy = array(all, 2, true), p = array(6 * c, 3, true);
				struct array y = array(all, 0, false), e = array(all, 0, false), z = array(all, 3, true), f = array(all, 0, false);
				const float *mean = p.data, *scale = mean + c, *shift = scale + c, *ka = shift + c, *kx = ka + c, *k0 = kx + c;
				const struct backend *r = &backend_cpu_ref;

				for (int64_t i = 0; i < all; i++)
					x.data[i] *= 4;         /* reach the flat parts of every activation */
				memcpy(f.data, z.data, sizeof(float) * (size_t)all);
				struct affine in = { scale, shift, (enum act)a };
				struct norm_grad k = { x.data, mean, ka, kx, k0 };

				b->bn_apply(rows, c, x.data, &in, y.data);
				r->bn_apply(rows, c, x.data, &in, e.data);
				compare(act_name(a), y.data, e.data, all, tolerance);
				memcpy(y.data, dy.data, sizeof(float) * (size_t)all);
				memcpy(e.data, dy.data, sizeof(float) * (size_t)all);
				b->bn_bwd_sums(rows, c, x.data, &in, mean, y.data, sums[0], sums[1]);
				r->bn_bwd_sums(rows, c, x.data, &in, mean, e.data, sums[2], sums[3]);
				compare(act_name(a), y.data, e.data, all, act_tolerance);
				compare_doubles(act_name(a), sums[0], sums[2], c, sum_tolerance);
				compare_doubles(act_name(a), sums[1], sums[3], c, sum_tolerance);
				b->bn_bwd_data(rows, c, dy.data, &k, 0, y.data);
				r->bn_bwd_data(rows, c, dy.data, &k, 0, e.data);
				compare(act_name(a), y.data, e.data, all, bn_tolerance);
				b->bn_bwd_data(rows, c, dy.data, &k, 1, z.data);
				r->bn_bwd_data(rows, c, dy.data, &k, 1, f.data);
				compare(act_name(a), z.data, f.data, all, bn_tolerance);
				b->act_fwd(a, all, x.data, y.data);
				r->act_fwd(a, all, x.data, e.data);
				compare(act_name(a), y.data, e.data, all, tolerance);
				b->act_bwd(a, all, x.data, dy.data, 1, z.data);
				r->act_bwd(a, all, x.data, dy.data, 1, f.data);
				compare(act_name(a), z.data, f.data, all, act_tolerance);
				release(x); release(dy); release(p); release(y); release(e); release(z); release(f);
			}
}

/* The values are independent of where in a vector a number stands: shifted by one, the same bits. */
static void activations_have_the_same_bits_at_every_place(void **unused)
{
	(void)unused;
	EACH_BACKEND(b)
		for (int a = 0; a < ACT_COUNT; a++) {
			struct array x = array(100, 0, true), y = array(100, 0, false), z = array(99, 7, false);

			b->act_fwd(a, 100, x.data, y.data);
			b->act_fwd(a, 99, x.data + 1, z.data);
			same_bits(act_name(a), z.data, y.data + 1, 99 * sizeof(float));
			release(x); release(y); release(z);
		}
}

static void activations_stay_finite_at_extremes_and_keep_nan(void **unused)
{
	const float x[4] = { -1e30f, 1e30f, -200, NAN };

	(void)unused;
	EACH_BACKEND(b)
		for (int a = ACT_RELU; a < ACT_COUNT; a++) {
			float y[4], want[4], dx[4], dy[4] = { 1, 1, 1, 1 }, slope[4];

			b->act_fwd(a, 4, x, y);
			backend_cpu_ref.act_fwd(a, 4, x, want);
			for (int i = 0; i < 3; i++)
				assert_near(y[i], want[i], 1e-6);
			assert_true(isnan(y[3]) && isnan(want[3]));
			b->act_bwd(a, 3, x, dy, 0, dx);
			backend_cpu_ref.act_bwd(a, 3, x, dy, 0, slope);
			for (int i = 1; i < 3; i++)
				assert_near(dx[i], slope[i], 1e-6);
		}
}

/* ---- pooling, rows and columns -------------------------------------------- */

static const struct pool_geom pools[] = {
	{ 2, 8, 8, 16, 4, 4, 2, 2, 0 }, { 1, 1, 1, 1, 1, 1, 3, 1, 1 }, { 3, 7, 9, 5, 4, 5, 3, 2, 1 }, { 2, 6, 5, 24, 6, 5, 3, 1, 1 },
	{ 2, 5, 5, 100, 5, 5, 5, 1, 2 }, { 1, 4, 6, 3, 2, 3, 2, 2, 0 }, { 2, 3, 3, 17, 1, 1, 3, 1, 0 },
	{ 2, 8, 8, 16, 8, 8, 3, 1, 1 }, { 2, 9, 6, 33, 5, 3, 3, 2, 1 }, { 1, 2, 1, 5, 2, 1, 3, 1, 1 }, { 2, 7, 5, 9, 3, 2, 3, 2, 0 },
	{ 1, 1, 8, 40, 1, 4, 3, 2, 1 }, { 2, 5, 2, 7, 3, 1, 3, 2, 1 }, { 1, 8, 2, 6, 8, 2, 3, 1, 1 }, { 1, 9, 9, 4, 3, 3, 3, 3, 0 },
};

static void pooling_agrees_with_plain_loops(void **unused)
{
	(void)unused;
	EACH_BACKEND(b)
		for (size_t t = 0; t < sizeof(pools) / sizeof(pools[0]); t++)
			for (int avg = 0; avg < 2; avg++)
				for (int beta = 0; beta < 2; beta++) {
					const struct pool_geom *g = &pools[t];
					struct pool_geom one = *g;
					int64_t in = g->h * g->w * g->c, out = g->oh * g->ow * g->c;
					const struct backend *r = &backend_cpu_ref;

					one.n = 1;
					struct array x = array(g->n * in, 1, true), dy = array(g->n * out, 2, true), y = array(g->n * out, 3, false);
					struct array e = array(g->n * out, 0, false), dx = array(g->n * in, 0, beta), f = array(g->n * in, 0, false);
					struct array y1 = array(out, 5, false), dx1 = array(in, 6, false);

					for (int64_t i = 0; i < g->n * in; i++)
						x.data[i] = (float)(int)(x.data[i] * 2);        /* many ties */
					memcpy(f.data, dx.data, sizeof(float) * (size_t)(g->n * in));
					(avg ? b->avgpool_fwd : b->maxpool_fwd)(g, x.data, y.data);
					(avg ? r->avgpool_fwd : r->maxpool_fwd)(g, x.data, e.data);
					compare("pool forward", y.data, e.data, g->n * out, few_roundings);
					if (avg) {
						b->avgpool_bwd(g, dy.data, (float)beta, dx.data);
						r->avgpool_bwd(g, dy.data, (float)beta, f.data);
					} else {
						b->maxpool_bwd(g, x.data, dy.data, (float)beta, dx.data);
						r->maxpool_bwd(g, x.data, dy.data, (float)beta, f.data);
					}
					compare("pool backward", dx.data, f.data, g->n * in, act_tolerance);
					for (int64_t i = 0; i < g->n; i++) {
						(avg ? b->avgpool_fwd : b->maxpool_fwd)(&one, x.data + i * in, y1.data);
						same_bits("pool alone", y1.data, y.data + i * out, sizeof(float) * (size_t)out);
					}
					for (int64_t i = 0; i < g->n * in; i++)
						x.data[i] = NAN;
					(avg ? b->avgpool_fwd : b->maxpool_fwd)(g, x.data, e.data);
					for (int64_t i = 0; i < g->n * out; i++)
						assert_true(isnan(e.data[i]));
					release(x); release(dy); release(y); release(e); release(dx); release(f); release(y1); release(dx1);
				}
}

static void rows_and_columns_agree_with_plain_loops(void **unused)
{
	(void)unused;
	EACH_BACKEND(b)
		for (int t = 0; t < TABLES; t++)
			for (int beta = 0; beta < 2; beta++) {
				const int64_t n = 2, rows = tables[t][0], c = tables[t][1], all = n * rows * c;
				const struct backend *r = &backend_cpu_ref;
				double sums[2][300];
				struct array x = array(all, 1, true), u = array(all, 2, true), s = array(n * c, 3, true);
				struct array y = array(all, 0, beta), e = array(all, 1, false);
				struct array v = array(n * c, 5, beta), f = array(n * c, 0, false);

#define BOTH(call_b, call_r, got, want, size, tolerance) do { \
		memcpy(want.data, got.data, sizeof(float) * (size_t)(size)); call_b; call_r; \
		compare(#call_b, got.data, want.data, size, tolerance); \
		if (!beta) for (int64_t i_ = 0; i_ < (size); i_++) got.data[i_] = NAN; } while (0)

				for (int lazy = 0; lazy < 4; lazy++) {
					struct affine iu = { lazy & 1 ? s.data : NULL, s.data, ACT_RELU };
					struct affine ix = { lazy & 2 ? s.data + c : NULL, s.data, ACT_NONE };

					BOTH(b->add(n * rows, c, x.data, &ix, u.data, &iu, y.data), r->add(n * rows, c, x.data, &ix, u.data, &iu, e.data), y, e, all, few_roundings);
				}
				for (int lazy = 0; lazy < 2; lazy++) {           /* every other row to or from rows in a row */
					struct affine in = { lazy ? s.data : NULL, s.data, ACT_RELU };
					int64_t half = n * rows / 2;

					BOTH(b->copy_rows(half, c, x.data, 2 * c, &in, (float)beta, y.data, c), r->copy_rows(half, c, x.data, 2 * c, &in, (float)beta, e.data, c), y, e, half * c, few_roundings);
					if (beta)
						BOTH(b->copy_rows(half, c, u.data, c, &in, 1, y.data + c, 2 * c), r->copy_rows(half, c, u.data, c, &in, 1, e.data + c, 2 * c), y, e, all, few_roundings);
				}
				BOTH(b->axpby(all, 1.5f, x.data, (float)beta * .5f, y.data), r->axpby(all, 1.5f, x.data, (float)beta * .5f, e.data), y, e, all, few_roundings);
				BOTH(b->mul(all, x.data, u.data, (float)beta, y.data), r->mul(all, x.data, u.data, (float)beta, e.data), y, e, all, few_roundings);
				BOTH(b->chan_scale(n, rows, c, x.data, s.data, (float)beta, y.data), r->chan_scale(n, rows, c, x.data, s.data, (float)beta, e.data), y, e, all, few_roundings);
				BOTH(b->gpool_bwd(n, rows, c, s.data, (float)beta, y.data), r->gpool_bwd(n, rows, c, s.data, (float)beta, e.data), y, e, all, few_roundings);
				for (int lazy = 0; lazy < 2; lazy++) {
					struct affine in = { lazy ? s.data : NULL, s.data + c, ACT_RELU };

					BOTH(b->gpool_fwd(n, rows, c, x.data, &in, v.data), r->gpool_fwd(n, rows, c, x.data, &in, f.data), v, f, n * c, sum_tolerance);
				}
				BOTH(b->chan_dot(n, rows, c, x.data, u.data, (float)beta, v.data), r->chan_dot(n, rows, c, x.data, u.data, (float)beta, f.data), v, f, n * c, sum_tolerance);
				BOTH(b->row_add(n * rows, c, s.data, x.data), r->row_add(n * rows, c, s.data, e.data), x, e, all, few_roundings);
				b->col_sums(n * rows, c, u.data, sums[0]);
				r->col_sums(n * rows, c, u.data, sums[1]);
				compare_doubles("col_sums", sums[0], sums[1], c, sum_tolerance);
				release(x); release(u); release(s); release(y); release(e); release(v); release(f);
			}
}

int main(void)
{
	/* those that start BLIS in child processes come before it is started here */
	const struct CMUnitTest before[] = {
		cmocka_unit_test(a_row_of_a_product_has_the_same_bits_however_rows_are_split),
		cmocka_unit_test(a_blis_kernel_that_cannot_run_here_is_refused),
	};
	const struct CMUnitTest after[] = {
		cmocka_unit_test_setup(the_engine_names_what_decides_the_bits, restart_numbers),
		cmocka_unit_test_setup(matrix_products_agree_with_plain_loops, restart_numbers),
		cmocka_unit_test_setup(dense_convolutions_agree_with_plain_loops, restart_numbers),
		cmocka_unit_test_setup(depthwise_convolutions_agree_with_plain_loops, restart_numbers),
		cmocka_unit_test_setup(channel_statistics_agree_even_far_from_zero, restart_numbers),
		cmocka_unit_test_setup(statistics_survive_an_outlier_in_the_first_rows, restart_numbers),
		cmocka_unit_test_setup(batch_norm_and_activations_agree, restart_numbers),
		cmocka_unit_test_setup(activations_have_the_same_bits_at_every_place, restart_numbers),
		cmocka_unit_test_setup(activations_stay_finite_at_extremes_and_keep_nan, restart_numbers),
		cmocka_unit_test_setup(pooling_agrees_with_plain_loops, restart_numbers),
		cmocka_unit_test_setup(rows_and_columns_agree_with_plain_loops, restart_numbers),
	};
	int failed = cmocka_run_group_tests_name("before BLIS starts", before, NULL, NULL);

	return failed + cmocka_run_group_tests_name("backends", after, start, NULL);
}
