/* The waist: everything numerical above this header is written in terms of these primitives.
 *
 * A primitive works on some images of a batch, in one thread, on contiguous float32 NHWC arrays; the
 * layer above decides which images (a chunk of slices) and in which thread.  A backend is a table: it
 * starts as a copy of cpu_ref, the plain loops that stay as the oracle, and overrides what it does faster.
 *
 * Letters: n images, h w rows and columns in, oh ow out, c channels in, oc out, kh kw kernel.
 * Weights of a convolution: (oc, kh, kw, c/groups).  Depthwise: (c, kh, kw, 1).
 *
 * Determinism: the result for an image does not depend on which other images are in the call; sums over
 * images and pixels (weight gradients, statistics) depend only on the images of the call, in order.
 * beta: 0 = set, 1 = add to what is there (never any other value). */
#ifndef TENSOR_BACKEND_H
#define TENSOR_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tensor/act.h"

struct conv_geom {
	int64_t n, h, w, c;              /* input */
	int64_t oh, ow, oc;              /* output */
	int kh, kw, sh, sw;              /* kernel, stride */
	int ph, pw;                      /* padding above and left; below and right follow from oh, ow */
	int dh, dw;                      /* dilation, 1 = none */
	int groups;                      /* 1 = dense; conv_* only (depthwise has its own primitives) */
};

/* Lazy normalisation.  Batch-norm writes nothing: whoever reads its output reads its input x and applies
 * act(scale[c] x + shift[c]) to each number as it comes by.  scale NULL: x itself is meant. */
struct affine { const float *scale, *shift; enum act act; };

/* Likewise its gradient: whoever reads the gradient of y (rows x channels) reads g and y, and takes
 * ka[c] g + kx[c] (y - mean[c]) + k0[c].  ka NULL: g itself is meant. */
struct norm_grad { const float *y, *mean, *ka, *kx, *k0; };

/* One convolution; padding is zero after `in`. */
struct conv_fwd {
	const float *x, *w;
	float *y;
	struct affine in;
	struct affine out;               /* of the result, then + add (shaped like y; NULL: nothing): */
	const float *add;                /*   y = out(w * in(x)) + add */
	double *mean, *m2;               /* statistics of y as bn_stats gives them, where out and add are nothing; NULL: not wanted */
	bool stream;                     /* y goes past the caches where that is possible: it is not read again soon */
};

/* Its gradients: dw is set, dx = beta dx + gradient of in(x).  With sum_g the gradient goes on through
 * the activation of `in` (whose scale is given): dx is multiplied by act'(scale x + shift), and
 * sum_g[c] = sum dx, sum_gx[c] = sum dx (x - mean[c]) of the results. */
struct conv_bwd {
	const float *x, *w, *dy;
	struct affine in;                /* of x */
	struct norm_grad out;            /* of dy */
	float *dw, *dx, beta;            /* dw, dx NULL: not wanted */
	const float *mean;
	double *sum_g, *sum_gx;          /* NULL: not wanted */
	bool stream;                     /* dx goes past the caches where that is possible */
};

struct pool_geom { int64_t n, h, w, c, oh, ow; int k, stride, pad; };   /* padding is never counted */

struct backend {
	const char *name;

	/* C (m x n) = op(A) op(B) + beta C, row-major with leading dimensions; ta, tb: transpose. */
	void (*gemm)(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
	             const float *b, int64_t ldb, float beta, float *c, int64_t ldc);

	/* Dense and grouped convolution.  scratch: conv_scratch floats for that geometry. */
	size_t (*conv_scratch)(const struct conv_geom *g);
	void (*conv_fwd)(const struct conv_geom *g, const struct conv_fwd *f, float *scratch);
	void (*conv_bwd)(const struct conv_geom *g, const struct conv_bwd *b, float *scratch);

	/* Depthwise: oc == c, groups ignored. */
	size_t (*dwconv_scratch)(const struct conv_geom *g);
	void (*dwconv_fwd)(const struct conv_geom *g, const struct conv_fwd *f, float *scratch);
	void (*dwconv_bwd)(const struct conv_geom *g, const struct conv_bwd *b, float *scratch);

