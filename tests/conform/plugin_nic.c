// SPDX-License-Identifier: Apache-2.0
/*
 * nic-plugin [MEMORY] --model iss|rtl: nicjit and the NIC behind the conformance contract that
 * run.py describes. The code becomes part of an XDP program: the memory is a packet, and all 64
 * bits of r0 go into a map, for a verdict has only 32. Exit code 3: nicjit or the NIC does not take
 * the program, with the sentence on standard error; 1: the NIC ended it with a fault. What can only
 * be our own mistake dies of a signal, so that it never passes for the error a case expects.
 */
#include <ctype.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/common/image.h"
#include "driver/common/nic_load.h"
#include "driver/common/nic_maps.h"
#include "hw/spec/regs.h"
#include "jit-nfp/nicjit.h"
#include "sim/device_regs.h"

enum {
	EXIT_USAGE = 2,
	EXIT_REFUSED = 3
};

enum {
	PACKET_WITHOUT_MEMORY = 60,   /* bytes; any packet would do */
	CLOCKS_MAX = 10000000,
	IDLE_POLLS = 100000,
	VERDICT = 2                   /* XDP_PASS: the code came to an end */
};

struct bytes {
	uint8_t *at;
	uint32_t size;
};

struct code {
	struct ebpf_insn *insns;
	uint32_t count;
};

/* Bytes in hex with any blanks between them. */
static bool parse_hex(const char *text, struct bytes *bytes)
{
	size_t digits = 0;

	bytes->at = calloc(1, strlen(text) / 2 + 1);
	if (!bytes->at)
		return false;
	for (; *text; text++) {
		char digit[2] = { *text };

		if (isspace((unsigned char)*text))
			continue;
		if (!isxdigit((unsigned char)*text))
			return false;
		bytes->at[digits / 2] = (uint8_t)(bytes->at[digits / 2] << 4 | strtoul(digit, NULL, 16));
		digits++;
	}
	bytes->size = (uint32_t)(digits / 2);
	return digits && digits % 2 == 0;
}

#define INSN(code, dst, src, off, imm) { code, (src) << 4 | (dst), off, imm }
#define ALU64_IMM(op, dst, imm) INSN(EC_ALU64 | (op) | EBPF_K, dst, 0, 0, imm)
#define LOAD32(dst, src, off) INSN(EC_LDX | EBPF_MEM | EBPF_W, dst, src, off, 0)
#define JUMP(off) INSN(EC_JMP | EBPF_JA, 0, 0, off, 0)
#define EXIT INSN(EC_JMP | EBPF_EXIT, 0, 0, 0, 0)

enum { EPILOGUE = 9 };                /* its place among the instructions before the code */

static bool is_jump(const struct ebpf_insn *i)
{
	unsigned int class = EBPF_CLASS(i->code), op = EBPF_OP(i->code);

	return (class == EC_JMP || class == EC_JMP32) && op != EBPF_CALL && op != EBPF_EXIT;
}

/* The first instruction that belongs to a function of the code: there EXIT means return. */
static uint32_t main_end(const struct code *code)
{
	uint32_t end = code->count;

	for (uint32_t pc = 0; pc < code->count; pc++) {
		const struct ebpf_insn *i = &code->insns[pc];
		int64_t target = (int64_t)pc + 1 + i->imm;

		if (i->code == (EC_JMP | EBPF_CALL) && ebpf_src(i) == EBPF_CALL_LOCAL &&
		    target >= 0 && target < end)
			end = (uint32_t)target;
		pc += i->code == EBPF_LDDW;
	}
	return end;
}

/* Makes a jump one to far before everything, whatever comes before the code. */
static void lead_out(struct ebpf_insn *jump, bool is_long)
{
	if (is_long)
		jump->imm = INT32_MIN;
	else
		jump->off = INT16_MIN;
}

/*
 * Leads each EXIT to the epilogue; what is wrong with an EXIT must stay to be found. A jump to
 * before the code must not arrive in what stands there now.
 */
