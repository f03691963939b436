// SPDX-License-Identifier: Apache-2.0
/*
 * nicjit-conformance-plugin: nicjit and the NIC behind the conformance contract that run.py
 * describes; usage below. The code becomes part of an XDP program: the memory is a packet, and all
 * 64 bits of r0 go into a map, for a verdict has only 32. Code that reads the packet's place from
 * the context itself, with what runners put in front of cases for XDP, stays an XDP program. Exit code
 * 3: nicjit or the NIC does not take the program, with the sentence on standard error; 1: the NIC
 * ended it with a fault. What can only be our own mistake dies of a signal, so that it never passes
 * for the error a case expects.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "driver/common/image.h"
#include "driver/common/nic_load.h"
#include "driver/common/nic_maps.h"
#include "hw/spec/regs.h"
#include "jit-nfp/load.h"
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
static void connect(struct ebpf_insn *insns, uint32_t count, uint32_t end, uint32_t before,
		    uint32_t epilogue)
{
	const struct ebpf_insn exit_insn = EXIT;

	for (uint32_t pc = 0; pc < count; pc++) {
		struct ebpf_insn *i = &insns[pc];
		bool is_long = i->code == (EC_JMP32 | EBPF_JA);
		struct ebpf_insn without = *i;

		without.off = 0; /* EXIT has no use for it */
		if (pc < end && !memcmp(&without, &exit_insn, sizeof(without)))
			*i = (struct ebpf_insn)JUMP((int16_t)((int)epilogue - (int)(before + pc + 1)));
		else if (is_jump(i) && (int64_t)pc + 1 + (is_long ? i->imm : i->off) < 0)
			lead_out(i, is_long);
		pc += i->code == EBPF_LDDW;
	}
}

static bool is_move_or_sum(const struct ebpf_insn *i)
{
	uint8_t op = i->code & ~EBPF_X;

	return op == (EC_ALU64 | EBPF_MOV | EBPF_K) || op == (EC_ALU64 | EBPF_ADD | EBPF_K);
}

/* Does an end of the program follow a comparison of two registers here? */
static bool leaves_short_packets(const struct ebpf_insn *i, const struct ebpf_insn *end)
{
	if (i == end || EBPF_CLASS(i->code) != EC_JMP || !(i->code & EBPF_X) || !is_jump(i))
		return false;
	for (i++; i < end && is_move_or_sum(i); i++)
		;
	return i < end && i->code == (EC_JMP | EBPF_EXIT);
}

/* Does the code start as runners' prologue for XDP programs: with the packet's start and end, out of the context, and a test of its length? */
static bool has_prologue(const struct code *code)
{
	const struct ebpf_insn *i = code->insns, *end = i + code->count;
	uint32_t context = 1u << 1, read = 0;     /* the registers that hold it; its fields */

	for (; i < end && (read != 3 || is_move_or_sum(i)); i++) {
		bool from_context = context >> ebpf_src(i) & 1;

		if (i->code == (EC_LDX | EBPF_MEM | EBPF_W) && from_context && (i->off == 0 || i->off == 4))
			read |= i->off ? 2 : 1;
		else if (!is_move_or_sum(i))
			return false;
		context &= ~(1u << ebpf_dst(i));
		if (i->code == (EC_ALU64 | EBPF_MOV | EBPF_X) && from_context)
			context |= 1u << ebpf_dst(i);
	}
	return leaves_short_packets(i, end);
}

/* The XDP program around the code, which gets the memory or, where is_xdp, the context; its result goes to the map. NULL when there is no memory. */
static struct ebpf_insn *wrap(const struct code *code, bool is_xdp, uint32_t len, int32_t map, uint32_t *count)
{
	const struct ebpf_insn memory[] = {
		LOAD32(2, 1, 4),                           /* r2 = ctx->data_end */
		LOAD32(1, 1, 0),                           /* r1 = ctx->data */
		ALU64_IMM(EBPF_ADD, 1, (int32_t)len),
		INSN(EC_JMP | EBPF_JLE | EBPF_X, 1, 2, 2, 0),
		ALU64_IMM(EBPF_MOV, 0, 0),                 /* never: packets have this length */
		EXIT,
		len ? (struct ebpf_insn)ALU64_IMM(EBPF_ADD, 1, -(int32_t)len) :
		      (struct ebpf_insn)ALU64_IMM(EBPF_MOV, 1, 0),
		ALU64_IMM(EBPF_MOV, 2, (int32_t)len),
	};
	const struct ebpf_insn epilogue[] = {
		JUMP(5),
		INSN(EBPF_LDDW, 1, EBPF_PSEUDO_MAP_VALUE, 0, map),
		{ 0 },
		INSN(EC_STX | EBPF_MEM | EBPF_DW, 1, 0, 0, 0),
		ALU64_IMM(EBPF_MOV, 0, VERDICT),
		EXIT,
	};
	uint32_t front = is_xdp ? 0 : sizeof(memory) / sizeof(memory[0]);
	uint32_t before = front + sizeof(epilogue) / sizeof(epilogue[0]);
	struct ebpf_insn *insns = malloc((before + code->count) * sizeof(*insns));

