/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of what calls of helpers become (build_*.c): a program written call by call, compiled, and run by the C model on a packet, of zeros mostly.
 * Its result: a byte for each note, the first one on top.
 */
#ifndef TESTS_UNIT_CALLS_H
#define TESTS_UNIT_CALLS_H

#include "jit.h"
#include "nic.h"
#include "sim/device_regs.h"

enum { CALLS_FRAME = 60, CALLS_CLOCKS = 100000, TYPE_AT = 12, TYPE_BYTES = 8 };
enum { DATA = 0, DATA_END = 4, DATA_META = 8 }; /* in the context */

struct calls {
	const struct prog_map *maps;
	uint32_t n_maps, n_templates;                              /* as in struct prog */
	void (*put)(void);                                         /* the calls */
	void (*host)(struct nic *nic, const struct image *image);  /* what the host does before; or NULL */
	void (*after)(struct nic *nic, const struct image *image); /* what it looks at afterwards; or NULL */
	int careful;                                               /* few registers: values go to the stack */
	void (*functions)(void);                                   /* code behind the program's end, or NULL */
	const char *function;                                      /* the name of the one that begins there, or NULL: not known */
	const uint8_t *type;                                       /* the frame's bytes from TYPE_AT on, TYPE_BYTES of them, or NULL: zeros */
	int tc;                                                    /* the program is a classifier */
};

static struct jit j;

/* ---- programs: r6 = ctx, r9 = the results so far, a byte each; 8 bytes 1 to 8 at fp - 8, 4 zeros at fp - 12 ---- */

static inline void put_mov(unsigned int r, int imm)
{
	jit_put(&j, EC_ALU64 | EBPF_MOV, r, 0, 0, imm);
}

static inline void put_copy(unsigned int to, unsigned int from)
{
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, to, from, 0, 0);
}

static inline void put_at(unsigned int r, int off)
{
	put_copy(r, 10);
	jit_put(&j, EC_ALU64 | EBPF_ADD, r, 0, 0, off);
}

static inline void put_word(int off, int imm)
{
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 10, 0, off, imm);
}

/* Bytes to the stack from fp + off on, and zeros up to the next multiple of 4. */
static inline void put_bytes_at(int off, const void *bytes, uint32_t n)
{
	for (uint32_t at = 0; at < n; at += 4) {
		uint32_t word = 0;

		memcpy(&word, (const uint8_t *)bytes + at, n - at < 4 ? n - at : 4);
		put_word(off + (int)at, (int)word);
	}
}

static inline void put_map(unsigned int r, int map)
{
	jit_put(&j, EBPF_LDDW, r, EBPF_PSEUDO_MAP, 0, map);
	jit_put(&j, 0, 0, 0, 0, 0);
}

static inline void put_call(int helper)
{
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, helper);
}

/* r9 = r9 << 8 | (r0 & 0xff) */
static inline void put_note(void)
{
	jit_put(&j, EC_ALU64 | EBPF_AND, 0, 0, 0, 0xff);
	jit_put(&j, EC_ALU64 | EBPF_LSH, 9, 0, 0, 8);
	jit_put(&j, EC_ALU64 | EBPF_OR | EBPF_X, 9, 0, 0, 0);
}

/* Calls of (ctx, numbers). */
static inline void put_ctx_call(int helper, int a, int b)
{
	put_copy(1, 6);
	put_mov(2, a);
	put_mov(3, b);
	put_call(helper);
	put_note();
}

static inline void put_field(unsigned int r, int field)
{
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, r, 6, (int16_t)field, 0);
}

/* r7 = that place of the packet, of which n bytes from there on lie before the other; the program ends where they don't */
static inline void put_place(int field, int n, int before)
{
	put_field(7, field);
	put_field(8, before);
	put_copy(0, 7);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 0, 0, 0, n);
	jit_put(&j, EC_JMP | EBPF_JLE | EBPF_X, 0, 8, 2, 0);
	put_mov(0, -1);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* r7 = the map's value for a key of 4 bytes; the program ends where there is none */
static inline void put_value(int map, int key)
{
	put_word(-12, key);
	put_map(1, map);
	put_at(2, -12);
	put_call(HELPER_MAP_LOOKUP_ELEM);
	jit_put(&j, EC_JMP | EBPF_JNE, 0, 0, 1, 0);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	put_copy(7, 0);
}

