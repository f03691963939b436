// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Helper calls, and calls of the program's own functions. */
#include "hw/spec/image.h"
#include "routine.h"
#include "timer.h"
#include "verify.h"

int call_args(int id)
{
	const struct helper *h = helper_find(id);

	return h && h->build ? h->n_args : 5;
}

static int refuse_callback(struct verify *v, int helper)
{
	refuse(v, "which function bpf_%s() is to call is not known when the program is compiled", helper == HELPER_LOOP ? "loop" : "for_each_map_elem");
	return way_out(v, "name the function in the call%s", helper == HELPER_LOOP ? "" : ", and the map");
}

static const struct helper *find_helper(struct verify *v, int id)
{
	const struct helper *h = helper_find(id);
	int tc = v->c->prog->tc;

	/* by itself only in the function that is made for it */
	if (id == HELPER_LOOP || (id == HELPER_FOR_EACH_MAP_ELEM && v->frame && !v->frame->is_loop)) {
		refuse_callback(v, id);
		return NULL;
	}
	if (h && h->build && !(h->flags & (tc ? HELPER_XDP : HELPER_TC)))
		return h;
	if (h && h->build && v->c->of_source && source_of(v, v->pc) == NO_INSN) /* around the program */
		return h;
	if (h && h->build) {
		refuse(v, "the program calls bpf_%s (helper %d), which %s do not have", h->name, id, tc ? "classifiers of tc" : "XDP programs");
		return NULL;
	}
	if (h)
		refuse(v, "the program calls bpf_%s (helper %d), which the NIC does not have", h->name, id);
	else
		refuse(v, "the program calls helper %d, which the NIC does not have", id);
	way_out(v, "%s", h && h->instead ? h->instead : "nicjit --help names the helpers of the NIC");
	return NULL;
}

int check_license(struct verify *v, const char *name)
{
	if (!v->c->prog->not_gpl)
		return 0;
	refuse(v, "the program calls bpf_%s, which Linux keeps for programs with a GPL-compatible license", name);
	return way_out(v, "declare the license in the source, for example char _license[] SEC(\"license\") = \"GPL\", or do without the call");
}

int helper_check(struct verify *v, int id)
{
	return find_helper(v, id) ? 0 : -1;
}

static void forget_if_packet(struct reg *r)
{
	if (!reg_is_packet(r) && r->kind != R_PKT_LOW)
		return;
	reg_scalar(r); /* two of them may still be subtracted */
	r->range = WAS_PACKET;
}

void forget_packet(struct verify *v)
{
	struct state *s = v->cur;

	for (unsigned int r = 0; r < EBPF_REGS; r++)
		forget_if_packet(&s->reg[r]);
	for (unsigned int d = 0; d < v->frame->depth; d++)
		for (unsigned int n = 0; n < N_SAVED; n++)
			forget_if_packet(&s->saved[d][n]);
	for (unsigned int n = 0; n < s->slots; n++)
		if (s->slot[n].size && (reg_is_packet(&s->spill[n]) || s->spill[n].kind == R_PKT_LOW))
			memset(&s->slot[n], 0, sizeof(s->slot[n]));
	s->packet = 0;
	s->beyond = BEYOND_UNKNOWN;
}

/* A place of an array that is known and that it has: there is always a value. */
static int is_found(struct verify *v, int helper)
{
	const struct reg *key = &v->cur->reg[2];
	uint32_t map = v->cur->reg[1].map;
	const struct prog_map *m = &v->c->prog->maps[map];
	uint64_t index;

	return helper == HELPER_MAP_LOOKUP_ELEM && (m->type == MAP_TYPE_ARRAY || m->type == MAP_TYPE_PERCPU_ARRAY) &&
	       !map_is_template(v->c->prog, map) && key->kind == R_STACK && stack_number(v, key, m->key_size, &index) &&
	       index < map_entries(v->c->target, m);
}

static struct reg result_of(struct verify *v, const struct helper *h, int helper)
{
	struct reg result;

	reg_scalar(&result);
	switch (h->result) {
	case RESULT_VALUE_OR_NULL:
		result.kind = R_MAP_VALUE_OR_NULL;
		result.map = v->cur->reg[1].map;
		result.id = ++v->last_id;
		range_const(&result.var, 0);
		if (is_found(v, helper))
			reg_not_null(v, &result);
		break;
	case RESULT_RECORD_OR_NULL:
		result.kind = R_MAP_VALUE_OR_NULL;
		result.map = v->cur->reg[1].map;
		result.id = ++v->last_id;
		result.range = (uint32_t)v->cur->reg[2].var.value + RECORD_MARK;
		range_const(&result.var, 0);
		break;
	case RESULT_U32:
		range_bits(&result.var, 32);
		break;
	case RESULT_NOTHING:
		result.kind = R_NONE;
		break;
	default:
		break;
	}
	return result;
}

