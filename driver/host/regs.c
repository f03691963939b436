// SPDX-License-Identifier: Apache-2.0
/*
 * The host's map memory as a NIC's registers show theirs, so that the drivers' code for maps (driver/common/) works on it: slots, tries, records,
 * routes. A command on a hash map is done at once.
 */
#include <string.h>

#include "hw/spec/isa.h"
#include "host_impl.h"

enum { MAPMEM_BYTES = REG_MAPMEM_COUNT * REG_MAPMEM_STRIDE, MAPSTATE_BYTES = REG_MAPSTATE_COUNT * REG_MAPSTATE_STRIDE, STATE_WORDS = 3 };
enum { REST = 1u << STATUS_IDLE_LSB };

static uint32_t *register_at(struct host_shim *s, uint32_t offset)
{
	uint32_t map = (offset - REG_MAPSTATE) / REG_MAPSTATE_STRIDE, word = (offset - REG_MAPSTATE) % REG_MAPSTATE_STRIDE / 4;

	if (offset >= REG_MAPMEM && offset - REG_MAPMEM < MAPMEM_BYTES)
		return (uint32_t *)(void *)(s->prog->memory + (size_t)s->part * MAPMEM_BYTES + (offset - REG_MAPMEM));
	if (offset - REG_MAPSTATE < MAPSTATE_BYTES && map < s->prog->n_maps && word < STATE_WORDS)
		return &s->prog->hash[map].state[word];
	if (offset - REG_MAPBUF < sizeof(s->operand))
		return &s->operand[(offset - REG_MAPBUF) / 4];
	return &s->other;
}

/* The ports are the wires. */
static int is_ifindex(const struct host_shim *s, uint32_t offset)
{
	return offset >= REG_PORT && offset - REG_PORT < s->prog->wires * REG_PORT_STRIDE && (offset - REG_PORT) % REG_PORT_STRIDE == 4 * NIC_PORT_IFINDEX;
}

static uint32_t reg_read(void *ctx, uint32_t offset)
{
	struct host_shim *s = ctx;

	if (is_ifindex(s, offset))
		return HOST_IFINDEX + (offset - REG_PORT) / REG_PORT_STRIDE;
	switch (offset) {
	case REG_MAPCMD:
		return 0;
	case REG_CAP_NIC:
		return s->prog->wires << CAP_NIC_PORTS_LSB;
	case REG_MAPCMD_LO:
		return (uint32_t)s->result;
	case REG_MAPCMD_HI:
		return (uint32_t)(s->result >> 32);
	case REG_STATUS:
		return REST;
	default:
		return *register_at(s, offset);
	}
}

static void command(struct host_shim *s, uint32_t value)
{
	uint32_t map = value >> MAPCMD_MAP_LSB & 0xff, flags = value >> MAPCMD_FLAGS_LSB & 3;
	const uint8_t *key = (const uint8_t *)s->operand;

	switch (value & 0xff) {
	case OP_MLOOK:
		s->result = host_call_look(s->prog, map, key);
		break;
	case OP_MUPD:
		s->result = host_call_update(s->prog, map, key, key + NIC_KEY_BYTES, flags, 0);
		break;
	case OP_MDEL:
		s->result = host_call_delete(s->prog, map, key);
		break;
	default:
		break;
	}
}

static void reg_write(void *ctx, uint32_t offset, uint32_t value)
{
	struct host_shim *s = ctx;

	if (offset == REG_MAPWIN)
		s->part = value;
	else if (offset == REG_MAPCMD)
		command(s, value);
	else
		*register_at(s, offset) = value;
}

void host_shim_open(struct host_prog *p, struct host_shim *shim, struct nic_regs *regs)
{
	memset(shim, 0, sizeof(*shim));
	shim->prog = p;
	*regs = (struct nic_regs){.read = reg_read, .write = reg_write, .ctx = shim};
}
