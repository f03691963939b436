/* SPDX-License-Identifier: Apache-2.0
 *
 * What generated cases have, and what none of them has.
 */
#ifndef TESTS_FUZZ_CENSUS_H
#define TESTS_FUZZ_CENSUS_H

#include "fuzz.h"

void census_count(const struct fuzz_case *c);
/* Prints what was never counted; exit code. */
int census_end(void);

#endif