	/* Batch normalisation over rows (= n h w) x c.  Statistics are per call; the caller merges them
	 * (reduce.h).  mean and m2 = sum (x - mean)^2, exact enough for mean/SD = 1,000 (two passes or shifted). */
	void (*bn_stats)(int64_t rows, int64_t c, const float *x, double *mean, double *m2);
	/* y = in(x); y = x allowed */
	void (*bn_apply)(int64_t rows, int64_t c, const float *x, const struct affine *in, float *y);
	/* g = g act'(scale x + shift) in place (not written for ACT_NONE); sum_g[c] = sum g, sum_gx[c] = sum g (x - mean[c]). */
	void (*bn_bwd_sums)(int64_t rows, int64_t c, const float *x, const struct affine *in, const float *mean,
	                    float *g, double *sum_g, double *sum_gx);
	/* dx = beta dx + ka[c] g + kx[c] (y - mean[c]) + k0[c] */
	void (*bn_bwd_data)(int64_t rows, int64_t c, const float *g, const struct norm_grad *n, float beta,
	                    float *dx);

	/* Element-wise on count numbers. */
	void (*act_fwd)(enum act act, int64_t count, const float *x, float *y);
	void (*act_bwd)(enum act act, int64_t count, const float *x, const float *dy, float beta, float *dx);
	/* y = ia(a) + ib(b) on rows x c; y = a allowed */
	void (*add)(int64_t rows, int64_t c, const float *a, const struct affine *ia, const float *b,
	            const struct affine *ib, float *y);
	void (*axpby)(int64_t count, float alpha, const float *x, float beta, float *y);   /* y = alpha x + beta y; beta 0 ignores old y */
	void (*mul)(int64_t count, const float *a, const float *b, float beta, float *y);  /* y = a * b + beta y */

	/* Pooling.  Windows that reach over the edge count only what is inside.  Ties: the first in row-major order. */
	void (*maxpool_fwd)(const struct pool_geom *g, const float *x, float *y);
	void (*maxpool_bwd)(const struct pool_geom *g, const float *x, const float *dy, float beta, float *dx);
	void (*avgpool_fwd)(const struct pool_geom *g, const float *x, float *y);
	void (*avgpool_bwd)(const struct pool_geom *g, const float *dy, float beta, float *dx);
	/* (n, rows, c) -> (n, c): mean over rows of in(x) */
	void (*gpool_fwd)(int64_t n, int64_t rows, int64_t c, const float *x, const struct affine *in, float *y);
	void (*gpool_bwd)(int64_t n, int64_t rows, int64_t c, const float *dy, float beta, float *dx);

	/* Rows and columns. */
	/* y = in(x) + beta y, rows of c numbers that begin x_step, y_step floats apart */
	void (*copy_rows)(int64_t rows, int64_t c, const float *x, int64_t x_step, const struct affine *in,
	                  float beta, float *y, int64_t y_step);
	void (*row_add)(int64_t rows, int64_t c, const float *bias, float *y);             /* y[r][.] += bias */
	void (*col_sums)(int64_t rows, int64_t c, const float *x, double *sums);           /* sets sums */
	/* y (n, rows, c) = x * s (n, c); and its gradients ds (n, c) = sum over rows of x * dy */
	void (*chan_scale)(int64_t n, int64_t rows, int64_t c, const float *x, const float *s, float beta, float *y);
	void (*chan_dot)(int64_t n, int64_t rows, int64_t c, const float *x, const float *dy, float beta, float *ds);
};

extern const struct backend backend_cpu_ref;    /* plain loops: the oracle */

/* "cpu" (BLIS and vector kernels for cpu_isa()) or "ref".  Initialises BLIS on first use (one thread,
 * kernel chosen from the ISA, a user's BLIS_ARCH_TYPE checked against the CPU: ERR_CONFIG).  NULL after err_set. */
const struct backend *backend_find(const char *name);

/* "avx2 kernels-1 blis-haswell glibc-2.36": what decides the bits.  Stored beside results, compared at resume. */
const char *backend_engine(void);
const char *backend_blis_kernel(void);          /* "haswell" */

#endif
