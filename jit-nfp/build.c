// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* eBPF to SSA form: basic blocks of the instructions that are reachable (nodes), which variables are live where, then one translation
 * in reverse post-order. A node entered from one place takes over that place's variables; where ways meet, a live variable that
 * differs between them becomes a phi. Ways from later nodes (loops) add their arguments when they are translated. */
#include "build.h"
#include "helpers.h"
#include "hw/spec/regs.h"

/* ---- nodes ---- */

static int ends_node(const struct ebpf_insn *i)
{
	return insn_is_jump(i) || insn_is_exit(i) || insn_is_local_call(i);
}

/* Where a jump goes on every path: bit 0 falls through, bit 1 jumps. */
static int ways_of(const struct build *b, uint32_t pc)
{
	const struct ebpf_insn *i = &b->c->insns[pc];
	const struct fact *f = &b->c->facts[pc];

	if (EBPF_OP(i->code) == EBPF_JA || f->taken_always)
		return 2;
	return f->taken_never ? 1 : 3;
}

/* What control goes to behind the instruction, jump first; NO_WAY where there is none. */
enum { NO_WAY = 0xffffffffu };

static void followers(const struct build *b, uint32_t pc, uint32_t to[2])
{
	const struct ebpf_insn *i = &b->c->insns[pc];
	uint32_t next[2];
	int n = insn_successors(b->c, pc, next);

	to[0] = to[1] = NO_WAY;
	if (!insn_is_jump(i)) {
		to[1] = n ? next[0] : NO_WAY;
		return;
	}
	if (ways_of(b, pc) & 2)
		to[0] = insn_target(i, pc);
	if (ways_of(b, pc) & 1)
		to[1] = pc + 1;
}

static void mark_leaders(struct build *b)
{
	const struct ebpf_insn *insns = b->c->insns;

	b->node_of[0] = 0;
	for (uint32_t pc = 0; pc < b->c->n_insns; pc = insn_next(&insns[pc], pc)) {
		uint32_t to[2];

		if (!b->c->facts[pc].reachable || !ends_node(&insns[pc]))
			continue;
		followers(b, pc, to);
		for (int way = 0; way < 2; way++)
			if (to[way] != NO_WAY)
				b->node_of[to[way]] = 0;
	}
}

static void end_node(struct build *b, struct node *n, uint32_t pc)
{
	uint32_t to[2];

	n->end = insn_next(&b->c->insns[pc], pc);
	n->frame = frame_of(b->c, pc);
	followers(b, pc, to);
	for (int way = 0; way < 2; way++)
		n->succ[way] = to[way] == NO_WAY ? NO_NODE : b->node_of[to[way]];
}

static int find_nodes(struct build *b)
{
	const struct compile *p = b->c;
	uint32_t pc;

	b->node_of = arena_alloc(b->c->arena, (p->n_insns + 1) * sizeof(*b->node_of));
	if (!b->node_of)
		return -1;
	for (pc = 0; pc <= p->n_insns; pc++)
		b->node_of[pc] = NO_NODE;
	mark_leaders(b);
	for (pc = 0; pc < p->n_insns; pc++)
		if (b->node_of[pc] != NO_NODE)
			b->node_of[pc] = (int32_t)b->n_nodes++;
	b->cap_nodes = b->n_nodes + copies_max(b);
	b->nodes = arena_alloc(b->c->arena, b->cap_nodes * sizeof(*b->nodes));
	if (!b->nodes)
		return -1;
	for (uint32_t n = 0, at = 0; n < b->n_nodes; n++) {
		while (b->node_of[at] == NO_NODE)
			at++;
		b->nodes[n].first = pc = at;
		while (!ends_node(&p->insns[pc]) && b->node_of[insn_next(&p->insns[pc], pc)] == NO_NODE)
			pc = insn_next(&p->insns[pc], pc);
		end_node(b, &b->nodes[n], pc);
		at = pc + 1;
	}
	return 0;
}