static void connect(struct ebpf_insn *insns, uint32_t count, uint32_t end, uint32_t before)
{
	const struct ebpf_insn exit_insn = EXIT;

	for (uint32_t pc = 0; pc < count; pc++) {
		struct ebpf_insn *i = &insns[pc];
		bool is_long = i->code == (EC_JMP32 | EBPF_JA);

		if (pc < end && !memcmp(i, &exit_insn, sizeof(*i)))
			*i = (struct ebpf_insn)JUMP((int16_t)(EPILOGUE - (int)(before + pc + 1)));
		else if (is_jump(i) && (int64_t)pc + 1 + (is_long ? i->imm : i->off) < 0)
			lead_out(i, is_long);
		pc += i->code == EBPF_LDDW;
	}
}

/* The XDP program around the code; NULL when there is no memory. */
static struct ebpf_insn *wrap(const struct code *code, uint32_t len, uint32_t *count)
{
	const struct ebpf_insn before[] = {
		LOAD32(2, 1, 4),                           /* r2 = ctx->data_end */
		LOAD32(1, 1, 0),                           /* r1 = ctx->data */
		ALU64_IMM(EBPF_ADD, 1, (int32_t)len),
		INSN(EC_JMP | EBPF_JLE | EBPF_X, 1, 2, 2, 0),
		ALU64_IMM(EBPF_MOV, 0, 0),                 /* never: packets have this length */
		EXIT,
		len ? (struct ebpf_insn)ALU64_IMM(EBPF_ADD, 1, -(int32_t)len) :
		      (struct ebpf_insn)ALU64_IMM(EBPF_MOV, 1, 0),
		ALU64_IMM(EBPF_MOV, 2, (int32_t)len),
		JUMP(5),
		/* EPILOGUE */
		INSN(EBPF_LDDW, 1, EBPF_PSEUDO_MAP_VALUE, 0, 0),
		{ 0 },
		INSN(EC_STX | EBPF_MEM | EBPF_DW, 1, 0, 0, 0),
		ALU64_IMM(EBPF_MOV, 0, VERDICT),
		EXIT,
	};
	uint32_t own = sizeof(before) / sizeof(before[0]);
	struct ebpf_insn *insns = malloc(sizeof(before) + code->count * sizeof(*insns));

	if (!insns)
		return NULL;
	memcpy(insns, before, sizeof(before));
	memcpy(insns + own, code->insns, code->count * sizeof(*insns));
	connect(insns + own, code->count, main_end(code), own);
	*count = own + code->count;
	return insns;
}

static int refuse(const char *text)
{
	fprintf(stderr, "nic-plugin: %s\n", text);
	return EXIT_REFUSED;
}

static _Noreturn void broken(const char *text)
{
	fprintf(stderr, "nic-plugin: %s\n", text);
	abort();
}

struct completion {
	struct device_completion is;
	bool done;
};

static void on_completion(void *arg, const struct device_completion *c)
{
	*(struct completion *)arg = (struct completion){ *c, true };
}

/* One packet through the NIC, which is idle afterwards. */
static void run_packet(struct device *d, const struct bytes *packet, struct completion *c)
{
	uint64_t limit = d->ops->cycle(d) + CLOCKS_MAX;

	if (d->ops->rx(d, &(struct device_offer){ .frame = packet->at, .len = packet->size }))
		broken("the NIC does not take the packet");
	while (!c->done && d->ops->cycle(d) < limit)
		d->ops->tick(d);
	if (!c->done)
		broken("the NIC does not complete the packet");
	device_regs_write(d, REG_CTRL, 0);
	for (int i = 0; i < IDLE_POLLS; i++)
		if (device_regs_read(d, REG_STATUS) >> STATUS_IDLE_LSB & 1)
			return;
	broken("the NIC does not become idle");
}

static int report_fault(const struct device_completion *c)
{
	static const char *const causes[] = {
#define CAUSE(NAME, code, doc) [code] = doc,
#include "hw/spec/regs.def"
	};

	fprintf(stderr, "nic-plugin: %s, at bundle %" PRIu32 ", address 0x%" PRIx64 "\n",
		c->cause < sizeof(causes) / sizeof(causes[0]) ? causes[c->cause] : "unknown fault",
		c->fault_pc, c->fault_addr);
	return EXIT_FAILURE;
}

