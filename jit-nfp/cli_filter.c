// SPDX-License-Identifier: Apache-2.0
/* Filters in the language of tcpdump: libpcap compiles them to classic BPF, which becomes an XDP program here, or a classifier of tc, too. */
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Registers of the program: A and X hold 32 bits, the upper half 0; T and P are used within one classic instruction. */
enum { T = 0, P = 1, DATA = 2, END = 3, A = 4, X = 5, CTX = 1, SKB = 6, FP = 10 };
enum { CTX_DATA = 0, CTX_DATA_END = 4, XDP_DROP = 1, XDP_PASS = 2 };
enum { SKB_LEN = 0, SKB_DATA = 76, SKB_DATA_END = 80, ACT_GO_ON = -1, ACT_SHOT = 2 };
enum { SNAPLEN = 65535, OFFSET_MAX = 0x7fff, PER_INSN = 12, AROUND = 24, TEXT = 96 };

struct filter {
	int tc;                       /* a classifier */
	struct ebpf_insn *insns;      /* PER_INSN for each classic one, and AROUND */
	uint32_t n;
	uint32_t *at;                 /* where the translation of each classic instruction begins; then MATCH and MISS */
	struct jump { uint32_t from, to; } *jumps; /* from an instruction to a classic one, or to MATCH or MISS */
	uint32_t n_jumps, match, miss;
	struct prog_line *lines;
	uint32_t n_lines;
	char (*text)[TEXT];
};

static void put(struct filter *f, unsigned int code, unsigned int dst, unsigned int src, int off, int32_t imm)
{
	f->insns[f->n++] = (struct ebpf_insn){ (uint8_t)code, (uint8_t)(src << 4 | dst), (int16_t)off, imm };
}

/* A jump whose target is a classic instruction, or one of the two ends. */
static void jump(struct filter *f, unsigned int code, unsigned int dst, unsigned int src, int32_t imm, uint32_t to)
{
	f->jumps[f->n_jumps++] = (struct jump){ f->n, to };
	put(f, code, dst, src, 0, imm);
}

static unsigned int width_of(uint16_t code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}

static unsigned int load_code(unsigned int width)
{
	return EC_LDX | EBPF_MEM | (width == 4 ? EBPF_W : width == 2 ? EBPF_H : EBPF_B);
}

/* Packets are in network order. */
static void turn(struct filter *f, unsigned int reg, unsigned int width)
{
	if (width > 1)
		put(f, EC_ALU | EBPF_END | EBPF_X, reg, 0, 0, (int32_t)width * 8);
}

static void move(struct filter *f, unsigned int dst, unsigned int src)
{
	put(f, EC_ALU64 | EBPF_MOV | EBPF_X, dst, src, 0, 0);
}

/* A or X becomes bytes of the packet at k; what is not there is no match. */
static void load_fixed(struct filter *f, unsigned int reg, uint32_t k, unsigned int width)
{
	if (k > OFFSET_MAX - width) {
		jump(f, EC_JMP | EBPF_JA, 0, 0, 0, f->miss);
		return;
	}
	move(f, T, DATA);
	put(f, EC_ALU64 | EBPF_ADD, T, 0, 0, (int32_t)(k + width));
	jump(f, EC_JMP | EBPF_JGT | EBPF_X, T, END, 0, f->miss);
	put(f, load_code(width), reg, DATA, (int)k, 0);
	turn(f, reg, width);
}

/* At X + k, a sum of 32 bits. */
static void load_indexed(struct filter *f, uint32_t k, unsigned int width)
{
	put(f, EC_ALU | EBPF_MOV | EBPF_X, T, X, 0, 0);
	put(f, EC_ALU | EBPF_ADD, T, 0, 0, (int32_t)k);
	jump(f, EC_JMP | EBPF_JGT, T, 0, OFFSET_MAX, f->miss);
	move(f, P, DATA);
	put(f, EC_ALU64 | EBPF_ADD | EBPF_X, P, T, 0, 0);
	move(f, T, P);
	put(f, EC_ALU64 | EBPF_ADD, T, 0, 0, (int32_t)width);
	jump(f, EC_JMP | EBPF_JGT | EBPF_X, T, END, 0, f->miss);
	put(f, load_code(width), A, P, 0, 0);
	turn(f, A, width);
}