/* Depth first; a way to a node that is still open comes from later in the order, so that node heads a loop. */
static int order_nodes(struct build *b)
{
	enum { NEW, OPEN_0, OPEN_1, OPEN_2, DONE };
	uint32_t *stack = arena_alloc(b->c->arena, b->n_nodes * sizeof(*stack));
	uint32_t depth = 0, end = b->n_nodes; /* the stack grows from below, the order from above; they don't meet before the end */

	b->order = stack;
	if (!stack)
		return -1;

	stack[depth++] = 0;
	b->nodes[0].mark = OPEN_0;
	while (depth) {
		struct node *n = &b->nodes[stack[depth - 1]];
		int32_t to;

		if (n->mark == OPEN_2) {
			uint32_t done = stack[--depth];

			n->mark = DONE;
			b->order[--end] = done;
			n->rpo = end;
			continue;
		}
		to = n->succ[n->mark++ - OPEN_0];
		if (to == NO_NODE)
			continue;
		if (b->nodes[to].mark == NEW) {
			b->nodes[to].mark = OPEN_0;
			stack[depth++] = (uint32_t)to;
		} else if (b->nodes[to].mark != DONE) {
			b->nodes[to].loop = 1;
		}
	}
	b->n_order = b->n_nodes - end;
	b->order += end;
	return 0;
}

/* ---- joining ways ---- */

static void close_phis(struct build *b, struct block *at, struct value **var)
{
	(void)b;
	for (struct value *v = at->first; v && v->op == IR_PHI; v = v->next)
		v->phi[at->n_pred - 1] = var[v->order];
}

/* From b->at to a node, which takes the variables as they are now. */
static void leave(struct build *b, int way, int32_t to)
{
	struct node *n = &b->nodes[to];
	struct way_in *w;

	if (n->block) {
		if (!ir_edge(b->f, b->at, way, n->block))
			close_phis(b, n->block, b->var);
		return;
	}
	w = arena_alloc(b->c->arena, sizeof(*w));
	if (!w)
		return;
	w->from = b->at;
	w->way = way;
	w->var = arena_alloc(b->c->arena, sizeof(b->var));
	if (w->var)
		memcpy(w->var, b->var, sizeof(b->var));
	w->next = n->ways;
	n->ways = w;
}

static struct value *phi_of(struct build *b, unsigned int var)
{
	struct value *v = ir_new(b->f, IR_PHI, place(b));
	uint32_t k = b->at->n_pred;

	if (!v)
		return NULL;
	v->order = var;
	v->phi = arena_alloc(b->c->arena, b->at->cap_pred * sizeof(*v->phi));
	if (!v->phi)
		return NULL;
	for (struct way_in *w = b->node->ways; w; w = w->next)
		v->phi[--k] = w->var[var]; /* edges were made in this order, and numbered from the end */
	ir_append(b->at, v);
	return v;
}

static struct value *joined(struct build *b, unsigned int var)
{
	struct way_in *w = b->node->ways;
	struct value *v = w->var[var];

	for (; w; w = w->next)
		if (w->var[var] != v)
			return phi_of(b, var);
	return b->node->loop ? phi_of(b, var) : v;
}

static void enter(struct build *b)
{
	struct node *n = b->node;
	uint32_t count = 0, k;
	struct way_in **ways;

	b->at = n->block = ir_block(b->f, place(b));
	for (struct way_in *w = n->ways; w; w = w->next)
		count++;
	ways = arena_alloc(b->c->arena, (count + 1) * sizeof(*ways));
	if (!b->at || !ways)
		return;
	k = count;
	for (struct way_in *w = n->ways; w; w = w->next)
		ways[--k] = w;
	for (; k < count; k++)
		if (ir_edge(b->f, ways[k]->from, ways[k]->way, b->at))
			return;
	for (unsigned int var = 0; var < N_VARS; var++)
		b->var[var] = n->in & bit(var) ? joined(b, var) : NULL;
	b->var[EBPF_REGS - 1] = NULL; /* made when it is read */
}