static int run_image(struct device *d, struct completion *c, const struct image *image,
		     const struct bytes *packet, uint64_t *r0)
{
	const struct nic_regs regs = device_regs(d);
	const struct nic_map result = { .regs = &regs, .layout = &image->maps[0] };
	const uint32_t key = 0;
	struct nic_refusal why;
	struct nic_place place;

	if (nic_load(&regs, image, &place, &why))
		return refuse(why.text);
	nic_load_run(&regs, 0);
	run_packet(d, packet, c);
	if (c->is.cause)
		return report_fault(&c->is);
	if (c->is.ret != VERDICT)
		broken("the program did not end where it can end");
	if (nic_maps_lookup(&result, &key, r0))
		broken("the result can't be read from its map");
	return EXIT_SUCCESS;
}

typedef struct device *device_opener(const struct device_config *config, const char **why);

static int run_program(const struct prog *prog, device_opener *open, const struct bytes *packet,
		       uint64_t *r0)
{
	size_t room = nicjit_mem_size(prog->n_insns, prog->n_maps);
	struct completion c = { 0 };
	struct device_config config = { .events = { .completion = on_completion, .arg = &c } };
	void *memory = malloc(room);
	struct image_buf compiled;
	struct device *device;
	struct image image;
	struct diag diag = { .insn = -1 };
	const char *bad;
	int status;

	if (!memory)
		return refuse("out of memory");
	if (nicjit_compile(prog, &target_default, memory, room, NULL, &compiled, &diag)) {
		free(memory);
		return refuse(diag.text);
	}
	bad = image_parse(compiled.bytes, compiled.size, &image);
	if (bad)
		broken(bad);
	device = open(&config, &bad);
	if (!device)
		broken(bad);
	status = run_image(device, &c, &image, packet, r0);
	device->ops->close(device);
	free(memory);
	return status;
}

static int run_code(const struct code *code, const struct bytes *memory, device_opener *open,
		    uint64_t *r0)
{
	static uint8_t zeros[PACKET_WITHOUT_MEMORY];
	const struct bytes packet = memory->size ? *memory : (struct bytes){ zeros, sizeof(zeros) };
	const struct prog_map result = { .name = "result", .type = MAP_TYPE_ARRAY, .key_size = 4,
					 .value_size = sizeof(*r0), .max_entries = 1 };
	struct prog prog = { .name = "code", .section = "xdp", .maps = &result, .n_maps = 1 };
	int status;

	if (code->count > INT16_MAX / 2)
		return refuse("the program is longer than jumps of 16 bits reach");
	if (memory->size > NIC_FRAME_MAX)
		return refuse("the memory is longer than a frame of the NIC");
	prog.insns = wrap(code, memory->size, &prog.n_insns);
	if (!prog.insns)
		return refuse("out of memory");
	status = run_program(&prog, open, &packet, r0);
	free((void *)prog.insns);
	return status;
}

static device_opener *parse_model(const char *name)
{
	if (!strcmp(name, "iss"))
		return device_iss_open;
	return strcmp(name, "rtl") ? NULL : device_rtl_open;
}

static bool parse_arguments(int argc, char **argv, struct bytes *memory, device_opener **open)
{
	static const struct option options[] = { { "model", required_argument, NULL, 'm' }, { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) == 'm')
		*open = parse_model(optarg);
	if (option != -1 || argc - optind > 1)
		return false;
	return *open && (optind == argc || parse_hex(argv[optind], memory));
}

static bool parse_program(struct code *code)
{
	struct bytes bytes = { 0 };
	char *text = NULL;
	size_t room = 0;
	bool good = getdelim(&text, &room, '\0', stdin) > 0 && parse_hex(text, &bytes) &&
		    bytes.size % sizeof(*code->insns) == 0;

	free(text);
	code->insns = (struct ebpf_insn *)bytes.at;
	code->count = bytes.size / (uint32_t)sizeof(*code->insns);
	return good;
}

int main(int argc, char **argv)
{
	device_opener *open = NULL;
	struct bytes memory = { 0 };
	struct code code = { 0 };
	int status = EXIT_USAGE;
	uint64_t r0;

	if (!parse_arguments(argc, argv, &memory, &open) || !parse_program(&code))
		fprintf(stderr, "usage: nic-plugin [MEMORY] --model iss|rtl < PROGRAM\n"
			"with memory and program as hex bytes, 8 bytes for an instruction\n");
	else
		status = run_code(&code, &memory, open, &r0);
	if (status == EXIT_SUCCESS)
		printf("%" PRIx64 "\n", r0);
	free(code.insns);
	free(memory.at);
	return status;
}
