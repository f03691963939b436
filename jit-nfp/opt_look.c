// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The key of a lookup goes to the map in registers where it is short and its bytes are known: then nobody reads it from packet or stack, and
 * what put it on the stack often has no reader left (opt_stack.c). opt_reload.c does the same with keys on the stack.
 *   look m, data + 30 -> lookr m, win [30], 4 */
#include "opt.h"

enum { HALF = 8, BYTES_MAX = 2 * HALF };

int opt_look_takes(const struct compile *c, const struct value *look)
{
	const struct image_map *m = &c->maps[look->map];

	return look->op == IR_LOOK && !map_is_template(c->prog, look->map) && m->key_size && m->key_size <= BYTES_MAX &&
	       (image_map_is_hash(m->type) || m->type == MAP_TYPE_LPM_TRIE);
}

/* Up to eight bytes of the key, with what tests on the way have said of them where that is less work. */
static struct value *half_of(struct func *f, struct value *look, const struct opt_byte *bytes, unsigned int size)
{
	struct opt_byte tested[HALF];

	for (unsigned int n = 0; n < size; n++)
		tested[n] = opt_tested_byte(f, look->block, bytes[n]);
	if (opt_bytes_cost(f, tested, size) < opt_bytes_cost(f, bytes, size))
		bytes = tested;
	return opt_bytes_value(f, look, bytes, size, 0);
}

void opt_look_with(struct func *f, struct value *look, const struct opt_byte *bytes, unsigned int size)
{
	unsigned int low = size < HALF ? size : HALF;
	struct value *half[2] = { half_of(f, look, bytes, low), ir_const(f, 0) };

	if (size > low)
		half[1] = half_of(f, look, bytes + low, size - low);
	if (!half[0] || !half[1])
		return;
	look->op = IR_LOOKR;
	look->region[0] = look->region[1] = R_NONE;
	memcpy(look->arg, half, sizeof(half));
}

static void visit(struct func *f, struct value *look, unsigned int size)
{
	struct opt_byte bytes[BYTES_MAX];
	int64_t off;

	if (look->region[0] != R_PKT || !ir_is_near(look->arg[0], SR_DATA, &off) || off < 0 || off + size > ISA_WINDOW_BYTES)
		return;
	for (unsigned int n = 0; n < size; n++) {
		struct value *v = ir_new(f, IR_WIN, look->insn);

		if (!v)
			return;
		v->imm = off + n;
		v->width = 1;
		v->len = 8;
		v->bits = 8;
		v->region[0] = R_PKT;
		v->here = look->here;
		v->epoch = opt_mem_epoch(f, v->here, v->imm, 1);
		ir_insert_before(look, v);
		bytes[n] = (struct opt_byte){ v, 0 };
	}
	opt_look_with(f, look, bytes, size);
}

int opt_look_run(struct compile *c)
{
	struct func *f = c->func;

	if (opt_mem_number(f))
		return -1;
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			if (opt_look_takes(c, v))
				visit(f, v, c->maps[v->map].key_size);
	return c->arena->failed ? -1 : 0;
}
