#include "tensor/act.h"

const char *act_name(enum act a)
{
	static const char *const names[ACT_COUNT] = {
		[ACT_NONE] = "none", [ACT_RELU] = "relu", [ACT_RELU6] = "relu6", [ACT_SWISH] = "swish",
		[ACT_HSWISH] = "hswish", [ACT_SIGMOID] = "sigmoid", [ACT_HSIGMOID] = "hsigmoid",
	};

	return (unsigned)a < ACT_COUNT ? names[a] : "?";
}
