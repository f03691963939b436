// SPDX-License-Identifier: Apache-2.0
#include "dma_host.h"
#include "fabric.h"
#include "map.h"

enum { TIME_FRACTION = 24 };

void csr_regs_reset(struct iss *n)
{
	n->threads = ISS_THREADS;
	n->watchdog = 1048575;
	n->time_inc = 0x04000000;
}

static void set_fault(struct iss *n, unsigned int context, unsigned int cause, uint16_t pc, uint64_t addr)
{
	n->fault_cause = cause;
	n->fault_context = context;
	n->fault_pc = pc;
	n->fault_addr = addr;
}

void csr_regs_fault(struct iss *n, const struct device_completion *c)
{
	set_fault(n, c->core * ISS_THREADS + c->thread, c->cause, c->fault_pc, c->fault_addr);
}

/* The lowest tile's is kept; that of a packet, which comes later in the cycle, replaces it. */
void csr_regs_posted_fault(struct iss_tile *c, unsigned int thread, uint16_t pc, uint64_t addr)
{
	struct iss *n = c->nic;

	c->count_posted_fault++;
	if (n->fault_posted == n->cycle + 1)
		return;
	n->fault_posted = n->cycle + 1;
	set_fault(n, c->core * ISS_THREADS + thread, CAUSE_MAP, pc, addr);
}

static unsigned __int128 time_fixed(const struct iss *n, uint64_t cycle)
{
	return n->time_base + (unsigned __int128)n->time_inc * (cycle - n->time_base_cycle);
}

uint64_t csr_regs_time(const struct iss *n, uint64_t cycle)
{
	return (uint64_t)(time_fixed(n, cycle) >> TIME_FRACTION);
}

bool csr_regs_is_idle(const struct iss *n)
{
	return fabric_is_idle(n) && map_is_idle(n);
}

/* What was cut off on its way to host memory is under way until the host side has been at rest once. */
static bool in_reset(const struct iss *n)
{
	return csr_regs_in_reset(n) || (n->cutting && !dma_host_idle(n->dma));
}

static uint32_t status(struct iss *n)
{
	bool idle = csr_regs_is_idle(n);
	uint32_t v = (uint32_t)idle << STATUS_IDLE_LSB | (uint32_t)n->host_err << STATUS_HOST_ERR_LSB |
		     (uint32_t)n->fabric->old_seen[0] << STATUS_OLD_LSB |
		     (uint32_t)(idle && fabric_is_empty(n)) << STATUS_EMPTY_LSB |
		     (uint32_t)in_reset(n) << STATUS_RESET_LSB;

	n->host_err = false;
	return v;
}

static bool in_array(uint32_t addr, uint32_t offset, uint32_t count, uint32_t stride)
{
	return addr >= offset && addr < offset + count * stride;
}

#define IN(addr, NAME) in_array(addr, REG_##NAME, REG_##NAME##_COUNT, REG_##NAME##_STRIDE)

/* A port's register, or NULL. */
static uint32_t *port_register(struct iss *n, uint32_t addr)
{
	struct iss_fabric *f = n->fabric;
	unsigned int port = (addr - REG_PORT) / REG_PORT_STRIDE;

	if (port >= f->ports)
		return NULL;
	switch (addr / 4 % (REG_PORT_STRIDE / 4)) {
	case NIC_PORT_ENTRY: return &f->entry[port];
	case NIC_PORT_PROG: return &f->prog[port];
	case NIC_PORT_IFINDEX: return &f->ifindex[port];
	case NIC_PORT_CTRL: return &f->port_ctrl[port];
	case NIC_PORT_TICK: return &f->ticks[port].period;
	default: return NULL;
	}
}

static uint32_t nothing(struct iss *n)
{
	n->host_err = true;
	return 0;
}

static uint32_t read_array(struct iss *n, uint32_t addr)
{
	struct iss_fabric *f = n->fabric;

	if (host_is_register(addr))
		return host_read(n, addr);
	if (IN(addr, COUNTER))
		return csr_counters_read(n, addr);
	if (IN(addr, PORT) && port_register(n, addr))
		return *port_register(n, addr);
	if (IN(addr, RSS_KEY))
		return f->rss_key[(addr - REG_RSS_KEY) / 4];
	if (IN(addr, RSS_TABLE))
		return f->rss_table[(addr - REG_RSS_TABLE) / 4];
	if (IN(addr, IMEM))
		return 0;
	return nothing(n);
}

