// SPDX-License-Identifier: Apache-2.0
#include "host.h"

#include <stdio.h>
#include <stdlib.h>

#include "host_impl.h"
#include "jit-nfp/ir.h"

/* A host has no NIC's limits, but an address of map memory has 32 bits. */
static struct target host_target(uint32_t cpus)
{
	struct target t = target_default;

	t.map_words = 1u << 29;
	t.ext_words = 0;
	t.key_bytes = 512;
	t.maps = 256;
	t.cpus = cpus;
	return t;
}

static int build(struct host_prog *p, const struct prog *prog, uint32_t cpus, char why[HOST_WHY])
{
	struct target target = host_target(cpus);
	struct diag diag = {.insn = -1};
	struct arena arena;
	struct compile c = {.arena = &arena, .prog = prog, .target = &target, .diag = &diag};
	size_t size = nicjit_mem_size(prog->n_insns, prog->n_maps);
	void *memory = malloc(size);
	int result = -1;

	if (!memory)
		return snprintf(why, HOST_WHY, "out of memory"), -1;
	arena_init(&arena, memory, size);
	if (compile_values(&c))
		snprintf(why, HOST_WHY, "%s%s%s", diag.text[0] ? diag.text : "out of memory", diag.note[0] ? "; " : "", diag.note);
	else if (!host_maps_open(p, prog, c.maps, c.map_words, why))
		result = host_translate(p, c.func, why);
	free(memory);
	return result;
}

struct host_prog *host_compile(const struct prog *prog, uint32_t cpus, char why[HOST_WHY])
{
	struct host_prog *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->random = NIC_RND_SEED;
	if (!build(p, prog, cpus, why))
		return p;
	host_free(p);
	return NULL;
}

void host_free(struct host_prog *p)
{
	if (!p)
		return;
	host_jit_free(p);
	host_maps_close(p);
	free(p);
}

/* The generator's state is one for all packets; when several threads draw at once, two may get one number. */
uint32_t host_run(struct host_prog *p, struct host_packet *packet)
{
	struct host_frame frame = {
		.buffer = packet->data - NIC_HEADROOM, .memory = p->memory, .prog = p, .time = packet->time, .len = packet->len,
		.ifindex = packet->ifindex, .queue = packet->queue, .cpu = packet->cpu, .random = p->random,
	};
	uint32_t verdict = p->code(&frame);

	if (frame.random != p->random)
		p->random = frame.random;
	packet->target = frame.target;
	packet->data = frame.buffer + frame.head;
	packet->len = frame.len;
	packet->meta_len = frame.head - frame.meta;
	return verdict;
}
