/* What the vector kernels of this instruction set override. */
#include "tensor/cpu.h"
#include "tensor/kernels/kernel.h"

void KERNEL(kernels_install)(struct backend *b)
{
	(void)b;
}
