// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* One length check for all: the way most packets go is walked from the program's start, and where it asks more than once whether the packet is
 * long enough, it gets a copy without these questions, behind a single one for the largest length. Shorter packets take the program's own
 * way, with its own checks in its own order. */
#include "build.h"
#include "helpers.h"

enum { FRAME_MIN = 60, STEPS_MAX = 64 }; /* bytes of the shortest Ethernet frame; nodes */

enum kind { UNKNOWN, NUMBER, PACKET, PACKET_END };

struct known { enum kind kind; int64_t n; }; /* a number, or bytes from the packet's start */

struct step {                 /* a node on the way */
	uint32_t node;
	int way;              /* it goes on by */
	uint32_t need;        /* bytes the packet must have for that; 0 when it does not ask */
};

struct path {
	struct build *b;
	struct known reg[EBPF_REGS];
	struct step step[STEPS_MAX];
	uint32_t n_steps;
	uint8_t *seen;        /* per node */
	int ends;             /* behind a helper that may change the packet's length */
};

/* ---- what the registers hold along the way ---- */

static struct known sum(struct known x, struct known y)
{
	if (x.kind == NUMBER && y.kind == PACKET)
		return sum(y, x);
	if ((x.kind != NUMBER && x.kind != PACKET) || y.kind != NUMBER || x.n > INT32_MAX || x.n < INT32_MIN)
		return (struct known){ UNKNOWN, 0 };
	x.n += y.n;
	return x;
}

static struct known loaded(const struct fact *f)
{
	enum { CTX_DATA = 0, CTX_DATA_END = 4 };

	if (f->mem.region != R_CTX || !f->mem.off_known)
		return (struct known){ UNKNOWN, 0 };
	if (f->mem.off == CTX_DATA)
		return (struct known){ PACKET, 0 };
	return (struct known){ f->mem.off == CTX_DATA_END ? PACKET_END : UNKNOWN, 0 };
}

static void follow_insn(struct path *p, uint32_t pc)
{
	const struct ebpf_insn *i = &p->b->c->insns[pc];
	struct known *dst = &p->reg[ebpf_dst(i)], src = { NUMBER, i->imm };
	const struct helper *h;

	if (i->code & EBPF_X)
		src = p->reg[ebpf_src(i)];
	switch (ebpf_class(i)) {
	case EC_LDX:
		*dst = loaded(&p->b->c->facts[pc]);
		return;
	case EC_ALU64:
		if (EBPF_OP(i->code) == EBPF_ADD)
			*dst = sum(*dst, src);
		else
			*dst = EBPF_OP(i->code) == EBPF_MOV && !i->off ? src : (struct known){ UNKNOWN, 0 };
		return;
	case EC_ALU: /* the upper half is cleared */
		*dst = (struct known){ UNKNOWN, 0 };
		if (EBPF_OP(i->code) == EBPF_MOV && !i->off && src.kind == NUMBER && src.n >= 0)
			*dst = src;
		return;
	case EC_LD:
		*dst = (struct known){ UNKNOWN, 0 };
		return;
	case EC_STX: /* an atomic that fetches */
		if (ebpf_is_atomic(i))
			p->reg[0] = p->reg[ebpf_src(i)] = (struct known){ UNKNOWN, 0 };
		return;
	default:
		if (i->code != (EC_JMP | EBPF_CALL))
			return;
		h = helper_called(i);
		p->ends |= !h || (h->flags & HELPER_MOVES_PACKET);
		for (int r = 0; r <= 5; r++)
			p->reg[r] = (struct known){ UNKNOWN, 0 };
	}
}

/* ---- the way ---- */

