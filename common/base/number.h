/* Numbers as text, the same in every locale. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* The whole of text is a decimal number ("0.05", "1e-3"): true and its value.  No blanks, no
 * hexadecimal, no infinities, no NaN. */
bool number_parse(const char *text, double *value);
bool number_parse_integer(const char *text, int64_t *value);

/* Shortest decimal that reads back as the same double; "nan", "inf", "-inf".  Zero has no sign;
 * from 1e-4 to 1e15 there is no exponent. */
#define NUMBER_TEXT 32
void number_print(double value, char text[NUMBER_TEXT]);

#endif
