// SPDX-License-Identifier: Apache-2.0
/*
 * An oracle of the fuzzer: the reference interpreter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"
#include "hw/spec/image.h"
#include "sim/io/events.h"
#include "sim/ref/ref.h"
#include "to_bpf.h"

static void ref_take_records(struct fuzz_outcome *o, uint32_t i, struct ref_ring *ring)
{
	while (ring->consumer < ring->producer) {
		uint64_t at = ring->consumer & ring->mask;
		uint32_t header;

		memcpy(&header, ring->bytes + at, sizeof(header));
		if (!(header & RING_DISCARD))
			outcome_record(o, i, ring->bytes + at + 8, header & (RING_DISCARD - 1));
		ring->consumer += ((header & (RING_DISCARD - 1)) + 8 + 7) & ~7u;
	}
}

static void ref_dump_map(struct fuzz_outcome *o, uint32_t i, struct ref_map *map)
{
	const struct ref_map_spec *s = ref_map_spec(map);
	uint8_t key[512];
	uint8_t *at = o->map[i];
	int more;

	if (ref_map_ring(map))
		ref_take_records(o, i, ref_map_ring(map));
	if (!outcome_shows(&(struct prog_map){ .type = s->type, .key_size = s->key_size })) /* what is in a queue comes out through programs */
		return;
	more = ref_map_next(map, NULL, key);

	while (!more) {
		memcpy(at, key, s->key_size);
		memcpy(at + s->key_size, ref_map_lookup(map, key), s->value_size);
		if (s->timer)
			memset(at + s->key_size + s->timer - 1, 0, TIMER_BYTES);
		at += s->key_size + s->value_size;
		more = ref_map_next(map, key, key);
	}
	o->map_bytes[i] = (uint32_t)(at - o->map[i]);
	outcome_sort_map(o, i, s->key_size, s->value_size);
}

struct events_of {
	const struct fuzz_case *c;
	struct fuzz_outcome *out;
};

static void ref_event(void *arg, const char *map, const void *bytes, size_t size)
{
	const struct events_of *e = arg;

	for (uint32_t i = 0; i < e->c->n_maps; i++)
		if (!strcmp(e->c->maps[i].name, map))
			outcome_record(e->out, i, bytes, (uint32_t)size);
}

/* What a map has from the begin on. */
static void fill_map(const struct fuzz_case *c, uint32_t n, struct ref_map *map)
{
	const struct prog_map *m = &c->maps[n];
	const uint32_t first = 0;

	if (m->flags & BPF_F_RDONLY_PROG)
		ref_map_update(map, &first, c->constants, 0);
	for (uint32_t slot = 0; slot < CASE_SLOTS; slot++) {
		uint32_t program = case_slot(c, slot), inner = case_inner(c, n, slot);

		if (m->type == MAP_TYPE_PROG_ARRAY && program != NO_PROGRAM)
			ref_map_update(map, &slot, &program, 0);
		if (inner != NO_MAP)
			ref_map_update(map, &slot, &inner, 0);
	}
}

static bool used_again(struct ref_map **maps, uint32_t n)
{
	bool any = false;

	while (n--)
		any |= ref_map_used_again(maps[n]);
	return any;
}

static void let_timers_fire(struct ref_machine *machine, uint64_t ns, struct fuzz_outcome *o)
{
	struct ref_outcome fired;

	machine->time_ns += ns;
	ref_run_timers(machine, &fired);
	if (fired.fault[0])
		snprintf(o->text, sizeof(o->text), "a timer: %s", fired.fault);
}