static void start_rounds(struct build *b, const struct frame *f)
{
	if (b->rounds[f->depth])
		b->var[b->rounds[f->depth]] = konst(b, MAY_GOTO_MOST);
}

static void enter_program(struct build *b)
{
	struct node *n = b->node;

	b->at = ir_block(b->f, 0);
	for (unsigned int var = 0; var < N_VARS; var++)
		b->var[var] = konst(b, 0);
	b->var[1] = ir_special(b->f, SR_CTX);
	b->var[EBPF_REGS - 1] = ir_special(b->f, SR_FP);
	start_rounds(b, b->c->frames);
	if (b->f->keeps_front && has_tail_calls(b->c))
		b->var[VAR_FRONT] = front_so_far(b);
	if (n->loop && b->at) { /* the entry block has no way in, so that it can't be a loop's head */
		leave(b, 0, 0);
		emit(b, IR_JMP, NULL, NULL);
		enter(b);
	} else {
		n->block = b->at;
	}
}

/* ---- control flow ---- */

/* 1 taken, 0 not, -1 not known while building. */
static int outcome(const struct build *b, int cc, int w, const struct value *x, const struct value *y)
{
	if (ir_is_const(x) && ir_is_const(y))
		return ir_holds(cc, w, (uint64_t)x->imm, (uint64_t)y->imm);
	if (x == b->not_null && ir_is_const(y) && !y->imm && !w && (cc == OP_JEQ || cc == OP_JNE))
		return cc == OP_JNE;
	return -1;
}

static void emit_branch(struct build *b, int cc, int w, struct value *x, struct value *y, uint8_t odds)
{
	struct value *v = emit_w(b, IR_BR, w, x, y);

	if (!v)
		return;
	v->cc = (uint8_t)cc;
	v->odds = odds;
}

void jump(struct build *b, struct block *to)
{
	emit(b, IR_JMP, NULL, NULL);
	ir_edge(b->f, b->at, 0, to);
}

void branch(struct build *b, int cc, struct value *x, struct value *y, uint8_t odds, struct block *taken, struct block *other)
{
	int known;

	if (b->c->arena->failed)
		return;
	known = outcome(b, cc, 0, x, y);
	if (known >= 0) {
		jump(b, known ? taken : other);
		return;
	}
	emit_branch(b, cc, 0, x, y, odds);
	ir_edge(b->f, b->at, 0, taken);
	ir_edge(b->f, b->at, 1, other);
}

static int condition_of(const struct ebpf_insn *i)
{
	static const uint8_t cc[16] = {
		[EBPF_JEQ >> 4] = OP_JEQ, [EBPF_JNE >> 4] = OP_JNE, [EBPF_JGT >> 4] = OP_JGT, [EBPF_JGE >> 4] = OP_JGE,
		[EBPF_JLT >> 4] = OP_JLT, [EBPF_JLE >> 4] = OP_JLE, [EBPF_JSGT >> 4] = OP_JSGT,
		[EBPF_JSGE >> 4] = OP_JSGE, [EBPF_JSLT >> 4] = OP_JSLT, [EBPF_JSLE >> 4] = OP_JSLE,
		[EBPF_JSET >> 4] = OP_JSET,
	};

	return cc[EBPF_OP(i->code) >> 4];
}

