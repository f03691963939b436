/* SPDX-License-Identifier: Apache-2.0
 *
 * nicctl: control of a NIC: one that a running DPDK process has, over its telemetry socket (DPDK itself is not needed), or one of the kernel.
 * Functions that return int give 0, or -1 after one sentence on stderr.
 */
#ifndef DRIVER_NICCTL_H
#define DRIVER_NICCTL_H

#include <bpf/btf.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct ctl {
	const char *dev;              /* net_device of the kernel, or NULL: a DPDK process */
	int fd;
	size_t room;                  /* bytes that an answer may have */
	int port;
	bool json;
	double interval;              /* s between two pictures */
	unsigned int count;           /* of them; 0: without end */
	struct btf *btf;              /* of the program's object, once it was asked for */
	bool btf_known;
};

int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- socket.c ---- */

/* Connects to the process with that EAL file prefix, or by the socket's path; with neither, to the only one that has a NIC. */
int ctl_open(struct ctl *c, const char *prefix, const char *path);
void ctl_close(struct ctl *c);
/* The answer to a command, which is the caller's to release; NULL after a sentence, the process's own when it is an error. */
json_t *ctl_ask(struct ctl *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* All of what comes in pieces; the command is followed by the byte to begin at. The caller frees it. */
char *ctl_ask_all(struct ctl *c, const char *command);
void ctl_print(const json_t *value);
uint64_t ctl_number(const json_t *object, const char *key);
const char *ctl_string(const json_t *object, const char *key);

/* ---- value.c: bytes of a key or value, by the type of BTF with that id; 0: no type ---- */

struct btf *value_btf(struct ctl *c);
json_t *value_json(const struct btf *btf, uint32_t type, const uint8_t *bytes, size_t size);
/* One line, to be freed. */
char *value_text(const struct btf *btf, uint32_t type, const uint8_t *bytes, size_t size);

/* parse.c: 42, 0x2a, hex:2a000000, 10.0.0.1, 10.0.0.0/8, 02:00:00:00:00:01, fe80::1, {"member": ..}, [..]. Of global data only the
 * variables that are named are written. */
int value_parse(const struct btf *btf, uint32_t type, const char *text, uint8_t *bytes, size_t size);
int value_parse_json(const struct btf *btf, uint32_t type, const json_t *j, uint8_t *bytes, size_t size);
void hex_print(char *text, const void *bytes, size_t size);
bool hex_parse(void *bytes, size_t size, const char *text);

/* ---- Commands: words behind the command's name ---- */

typedef int ctl_command(struct ctl *c, int argc, char **argv);
struct command {
	const char *group, *name;     /* its words; name NULL: one word */
	ctl_command *run;
};
ctl_command prog_load, prog_show, prog_unload, prog_dump;                      /* prog.c */
ctl_command map_show, map_dump, map_lookup, map_update, map_delete, map_batch; /* map.c */
ctl_command map_push, map_peek, map_pop;                                       /* queue.c */
ctl_command stats_show, stats_top, stats_metrics;                              /* stats.c, metrics.c */
ctl_command trace_show;                                                        /* trace.c */

/* kernel.c: those for a NIC of the kernel; ends with an empty row */
extern const struct command kernel_commands[];
int kernel_dump(struct ctl *c, uint32_t id); /* kernel_dump.c: the microcode of a program with its source */

/* map.c, also for trace.c: what a record of that map is */
uint32_t map_value_type(struct ctl *c, const char *name);

/* stats.c: all counters of the port, by name */
json_t *stats_read(struct ctl *c);

#endif
