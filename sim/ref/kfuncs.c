// SPDX-License-Identifier: Apache-2.0
/* Functions of the kernel (kfuncs): dynptrs of packets and iterators over numbers. Both are bytes of the program's stack. */
#include "interp.h"

#include <errno.h>
#include <string.h>

enum { FLAGS_ARE_BAD = -EINVAL, OFFSET_MAX = 0xffff, ROUNDS_MAX = 1 << 23 };
enum { DYNPTR_READ = 201, DYNPTR_WRITE = 202 };

struct dynptr {
	uint64_t context;		/* NULL: there is nothing behind it */
	uint32_t size, offset;
};

struct numbers {
	int32_t current, end;
};

static void give(struct ref_run *run, int64_t result)
{
	run->reg[0] = (uint64_t)result;
}

/* A function whose result has 32 bits. */
static void give_int(struct ref_run *run, int32_t result)
{
	run->reg[0] = (uint32_t)result;
}

static struct dynptr *dynptr_at(struct ref_machine *machine, unsigned int reg)
{
	return (struct dynptr *)(void *)memory_bytes(machine, machine->run->reg[reg], sizeof(struct dynptr), true);
}

static struct numbers *numbers_at(struct ref_machine *machine)
{
	return (struct numbers *)(void *)memory_bytes(machine, machine->run->reg[1], sizeof(struct numbers), true);
}

static bool from_xdp(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;
	struct dynptr *p = dynptr_at(machine, 3);

	if (!p)
		return false;
	if (run->reg[1] != memory_base(REGION_CTX))
		return interp_fault(run, "r1 is not the context");
	memset(p, 0, sizeof(*p));
	if (run->reg[2]) {
		give_int(run, FLAGS_ARE_BAD);
		return true;
	}
	p->context = run->reg[1];
	p->size = (uint32_t)(run->end - run->start);
	give_int(run, 0);
	return true;
}

static bool within(const struct dynptr *p, uint32_t offset, uint32_t length)
{
	return length <= p->size && offset <= p->size - length;
}

/* Of the packet as it is now, which need not be as long any more. */
static bool slice(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;
	const struct dynptr *p = dynptr_at(machine, 1);
	uint32_t offset = (uint32_t)run->reg[2], length = (uint32_t)run->reg[4];

	if (!p)
		return false;
	give(run, 0);
	if (!p->context || !within(p, offset, length))
		return true;
	offset += p->offset;
	if (offset > OFFSET_MAX || offset + length > (uint32_t)(run->end - run->start))
		return true;
	run->reg[0] = memory_base(REGION_PACKET) + (uint64_t)(run->start + (int64_t)offset);
	return true;
}

static bool size_of(struct ref_machine *machine)
{
	const struct dynptr *p = dynptr_at(machine, 1);

	if (p)
		give_int(machine->run, p->context ? (int32_t)p->size : -EINVAL);
	return p;
}

static bool is_null(struct ref_machine *machine)
{
	const struct dynptr *p = dynptr_at(machine, 1);

	if (p)
		give(machine->run, !p->context);
	return p;
}

static bool is_rdonly(struct ref_machine *machine)
{
	give(machine->run, 0);
	return dynptr_at(machine, 1);
}

static bool adjust(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;
	uint32_t start = (uint32_t)run->reg[2], end = (uint32_t)run->reg[3];
	struct dynptr *p = dynptr_at(machine, 1);

	if (!p)
		return false;
	if (!p->context || start > end) {
		give_int(run, -EINVAL);
	} else if (end > p->size) {
		give_int(run, -ERANGE);
	} else {
		p->offset += start;
		p->size = end - start;
		give_int(run, 0);
	}
	return true;
}

static bool clone_to(struct ref_machine *machine)
{
	const struct dynptr *p = dynptr_at(machine, 1);
	struct dynptr *to = dynptr_at(machine, 2);

	if (!p || !to)
		return false;
	*to = *p;
	give_int(machine->run, p->context ? 0 : -EINVAL);
	return true;
}

