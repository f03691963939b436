/* SPDX-License-Identifier: Apache-2.0
 *
 * A firmware image as text: microcode (asm.h) with directives, each on a line of its own. Freestanding.
 *
 *   .lanes N                                     lanes per bundle; 3 when left out
 *   .entry N                                     first bundle; 0
 *   .program NAME SECTION
 *   .stack N                                     bytes of stack in use
 *   .map NAME TYPE KEY VALUE ENTRIES FLAGS       array, hash ..; sizes in bytes; maps are numbered from 0 in order
 *   .place NUMBERS                               where the map above lies: buckets n_buckets values limit stride seed plane cpus lock timer inner, as in
 *                                                hw/spec/image.h; for all maps or none: then they are laid out as in a compile
 *   .data HEX                                    initial bytes of the first element of the map above, continued line by line
 */
#ifndef JIT_NFP_ASSEMBLE_H
#define JIT_NFP_ASSEMBLE_H

#include "asm.h"
#include "nicjit.h"

/* Makes an image of text, which is changed on the way, in mem. Fills bytes, size, bundles and ops of out. 0, or -1 with e filled. */
int assemble_image(char *text, void *mem, size_t mem_size, struct image_buf *out, struct asm_error *e);
/* Bytes of mem that suffice for a text of this length. */
size_t assemble_mem_size(size_t length);

/* Text of an image that image_parse() has let through; write is called with pieces of it in order. */
struct image;
void assemble_print(const struct image *image, void (*write)(void *arg, const char *text, size_t n), void *arg);

#endif
