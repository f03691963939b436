// SPDX-License-Identifier: Apache-2.0
#include "host.h"

#include <stdio.h>
#include <stdlib.h>

#include "host_impl.h"
#include "jit-nfp/ir.h"
#include "jit-nfp/tc.h"

/* A host has no NIC's limits, but an address of map memory has 32 bits. */
static struct target host_target(uint32_t cpus)
{
	struct target t = target_default;

	t.map_words = 1u << 29;
	t.ext_words = 0;
	t.queues = t.frame_max = 0; /* the caller's packets, which may be longer than HOST_LEN_MAX */
	t.maps = HOST_MAPS;
	t.cpus = cpus;
	t.no_timers = "they run on the NIC alone";
	return t;
}

static uint32_t count(const struct prog *prog)
{
	uint32_t n = 0;

	for (; prog; prog = prog->next)
		n++;
	return n;
}

static size_t memory_for(const struct prog *prog)
{
	size_t size = 0;

	for (; prog; prog = prog->next)
		size += nicjit_mem_size(nicjit_insns(prog), prog->n_maps) + sizeof(struct compile);
	return size;
}

/* All programs that tail calls may lead to, with the same maps. */
static int compile(struct compile *all, uint32_t n, const struct prog *prog, const struct target *target, struct arena *arena, struct diag *diag,
		   struct compile_image *image)
{
	*image = (struct compile_image){.n_programs = n};
	for (uint32_t k = 0; k < n; k++, prog = prog->next) {
		all[k] = (struct compile){.arena = arena, .prog = prog, .target = target, .diag = diag, .image = image};
		if ((prog->tc && tc_run(&all[k], prog)) || compile_note_calls(&all[k]))
			return -1;
	}
	image->tail_calls = n > 1;
	for (uint32_t k = 0; k < n; k++)
		if (compile_values(&all[k]))
			return -1;
	return 0;
}

static int open_programs(struct host_prog *p, uint32_t n)
{
	p->entry = calloc(n, sizeof(*p->entry));
	p->programs = calloc(n, sizeof(*p->programs));
	if (!p->entry || !p->programs)
		return -1;
	for (uint32_t k = 0; k < n; k++)
		p->programs[k].entry = k;
	p->header.n_programs = n;
	p->image.programs = p->programs;
	return 0;
}

static int build(struct host_prog *p, const struct prog *prog, uint32_t cpus, char why[HOST_WHY])
{
	struct target target = host_target(cpus);
	struct diag diag = {.insn = -1};
	struct arena arena;
	struct compile_image image;
	struct compile *all;
	size_t size = memory_for(prog);
	void *memory = malloc(size);
	uint32_t n = count(prog);
	int result = -1;

	snprintf(why, HOST_WHY, "out of memory");
	if (!memory || open_programs(p, n))
		return free(memory), -1;
	arena_init(&arena, memory, size);
	all = arena_alloc(&arena, n * sizeof(*all));
	if (!all || compile(all, n, prog, &target, &arena, &diag, &image))
		snprintf(why, HOST_WHY, "%s%s%s", diag.text[0] ? diag.text : "out of memory", diag.note[0] ? "; " : "", diag.note);
	else if (!host_maps_open(p, prog, all->maps, all->map_words, why))
		result = host_translate(p, all, n, why);
	free(memory);
	return result;
}

struct host_prog *host_compile(const struct prog *prog, uint32_t cpus, uint32_t wires, char why[HOST_WHY])
{
	struct host_prog *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->random = NIC_RND_SEED;
	p->wires = wires;
	pthread_mutex_init(&p->control, NULL);
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
	pthread_mutex_destroy(&p->control);
	free(p->names);
	free(p->entry);
	free(p->programs);
	free(p);
}
