// SPDX-License-Identifier: Apache-2.0
/* Several control operations in one bundle, and what the guard cancels. */
#include "harness.h"

#include <string.h>

static const uint8_t packet[64];

static struct isa_word branch(bool taken, unsigned int target)
{
	struct isa_word w = code_op(taken ? OP_JEQ : OP_JNE);

	w.a = SR_ZERO;
	w.has_imm = 1;
	w.target = target;
	return w;
}

static struct isa_word add(unsigned int guard)
{
	struct isa_word w = code_op(OP_ADD);

	w.guard = guard;
	w.dst = 2;
	w.has_imm = 1;
	w.imm = 77;
	return w;
}

/* All combinations of taken and not taken, with a guarded and an unguarded addition in the lanes
 * above: the lowest taken one wins. */
static void combinations(struct machine *m)
{
	unsigned int branches = m->lanes < ISA_BRANCH_LANES ? m->lanes : ISA_BRANCH_LANES;

	for (unsigned int c = 0; c < 1u << 2 * m->lanes; c++) {
		unsigned int b = code_bundle(m), winner = branches;

		for (unsigned int lane = 0; lane < m->lanes; lane++) {
			bool bit = c >> lane & 1, guard = c >> (m->lanes + lane) & 1;
			struct isa_word w = lane < branches ? branch(bit, b + 2 + lane)
							    : add(guard);

			code_put(m, b, lane, &w);
			if (lane < branches) {
				if (bit && winner == branches)
					winner = lane;
			} else if (!guard || winner == branches) {
				code_value(m, b, lane, 77);
			}
		}
		m->code.expect[b].next = winner == branches ? b + 1 : b + 2 + winner;
		for (unsigned int i = 0; i < branches; i++)
			m->code.expect[code_bundle(m)].never = winner < branches && i <= winner;
		code_bundle(m);
	}
}

/* A word in the last lane below a jump that is taken: with the guard nothing happens, without it
 * all does but control. */
static void under_jump(struct machine *m, struct isa_word w, unsigned int guard,
		       void (*effect)(struct machine *, unsigned int))
{
	unsigned int b = code_bundle(m);
	struct isa_word jump = code_op(OP_JMP);

	jump.target = b + 2;
	w.guard = guard;
	code_put(m, b, 0, &jump);
	code_put(m, b, m->lanes - 1, &w);
	m->code.expect[b].next = b + 2;
	if (!guard && effect)
		effect(m, b);
	m->code.expect[code_bundle(m)].never = true;
}

static void writes_imm(struct machine *m, unsigned int bundle)
{
	code_value(m, bundle, m->lanes - 1, 77);
}

static void stores(struct machine *m, unsigned int bundle)
{
	struct expect *e = &m->code.expect[bundle];

	e->store = true;
	e->store_width = 4;
	e->store_tag_offset = NIC_TAG_STACK << 12 | (NIC_STACK_BYTES - 8);
	e->store_value = 0x55;
}

static void loads(struct machine *m, unsigned int bundle)
{
	code_value(m, bundle, m->lanes - 1, 0x55);
}

static void steps_random(struct machine *m, unsigned int bundle)
{
	code_value(m, bundle, m->lanes - 1, 0);
	m->code.expect[bundle].any = 1u << (m->lanes - 1);
}

static void guarded(struct machine *m)
{
	struct isa_word st = code_op(OP_ST), ld = code_op(OP_LD), rnd = code_op(OP_RND),
			jmp = code_op(OP_JMP), exit_ = code_op(OP_EXIT), bad = code_op(OP_LD);

	st.a = ld.a = SR_FP;
	st.off = ld.off = -8;
	st.width = ld.width = 4;
	st.has_imm = 1;
	st.imm = 0x55;
	exit_.has_imm = 1;
	for (unsigned int guard = 0; guard < 2; guard++) {
		under_jump(m, add(0), guard, writes_imm);
		under_jump(m, st, guard, stores);
		under_jump(m, ld, guard, loads);
		under_jump(m, rnd, guard, steps_random);
		under_jump(m, jmp, guard, NULL);
		under_jump(m, exit_, guard, NULL);
	}
	/* cancelled before its address matters */
	bad.a = SR_ZERO;
	under_jump(m, bad, 1, NULL);
}

/* A jump to where a register says, alone, cancelled, and from each lane; only 13 bits count. */
static void jump_to_register(struct machine *m, unsigned int lane, bool cancelled)
{
	uint8_t operand = ISA_REG(m->lanes - 1, 3);
	uint64_t value = (m->code.n + 5) | 0xfffe000;
	struct isa_word w = code_op(OP_JMPR);
	unsigned int b;

	code_constants(m, 1, &operand, &value);
	b = code_bundle(m);
	w.a = operand;
	w.guard = cancelled;
	code_put(m, b, lane, &w);
	m->code.expect[b].next = b + (cancelled ? 2 : 3);
	if (cancelled) {
		struct isa_word jump = branch(true, b + 2);

		code_put(m, b, 0, &jump);
	}
	m->code.expect[code_bundle(m)].never = true;
	m->code.expect[code_bundle(m)].never = !cancelled;
	code_bundle(m);
}

void test_control(struct machine *m)
{
	harness_group = "control";
	code_clear(m);
	combinations(m);
	for (unsigned int lane = 0; lane < m->lanes && lane < ISA_BRANCH_LANES; lane++)
		jump_to_register(m, lane, false);
	if (m->lanes > 1)
		jump_to_register(m, 1, true);
	if (m->lanes > 1)
		guarded(m);
	code_run(m, packet, sizeof(packet));
}