	if (!insns)
		return NULL;
	memcpy(insns, memory, front * sizeof(*insns));
	memcpy(insns + front, epilogue, sizeof(epilogue));
	memcpy(insns + before, code->insns, code->count * sizeof(*insns));
	connect(insns + before, code->count, main_end(code), before, front + 1);
	*count = before + code->count;
	return insns;
}

static int refuse(const char *text)
{
	fprintf(stderr, "nicjit-conformance-plugin: %s\n", text);
	return EXIT_REFUSED;
}

static _Noreturn void broken(const char *text)
{
	fprintf(stderr, "nicjit-conformance-plugin: %s\n", text);
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

	fprintf(stderr, "nicjit-conformance-plugin: %s, at bundle %" PRIu32 ", address 0x%" PRIx64 "\n",
		c->cause < sizeof(causes) / sizeof(causes[0]) ? causes[c->cause] : "unknown fault",
		c->fault_pc, c->fault_addr);
	return EXIT_FAILURE;
}

static int run_image(struct device *d, struct completion *c, const struct image *image, uint32_t map,
		     const struct bytes *packet, uint64_t *r0)
{
	const struct nic_regs regs = device_regs(d);
	const struct nic_map result = { .regs = &regs, .layout = &image->maps[map] };
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

/* What the command line and standard input say. */
struct call {
	struct bytes memory, program;
	device_opener *open;
	bool elf;                     /* the program is an object file */
};

/* A program of prog's maps and the one of its result behind them. */
struct attempt {
	struct prog prog;
	void *room;
	struct image_buf image;
	struct diag diag;
};

static void attempt_free(struct attempt *a)
{
	free((void *)a->prog.insns);
	free((void *)a->prog.maps);
	free(a->room);
}

/* Compiles the code in its wrapping; 0, or -1 with the reason in a->diag. To be freed in any case. */
static int attempt(struct attempt *a, const struct prog *prog, bool is_xdp, uint32_t len)
{
	const struct code code = { (struct ebpf_insn *)prog->insns, prog->n_insns };
	const struct prog_map result = { .name = "result", .type = MAP_TYPE_ARRAY, .key_size = 4,
					 .value_size = sizeof(uint64_t), .max_entries = 1 };
	struct prog_map *maps = malloc((prog->n_maps + 1) * sizeof(*maps));

	*a = (struct attempt){ .prog = { .name = "code", .section = "xdp", .maps = maps, .n_maps = prog->n_maps + 1 },
			       .diag = { .insn = -1 } };
	a->prog.insns = wrap(&code, is_xdp, len, (int32_t)prog->n_maps, &a->prog.n_insns);
	a->room = malloc(nicjit_mem_size(a->prog.n_insns, a->prog.n_maps));
	if (!maps || !a->prog.insns || !a->room) {
		strcpy(a->diag.text, "out of memory");
		return -1;
	}
	for (uint32_t i = 0; i < prog->n_maps; i++)
		maps[i] = prog->maps[i];
	maps[prog->n_maps] = result;
	return nicjit_compile(&a->prog, &target_default, a->room, nicjit_mem_size(a->prog.n_insns, a->prog.n_maps), NULL,
			      &a->image, &a->diag);
}

static int run_attempt(const struct attempt *a, device_opener *open, const struct bytes *packet, uint64_t *r0)
{
	struct completion c = { 0 };
	const struct device_config config = { .events = { .completion = on_completion, .arg = &c } };
	struct device *device;
	struct image image;
	const char *bad;
	int status;

	bad = image_parse(a->image.bytes, a->image.size, &image);
	if (bad)
		broken(bad);
	device = open(&config, &bad);
	if (!device)
		broken(bad);
	status = run_image(device, &c, &image, a->prog.n_maps - 1, packet, r0);
	device->ops->close(device);
	return status;
}

static int run_prog(const struct call *call, const struct prog *prog, uint64_t *r0)
{
	static uint8_t zeros[PACKET_WITHOUT_MEMORY];
	const struct code code = { (struct ebpf_insn *)prog->insns, prog->n_insns };
	const struct bytes packet = call->memory.size ? call->memory : (struct bytes){ zeros, sizeof(zeros) };
	struct attempt a;
	int status;

	if (prog->n_insns > INT16_MAX / 2)
		return refuse("the program is longer than jumps of 16 bits reach");
	if (call->memory.size > NIC_FRAME_MAX)
		return refuse("the memory is longer than a frame of the NIC");
	if (attempt(&a, prog, call->elf || has_prologue(&code), call->memory.size))
		status = refuse(a.diag.text);
	else
		status = run_attempt(&a, call->open, &packet, r0);
	attempt_free(&a);
	return status;
}

/* The XDP program of an object file. */
static int run_object(const struct call *call, uint64_t *r0)
{
	struct diag diag = { .insn = -1 };
	struct loaded loaded = { 0 };
	int file = memfd_create("object", 0), status;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (file < 0 || write(file, call->program.at, call->program.size) != (ssize_t)call->program.size)
		status = refuse("the object can't be kept in memory");
	else if (load_object(path, NULL, &loaded, &diag))
		status = refuse(diag.text);
	else if (loaded.prog.next || loaded.prog.n_templates)
		status = refuse("the object has tail calls or maps in maps, which make more than one program or map of it");
	else
		status = run_prog(call, &loaded.prog, r0);
	load_free(&loaded);
	if (file >= 0)
		close(file);
	return status;
}

static int run_call(const struct call *call, uint64_t *r0)
{
	struct prog prog = { .insns = (const struct ebpf_insn *)call->program.at,
			     .n_insns = call->program.size / (uint32_t)sizeof(*prog.insns) };

	if (call->elf)
		return run_object(call, r0);
	if (call->program.size % sizeof(*prog.insns))
		return refuse("the program's last instruction is not whole: it takes 8 bytes");
	return run_prog(call, &prog, r0);
}

static device_opener *parse_model(const char *name)
{
	if (!strcmp(name, "iss"))
		return device_iss_open;
	return strcmp(name, "rtl") ? NULL : device_rtl_open;
}

static int usage(int code)
{
	fprintf(code ? stderr : stdout,
		"usage: nicjit-conformance-plugin [MEMORY] [--model iss|rtl] [--elf] < PROGRAM\n"
		"Runs an eBPF program on the NIC and prints r0 in hex: a plug-in of conformance suites.\n"
		"\n"
		"  MEMORY    bytes in hex; r1 is their address and r2 their number. A program that begins\n"
		"            with runners' prologue for XDP gets the context of a packet of these bytes in r1\n"
		"  PROGRAM   instructions of 8 bytes each, in hex\n"
		"  --model   the C model (iss, unless told) or the Verilog (rtl)\n"
		"  --elf     PROGRAM is an object file, in hex, with one XDP program\n"
		"\n"
		"Exit codes: 0 r0 was printed, 1 the NIC ended the program with a fault, 2 wrong usage,\n"
		"3 nicjit does not take the program. In one argument there may be several options, or none.\n");
	return code;
}

static bool complain(const char *what, const char *of)
{
	fprintf(stderr, "nicjit-conformance-plugin: %s%s\n", what, of);
	return false;
}

/* One word of an option; value holds the option that waits for its value. */
static bool parse_option(const char *word, struct call *call, bool *value)
{
	if (*value) {
		*value = false;
		call->open = parse_model(word);
		return call->open || complain("the models are iss and rtl, not ", word);
	}
	if (!strncmp(word, "--model=", 8)) {
		*value = true;
		return parse_option(word + 8, call, value);
	}
	*value = !strcmp(word, "--model");
	call->elf |= !strcmp(word, "--elf");
	return *value || !strcmp(word, "--elf") || complain("there is no option ", word);
}

/* Runners hand on their options as one argument, which may be empty, and so may be the memory's. */
static bool parse_arguments(char **arguments, struct call *call)
{
	bool value = false, memory = false;

	for (; *arguments; arguments++) {
		char *rest = *arguments, *word;

		if (!value && rest[0] != '-') {
			if (memory)
				return complain("a second argument with memory: ", rest);
			if (rest[strspn(rest, " ")] && !parse_hex(rest, &call->memory))
				return complain("the memory is not whole bytes in hex: ", rest);
			memory = rest[0];
			continue;
		}
		while ((word = strsep(&rest, " ")))
			if (*word && !parse_option(word, call, &value))
				return false;
	}
	return !value || complain("--model needs a value: iss or rtl", "");
}

static bool parse_program(struct call *call)
{
	char *text = NULL;
	size_t room = 0;
	bool good = getdelim(&text, &room, '\0', stdin) > 0 && parse_hex(text, &call->program);

	free(text);
	return good || complain("the program on standard input is not whole bytes in hex", "");
}

int main(int argc, char **argv)
{
	struct call call = { .open = device_iss_open };
	int status;
	uint64_t r0;

	if (argc > 1 && !strcmp(argv[1], "--help"))
		return usage(EXIT_SUCCESS);
	if (!parse_arguments(argv + 1, &call) || !parse_program(&call))
		status = usage(EXIT_USAGE);
	else
		status = run_call(&call, &r0);
	if (status == EXIT_SUCCESS)
		printf("%" PRIx64 "\n", r0);
	free(call.program.at);
	free(call.memory.at);
	return status;
}