int kernel_function_check(struct verify *v, uint32_t number)
{
	const struct prog *p = v->c->prog;

	if (number < p->n_absent && p->absent[number].is_layout) {
		refuse(v, "the program asks for the layout of %s in the running kernel (CO-RE)", p->absent[number].name);
		way_out(v, "the NIC has no kernel; use packet headers and your own types, without vmlinux.h");
	} else if (number < p->n_absent) {
		refuse(v, "the program calls %s(), a function of the kernel (kfunc), which the NIC does not have", p->absent[number].name);
		way_out(v, "ask bpf_ksym_exists(%s) before the call, use helpers, or run the program on the host", p->absent[number].name);
	} else {
		refuse(v, "the program calls a function of the kernel (kfunc), which the NIC does not have");
		way_out(v, "use helpers, or run the program on the host");
	}
	return -1;
}

enum { FIB_OUTPUT = 2 };

/* The routes of one link alone are not in the tables. */
static int check_fib(struct verify *v)
{
	const struct range *flags = &v->cur->reg[4].var;

	if (map_named(v->c->prog, FIB_HOPS) < 0)
		return refuse(v, "the program looks up routes, and its maps have no room for them");
	precise_reg(v, 4);
	if ((flags->value | flags->mask) & FIB_OUTPUT) {
		refuse(v, "bpf_fib_lookup may be called with BPF_FIB_LOOKUP_OUTPUT, and the NIC looks up from the packet's side only");
		return way_out(v, "use constant flags without BPF_FIB_LOOKUP_OUTPUT");
	}
	return 0;
}

static int is_shift_by_32(const struct ebpf_insn *i, int op)
{
	return i->code == (EC_ALU64 | op) && i->imm == 32;
}

/* Whether r0 is what the program ends with, as far as its lower half goes, which is the verdict: only copied, extended, and returned. */
static int returns_at(const struct verify *v, uint32_t pc)
{
	enum { STEPS_MAX = 16 };
	unsigned int holds = 1, above = 0; /* registers with the result in the lower half, and in the upper one */

	for (int n = 0; n < STEPS_MAX; n++) {
		const struct ebpf_insn *i = &v->insns[pc];
		unsigned int dst = 1U << ebpf_dst(i), src = 1U << ebpf_src(i);
		int is_move = i->code == (EC_ALU64 | EBPF_MOV | EBPF_X) || i->code == (EC_ALU | EBPF_MOV | EBPF_X);

		if (insn_is_exit(i))
			return holds & 1;
		if (i->code == (EC_JMP | EBPF_JA)) {
			pc = insn_target(i, pc);
			continue;
		}
		if (is_move && (!i->off || i->off == 32)) {
			holds = holds & src ? holds | dst : holds & ~dst;
			above &= ~dst;
		} else if (is_shift_by_32(i, EBPF_LSH) && holds & dst) {
			holds &= ~dst;
			above |= dst;
		} else if ((is_shift_by_32(i, EBPF_RSH) || is_shift_by_32(i, EBPF_ARSH)) && above & dst) {
			holds |= dst;
			above &= ~dst;
		} else {
			return 0;
		}
		pc++;
	}
	return 0;
}

/* In a function, a tail call's program returns to the function's caller: on the NIC it ends the packet, so the caller must do nothing but return as well. */
static int check_tail(struct verify *v)
{
	for (const struct frame *f = v->frame; f->depth; f = &v->c->frames[f->caller]) {
		if (returns_at(v, f->call + 1))
			continue;
		refuse(v, "bpf_tail_call is called by a function, and what calls the function goes on behind it");
		return way_out(v, "return the function's result, call it from the program itself, or make the function __always_inline");
	}
	return 0;
}

enum { REDIRECT_INGRESS = 1 };

static int check_direction(struct verify *v)
{
	const struct range *flags = &v->cur->reg[2].var;

	precise_reg(v, 2);
	if (!((flags->value | flags->mask) & REDIRECT_INGRESS))
		return 0;
	refuse(v, "bpf_redirect may be called with BPF_F_INGRESS, and the NIC sends packets out only");
	return way_out(v, "use constant flags without BPF_F_INGRESS");
}