static int slot(uint32_t k)
{
	return -4 * (int)(k + 1);
}

static void length(struct filter *f, unsigned int reg)
{
	move(f, reg, END);
	put(f, EC_ALU64 | EBPF_SUB | EBPF_X, reg, DATA, 0, 0);
}

static int load(struct filter *f, const struct bpf_insn *i)
{
	unsigned int reg = BPF_CLASS(i->code) == BPF_LD ? A : X;

	switch (BPF_MODE(i->code)) {
	case BPF_IMM: put(f, EC_ALU | EBPF_MOV, reg, 0, 0, (int32_t)i->k); return 0;
	case BPF_MEM: put(f, EC_LDX | EBPF_MEM | EBPF_W, reg, FP, slot(i->k), 0); return 0;
	case BPF_LEN: length(f, reg); return 0;
	case BPF_ABS: load_fixed(f, A, i->k, width_of(i->code)); return 0;
	case BPF_IND: load_indexed(f, i->k, width_of(i->code)); return 0;
	case BPF_MSH:
		load_fixed(f, X, i->k, 1);
		put(f, EC_ALU | EBPF_AND, X, 0, 0, 0xf);
		put(f, EC_ALU | EBPF_LSH, X, 0, 0, 2);
		return 0;
	default: return -1;
	}
}

/* Division by 0 is no match; a shift by 32 or more leaves 0. */
static int arithmetic(struct filter *f, const struct bpf_insn *i)
{
	unsigned int op = BPF_OP(i->code), by_x = BPF_SRC(i->code) == BPF_X;
	int shift = op == BPF_LSH || op == BPF_RSH;

	if ((op == BPF_DIV || op == BPF_MOD) && by_x)
		jump(f, EC_JMP | EBPF_JEQ, X, 0, 0, f->miss);
	if (shift && by_x) {
		put(f, EC_JMP | EBPF_JLT, X, 0, 1, 32);
		put(f, EC_ALU | EBPF_MOV, A, 0, 0, 0);
	}
	if (op > BPF_XOR || ((op == BPF_DIV || op == BPF_MOD) && !by_x && !i->k))
		return -1;
	if (shift && !by_x && i->k > 31)
		put(f, EC_ALU | EBPF_MOV, A, 0, 0, 0);
	else
		put(f, EC_ALU | op | (by_x ? EBPF_X : EBPF_K), A, by_x ? X : 0, 0, by_x || op == BPF_NEG ? 0 : (int32_t)i->k);
	return 0;
}

static int branch(struct filter *f, const struct bpf_insn *i, uint32_t next)
{
	unsigned int op = BPF_OP(i->code), by_x = BPF_SRC(i->code) == BPF_X;

	if (op == BPF_JA) {
		jump(f, EC_JMP | EBPF_JA, 0, 0, 0, next + i->k);
		return 0;
	}
	if (op > BPF_JSET)
		return -1;
	jump(f, EC_JMP32 | op | (by_x ? EBPF_X : EBPF_K), A, by_x ? X : 0, by_x ? 0 : (int32_t)i->k, next + i->jt);
	if (i->jf)
		jump(f, EC_JMP | EBPF_JA, 0, 0, 0, next + i->jf);
	return 0;
}

static int translate(struct filter *f, const struct bpf_insn *i, uint32_t next)
{
	switch (BPF_CLASS(i->code)) {
	case BPF_LD: case BPF_LDX: return load(f, i);
	case BPF_ST: put(f, EC_STX | EBPF_MEM | EBPF_W, FP, A, slot(i->k), 0); return 0;
	case BPF_STX: put(f, EC_STX | EBPF_MEM | EBPF_W, FP, X, slot(i->k), 0); return 0;
	case BPF_ALU: return arithmetic(f, i);
	case BPF_JMP: return branch(f, i, next);
	case BPF_RET:
		if (BPF_RVAL(i->code) == BPF_A)
			jump(f, EC_JMP | EBPF_JEQ, A, 0, 0, f->miss);
		jump(f, EC_JMP | EBPF_JA, 0, 0, 0, BPF_RVAL(i->code) == BPF_A || i->k ? f->match : f->miss);
		return 0;
	default:
		if (BPF_MISCOP(i->code) == BPF_TAX)
			put(f, EC_ALU | EBPF_MOV | EBPF_X, X, A, 0, 0);
		else
			put(f, EC_ALU | EBPF_MOV | EBPF_X, A, X, 0, 0);
		return 0;
	}
}