static void interpret(const struct fuzz_case *c, uint8_t stack_fill, struct fuzz_outcome *o)
{
	static struct bpf_insn insns[CASE_INSNS];
	struct ref_map *maps[CASE_MAPS] = { 0 };
	struct ref_entry entries[CASE_PROGRAMS] = { 0 };
	struct ref_program p = { .insns = insns, .count = c->n_insns, .maps = maps, .map_count = c->n_maps, .entries = entries,
				 .entry_count = c->n_programs };
	struct events_of events = { c, o };
	struct ref_machine *machine;
	struct io_error err;
	bool asked;

	memset(o, 0, sizeof(*o));
	o->has_targets = true;
	for (uint32_t i = 0; i < c->n_maps; i++) {
		struct ref_map_spec s = { .name = c->maps[i].name, .type = image_map_linux_type(c->maps[i].type), .key_size = c->maps[i].key_size,
					  .value_size = c->maps[i].value_size, .max_entries = c->maps[i].max_entries, .lock = c->maps[i].lock, .timer = c->maps[i].timer,
					  .read_only = c->maps[i].flags & BPF_F_RDONLY_PROG };

		maps[i] = ref_map_create(&s, &err);
		if (!maps[i]) {
			snprintf(o->text, sizeof(o->text), "%s", err.text);
			return;
		}
		fill_map(c, i, maps[i]);
	}
	for (uint32_t i = 0; i < c->n_programs; i++)
		entries[i].insn = c->start[i];
	for (uint32_t i = 0; i < c->n_insns; i++) {
		to_bpf(&insns[i], &c->insns[i]);
		if (case_kfunc(&c->insns[i]))
			insns[i].imm = ref_kfunc(case_kfunc(&c->insns[i]));
		if (map_reference(&c->insns[i])) {
			uint32_t map = (uint32_t)c->insns[i].imm;
			uint64_t address = map_reference(&c->insns[i]) == EBPF_PSEUDO_MAP ?
					   ref_map_address(map) : ref_value_address(map, (uint32_t)c->insns[i + 1].imm);

			insns[i].src_reg = 0;
			insns[i].imm = (int32_t)address;
			insns[i + 1] = (struct bpf_insn){ .imm = (int32_t)(address >> 32) };
			i++;
		} else if (c->insns[i].code == EBPF_LDDW && ebpf_src(&c->insns[i]) == EBPF_PSEUDO_FUNC) {
			uint64_t address = ref_code_address((uint32_t)((int32_t)i + 1 + c->insns[i].imm));

			insns[i].src_reg = 0;
			insns[i].imm = (int32_t)address;
			insns[++i] = (struct bpf_insn){ .imm = (int32_t)(address >> 32) };
		}
	}
	machine = ref_machine_create(&p);
	machine->stack_fill = stack_fill;
	machine->time_ns = CASE_TIMER_NS;
	machine->fib = routes_open(&asked);
	machine->events = events_give(ref_event, &events);
	for (uint32_t i = 0, step = 0; i < c->n_packets && !o->text[0]; i++) {
		struct ref_outcome r;

		for (; step < c->n_steps && c->steps[step].before <= i; step++)
			if (c->steps[step].deletes)
				ref_map_delete(maps[c->steps[step].map], c->steps[step].key);
			else
				ref_map_update(maps[c->steps[step].map], c->steps[step].key, c->steps[step].value, 0);
		memcpy(o->data[i], c->packets[i], c->packet_len[i]);
		o->len[i] = c->packet_len[i];
		used_again(maps, c->n_maps);
		ref_run_packet(machine, o->data[i], &o->len[i], CASE_FRAME, &r);
		o->used_again |= used_again(maps, c->n_maps);
		o->ret[i] = (uint32_t)r.r0;
		o->target[i] = r.target;
		if (r.fault[0])
			snprintf(o->text, sizeof(o->text), "packet %u: %s", i, r.fault);
		let_timers_fire(machine, CASE_SOON_NS, o);
	}
	let_timers_fire(machine, 2ull * CASE_TIMER_NS, o);
	for (uint32_t i = 0; i < c->n_maps; i++) {
		ref_dump_map(o, i, maps[i]);
		ref_map_free(maps[i]);
	}
	events_finish(machine->events, &err);
	ref_machine_free(machine);
}

void run_ref(const struct fuzz_case *c, struct fuzz_outcome *o)
{
	interpret(c, 0, o);
}

bool reads_unwritten_stack(const struct fuzz_case *c)
{
	static const uint8_t fills[] = { 0xa5, 0xff, 1, 0x80 };
	static struct fuzz_outcome zeros, others;

	interpret(c, 0, &zeros);
	for (size_t n = 0; n < sizeof(fills); n++) {
		interpret(c, fills[n], &others);
		if (outcome_diff(c, &zeros, &others))
			return true;
	}
	return false;
}