/* What the kinds of the arguments do not say. */
static int check_use(struct verify *v, int helper)
{
	if (helper >= HELPER_TIMER_INIT && helper <= HELPER_TIMER_CANCEL)
		return timer_check_use(v, helper);
	if (helper == HELPER_SPIN_UNLOCK)
		return lock_may_release(v);
	if (helper == HELPER_CHECK_MTU && map_named(v->c->prog, FIB_LINKS) < 0)
		return refuse(v, "the program asks for an MTU, and its maps have no room for links");
	if (helper >= HELPER_TCP_RAW_GEN_SYNCOOKIE_IPV4 && helper <= HELPER_TCP_RAW_CHECK_SYNCOOKIE_IPV6 && map_named(v->c->prog, COOKIE_KEYS) < 0)
		return refuse(v, "the program makes or checks SYN cookies, and its maps have no room for their keys");
	if (helper == HELPER_FIB_LOOKUP)
		return check_fib(v);
	if (helper == HELPER_REDIRECT && v->c->prog->tc)
		return check_direction(v);
	if (helper == HELPER_TAIL_CALL && v->c->prog->tc)
		return refuse(v, "a classifier of tc makes a tail call, which XDP programs alone can make in the NIC");
	if (helper == HELPER_TAIL_CALL && ref_none_left(v, "before the tail call"))
		return -1;
	return helper == HELPER_TAIL_CALL ? check_tail(v) : 0;
}

int verify_call(struct verify *v, const struct ebpf_insn *i)
{
	const struct helper *h;
	struct reg result, none;

	if (ebpf_src(i) == EBPF_CALL_KFUNC)
		return kernel_function_check(v, (uint32_t)i->imm);
	h = find_helper(v, i->imm);
	if (h && (h->flags & HELPER_GPL) && check_license(v, h->name))
		return -1;
	if (!h || (i->imm != HELPER_SPIN_UNLOCK && lock_none_held(v, "a helper is called")))
		return -1;
	if ((i->imm == HELPER_TRACE_VPRINTK && verify_print_format(v)) || (i->imm == HELPER_SNPRINTF && verify_text(v)) || verify_args(v, h))
		return -1;
	if (check_use(v, i->imm))
		return -1;
	if ((i->imm == HELPER_TRACE_PRINTK || i->imm == HELPER_TRACE_VPRINTK) && verify_print(v, i->imm))
		return -1;
	if (h->result == RESULT_RECORD_OR_NULL && ref_check_size(v, 2))
		return -1;
	result = result_of(v, h, i->imm);
	if (h->result == RESULT_RECORD_OR_NULL && ref_add(v, result.id))
		return -1;
	if (i->imm == HELPER_SPIN_LOCK)
		lock_take(v);
	if (h->flags & HELPER_RELEASES)
		ref_release(v, v->cur->reg[1].id);
	if (h->flags & (HELPER_MOVES_PACKET | HELPER_DROPS_POINTERS))
		forget_packet(v);
	reg_scalar(&none);
	none.kind = R_NONE;
	for (unsigned int n = 1; n <= 5; n++)
		state_write_reg(v, n, &none);
	state_write_reg(v, 0, &result);
	return 0;
}

static void forget_regs(struct verify *v, unsigned int first, unsigned int last)
{
	for (unsigned int r = first; r <= last; r++)
		v->cur->reg[r] = (struct reg){ .kind = R_NONE };
}

int verify_enter(struct verify *v)
{
	struct state *s = v->cur;

	memcpy(s->saved[v->frame->depth], &s->reg[6], sizeof(*s->saved));
	forget_regs(v, 0, 0);
	forget_regs(v, 6, 9);
	v->frame = frame_of(v->c, insn_target(&v->insns[v->pc], v->pc));
	if (v->frame->routine && routine_enter(v, v->frame->routine))
		return -1;
	if (v->frame->is_loop && lock_none_held(v, "a helper is called"))
		return -1;
	if (v->frame->is_loop && (s->reg[2].kind != R_FUNC || (uint32_t)s->reg[2].off != v->frame->callback))
		return refuse_callback(v, v->frame->map == LOOP_NO_MAP ? HELPER_LOOP : HELPER_FOR_EACH_MAP_ELEM);
	if (v->frame->is_loop && v->frame->map != LOOP_NO_MAP && (s->reg[1].kind != R_MAP_PTR || s->reg[1].map != v->frame->map))
		return refuse_callback(v, HELPER_FOR_EACH_MAP_ELEM);
	reg_frame_pointer(&s->reg[EBPF_REGS - 1], v->frame);
	return 0;
}

int verify_return(struct verify *v)
{
	struct state *s = v->cur;

	if (s->reg[0].kind == R_STACK && !(v->frame->routine && v->frame->routine->gives_place)) {
		refuse(v, "the function returns a stack pointer");
		return way_out(v, "give the value back, not where it is");
	}
	if (timer_check_result(v) || routine_all_destroyed(v, (uint32_t)-v->frame->fp / 8))
		return -1;
	stack_leave(v, v->frame);
	v->frame = &v->c->frames[v->frame->caller];
	forget_regs(v, 1, 5);
	memcpy(&s->reg[6], s->saved[v->frame->depth], sizeof(*s->saved));
	reg_frame_pointer(&s->reg[EBPF_REGS - 1], v->frame);
	return 0;
}
