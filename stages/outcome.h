/* How a pipeline ended, told to the Make that started it.
 *
 * The outer Make names a file in the environment variable NAS_OUTCOME.  The first program that fails
 * writes one line into it, "nas-pretrain ended with status 65 (...)", which becomes Make's last line;
 * later failures are consequences and stay silent.  Without the variable nothing is written. */
#ifndef STAGES_OUTCOME_H
#define STAGES_OUTCOME_H

void outcome_failed(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "bad data" for 65 and so on: the meaning of an exit status in all our programs. */
const char *outcome_meaning(int status);

#endif
