/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs tell their host, as lines of JSON: {"map":NAME,"data":HEX} for a record of a ring buffer,
 * {"map":NAME,"cpu":N,"data":HEX} for an event of a perf event array, {"printk":TEXT} for what they print.
 */
#ifndef SIM_EVENTS_H
#define SIM_EVENTS_H

#include "io.h"

struct events;

enum { EVENTS_NO_CPU = -1 };

struct events *events_create(const char *path, struct io_error *err);
/* Records and events are given to a function instead; what is printed is not. NULL: out of memory. */
typedef void events_taker(void *arg, const char *map, const void *bytes, size_t size);
struct events *events_give(events_taker *take, void *arg);
void events_add(struct events *e, const char *map, int cpu, const void *bytes, size_t size);
void events_print(struct events *e, const char *text);
/* 0, or -1 when not all could be written. e may be NULL. */
int events_finish(struct events *e, struct io_error *err);

/* Bytes that perf gives for so many: with the 4 bytes of their length they are a multiple of 8. */
size_t events_raw_size(size_t size);

/*
 * The text of bpf_trace_printk() as Linux makes it of a format and numbers; false when Linux prints nothing: the format has no end,
 * asks for more numbers than there are or for something that Linux does not know. For memory (strings, addresses) a number says how many bytes
 * follow it, in whole words. text has room for EVENTS_TEXT bytes.
 */
enum { EVENTS_TEXT = 1024, EVENTS_STRING = 128 /* bytes of a string that are printed, at most */, EVENTS_NUMBERS = 3 * (1 + EVENTS_STRING / 8) };
size_t events_memory(const char *conversion); /* behind its %: bytes of memory that it prints, or 0 */
bool events_format(char *text, const char *format, size_t size, const uint64_t *numbers, size_t count);
/* The same, and how many characters it has, zeroes of %c among them. */
bool events_format_length(char *text, size_t *length, const char *format, size_t size, const uint64_t *numbers, size_t count);

#endif
