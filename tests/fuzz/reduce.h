/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_REDUCE_H
#define TESTS_FUZZ_REDUCE_H

#include "fuzz.h"

/* fails() says whether a candidate is valid and still shows the failure. */
void reduce_case(struct fuzz_case *c, bool (*fails)(const struct fuzz_case *c));

#endif
