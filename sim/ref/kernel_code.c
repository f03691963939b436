// SPDX-License-Identifier: Apache-2.0
/*
 * Bare code in the kernel: the code becomes a function that an XDP program calls with the packet as
 * its memory. The program puts all 64 bits of the result into a map, for a verdict has only 32.
 */
#include "ref.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	MIN_PACKET = 14,
	LOG_SIZE = 1 << 16
};

#define MOV_REG(dst, src) { BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0 }
#define MOV_IMM(dst, imm) { BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm }

/* r1 = packet or 0, r2 = length: `if (data + room > data_end) return XDP_PASS` comes first. */
static struct bpf_insn *wrap(const struct bpf_insn *code, uint32_t count, uint32_t len,
			     uint32_t room, int map_fd, uint32_t *total)
{
	const struct bpf_insn before[] = {
		{ BPF_LDX | BPF_MEM | BPF_W, 3, 1, offsetof(struct xdp_md, data_end), 0 },
		{ BPF_LDX | BPF_MEM | BPF_W, 1, 1, offsetof(struct xdp_md, data), 0 },
		MOV_REG(2, 1),
		{ BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, (int32_t)room },
		{ BPF_JMP | BPF_JGT | BPF_X, 2, 3, 7, 0 },
		MOV_IMM(3, 0),
		len ? (struct bpf_insn)MOV_REG(1, 1) : (struct bpf_insn)MOV_IMM(1, 0),
		MOV_IMM(2, (int32_t)len),
		{ BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 5 },
		{ BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_VALUE, 0, map_fd },
		{ 0 },
		{ BPF_STX | BPF_MEM | BPF_DW, 1, 0, 0, 0 },
		MOV_IMM(0, XDP_PASS),
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	uint32_t own = sizeof(before) / sizeof(before[0]);
	struct bpf_insn *insns = malloc((own + count) * sizeof(*insns));

	if (!insns)
		return NULL;
	memcpy(insns, before, sizeof(before));
	memcpy(insns + own, code, count * sizeof(*code));
	*total = own + count;
	return insns;
}

/* The line of the verifier's log that says why, which is the last but its statistics. */
const char *kernel_reason(char *log)
{
	char *line, *reason = NULL, *rest = log;

	while ((line = strsep(&rest, "\n"))) {
		if (!strncmp(line, "processed ", 10))
			break;
		if (line[0])
			reason = line;
	}
	return reason;
}

static int load(const struct bpf_insn *insns, uint32_t count, struct io_error *err)
{
	char *log = calloc(1, LOG_SIZE);
	LIBBPF_OPTS(bpf_prog_load_opts, options, .log_buf = log, .log_size = LOG_SIZE,
		    .log_level = 0);
	const char *reason;
	int fd;

	if (!log)
		return io_fail(err, "out of memory");
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "code", "Apache-2.0", insns, count, &options);
	if (fd < 0) {
		reason = kernel_reason(log);
		io_fail(err, "the kernel does not load the code: %s",
			reason ? reason : strerror(-fd));
	}
	free(log);
	return fd;
}

static int run(int prog_fd, int map_fd, uint8_t *memory, uint32_t len, uint32_t room,
	       uint64_t *r0, struct io_error *err)
{
	uint8_t *packets = calloc(2, room);
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packets, .data_size_in = room,
		    .data_out = packets ? packets + room : NULL, .data_size_out = room,
		    .repeat = 1);
	uint32_t key = 0;
	int result;

	if (!packets)
		return io_fail(err, "out of memory");
	if (len)
		memcpy(packets, memory, len);
	result = bpf_prog_test_run_opts(prog_fd, &options);
	if (!result)
		result = bpf_map_lookup_elem(map_fd, &key, r0);
	if (result)
		io_fail(err, "the kernel does not run the code: %s", strerror(-result));
	else if (len)
		memcpy(memory, packets + room, len);
	free(packets);
	return result;
}

int kernel_run_code(const struct bpf_insn *code, uint32_t count, uint8_t *memory, uint32_t len,
		    uint64_t *r0, struct io_error *err)
{
	uint32_t room = len < MIN_PACKET ? MIN_PACKET : len, total;
	int map_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "result", 4, sizeof(*r0), 1, NULL);
	struct bpf_insn *insns = NULL;
	int prog_fd = -1, result = -1;

	if (map_fd < 0)
		return io_fail(err, "the kernel gives no map: %s", strerror(-map_fd));
	insns = wrap(code, count, len, room, map_fd, &total);
	if (insns)
		prog_fd = load(insns, total, err);
	else
		io_fail(err, "out of memory");
	if (prog_fd >= 0) {
		result = run(prog_fd, map_fd, memory, len, room, r0, err);
		close(prog_fd);
	}
	free(insns);
	close(map_fd);
	return result;
}
