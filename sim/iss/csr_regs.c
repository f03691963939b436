// SPDX-License-Identifier: Apache-2.0
#include "iss.h"

enum { TIME_FRACTION = 24, DESC_WORDS = 8 };

void csr_regs_reset(struct iss *n)
{
	n->threads = ISS_THREADS;
	n->watchdog = 1048575;
	n->time_inc = 0x04000000;
	n->rnd = NIC_RND_SEED;
	n->ifindex = 1;
}

void csr_regs_fault(struct iss *n, const struct iss_done *done)
{
	n->fault_cause = done->cause;
	n->fault_thread = done->thread;
	n->fault_pc = done->fault_pc;
	n->fault_addr = done->fault_addr;
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
	return n->idle == ISS_ALL_THREADS && !n->queue_count && n->engine.state == ENGINE_IDLE &&
	       n->cycle >= n->vu.free;
}

static bool in_array(uint32_t addr, uint32_t offset, uint32_t count, uint32_t stride)
{
	return addr >= offset && addr < offset + count * stride;
}

#define IN(addr, NAME) in_array(addr, REG_##NAME, REG_##NAME##_COUNT, REG_##NAME##_STRIDE)

static bool needs_idle(uint32_t addr)
{
	return IN(addr, IMEM) || IN(addr, MAPMEM) || IN(addr, MAPDESC) || IN(addr, MAPSTATE);
}

static uint32_t *mapstate(struct iss *n, uint32_t addr)
{
	struct iss_desc *d = &n->desc[(addr - REG_MAPSTATE) / REG_MAPSTATE_STRIDE % ISS_MAPS];

	switch (addr / 4 % 4) {
	case 0: return &d->free;
	case 1: return &d->next;
	case 2: return &d->spare;
	default: return NULL;
	}
}

static uint64_t *mapmem(struct iss *n, uint32_t addr)
{
	return &n->mem[(addr - REG_MAPMEM) / REG_MAPMEM_STRIDE % ISS_MAP_WORDS];
}

static uint32_t read_array(struct iss *n, uint32_t addr)
{
	if (IN(addr, COUNTER)) {
		unsigned int i = (addr - REG_COUNTER) / REG_COUNTER_STRIDE;
		uint64_t v = i == NIC_CNT_CYCLES ? n->cycle : n->counter[i];

		if (addr & 4)
			return n->counter_latch;
		n->counter_latch = v >> 32;
		return (uint32_t)v;
	}
	if (IN(addr, MAPDESC))
		return n->desc[(addr - REG_MAPDESC) / REG_MAPDESC_STRIDE % ISS_MAPS]
			.word[addr / 4 % DESC_WORDS];
	if (IN(addr, MAPSTATE))
		return mapstate(n, addr) ? *mapstate(n, addr) : 0;
	if (IN(addr, MAPMEM)) {
		if (addr & 4)
			return n->mapmem_latch_r;
		n->mapmem_latch_r = *mapmem(n, addr) >> 32;
		return (uint32_t)*mapmem(n, addr);
	}
	return 0;
}

uint32_t csr_regs_read(struct iss *n, uint32_t addr)
{
	uint32_t v;

	addr &= ~3u;
	if (needs_idle(addr) && !n->host_idle) {
		n->host_err = true;
		return 0;
	}
	switch (addr) {
	case REG_ID: return 0x4e494a43;
	case REG_VERSION: return 1;
	case REG_CAP_CORE:
		return ISS_LANES << CAP_CORE_LANES_LSB | ISS_REGS << CAP_CORE_REGS_LSB |
		       ISS_THREADS << CAP_CORE_THREADS_LSB;
	case REG_CAP_IMEM: return ISS_IMEM;
	case REG_CAP_MAP: return ISS_MAP_WORDS;
	case REG_CAP_MAPS: return ISS_MAPS;
	case REG_CTRL: return n->ctrl;
	case REG_STATUS:
		v = (uint32_t)n->host_idle << STATUS_IDLE_LSB | (uint32_t)n->host_err
									<< STATUS_HOST_ERR_LSB;
		n->host_err = false;
		return v;
	case REG_THREADS: return n->threads;
	case REG_ENTRY: return n->entry;
	case REG_WATCHDOG: return n->watchdog;
	case REG_TIME_LO:
		n->time_latch = csr_regs_time(n, n->cycle) >> 32;
		return (uint32_t)csr_regs_time(n, n->cycle);
	case REG_TIME_HI: return n->time_latch;
	case REG_TIME_INC: return n->time_inc;
	case REG_RND: return n->rnd;
	case REG_IFINDEX: return n->ifindex;
	case REG_RXQ: return n->rxq;
	case REG_FAULT_INFO:
		return n->fault_cause << FAULT_INFO_CAUSE_LSB | n->fault_thread
									<< FAULT_INFO_THREAD_LSB;
	case REG_FAULT_PC: return n->fault_pc;
	case REG_FAULT_ADDR_LO: return (uint32_t)n->fault_addr;
	case REG_FAULT_ADDR_HI: return n->fault_addr >> 32;
	default: return read_array(n, addr);
	}
}

