/* The reference backend: its table, and matrix products.
 *
 * Every sum of the reference is made in double and rounded once, so that it stands for the exact value
 * when a faster kernel is compared with it. */
#include "tensor/cpu_ref.h"

static void ref_gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                     const float *b, int64_t ldb, float beta, float *c, int64_t ldc)
{
	for (int64_t i = 0; i < m; i++)
		for (int64_t j = 0; j < n; j++) {
			double sum = ref_keep(beta, c[i * ldc + j]);

			for (int64_t l = 0; l < k; l++) {
				double p = ta ? a[l * lda + i] : a[i * lda + l];

				sum += p * (tb ? b[j * ldb + l] : b[l * ldb + j]);
			}
			c[i * ldc + j] = (float)sum;
		}
}

const struct backend backend_cpu_ref = {
	.name = "ref",
	.gemm = ref_gemm,
	.conv_scratch = ref_conv_scratch,
	.conv_fwd = ref_conv_fwd,
	.conv_bwd = ref_conv_bwd,
	.dwconv_scratch = ref_conv_scratch,
	.dwconv_fwd = ref_dwconv_fwd,
	.dwconv_bwd = ref_dwconv_bwd,
	.bn_stats = ref_bn_stats,
	.bn_apply = ref_bn_apply,
	.bn_bwd_sums = ref_bn_bwd_sums,
	.bn_bwd_data = ref_bn_bwd_data,
	.act_fwd = ref_act_fwd,
	.act_bwd = ref_act_bwd,
	.add = ref_add,
	.axpby = ref_axpby,
	.mul = ref_mul,
	.maxpool_fwd = ref_maxpool_fwd,
	.maxpool_bwd = ref_maxpool_bwd,
	.avgpool_fwd = ref_avgpool_fwd,
	.avgpool_bwd = ref_avgpool_bwd,
	.gpool_fwd = ref_gpool_fwd,
	.gpool_bwd = ref_gpool_bwd,
	.copy_rows = ref_copy_rows,
	.row_add = ref_row_add,
	.col_sums = ref_col_sums,
	.chan_scale = ref_chan_scale,
	.chan_dot = ref_chan_dot,
};
