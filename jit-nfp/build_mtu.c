// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* bpf_check_mtu(): the host's links (hw/spec/image.h, "Routing") know the MTU; all of them have Ethernet headers. */
#include "build_bytes.h"
#include "build_ring.h"

enum { E_NODEV = 19, E_INVAL = 22, ETHERNET = 14, TOO_LONG = 1 };

/* y where x is 0, else z; x is below 2^32. */
static struct value *if_zero(struct build *b, struct value *x, struct value *y, struct value *z)
{
	struct value *zero = emit(b, IR_ARSH, emit(b, IR_SUB, x, konst(b, 1)), konst(b, 63));

	return emit(b, IR_XOR, z, emit(b, IR_AND, zero, emit(b, IR_XOR, y, z)));
}

static struct value *link_of(struct build *b, unsigned int map, struct value *ifindex)
{
	struct value *link = emit(b, IR_LOOKR, if_zero(b, ifindex, ir_special(b->f, SR_IFINDEX), ifindex), konst(b, 0));

	if (!link)
		return NULL;
	link->map = (uint8_t)map;
	link->region[0] = link->region[1] = R_NONE;
	return link;
}

/* r1 ctx, r2 interface, r3 where the length is and the MTU goes, r4 how much longer the packet will be, r5 flags, of which XDP has none */
int build_mtu(struct build *b)
{
	unsigned int map = (unsigned int)map_named(b->c->prog, FIB_LINKS);
	struct buffer m = buffer_of(b, 2);
	struct value *link, *mtu, *given, *length, *limit;
	struct fails f;

	if (fail_start(b, &f))
		return -1;
	check(b, OP_JNE, b->var[5], konst(b, 0), fail(b, &f, E_INVAL));
	link = link_of(b, map, emit_field(b, IR_UBFX, b->var[2], 0, 32));
	check(b, OP_JEQ, link, konst(b, 0), fail(b, &f, E_NODEV));
	mtu = map_access(b, IR_MLD, map, link, 4, 4, NULL);
	given = read_bytes(b, &m, 0, 4);
	length = if_zero(b, given, emit_place(b, SR_LEN), emit(b, IR_ADD, given, konst(b, ETHERNET)));
	length = emit_field(b, IR_SBFX, emit(b, IR_ADD, length, b->var[4]), 0, 32);
	limit = emit_field(b, IR_SBFX, emit(b, IR_ADD, mtu, konst(b, ETHERNET)), 0, 32);
	write_bytes(b, &m, 0, 4, mtu);
	check(b, OP_JSGT, length, limit, fail(b, &f, -TOO_LONG));
	return fail_end(b, &f, konst(b, 0));
}