/* ---- running them ---- */

static inline struct nic_map calls_map(struct nic *n, const struct image *image, uint32_t map)
{
	return (struct nic_map){ .regs = &n->regs, .layout = &image->maps[map], .index = map, .image = image };
}

static inline uint32_t calls_run(const struct calls *c, const struct image *image)
{
	struct nic_refusal why;
	struct nic_place place;
	uint8_t frame[CALLS_FRAME] = { 0 };
	struct nic n;
	uint32_t ret;

	nic_open(&n);
	n.regs.cookie_keys = device_cookie_keys;
	if (nic_load(&n.regs, image, &place, &why))
		fail_msg("%s", why.text);
	if (c->host)
		c->host(&n, image);
	nic_load_run(&n.regs, 0);
	if (c->type)
		memcpy(frame + TYPE_AT, c->type, TYPE_BYTES);
	nic_offer_frame(&n, frame, sizeof(frame));
	for (int clock = 0; clock < CALLS_CLOCKS && !n.packets; clock++)
		n.device->ops->tick(n.device);
	assert_int_equal(n.packets, 1);
	ret = n.ret[0];
	if (c->after)
		c->after(&n, image);
	nic_close(&n);
	return ret;
}

/* What nicjit_compile() gives; j.mem is the caller's to free. */
static inline int calls_compile(const struct calls *c, struct image_buf *out)
{
	static struct prog_function function;
	size_t size;

	memset(&j, 0, sizeof(j));
	put_copy(6, 1);
	put_mov(9, 0);
	put_word(-8, 0x04030201);
	put_word(-4, 0x08070605);
	put_word(-12, 0);
	c->put();
	put_copy(0, 9);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	function = (struct prog_function){ j.n, c->function };
	if (c->functions)
		c->functions();
	jit_finish(&j);
	j.prog.functions = &function;
	j.prog.n_functions = c->function != NULL;
	j.prog.tc = (uint8_t)c->tc;
	j.prog.maps = c->maps;
	j.prog.n_maps = c->n_maps;
	j.prog.n_templates = c->n_templates;
	j.target.lanes = 3;
	if (c->careful)
		j.target.regs = 4;
	size = 4 * nicjit_mem_size(j.n, c->n_maps + c->n_templates);
	j.mem = malloc(size);
	return nicjit_compile(&j.prog, &j.target, j.mem, size, NULL, out, &j.diag);
}

static inline void calls_check_passes(const struct calls *c)
{
	if (c->tc)
		return;
	jit_open(&j);
	jit_check_passes(&j);
	jit_close(&j);
}

static inline uint32_t calls_result(const struct calls *c)
{
	struct image_buf out;
	struct image image;
	uint32_t ret;

	if (calls_compile(c, &out))
		fail_msg("instruction %d: %s", j.diag.insn, j.diag.text);
	assert_null(image_parse(out.bytes, out.size, &image));
	ret = calls_run(c, &image);
	free(j.mem);
	calls_check_passes(c);
	return ret;
}

/* Calls by name, and the bytes they have to give. */
struct calls_row {
	const char *name;
	void (*put)(void);
	uint8_t want[4];
};
#define ROW(name, a, b, c, d) { #name, name, { (uint8_t)(a), (uint8_t)(b), (uint8_t)(c), (uint8_t)(d) } }

/* All of them with the same maps and host, with many registers and with few. */
static inline void calls_check(struct calls calls, const struct calls_row *rows, size_t n_rows)
{
	int wrong = 0;

	for (const struct calls_row *row = rows; row < rows + n_rows; row++)
		for (calls.careful = 0; calls.careful < 2; calls.careful++) {
			uint32_t want = (uint32_t)row->want[0] << 24 | (uint32_t)row->want[1] << 16 | (uint32_t)row->want[2] << 8 | row->want[3], got;

			calls.put = row->put;
			got = calls_result(&calls);
			if (got != want)
				print_error("%s: %08x, not %08x\n", row->name, got, want);
			wrong += got != want;
		}
	assert_int_equal(wrong, 0);
}

#endif