/* For this jump to find the packet long enough. *taken: it is then taken. 0 when that is not what it asks. */
static uint32_t need_of(const struct path *p, uint32_t pc, int *taken)
{
	const struct ebpf_insn *i = &p->b->c->insns[pc];
	int op = EBPF_OP(i->code), end_first;
	struct known x = p->reg[ebpf_dst(i)], y = p->reg[ebpf_src(i)];

	if (EBPF_CLASS(i->code) != EC_JMP || !(i->code & EBPF_X) || (op != EBPF_JGT && op != EBPF_JGE && op != EBPF_JLT && op != EBPF_JLE))
		return 0;
	end_first = x.kind == PACKET_END;
	if (end_first ? y.kind != PACKET : x.kind != PACKET || y.kind != PACKET_END)
		return 0;
	if (end_first)
		x = y;
	*taken = end_first == (op == EBPF_JGT || op == EBPF_JGE);
	if (x.n < 0 || x.n > FRAME_MIN)
		return 0;
	/* long enough: data + n <= end, or data + n < end where the jump asks for data + n >= end or its opposite */
	return (uint32_t)x.n + (end_first ? op == EBPF_JGT || op == EBPF_JLE : op == EBPF_JGE || op == EBPF_JLT);
}

/* Adds the node to the way and says where it goes on: NO_NODE where that is open or the end. */
static int32_t follow_node(struct path *p, int32_t node)
{
	const struct node *n = &p->b->nodes[node];
	struct step *s = &p->step[p->n_steps++];
	uint32_t last = n->first;
	int taken = 0;

	*s = (struct step){ (uint32_t)node, 0, 0 };
	for (uint32_t pc = n->first; pc < n->end; pc = insn_next(&p->b->c->insns[pc], pc)) {
		follow_insn(p, pc);
		last = pc;
	}
	if (p->ends)
		return NO_NODE;
	if (n->succ[0] == NO_NODE || n->succ[1] == NO_NODE) {
		s->way = n->succ[0] == NO_NODE;
		return n->succ[s->way];
	}
	s->need = need_of(p, last, &taken);
	if (!s->need && odds_of(p->b, last, NULL) == ODDS_ONE / 2)
		return NO_NODE;
	s->way = s->need ? !taken : odds_of(p->b, last, NULL) < ODDS_ONE / 2;
	return n->succ[s->way];
}

/* The largest length asked for; the way ends where it is. 0 when there are not two questions to merge. */
static uint32_t largest_need(struct path *p)
{
	uint32_t most = 0, asked = 0, last = 0;

	for (uint32_t n = 0; n < p->n_steps; n++)
		if (p->step[n].need > most) {
			most = p->step[n].need;
			asked++;
			last = n;
		}
	p->n_steps = last + 1;
	return asked > 1 ? most : 0;
}

/* ---- the copy ---- */

static void copy_path(struct path *p, uint32_t most)
{
	struct build *b = p->b;
	uint32_t head = b->n_nodes++, copies = b->n_nodes;

	for (uint32_t n = 0; n < p->n_steps; n++) {
		const struct step *s = &p->step[n];
		struct node *copy = &b->nodes[b->n_nodes++];

		*copy = b->nodes[s->node];
		if (n + 1 < p->n_steps)
			copy->succ[s->way] = (int32_t)b->n_nodes;
		if (s->need)
			copy->succ[!s->way] = NO_NODE;
	}
	b->nodes[head] = b->nodes[0];
	b->nodes[0] = (struct node){ .need = most, .succ = { (int32_t)head, (int32_t)copies } };
}

int shorten_path(struct build *b)
{
	struct path *p = arena_alloc(b->c->arena, sizeof(*p));
	uint32_t most, size = 0;
	int32_t node = 0;

	if (!p)
		return -1;
	p->b = b;
	p->seen = arena_alloc(b->c->arena, b->n_nodes);
	if (!p->seen)
		return -1;
	while (node != NO_NODE && p->n_steps < STEPS_MAX && !p->seen[node] && !b->nodes[node].loop) {
		p->seen[node] = 1;
		node = follow_node(p, node);
	}
	most = p->n_steps ? largest_need(p) : 0;
	for (uint32_t n = 0; n < p->n_steps; n++)
		size += b->nodes[p->step[n].node].end - b->nodes[p->step[n].node].first;
	if (most && b->n_nodes + p->n_steps < b->cap_nodes && size <= copies_max(b))
		copy_path(p, most);
	for (uint32_t n = 0; n < b->n_nodes; n++)
		b->nodes[n].mark = b->nodes[n].loop = 0;
	return 0;
}
