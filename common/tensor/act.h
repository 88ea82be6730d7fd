/* Activation functions, as one word that fused primitives understand. */
#ifndef TENSOR_ACT_H
#define TENSOR_ACT_H

enum act {
	ACT_NONE,
	ACT_RELU,       /* max(0, z) */
	ACT_RELU6,      /* min(6, max(0, z)) */
	ACT_SWISH,      /* z * sigmoid(z); Ramachandran, Zoph and Le 2017 */
	ACT_HSWISH,     /* z * relu6(z + 3) / 6; Howard et al. 2019, eq. in section 5.2 */
	ACT_SIGMOID,
	ACT_HSIGMOID,   /* relu6(z + 3) / 6 */
	ACT_COUNT
};

const char *act_name(enum act a);              /* "relu" */

#endif
