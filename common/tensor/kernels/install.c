/* What the vector kernels of this instruction set override. */
#include "tensor/kernels/kernel.h"

void KERNEL(kernels_install)(struct backend *b)
{
	KERNEL(conv_install)(b);
	KERNEL(dwconv_install)(b);
	KERNEL(norm_install)(b);
	KERNEL(pool_install)(b);
	KERNEL(rows_install)(b);
}
