/* Genotypes: a normal and a reduction cell of the kind of Liu, Simonyan and Yang 2019 ("DARTS").
 *
 * Sources of a cell are numbered: 0 and 1 its two inputs (outputs of the cells before the last and last), 2,
 * 3, ... its nodes.  Node i reads two different sources below i through an operation each, and is their sum;
 * the output of the cell is nodes `first` .. nodes + 1 side by side.
 *
 * Two encodings as decisions:
 *   direct   per cell and node: which pair of sources (unless there is only one), the operation on either
 *   edge8    per cell and edge (by node, then source): none or an operation.  A node keeps its first two sources
 *            that are not none; where there are fewer, the first that are none count as operation 0 */
#ifndef SPACE_GENOTYPE_H
#define SPACE_GENOTYPE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"

#define GENOTYPE_CELLS 2             /* normal, reduction */
#define GENOTYPE_NODES 5
#define GENOTYPE_INPUTS 2

struct genotype_form {
	int nodes;                   /* 1 .. GENOTYPE_NODES */
	int first;                   /* first source of the output */
	int operations;
	const char *const *operation;
	bool edges;                  /* encoding edge8 */
};

/* from[0] < from[1]; of node i: [cell][i - 2] */
struct genotype { struct { uint8_t from[2], op[2]; } node[GENOTYPE_CELLS][GENOTYPE_NODES]; };

extern const char *const genotype_cell[GENOTYPE_CELLS];          /* "normal", "reduce" */

/* Pairs of sources in order 0+1, 0+2, 1+2, 0+3, ...: node i has the first genotype_pairs(i) of them. */
int genotype_pairs(int node);
void genotype_pair(int number, uint8_t from[2]);

/* Decisions of an encoding. */
struct decision;
int genotype_decisions(const struct genotype_form *f, struct arena *mem, struct decision **decision);

void genotype_decode(const struct genotype_form *f, const uint8_t *code, struct genotype *g);
void genotype_encode(const struct genotype_form *f, const struct genotype *g, uint8_t *code);

/* Bit i: source i reaches the output of the cell. */
unsigned genotype_live(const struct genotype_form *f, const struct genotype *g, int cell);
/* Nodes that do not reach the output become operation 0 on 0 and 1. */
void genotype_prune(const struct genotype_form *f, struct genotype *g);

/* Genotype(normal=[('sep_conv_3x3',0),...],normal_concat=range(2,6),reduce=[...],reduce_concat=range(2,6));
 * blanks between words are read over, as are lists [2,3,4,5] in place of a range.  ERR_DATA names place and
 * what was expected. */
void genotype_print(const struct genotype_form *f, const struct genotype *g, char *text, int size);
int genotype_parse(const struct genotype_form *f, const char *text, struct genotype *g);

#endif
