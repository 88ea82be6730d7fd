/* A network as a graph: named inputs, parameters and operators.
 *
 * A node is an operator name, named integer and float attributes, and inputs: nothing hidden, so that
 * cost, printing and export need only this header.  A parameter is a leaf like any other, so that an
 * operator may sit between it and a convolution; the same leaf may occur twice (gradients add).
 * Shapes of activations are per image (n = 1); the batch size is an argument of nn_bind.
 *
 * Building never returns errors node by node: the first mistake is kept (err_set), later calls return
 * node 0, and nn_graph_check() reports it. */
#ifndef NN_GRAPH_H
#define NN_GRAPH_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "nn/store.h"

struct nn_shape { int64_t n, h, w, c; };         /* parameters: out, row, column, in */
static inline int64_t nn_image_size(struct nn_shape s) { return s.h * s.w * s.c; }
static inline int64_t nn_shape_floats(struct nn_shape s) { return s.n * nn_image_size(s); }

struct nn_attr { const char *name; int64_t i; double f; };

enum nn_kind { NN_INPUT, NN_PARAM, NN_OP };

struct nn_op;

struct nn_node {
	enum nn_kind kind;
	const char *name;            /* call site, unique in the graph for operators: "layer3/mb6_k5/expand" */
	const struct nn_op *op;      /* NN_OP */
	int n_in;
	const int *in;               /* earlier nodes */
	int n_attr;
	const struct nn_attr *attr;
	struct nn_shape shape;       /* of the output */
	bool batched;                /* one such output per image; false: computed from parameters alone */
	/* NN_PARAM */
	struct nn_view view;
	int64_t full[4];             /* shape of the whole named tensor */
	enum nn_init init;
	bool decay;
	int group;
	bool frozen;                 /* no gradient is computed for it */
};

struct nn_output { const char *name; int node; };

struct nn_graph {
	struct arena *mem;
	struct nn_node *node;
	int count, capacity;
	struct nn_output *output;
	int n_outputs, output_capacity;
	int failed;                  /* error code of the first mistake */
	struct nn_index names;       /* of operators: names are unique */
	struct nn_index output_names;
};

struct nn_graph *nn_graph_new(struct arena *mem);
int nn_graph_input(struct nn_graph *g, const char *name, int64_t h, int64_t w, int64_t c);
/* A parameter leaf of the given shape (= whole tensor). */
int nn_graph_param(struct nn_graph *g, const char *name, const int64_t shape[4], enum nn_init init,
                   bool decay, int group);
/* A view of a larger tensor: full shape, offset, extent. */
int nn_graph_param_view(struct nn_graph *g, const struct nn_view *v, const int64_t full[4], enum nn_init init,
                        bool decay, int group);
int nn_graph_op(struct nn_graph *g, const char *op, const char *name, int n_in, const int *in, int n_attr,
                const struct nn_attr *attr);
void nn_graph_output(struct nn_graph *g, const char *name, int node);
int nn_graph_find_output(const struct nn_graph *g, const char *name);   /* node, or -1 */
int nn_graph_output_number(const struct nn_graph *g, const char *name); /* which of the outputs, or -1 */
int nn_graph_check(const struct nn_graph *g);                            /* 0 or the first error */

int64_t nn_attr_int(const struct nn_node *n, const char *name, int64_t otherwise);
double nn_attr_float(const struct nn_node *n, const char *name, double otherwise);

/* Cost, counted by walking the graph: multiply-adds of convolutions and linear layers for one image
 * (the usual "FLOPs" of the field), and numbers held in distinct parameter tensors. */
struct nn_cost { int64_t macs, params; };
int nn_graph_cost(const struct nn_graph *g, struct nn_cost *cost);

/* Creates in the store every parameter that the graph names (whole tensors).  ERR_DATA on a shape conflict. */
int nn_graph_params(const struct nn_graph *g, struct nn_store *s);

#endif
