/* The plain loops, one function per primitive of backend.h: what they mean is said there. */
#ifndef TENSOR_CPU_REF_H
#define TENSOR_CPU_REF_H

#include "tensor/backend.h"

size_t ref_conv_scratch(const struct conv_geom *g);
void ref_conv_fwd(const struct conv_geom *g, const struct conv_fwd *f, float *scratch);
void ref_conv_bwd(const struct conv_geom *g, const struct conv_bwd *b, float *scratch);
void ref_dwconv_fwd(const struct conv_geom *g, const struct conv_fwd *f, float *scratch);
void ref_dwconv_bwd(const struct conv_geom *g, const struct conv_bwd *b, float *scratch);

void ref_bn_stats(int64_t rows, int64_t c, const float *x, double *mean, double *m2);
void ref_bn_apply(int64_t rows, int64_t c, const float *x, const struct affine *in, float *y);
void ref_bn_bwd_sums(int64_t rows, int64_t c, const float *x, const struct affine *in, const float *mean,
                     float *g, double *sum_g, double *sum_gx);
void ref_bn_bwd_data(int64_t rows, int64_t c, const float *g, const struct norm_grad *n, float beta,
                     float *dx);

void ref_act_fwd(enum act act, int64_t count, const float *x, float *y);
void ref_act_bwd(enum act act, int64_t count, const float *x, const float *dy, float beta, float *dx);
void ref_add(int64_t rows, int64_t c, const float *a, const struct affine *ia, const float *b,
             const struct affine *ib, float *y);
void ref_axpby(int64_t count, float alpha, const float *x, float beta, float *y);
void ref_mul(int64_t count, const float *a, const float *b, float beta, float *y);

void ref_maxpool_fwd(const struct pool_geom *g, const float *x, float *y);
void ref_maxpool_bwd(const struct pool_geom *g, const float *x, const float *dy, float beta, float *dx);
void ref_avgpool_fwd(const struct pool_geom *g, const float *x, float *y);
void ref_avgpool_bwd(const struct pool_geom *g, const float *dy, float beta, float *dx);
void ref_gpool_fwd(int64_t n, int64_t rows, int64_t c, const float *x, const struct affine *in, float *y);
void ref_gpool_bwd(int64_t n, int64_t rows, int64_t c, const float *dy, float beta, float *dx);

void ref_copy_rows(int64_t rows, int64_t c, const float *x, int64_t x_step, const struct affine *in,
                   float beta, float *y, int64_t y_step);
void ref_row_add(int64_t rows, int64_t c, const float *bias, float *y);
void ref_col_sums(int64_t rows, int64_t c, const float *x, double *sums);
void ref_chan_scale(int64_t n, int64_t rows, int64_t c, const float *x, const float *s, float beta, float *y);
void ref_chan_dot(int64_t n, int64_t rows, int64_t c, const float *x, const float *dy, float beta, float *ds);

/* in(x) for a number of channel c */
double ref_affine(const struct affine *in, float x, int64_t c);

/* old * beta without reading old when beta is 0: what stands there may be no number. */
static inline double ref_keep(float beta, float old)
{
	return beta == 0 ? 0 : old;
}

#endif