static void set_time(struct iss *n, unsigned __int128 fixed)
{
	n->time_base = fixed;
	n->time_base_cycle = n->cycle + 1;
}

static void write_desc(struct iss *n, uint32_t addr, uint32_t value)
{
	struct iss_desc *d = &n->desc[(addr - REG_MAPDESC) / REG_MAPDESC_STRIDE % ISS_MAPS];

	d->word[addr / 4 % DESC_WORDS] = value;
	if (addr / 4 % DESC_WORDS == NIC_DESC_TYPE)
		d->type = 0; /* until the last word is written */
	d->key_size = d->word[NIC_DESC_TYPE] >> 16;
	d->value_size = d->word[NIC_DESC_VALUE_SIZE];
	d->values = d->word[NIC_DESC_VALUES];
	d->limit = d->word[NIC_DESC_LIMIT];
	d->buckets = d->word[NIC_DESC_BUCKETS];
	d->mask = d->word[NIC_DESC_MASK];
	d->stride = d->word[NIC_DESC_STRIDE];
	d->seed = d->word[NIC_DESC_SEED];
	if (addr / 4 % DESC_WORDS != NIC_DESC_SEED)
		return;
	d->type = (uint8_t)d->word[NIC_DESC_TYPE];
	d->free = 0;
	d->next = d->values;
	d->spare = d->limit - d->stride;
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

static void write_array(struct iss *n, uint32_t addr, uint32_t value)
{
	if (IN(addr, IMEM)) {
		write_imem(n, addr, value);
	} else if (IN(addr, MAPDESC)) {
		write_desc(n, addr, value);
	} else if (IN(addr, MAPSTATE)) {
		if (mapstate(n, addr))
			*mapstate(n, addr) = value;
	} else if (IN(addr, MAPMEM)) {
		if (addr & 4)
			*mapmem(n, addr) = (uint64_t)value << 32 | n->mapmem_latch_w;
		else
			n->mapmem_latch_w = value;
	}
}

void csr_regs_write(struct iss *n, uint32_t addr, uint32_t value)
{
	addr &= ~3u;
	if (needs_idle(addr) && !n->host_idle) {
		n->host_err = true;
		return;
	}
	switch (addr) {
	case REG_CTRL: n->ctrl = value & (1u << CTRL_RUN_LSB | 1u << CTRL_REPORT_LSB); break;
	case REG_THREADS: n->threads = value & 0xff; break;
	case REG_ENTRY: n->entry = value & 0x1fff; break;
	case REG_WATCHDOG: n->watchdog = value; break;
	case REG_TIME_LO: n->time_lo = value; break;
	case REG_TIME_HI:
		set_time(n, (unsigned __int128)((uint64_t)value << 32 | n->time_lo)
				    << TIME_FRACTION);
		break;
	case REG_TIME_INC:
		set_time(n, time_fixed(n, n->cycle + 1));
		n->time_inc = value;
		break;
	case REG_RND: n->rnd = value ? value : (uint32_t)NIC_RND_SEED; break;
	case REG_IFINDEX: n->ifindex = value; break;
	case REG_RXQ: n->rxq = value; break;
	default: write_array(n, addr, value); break;
	}
}