/* A test of verify_split.c: whether the register holds something else. */
static void leave_by_kind(struct build *b, const struct ebpf_insn *i)
{
	static const uint8_t tags[] = { [R_PKT] = NIC_TAG_PKT, [R_STACK] = NIC_TAG_STACK, [R_MAP_VALUE] = NIC_TAG_MAP };
	const struct split *s = &b->c->splits[i->imm];
	struct value *x = *reg_at(b, ebpf_dst(i));

	if (s->region == R_MAP_PTR && map_is_template(b->c->prog, s->map)) { /* those come as pointers */
		emit_branch(b, OP_JLE, 0, x, konst(b, MAP_ANY), ODDS_ONE / 2);
		leave(b, 0, b->node->succ[0]);
		leave(b, 1, b->node->succ[1]);
		return;
	}
	if (s->region != R_MAP_PTR && s->region != R_SCALAR && !s->is_exact) /* a map is its number, and no pointer is 0 */
		x = emit_field(b, IR_UBFX, x, 60, 4);
	emit_branch(b, OP_JNE, 0, x, s->is_exact ? map_byte(b, s->map, s->off) :
		    konst(b, s->region == R_MAP_PTR ? s->map : s->region == R_SCALAR ? 0 : tags[s->region]), ODDS_ONE / 2);
	leave(b, 0, b->node->succ[0]);
	leave(b, 1, b->node->succ[1]);
}

/* may_goto */
static void leave_by_count(struct build *b)
{
	struct value **left = &b->var[b->rounds[b->node->frame->depth]], *next = emit(b, IR_SUB, *left, konst(b, 1));

	if (b->node->succ[0] == b->node->succ[1]) {
		emit(b, IR_JMP, NULL, NULL);
		leave(b, 0, b->node->succ[0]);
		return;
	}
	emit_branch(b, OP_JEQ, 0, *left, konst(b, 0), 1);
	leave(b, 0, b->node->succ[0]);
	*left = next;
	leave(b, 1, b->node->succ[1]);
}

static void leave_by_jump(struct build *b, const struct ebpf_insn *i)
{
	const struct node *n = b->node;
	int w = EBPF_CLASS(i->code) == EC_JMP32, cc = condition_of(i), known;
	struct value *x = *reg_at(b, ebpf_dst(i)), *y = i->code & EBPF_X ? *reg_at(b, ebpf_src(i)) : imm_of(b, i);

	if (b->c->arena->failed)
		return;
	known = outcome(b, cc, w, x, y);
	if (known >= 0 || n->succ[0] == n->succ[1]) {
		emit(b, IR_JMP, NULL, NULL);
		leave(b, 0, n->succ[known == 0]);
		return;
	}
	emit_branch(b, cc, w, x, y, odds_of(b, b->pc, x));
	leave(b, 0, n->succ[0]);
	leave(b, 1, n->succ[1]);
}

static void leave_node(struct build *b, uint32_t last)
{
	const struct ebpf_insn *i = &b->c->insns[last];
	const struct node *n = b->node;

	b->pc = last;
	if (insn_is_exit(i) && !n->frame->depth) {
		emit(b, IR_EXIT, b->var[0], NULL);
	} else if (n->succ[0] == NO_NODE || n->succ[1] == NO_NODE) {
		emit(b, IR_JMP, NULL, NULL);
		leave(b, 0, n->succ[0] == NO_NODE ? n->succ[1] : n->succ[0]);
	} else if (i->code == EBPF_JKIND) {
		leave_by_kind(b, i);
	} else if (i->code == EBPF_MAY_GOTO) {
		leave_by_count(b);
	} else {
		leave_by_jump(b, i);
	}
}

/* ---- translation ---- */

/* A call leaves nothing in r1 to r5. Code that only seems to read them, on a path that can't be, must find a value there. */
static void forget_args(struct build *b)
{
	for (unsigned int r = 1; r <= 5; r++)
		b->var[r] = konst(b, 0);
}

/* The function finds nothing but its arguments. */
static void enter_function(struct build *b, const struct ebpf_insn *i)
{
	const struct frame *f = frame_of(b->c, insn_target(i, b->pc));

	b->var[0] = konst(b, 0);
	for (unsigned int r = 6; r < EBPF_REGS - 1; r++)
		b->var[reg_var(f, r)] = konst(b, 0);
	start_rounds(b, f);
}