uint32_t csr_regs_read(struct iss *n, uint32_t addr)
{
	switch (addr) {
	case REG_ID: return 0x4e494a43;
	case REG_VERSION: return REG_VERSION_RESET;
	case REG_CAP_CORE:
		return ISS_LANES << CAP_CORE_LANES_LSB | ISS_REGS << CAP_CORE_REGS_LSB | ISS_THREADS << CAP_CORE_THREADS_LSB;
	case REG_CAP_IMEM: return ISS_IMEM;
	case REG_CAP_MAP: return n->map->words;
	case REG_CAP_MAPS: return ISS_MAPS;
	case REG_CAP_EXT: return n->map->ext.mib;
	case REG_CAP_NIC:
		return n->cores << CAP_NIC_CORES_LSB | n->fabric->ports << CAP_NIC_PORTS_LSB | ISS_QUEUES << CAP_NIC_QUEUES_LSB;
	case REG_CTRL: return n->ctrl;
	case REG_STATUS: return status(n);
	case REG_THREADS: return n->threads;
	case REG_CORES: return n->fabric->cores;
	case REG_WATCHDOG: return n->watchdog;
	case REG_TIME_LO:
		n->time_latch = csr_regs_time(n, n->cycle) >> 32;
		return (uint32_t)csr_regs_time(n, n->cycle);
	case REG_TIME_HI: return n->time_latch;
	case REG_TIME_INC: return n->time_inc;
	case REG_RND: return n->tile[0].rnd;
	case REG_FAULT_INFO: return n->fault_cause << FAULT_INFO_CAUSE_LSB | n->fault_context << FAULT_INFO_CONTEXT_LSB;
	case REG_FAULT_PC: return n->fault_pc;
	case REG_FAULT_ADDR_LO: return (uint32_t)n->fault_addr;
	case REG_FAULT_ADDR_HI: return n->fault_addr >> 32;
	case REG_ORDER: return n->fabric->order_mode;
	case REG_RX_MIN: return n->fabric->rx_min;
	case REG_SNAPSHOT: return csr_counters_busy(n);
	default: return read_array(n, addr);
	}
}

static void set_time(struct iss *n, unsigned __int128 fixed)
{
	n->time_base = fixed;
	n->time_base_cycle = n->cycle + 1;
}

static void write_imem(struct iss *n, uint32_t addr, uint32_t value)
{
	unsigned int bundle = (addr - REG_IMEM) / REG_IMEM_STRIDE, lane = addr / 8 % 4;

	if (!(addr & 4)) {
		n->imem_latch = value;
		return;
	}
	if (bundle >= ISS_IMEM || lane >= ISS_LANES)
		return;
	n->imem_raw[bundle][lane] = (uint64_t)value << 32 | n->imem_latch;
	fp_decode_bundle(&n->imem[bundle], n->imem_raw[bundle]);
}

static void write_port(struct iss *n, uint32_t addr, uint32_t value)
{
	switch (addr / 4 % (REG_PORT_STRIDE / 4)) {
	case NIC_PORT_ENTRY:
		value &= 0x1fff;
		pkt_ingress_old(n);
		break;
	case NIC_PORT_PROG: value &= 7; break;
	case NIC_PORT_CTRL:
		value &= PORT_LOSSLESS_IN | PORT_LOSSLESS_OUT;
		n->fabric->at_in |= (1u << n->fabric->ports) - 1;
		break;
	case NIC_PORT_TICK: pkt_tick_set(n, (addr - REG_PORT) / REG_PORT_STRIDE, value); break;
	default: break;
	}
	*port_register(n, addr) = value;
}

static void write_array(struct iss *n, uint32_t addr, uint32_t value)
{
	struct iss_fabric *f = n->fabric;

	if (IN(addr, IMEM)) {
		write_imem(n, addr, value);
	} else if (IN(addr, PORT) && port_register(n, addr)) {
		write_port(n, addr, value);
	} else if (IN(addr, RSS_KEY)) {
		pkt_inspect_key(f, n->cycle, (addr - REG_RSS_KEY) / 4, value);
	} else if (IN(addr, RSS_TABLE)) {
		pkt_inspect_table(n, (addr - REG_RSS_TABLE) / 4, value);
	} else if (!IN(addr, COUNTER) && !host_is_register(addr)) {
		nothing(n);
	}
}

static void write_ctrl(struct iss *n, uint32_t value)
{
	n->ctrl = value & (1u << CTRL_RUN_LSB | 1u << CTRL_REPORT_LSB | 1u << CTRL_HOST_LOSSLESS_LSB);
	if (value >> CTRL_RESET_LSB & 1)
		n->reset_end = n->cycle + NIC_RESET_CLOCKS + 1;
}

void csr_regs_write(struct iss *n, uint32_t addr, uint32_t value)
{
	switch (addr) {
	case REG_CTRL: write_ctrl(n, value); break;
	case REG_THREADS:
		n->threads = value & 0xff;
		pkt_ingress_masks(n);
		break;
	case REG_CORES:
		n->fabric->cores = value & 0xff;
		pkt_ingress_masks(n);
		break;
	case REG_WATCHDOG: n->watchdog = value; break;
	case REG_TIME_LO: n->time_lo = value; break;
	case REG_TIME_HI:
		set_time(n, (unsigned __int128)((uint64_t)value << 32 | n->time_lo) << TIME_FRACTION);
		break;
	case REG_TIME_INC:
		set_time(n, time_fixed(n, n->cycle + 1));
		n->time_inc = value;
		break;
	case REG_RND:
		for (unsigned int tile = 0; tile < n->cores; tile++)
			fp_core_seed(&n->tile[tile], value);
		break;
	case REG_ORDER: n->fabric->order_mode = value & 3; break;
	case REG_RX_MIN: n->fabric->rx_min = value; break;
	case REG_SNAPSHOT: break; /* was done at the cycle's start */
	case REG_ID: case REG_VERSION: case REG_CAP_CORE: case REG_CAP_IMEM: case REG_CAP_MAP: case REG_CAP_MAPS: case REG_CAP_EXT: case REG_CAP_NIC:
	case REG_STATUS: case REG_FAULT_INFO: case REG_FAULT_PC: case REG_FAULT_ADDR_LO: case REG_FAULT_ADDR_HI:
		break;
	default: write_array(n, addr, value); break;
	}
}
