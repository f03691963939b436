/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Inside build: what printing and formatting share.
 */
#ifndef JIT_NFP_BUILD_TEXT_H
#define JIT_NFP_BUILD_TEXT_H

#include "build.h"
#include "format.h"

/* build_print.c: how many digits a number without a sign has, of 64 bits or 32. */
struct value *decimal_digits(struct build *b, struct value *x, int wide);
struct value *hex_digits(struct build *b, struct value *x, int wide);

#endif