/* 0, -1, or 1 when the rest of the node has been translated already. */
static int translate_insn(struct build *b)
{
	const struct ebpf_insn *i = insn_at(b);
	int result;

	switch (EBPF_CLASS(i->code)) {
	case EC_LD:
		return build_wide(b);
	case EC_LDX:
		return build_load(b);
	case EC_ST:
		return build_store(b);
	case EC_STX:
		return EBPF_MODE(i->code) == EBPF_ATOMIC ? build_atomic(b) : build_store(b);
	case EC_ALU:
	case EC_ALU64:
		return build_alu(b);
	default:
		if (insn_is_local_call(i))
			enter_function(b, i);
		if (insn_is_exit(i) && b->node->frame->depth)
			forget_args(b);
		if (EBPF_OP(i->code) != EBPF_CALL || insn_is_local_call(i))
			return 0;
		result = build_call(b);
		forget_args(b);
		return result;
	}
}

static int translate_from(struct build *b, uint32_t pc)
{
	const struct compile *p = b->c;
	uint32_t last = pc;

	for (; pc < b->node->end; pc = insn_next(&p->insns[pc], pc)) {
		int result;

		b->pc = last = pc;
		result = translate_insn(b);
		if (result || b->c->arena->failed)
			return result == 1 ? 0 : -1;
	}
	leave_node(b, last);
	return 0;
}

enum { REST_MAX = 16 };       /* instructions worth translating twice */

int rest_is_zero_test(const struct build *b)
{
	const struct compile *p = b->c;
	uint32_t last = b->node->end - 1;
	const struct ebpf_insn *i = &p->insns[last];
	int of_number = insn_at(b)->imm == HELPER_XDP_ADJUST_HEAD;

	if (last <= b->pc || last - b->pc > REST_MAX || !insn_is_jump(i) || b->node->succ[0] == NO_NODE ||
	    b->node->succ[1] == NO_NODE)
		return 0;
	for (uint32_t pc = b->pc + 1; pc < last; pc++)
		if (p->insns[pc].code == (EC_JMP | EBPF_CALL))
			return 0;
	if (i->imm || i->code & EBPF_X)
		return 0;
	return of_number ? b->c->facts[last].dst.region == R_SCALAR :
	       (i->code == (EC_JMP | EBPF_JEQ) || i->code == (EC_JMP | EBPF_JNE)) && b->c->facts[last].dst.region == R_MAP_VALUE_OR_NULL;
}

int translate_rest(struct build *b, struct block *at, struct value *r0)
{
	struct value *var[N_VARS];
	uint32_t pc = b->pc;
	int result;

	memcpy(var, b->var, sizeof(var));
	b->at = at;
	forget_args(b);
	b->var[0] = r0;
	result = translate_from(b, pc + 1);
	memcpy(b->var, var, sizeof(var));
	b->pc = pc;
	b->not_null = NULL;
	return result;
}

/* The question that build_path.c puts before the program. */
static void translate_need(struct build *b)
{
	emit_branch(b, OP_JLT, 0, emit_place(b, SR_LEN), konst(b, b->node->need), 1);
	leave(b, 0, b->node->succ[0]);
	leave(b, 1, b->node->succ[1]);
}

/* 1 when nodes are left that others lead to: those were behind them in the order, and what came before decided against them while building. */
static int translate_nodes(struct build *b)
{
	int left = 0;

	for (uint32_t k = 0; k < b->n_order; k++) {
		b->node = &b->nodes[b->order[k]];
		b->pc = b->node->first;
		b->not_null = NULL;
		b->moved = b->node->moved;
		if (b->node->block)
			continue;
		if (k == 0)
			enter_program(b);
		else if (b->node->ways)
			enter(b);
		else
			continue;
		if (b->c->arena->failed)
			return -1;
		if (b->node->need)
			translate_need(b);
		else if (translate_from(b, b->node->first))
			return -1;
	}
	for (uint32_t k = 0; k < b->n_order; k++)
		left |= b->nodes[b->order[k]].ways && !b->nodes[b->order[k]].block;
	return left;
}

