/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classifiers of tc (direct action, clsact ingress): what Linux does with a packet before and after one, and what the interpreter adds.
 */
#ifndef SIM_REF_TC_H
#define SIM_REF_TC_H

#include "interp.h"

struct tc_tag {			/* the outer VLAN tag, which is beside the packet while the classifier runs */
	bool present;
	uint16_t proto, tci;	/* the host's byte order */
};

/* A tag is taken out of the packet, or put back; `room`: bytes that there are for it. */
struct tc_tag tc_take_tag(uint8_t *packet, uint32_t *len);
void tc_give_tag(uint8_t *packet, uint32_t *len, uint32_t room, const struct tc_tag *tag);

/* What cls_bpf and the ingress hook make of the result, as a verdict of XDP. */
uint32_t tc_verdict(uint32_t result);

/* ---- the interpreter ---- */

void tc_prepare(struct ref_run *run, const struct tc_tag *tag);
bool tc_load(struct ref_run *run, int64_t offset, uint32_t size, uint64_t *value);
bool tc_store(struct ref_run *run, int64_t offset, uint32_t size, uint64_t value);
/* LD_ABS and LD_IND; *fails: the function is to return 0. */
bool tc_classic_load(struct ref_run *run, const struct bpf_insn *insn, bool *fails);
bool tc_is_helper(int32_t helper);
bool tc_call(struct ref_machine *machine, int32_t helper);

#endif
