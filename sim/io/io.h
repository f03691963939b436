/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a packet runner reads and writes: pcap files, result lines and map contents.
 * Nothing here knows how a packet is executed; the reference interpreter, the kernel oracle and the
 * NIC simulators all use it, so their outputs can be compared byte for byte.
 *
 * A function that can fail returns a negative value (or NULL) after putting one sentence in *err.
 */
#ifndef SIM_IO_H
#define SIM_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct io_error {
	char text[512];
};

/* Writes the sentence and returns -1, so that a caller can `return io_fail(...)`. */
int io_fail(struct io_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Writes 2 * size lower-case digits and a NUL into text. */
void io_hex_print(char *text, const void *bytes, size_t size);

/* Reads exactly 2 * size digits that make up the whole of text; false when they do not. */
bool io_hex_parse(void *bytes, size_t size, const char *text);

/* ---- pcap_io.c: captures of Ethernet frames ---- */

struct pcap_io_reader;
struct pcap_io_writer;

struct pcap_io_packet {
	const uint8_t *data;	/* valid until the next call on the reader */
	uint32_t len;		/* captured bytes */
	uint64_t time_ns;	/* capture time since the epoch */
};

struct pcap_io_reader *pcap_io_open(const char *path, struct io_error *err);

/* 1: *packet is the next one; 0: the file ends here; -1: the file is damaged. */
int pcap_io_read(struct pcap_io_reader *reader, struct pcap_io_packet *packet,
		 struct io_error *err);
void pcap_io_close(struct pcap_io_reader *reader);

/* The file has nanosecond time stamps. */
struct pcap_io_writer *pcap_io_create(const char *path, struct io_error *err);
void pcap_io_write(struct pcap_io_writer *writer, const struct pcap_io_packet *packet);

/* Flushes and frees; -1 if anything could not be written. NULL is allowed and succeeds. */
int pcap_io_finish(struct pcap_io_writer *writer, struct io_error *err);

/* ---- wire.c: live frames ---- */

/* "tap:NAME", a TAP interface that is made if need be, or "if:NAME", an interface that is there. A descriptor that does not block,
 * to be closed with close(2), or -1 with the sentence in *err. */
int wire_open(const char *name, struct io_error *err);

/* A frame, or at most size bytes of it; 0 or less: none now. */
long wire_read(int fd, void *frame, size_t size);
void wire_write(int fd, const void *frame, size_t len);

/* ---- results.c: one JSON object per packet and line, and the count of verdicts ---- */

enum {
	RESULTS_VERDICTS = 5	/* XDP_ABORTED .. XDP_REDIRECT */
};

struct results;

struct results_row {
	uint32_t ret;		/* r0 as the verdict, low 32 bits */
	const uint8_t *data;	/* the packet as the program left it */
	uint32_t len;
	const char *fault;	/* why the packet was stopped, or NULL */
	bool has_cost;		/* the two below are meant */
	uint64_t bundles;
	uint64_t cycles;
};

/* The index into the verdicts: ret, or 0 (XDP_ABORTED) for everything above XDP_REDIRECT. */
unsigned int results_verdict(uint32_t ret);
const char *results_verdict_name(uint32_t ret);

/* True for the verdicts whose packets go on: PASS, TX and REDIRECT. */
bool results_forwards(uint32_t ret);

/* path may be NULL: then only the counts are kept. with_data adds "data":"hex" to every line. */
struct results *results_create(const char *path, bool with_data, struct io_error *err);

/* Rows are numbered from 0 in the order of the calls. */
void results_add(struct results *results, const struct results_row *row);

/* The counts as a small table, or as one JSON object: packets, faults, verdicts by name. */
void results_print(const struct results *results, bool json);
int results_finish(struct results *results, struct io_error *err);

/* ---- maps_json.c: map contents in and out ---- */

/*
 * A map as seen by its host. The callbacks return 0, or a negative errno value.
 * Keys and values are in memory order. For a per-CPU map a value is `copies` values in CPU order,
 * each padded to a multiple of 8 bytes, which is the form that bpf(2) uses.
 */
struct maps_json_map {
	const char *name;
	uint32_t type;		/* enum bpf_map_type */
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries;
	uint32_t copies;	/* CPUs of a per-CPU map; 1 for the others */
	const char *const *programs; /* PROG_ARRAY: the file has names, values are places in this list */
	uint32_t program_count;
	void *ctx;		/* handed to the callbacks */
	/* the key after `key` (NULL: the first) in any order; -ENOENT after the last */
	int (*next)(void *ctx, const void *key, void *next_key);
	int (*lookup)(void *ctx, const void *key, void *value);
	/* inserts or replaces */
	int (*update)(void *ctx, const void *key, const void *value);
};

/* True for PERCPU_ARRAY and PERCPU_HASH, whose values are written as a list. */
bool maps_json_is_percpu(uint32_t type);

/* Bytes that lookup and update transfer. */
size_t maps_json_value_bytes(const struct maps_json_map *map);

/* Puts the entries of the file into the maps; a name that no map has is an error. */
int maps_json_read(const char *path, const struct maps_json_map *maps, size_t count,
		   struct io_error *err);

/* Maps in the order of their names; arrays in index order, all other maps sorted by key bytes. */
int maps_json_write(const char *path, const struct maps_json_map *maps, size_t count,
		    struct io_error *err);

#endif