static void find_moves(struct build *b)
{
	for (uint32_t pc = 0; pc < b->c->n_insns; pc++) {
		const struct helper *h = helper_called(&b->c->insns[pc]);

		if (!h || !b->c->facts[pc].reachable)
			continue;
		b->f->moves |= (h->flags & HELPER_MOVES_PACKET) != 0;
		b->f->has_metadata |= b->c->insns[pc].imm == HELPER_XDP_ADJUST_META;
	}
	if (!has_tail_calls(b->c))
		return;
	b->f->has_metadata |= b->c->image->has_metadata;
	b->f->keeps_front = b->c->image->moves == (MOVES_FRONT | MOVES_BACK);
}

/* What has been done to the packet's start when the call at pc has returned. */
static uint8_t moved_by(struct build *b, uint32_t first, uint32_t pc, uint8_t moved)
{
	unsigned int moves = start_moves(b->c->insns, first, pc);

	if (moves & MOVES_FRONT && moved == START_GAVE && b->c->insns[pc].imm == HELPER_XDP_ADJUST_HEAD)
		b->f->keeps_front = 1;
	if (moves & MOVES_BACK && moved >= START_GREW)
		return START_GAVE;
	if (moves & MOVES_FRONT && moved < START_GREW)
		return START_GREW;
	return moves && !moved ? START_MOVED : moved;
}

/* Tells the nodes what may have been done to the packet's start before them. */
static int mark_moved(struct build *b)
{
	uint32_t *left = arena_alloc(b->c->arena, (START_GAVE + 1) * b->n_nodes * sizeof(*left)), n = 0; /* a node is there once, and again for each time it is told more */

	if (!left)
		return -1;
	for (uint32_t k = 0; k < b->n_nodes; k++) {
		b->nodes[k].moved = has_tail_calls(b->c) ? START_MOVED : 0;
		left[n++] = k;
	}
	while (n) {
		const struct node *from = &b->nodes[left[--n]];
		uint8_t moved = from->moved;

		for (uint32_t pc = from->first; pc < from->end; pc = insn_next(&b->c->insns[pc], pc))
			moved = moved_by(b, from->first, pc, moved);
		for (int way = 0; way < 2; way++)
			if (from->succ[way] != NO_NODE && b->nodes[from->succ[way]].moved < moved) {
				b->nodes[from->succ[way]].moved = moved;
				left[n++] = (uint32_t)from->succ[way];
			}
	}
	return 0;
}

/* any_order: every node can have a way in after it has been translated. 1: that is to be. */
static int build_nodes(struct compile *c, int any_order)
{
	struct build *b = arena_alloc(c->arena, sizeof(*b));
	int left;

	c->func = arena_alloc(c->arena, sizeof(*c->func));
	if (!b || !c->func)
		return -1;
	b->c = c;
	b->f = c->func;
	c->func->c = c;
	find_moves(b);
	if (find_nodes(b) || cells_find(b) || order_nodes(b))
		return -1;
	if (!c->careful && (shorten_path(b) || order_nodes(b) || copy_nodes(b) || order_nodes(b)))
		return -1;
	for (uint32_t n = 0; n < b->n_nodes && any_order; n++)
		b->nodes[n].loop = 1;
	if (mark_moved(b))
		return -1;
	vars_find(b);
	do {
		left = translate_nodes(b);
	} while (left > 0 && any_order);
	if (left)
		return left;
	return cfg_order(c->func) ? -1 : 0;
}

int build_run(struct compile *c)
{
	int left = build_nodes(c, 0);

	return left > 0 ? build_nodes(c, 1) : left;
}
