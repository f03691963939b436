// SPDX-License-Identifier: Apache-2.0
#include "host_rte.h"

#include <rte_bpf.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAPS = 64, PER_MAP = 3, MBUFS = 256, BUFFER = 2176, PROLOGUE = 7, DATA = -512, DATA_END = -504 };

struct rte_code {
	struct rte_bpf *bpf;
	struct rte_bpf_jit jit;
	struct rte_mbuf mbuf[MBUFS];
};

static struct ebpf_insn insn(uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	return (struct ebpf_insn){.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm};
}

/* r1 is the mbuf; the program has its context in r1, too, and only loads from it. */
static void put_prologue(struct ebpf_insn *to)
{
	const uint8_t ldx = BPF_LDX | BPF_MEM, stx = BPF_STX | BPF_MEM | EBPF_DW, add = EBPF_ALU64 | BPF_ADD | BPF_X;

	to[0] = insn(ldx | EBPF_DW, 2, 1, offsetof(struct rte_mbuf, buf_addr), 0);
	to[1] = insn(ldx | BPF_H, 3, 1, offsetof(struct rte_mbuf, data_off), 0);
	to[2] = insn(add, 2, 3, 0, 0);
	to[3] = insn(stx, 10, 2, DATA, 0);
	to[4] = insn(ldx | BPF_H, 3, 1, offsetof(struct rte_mbuf, data_len), 0);
	to[5] = insn(add, 2, 3, 0, 0);
	to[6] = insn(stx, 10, 2, DATA_END, 0);
}

static int translate(struct ebpf_insn *to, const struct rte_fact *facts, uint32_t n, char why[256])
{
	for (uint32_t i = 0; i < n; i++) {
		struct ebpf_insn *at = &to[i];

		if (facts[i].is_context) {
			if (at->off > 4)
				return snprintf(why, 256, "it reads more of the context than the packet's place"), -1;
			*at = insn(BPF_LDX | BPF_MEM | EBPF_DW, at->dst_reg, 10, at->off ? DATA_END : DATA, 0);
		} else if (at->code == (BPF_LD | BPF_IMM | EBPF_DW)) {
			if (at->src_reg > 1)
				return snprintf(why, 256, "it has global data"), -1;
			at->src_reg = 0;
			i++;
		} else if (at->code == (BPF_JMP | EBPF_CALL)) {
			if (!facts[i].is_map || at->imm > PER_MAP)
				return snprintf(why, 256, "it calls helper %d", at->imm), -1;
			at->imm = (int32_t)(PER_MAP * facts[i].map) + at->imm - 1;
		} else if ((at->code & 7) == 6) {
			return snprintf(why, 256, "it has jumps on 32 bits"), -1;
		}
	}
	return 0;
}

static struct rte_bpf_arg pointer(size_t size)
{
	return (struct rte_bpf_arg){.type = RTE_BPF_ARG_PTR, .size = size};
}

static void declare(struct rte_bpf_xsym *x, const struct rte_map *m, rte_helper *const helpers[PER_MAP])
{
	static const char *const names[PER_MAP] = {"lookup", "update", "delete"};
	static const uint32_t args[PER_MAP] = {2, 4, 2};
	const struct rte_bpf_arg raw = {.type = RTE_BPF_ARG_RAW, .size = sizeof(uint64_t)};

	for (int k = 0; k < PER_MAP; k++)
		x[k] = (struct rte_bpf_xsym){.name = names[k], .type = RTE_BPF_XTYPE_FUNC,
					     .func = {.val = helpers[k], .nb_args = args[k], .args = {raw, pointer(m->key_size), pointer(m->value_size), raw},
						      .ret = k ? raw : pointer(m->value_size)}};
}

struct rte_code *rte_code_open(const uint64_t *insns, const struct rte_fact *facts, uint32_t n, const struct rte_map *maps, uint32_t n_maps,
			       rte_helper *const helpers[PER_MAP], char why[256])
{
	static struct rte_bpf_xsym symbols[PER_MAP * MAPS];
	struct rte_code *c = calloc(1, sizeof(*c));
	struct ebpf_insn *text = calloc(n + PROLOGUE, sizeof(*text));
	struct rte_bpf_prm prm = {.ins = text, .nb_ins = n + PROLOGUE, .xsym = symbols, .nb_xsym = PER_MAP * n_maps,
				  .prog_arg = {.type = RTE_BPF_ARG_PTR_MBUF, .size = sizeof(struct rte_mbuf), .buf_size = BUFFER}};

	if (!c || !text || n_maps > MAPS)
		abort();
	rte_log_set_global_level(RTE_LOG_CRIT);
	memcpy(text + PROLOGUE, insns, n * sizeof(*text));
	put_prologue(text);
	for (uint32_t i = 0; i < n_maps; i++)
		declare(&symbols[PER_MAP * i], &maps[i], helpers);
	if (!translate(text + PROLOGUE, facts, n, why)) {
		c->bpf = rte_bpf_load(&prm);
		snprintf(why, 256, "rte_bpf: %s", c->bpf ? "" : rte_strerror(rte_errno));
	}
	free(text);
	if (c->bpf && !rte_bpf_get_jit(c->bpf, &c->jit) && c->jit.func)
		return c;
	rte_code_close(c);
	return NULL;
}

void rte_code_close(struct rte_code *c)
{
	if (c && c->bpf)
		rte_bpf_destroy(c->bpf);
	free(c);
}

void rte_code_packets(struct rte_code *c, uint8_t *const *data, const uint32_t *len, uint32_t n)
{
	for (uint32_t i = 0; i < n && i < MBUFS; i++)
		c->mbuf[i] = (struct rte_mbuf){.buf_addr = data[i] - RTE_PKTMBUF_HEADROOM, .data_off = RTE_PKTMBUF_HEADROOM, .buf_len = BUFFER,
					       .data_len = (uint16_t)len[i], .pkt_len = len[i], .nb_segs = 1};
}

void rte_code_burst(const struct rte_code *c, uint32_t *verdicts, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		verdicts[i] = (uint32_t)c->jit.func((void *)(uintptr_t)&c->mbuf[i]);
}
