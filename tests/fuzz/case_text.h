/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_CASE_TEXT_H
#define TESTS_FUZZ_CASE_TEXT_H

#include <stdio.h>
#include "fuzz.h"

void case_write(FILE *f, const struct fuzz_case *c);
/* 0, or -1 after a sentence on stderr. */
int case_read(const char *path, struct fuzz_case *c);

#endif