/* What a classifier passes is the next filter's. */
static void verdict(struct filter *f, uint32_t end, int drop)
{
	f->at[end] = f->n;
	put(f, EC_ALU64 | EBPF_MOV, 0, 0, 0, f->tc ? drop ? ACT_SHOT : ACT_GO_ON : drop ? XDP_DROP : XDP_PASS);
	put(f, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

static int goes_on(const struct ebpf_insn *i)
{
	return i->code != (EC_JMP | EBPF_JA) && i->code != (EC_JMP | EBPF_EXIT);
}

static int jumps(const struct ebpf_insn *i)
{
	return ((i->code & 7) == EC_JMP || (i->code & 7) == EC_JMP32) && i->code != (EC_JMP | EBPF_EXIT);
}

/* Drops what no way leads to, which verifiers refuse. All jumps go forward. 0, or -1: out of memory. */
static int trim(struct filter *f)
{
	uint32_t *place = calloc(f->n + 1, sizeof(*place)), n = 0; /* 1 when reached, then where it goes, + 1 */

	if (!place)
		return -1;
	place[0] = 1;
	for (uint32_t k = 0; k < f->n; k++) {
		if (!place[k])
			continue;
		if (goes_on(&f->insns[k]))
			place[k + 1] = 1;
		if (jumps(&f->insns[k]))
			place[k + 1 + (uint32_t)f->insns[k].off] = 1;
	}
	for (uint32_t k = 0; k < f->n; k++)
		place[k] = place[k] ? ++n : 0;
	for (uint32_t k = 0; k < f->n; k++) {
		struct ebpf_insn i = f->insns[k];

		if (!place[k])
			continue;
		if (jumps(&i))
			i.off = (int16_t)(place[k + 1 + (uint32_t)i.off] - place[k] - 1);
		f->insns[place[k] - 1] = i;
	}
	for (uint32_t k = 0; k < f->match; k++) /* the source of what is left */
		for (uint32_t at = f->lines[k].insn, end = k + 1 < f->match ? f->lines[k + 1].insn : f->at[f->match]; at < end; at++)
			if (place[at]) {
				f->lines[f->n_lines] = f->lines[k];
				f->lines[f->n_lines++].insn = place[at] - 1;
				break;
			}
	f->n = n;
	free(place);
	return 0;
}

static void bounds(struct filter *f, unsigned int ctx)
{
	put(f, EC_LDX | EBPF_MEM | EBPF_W, DATA, ctx, f->tc ? SKB_DATA : CTX_DATA, 0);
	put(f, EC_LDX | EBPF_MEM | EBPF_W, END, ctx, f->tc ? SKB_DATA_END : CTX_DATA_END, 0);
}

/* A packet of Linux that lies in pieces is made one. The NIC's are. */
static void gather(struct filter *f)
{
	uint32_t at;

	move(f, SKB, CTX);
	length(f, T);
	put(f, EC_LDX | EBPF_MEM | EBPF_W, A, CTX, SKB_LEN, 0);
	at = f->n;
	put(f, EC_JMP | EBPF_JEQ | EBPF_X, T, A, 0, 0);
	move(f, 2, A);
	put(f, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_SKB_PULL_DATA);
	bounds(f, SKB);
	f->insns[at].off = (int16_t)(f->n - at - 1);
}

static int convert(struct filter *f, const struct bpf_program *classic, int drop_matches)
{
	bounds(f, CTX);
	if (f->tc)
		gather(f);
	put(f, EC_ALU64 | EBPF_MOV, A, 0, 0, 0);
	put(f, EC_ALU64 | EBPF_MOV, X, 0, 0, 0);
	for (uint32_t k = 0; k < classic->bf_len; k++) {
		const struct bpf_insn *i = &classic->bf_insns[k];

		snprintf(f->text[k], TEXT, "%s", bpf_image(i, (int)k));
		f->lines[k] = (struct prog_line){ .insn = f->n, .line = k + 1, .col = 1, .file = "filter", .text = f->text[k] };
		f->at[k] = f->n;
		if (translate(f, i, k + 1))
			return (int)k;
	}
	verdict(f, f->match, drop_matches);
	verdict(f, f->miss, !drop_matches);
	for (uint32_t n = 0; n < f->n_jumps; n++)
		f->insns[f->jumps[n].from].off = (int16_t)(f->at[f->jumps[n].to] - f->jumps[n].from - 1);
	return -1;
}

static void free_filter(struct filter *f)
{
	free(f->insns);
	free(f->at);
	free(f->jumps);
	free(f->lines);
	free(f->text);
}

/* 0, or -1 after a sentence; free_filter() in any case. */
static int make(struct filter *f, const struct options *o, const struct bpf_program *classic, int tc)
{
	uint32_t n = classic->bf_len;
	int bad = 0;

	*f = (struct filter){ .tc = tc, .insns = calloc(n * PER_INSN + AROUND, sizeof(*f->insns)), .at = calloc(n + 2, sizeof(*f->at)), .match = n,
			      .miss = n + 1, .jumps = calloc(n * PER_INSN + AROUND, sizeof(*f->jumps)), .lines = calloc(n, sizeof(*f->lines)),
			      .text = calloc(n, TEXT) };
	if (f->insns && f->at && f->jumps && f->lines && f->text)
		bad = convert(f, classic, o->drop_matches);
	if (bad < 0 && !trim(f))
		return 0;
	bad = bad < 0 ? 0 : bad;
	fprintf(stderr, "filter:%d: error: %s asks for what a NIC's packets do not have\n", bad + 1, bpf_image(&classic->bf_insns[bad], bad));
	return -1;
}

static int to_firmware(const struct options *o, const struct bpf_program *classic, filter_compiler *compile)
{
	struct loaded loaded = { .prog = { .name = "filter", .section = "xdp" } };
	int code = EXIT_REFUSED;
	struct filter f;

	if (!make(&f, o, classic, 0)) {
		loaded.prog.insns = f.insns;
		loaded.prog.n_insns = f.n;
		loaded.prog.lines = f.lines;
		loaded.prog.n_lines = f.n_lines;
		code = compile(o, &loaded);
	}
	free_filter(&f);
	return code;
}

/* An XDP program and a classifier, in the sections where Linux looks for them. */
static int to_object(const struct options *o, const struct bpf_program *classic)
{
	struct filter xdp = { 0 }, tc = { 0 };
	int code = EXIT_REFUSED;

	if (!make(&xdp, o, classic, 0) && !make(&tc, o, classic, 1)) {
		const struct object_program programs[] = { { "xdp", "filter", xdp.insns, xdp.n }, { "classifier", "filter_tc", tc.insns, tc.n } };

		code = object_write(o->output, programs, 2);
	}
	free_filter(&xdp);
	free_filter(&tc);
	return code;
}

int filter_compile(const struct options *o, filter_compiler *compile)
{
	pcap_t *wire = pcap_open_dead(DLT_EN10MB, SNAPLEN);
	struct bpf_program classic;
	int code;

	if (!wire || pcap_compile(wire, &classic, o->filter, 1, PCAP_NETMASK_UNKNOWN)) {
		fprintf(stderr, "nicjit: error: the filter '%s' is not one: %s\n", o->filter, wire ? pcap_geterr(wire) : "out of memory");
		if (wire)
			pcap_close(wire);
		return EXIT_IO;
	}
	code = o->ebpf ? to_object(o, &classic) : to_firmware(o, &classic, compile);
	pcap_freecode(&classic);
	pcap_close(wire);
	return code;
}
