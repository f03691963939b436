// SPDX-License-Identifier: Apache-2.0
/* Maps that are the NIC's own, for helpers which need some: routing, SYN cookies, timers of several programs, what is printed. */
#include "compile.h"
#include "hw/spec/image.h"
#include "load.h"

enum { LINKS = 256, ROUTES4 = 1024, ROUTES6 = 512, HOPS = 512 };

/* Does the program, or one that its tail calls lead to? */
static int calls(const struct prog *first, int helper)
{
	for (const struct prog *p = first; p; p = p->next)
		for (const struct ebpf_insn *i = p->insns; i < p->insns + p->n_insns; i++)
			if (i->code == (EC_JMP | EBPF_CALL) && ebpf_src(i) == EBPF_CALL_HELPER && i->imm == helper)
				return 1;
	return 0;
}

static int wants_cookies(const struct prog *first)
{
	for (int helper = HELPER_TCP_RAW_GEN_SYNCOOKIE_IPV4; helper <= HELPER_TCP_RAW_CHECK_SYNCOOKIE_IPV6; helper++)
		if (calls(first, helper))
			return 1;
	return 0;
}

static int prints(const struct prog *first)
{
	return calls(first, HELPER_TRACE_PRINTK) || calls(first, HELPER_TRACE_VPRINTK);
}

/* From the program to those that its tail calls lead to. */
static int hands_ticks_on(const struct prog *first, const struct prog_map *maps, uint32_t n)
{
	int gives = 0, timers = 0;

	for (const struct prog *p = first->next; p; p = p->next)
		gives |= timer_has_functions(p);
	while (n--)
		timers |= maps[n].timer != 0;
	return gives && timers;
}

/* What bpf_fib_lookup() goes through besides links: hw/spec/image.h, "Routing". */
static uint32_t add_routing(struct prog_map *maps, uint32_t n)
{
	maps[n++] = (struct prog_map){ .name = FIB_ROUTES4, .type = MAP_TYPE_LPM_TRIE, .key_size = 12, .value_size = 8, .max_entries = ROUTES4,
				       .flags = MAP_NO_PREALLOC };
	maps[n++] = (struct prog_map){ .name = FIB_ROUTES6, .type = MAP_TYPE_LPM_TRIE, .key_size = 24, .value_size = 8, .max_entries = ROUTES6,
				       .flags = MAP_NO_PREALLOC };
	maps[n++] = (struct prog_map){ .name = FIB_HOPS, .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = FIB_HOP_BYTES, .max_entries = HOPS };
	return n;
}

uint32_t load_own_maps(const struct prog *first, struct prog_map *maps, uint32_t n)
{
	if (calls(first, HELPER_FIB_LOOKUP) || calls(first, HELPER_CHECK_MTU))
		maps[n++] = (struct prog_map){ .name = FIB_LINKS, .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = LINKS };
	if (calls(first, HELPER_FIB_LOOKUP))
		n = add_routing(maps, n);
	if (wants_cookies(first))
		maps[n++] = (struct prog_map){ .name = COOKIE_KEYS, .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = COOKIE_KEYS_BYTES, .max_entries = 1 };
	if (hands_ticks_on(first, maps, n))
		maps[n++] = (struct prog_map){ .name = TICKS, .type = MAP_TYPE_PROG_ARRAY, .key_size = 4, .value_size = 4, .max_entries = TICKS_MAX, .flags = MAP_RDONLY };
	if (prints(first))
		maps[n++] = (struct prog_map){ .name = ".printk", .type = MAP_TYPE_LOG };
	return n;
}