/* bpf_dynptr_read(to, length, dynptr, offset, flags), bpf_dynptr_write(dynptr, offset, from, length, flags) */
static bool copy(struct ref_machine *machine, bool reads)
{
	struct ref_run *run = machine->run;
	const struct dynptr *p = dynptr_at(machine, reads ? 3 : 1);
	uint32_t offset = (uint32_t)run->reg[reads ? 4 : 2], length = (uint32_t)run->reg[reads ? 2 : 4];
	uint8_t *own, *packet;

	if (!p)
		return false;
	if (!p->context || (run->reg[5] && (reads || within(p, offset, length)))) {
		give(run, -EINVAL);
		return true;
	}
	if (!within(p, offset, length)) {
		give(run, -E2BIG);
		return true;
	}
	own = memory_bytes(machine, run->reg[reads ? 1 : 3], length, reads);
	if (!own)
		return false;
	offset += p->offset;
	if (offset + length > (uint32_t)(run->end - run->start)) {
		give(run, -EINVAL);
		return true;
	}
	packet = run->packet + run->start + offset;
	memmove(reads ? own : packet, reads ? packet : own, length);
	give(run, 0);
	return true;
}

static bool numbers_new(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;
	int32_t start = (int32_t)run->reg[2], end = (int32_t)run->reg[3];
	struct numbers *n = numbers_at(machine);

	if (!n)
		return false;
	memset(n, 0, sizeof(*n));
	if (start > end) {
		give_int(run, -EINVAL);
	} else if ((int64_t)end - start > ROUNDS_MAX) {
		give_int(run, -E2BIG);
	} else {
		n->current = (int32_t)((uint32_t)start - 1);
		n->end = end;
		give_int(run, 0);
	}
	return true;
}

static bool numbers_next(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;
	struct numbers *n = numbers_at(machine);
	int32_t next;

	if (!n)
		return false;
	next = (int32_t)((uint32_t)n->current + 1);
	if (next >= n->end) {
		memset(n, 0, sizeof(*n));
		give(run, 0);
	} else {
		n->current = next;
		run->reg[0] = run->reg[1];
	}
	return true;
}

static bool numbers_destroy(struct ref_machine *machine)
{
	struct numbers *n = numbers_at(machine);

	if (n)
		memset(n, 0, sizeof(*n));
	return n;
}

/* The packet lies in one piece. */
static bool pull(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;

	if (run->reg[1] != memory_base(REGION_CTX))
		return interp_fault(run, "r1 is not the context");
	give_int(run, (uint32_t)run->reg[2] > (uint32_t)(run->end - run->start) ? -EINVAL : 0);
	return true;
}

static bool no_metadata(struct ref_machine *machine)
{
	give_int(machine->run, -EOPNOTSUPP);
	return true;
}

static const struct {
	const char *name;
	bool (*call)(struct ref_machine *machine);
} kfuncs[] = {
	{ "bpf_dynptr_from_xdp", from_xdp },
	{ "bpf_dynptr_slice", slice },
	{ "bpf_dynptr_slice_rdwr", slice },
	{ "bpf_dynptr_size", size_of },
	{ "bpf_dynptr_is_null", is_null },
	{ "bpf_dynptr_is_rdonly", is_rdonly },
	{ "bpf_dynptr_adjust", adjust },
	{ "bpf_dynptr_clone", clone_to },
	{ "bpf_xdp_pull_data", pull },
	{ "bpf_xdp_metadata_rx_timestamp", no_metadata },
	{ "bpf_xdp_metadata_rx_hash", no_metadata },
	{ "bpf_xdp_metadata_rx_vlan_tag", no_metadata },
	{ "bpf_iter_num_new", numbers_new },
	{ "bpf_iter_num_next", numbers_next },
	{ "bpf_iter_num_destroy", numbers_destroy },
};
enum { KFUNCS = sizeof(kfuncs) / sizeof(*kfuncs) };

int32_t ref_kfunc(const char *name)
{
	for (int32_t n = 0; n < KFUNCS; n++)
		if (!strcmp(kfuncs[n].name, name))
			return n + 1;
	return 0;
}

bool kfunc_call(struct ref_machine *machine, int32_t kfunc)
{
	if (kfunc < 1 || kfunc > KFUNCS)
		return interp_fault(machine->run, "this kernel function is not interpreted");
	return kfuncs[kfunc - 1].call(machine);
}

bool kfunc_is_helper(int32_t helper)
{
	return helper == DYNPTR_READ || helper == DYNPTR_WRITE;
}

bool kfunc_helper(struct ref_machine *machine, int32_t helper)
{
	return copy(machine, helper == DYNPTR_READ);
}
