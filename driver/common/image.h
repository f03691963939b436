/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * The one gate for firmware images: bytes from a file or a user go in, checked views of them come
 * out. Freestanding; keeps nothing and allocates nothing. The layout is in hw/spec/image.h.
 */
#ifndef DRIVER_COMMON_IMAGE_H
#define DRIVER_COMMON_IMAGE_H

#include <stddef.h>
#include <stdint.h>
#include "hw/spec/image.h"

/* Views into the bytes that were parsed; valid as long as those are. */
struct image {
	const struct image_header *header;
	const uint64_t *text;         /* header->n_bundles * header->lanes lane words */
	const struct image_map *maps; /* header->n_maps */
	const uint8_t *data;
	const struct image_line *lines; /* header->n_lines */
	const struct image_program *programs; /* header->n_programs */
	const char *names;
	size_t data_size, names_size;
};

/* Checks everything that a loader or a tool relies on: container, version, checksum, sizes, every
 * lane word legal in its lane, branch targets and entry inside the code and no way past its end,
 * registers and maps it uses, maps inside map memory and not overlapping, line table sorted, names
 * terminated. bytes must be aligned to 8. Returns NULL and fills *image, or one sentence without
 * full stop; *image is then worthless. */
const char *image_parse(const void *bytes, size_t size, struct image *image);

/* The string at an offset of .names that image_parse() has checked. */
const char *image_string(const struct image *image, uint32_t offset);

/* The source of a bundle, or NULL when the image does not say. */
const struct image_line *image_line(const struct image *image, uint32_t bundle);

/* IEEE 802.3 checksum of more bytes: start with 0, feed the result of the one before. */
uint32_t image_crc32(uint32_t crc, const void *bytes, size_t size);

#endif
