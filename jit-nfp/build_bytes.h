/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Inside build: memory that helpers get a pointer to, wherever it is.
 */
#ifndef JIT_NFP_BUILD_BYTES_H
#define JIT_NFP_BUILD_BYTES_H

#include "build.h"

/* Memory that a helper gets a pointer to, at `fact.off` where that is known. */
struct buffer {
	struct arg_fact fact;
	struct value *at;
};

struct buffer buffer_of(struct build *b, unsigned int arg);
struct buffer buffer_moved(struct build *b, const struct buffer *m, struct value *by); /* from a place on that is not known */
/* size: 1, 2, 4 or 8; in pieces where it is not aligned. */
struct value *read_bytes(struct build *b, const struct buffer *m, int64_t off, uint32_t size);
void write_bytes(struct build *b, const struct buffer *m, int64_t off, uint32_t size, struct value *data);

#endif
