/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Arena and text. Freestanding.
 */
#ifndef JIT_NFP_UTIL_H
#define JIT_NFP_UTIL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* memcpy memset memcmp memmove strlen strcmp come from the environment: libc, or the kernel. */
void *memcpy(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
void *memmove(void *dst, const void *src, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);

struct arena {
	uint8_t *at, *end;
	int failed;           /* an allocation did not fit: results are then NULL and the compile must stop */
};

void arena_init(struct arena *a, void *mem, size_t size);
/* Zeroed memory aligned to 16 bytes; NULL (and a->failed set) when it does not fit. */
void *arena_alloc(struct arena *a, size_t size);
/* The same without the zeros: for what is small, many, and written whole. */
enum { ARENA_ALIGNMENT = 16 };
static inline void *arena_take(struct arena *a, size_t size)
{
	uint8_t *p = a->at;

	size = (size + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
	if (size > (size_t)(a->end - p)) {
		a->failed = 1;
		return NULL;
	}
	a->at += size;
	return p;
}

/* snprintf without floating point: %s %c %d %u %x %lld %llu %llx %lu %zu, width and 0 flag, %%. Always terminates the buffer when
 * size > 0. Returns the length that was needed. */
int text_vformat(char *buf, size_t size, const char *fmt, va_list ap);
int text_format(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
