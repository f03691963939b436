// SPDX-License-Identifier: Apache-2.0
/* The programs, each with its reference. */
#include "fabric.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t key_of(const struct packet *p)
{
	return p->len > AT_KEY ? p->bytes[AT_KEY] : 0;
}

static void fate_pass(struct fate *f, const struct packet *p)
{
	(void)p;
	f->ret = 2;
}

static void fate_tx(struct fate *f, const struct packet *p)
{
	(void)p;
	f->ret = 3;
}

/* Takes its time, so that packets overtake each other; then every verdict, and some that do not exist. */
static void fate_mix(struct fate *f, const struct packet *p)
{
	f->ret = key_of(p) >> 4 & 7;
	if (f->ret == 5)
		f->ret = 77;
}

static void fate_redirect(struct fate *f, const struct packet *p)
{
	f->ret = 4;
	if (p->len >= AT_TARGET + 4)
		memcpy(&f->target, p->bytes + AT_TARGET, 4);
}

static void fate_swap(struct fate *f, const struct packet *p)
{
	f->ret = 3;
	memcpy(f->bytes, p->bytes + 6, 6);
	memcpy(f->bytes + 6, p->bytes, 6);
}

static void fate_fault(struct fate *f, const struct packet *p)
{
	static const uint8_t causes[] = {CAUSE_REGION, CAUSE_WATCHDOG, CAUSE_ILLEGAL, CAUSE_NONE};

	f->cause = causes[key_of(p) & 3];
	f->ret = f->cause ? 0 : 3;
}

static void fate_mark_a(struct fate *f, const struct packet *p)
{
	(void)p;
	f->ret = 3;
	f->bytes[AT_MARK] = f->bytes[AT_MARK + 1] = 0xaa;
}

static void fate_mark_b(struct fate *f, const struct packet *p)
{
	(void)p;
	f->ret = 3;
	f->bytes[AT_MARK] = f->bytes[AT_MARK + 1] = 0xbb;
}

/* Start and end move by key % 64 - 40; five words at the start and three at the end are written; half of the packets
 * have metadata, of which a word is. */
static void fate_adjust(struct fate *f, const struct packet *p)
{
	uint8_t key = key_of(p);
	int by = key % 64 - 40;
	uint64_t word = (uint64_t)(int64_t)by;

	f->ret = 2 + (key >> 6 & 1);
	f->len = p->len;
	if (by > 0)
		memmove(f->bytes, f->bytes + by, f->len - by);
	else
		memmove(f->bytes - by, f->bytes, f->len);
	for (unsigned int i = 0; i < 5; i++)
		memcpy(f->bytes + 8 * i, &word, 8);
	for (unsigned int i = 1; i <= 3; i++)
		memcpy(f->bytes + f->len - 8 * i, &word, 8);
	if (key >> 7)
		return;
	f->meta_len = key % 8 * 4 + 8;
	f->meta_len = f->meta_len < NIC_META_HOST ? f->meta_len : NIC_META_HOST;
	memcpy(f->meta, &word, 8);
}

const struct program programs[] = {
	{"pass", {{"exit 2"}}, 1, fate_pass},
	{"tx", {{"exit 3"}}, 1, fate_tx},
	{"mix", {{"wubfx1 r0, pkt[6], 0, 4", "wubfx1 r0, pkt[6], 4, 3"}, {"jeq a0, 0, @3"}, {"sub r0, a0, 1", "jmp @1"},
		 {"jeq b0, 5, @5"}, {"exit b0"}, {"exit 77"}}, 1, fate_mix},
	{"redirect", {{"wubfx4 r0, pkt[8], 0, 32"}, {NULL, NULL, "rdir a0"}, {"exit 4"}}, 1, fate_redirect},
	{"swap", {{"wubfx8 r0, pkt[0], 0, 48", "wubfx8 r0, pkt[6], 0, 48"}, {"ubfx r1, a0, 32, 16", "ubfx r1, b0, 32, 16", "st4 [data+0], b0"},
		  {NULL, NULL, "st2 [data+4], b1"}, {NULL, NULL, "st4 [data+6], a0"}, {NULL, NULL, "st2 [data+10], a1"}, {"exit 3"}},
	 14, fate_swap},
	{"count", {{"wubfx1 r0, pkt[6], 0, 3", "mov r0, 64"}, {"lsh r0, a0, 3", "movh r0, b0, 0x30000000"}, {"add r0, a0, b0", "mov r1, 1"},
		   {NULL, NULL, "madd [a0+0], b1"}, {"exit 3"}}, 7, fate_tx},
	{"wait", {{"wubfx1 r0, pkt[6], 0, 3", "mov r0, 64"}, {"lsh r0, a0, 3", "movh r0, b0, 0x30000000"}, {"add r0, a0, b0", "mov r1, 1"},
		  {NULL, NULL, "madd.f [a0+0], b1"}, {NULL, NULL, "mld8 [a0+0]"}, {NULL, NULL, "divu x, 3"}, {"exit 3"}}, 7, fate_tx},
	/* A count per key, put in by who comes first. */
	{"hash", {{"wubfx1 r0, pkt[6], 0, 3", "mov r3, 1"}, {"sub r1, fp, 8", "sub r1, fp, 16", "st8 [fp-8], a0"}, {NULL, NULL, "st8 [fp-16], 0"},
		  {NULL, NULL, "mlook m1, a1"}, {"jne x, 0, @7"}, {NULL, NULL, "mupd m1, a1, b1, b3"}, {"jmp @3"}, {"mov r2, x"},
		  {NULL, NULL, "madd [a2+0], b3"}, {"exit 3"}}, 7, fate_tx},
	/* A count per key and CPU: put in by who comes first, then written anew in its place. */
	{"percpu", {{"wubfx1 r0, pkt[6], 0, 3", "mov r3, 1"}, {"sub r1, fp, 8", "sub r1, fp, 16", "st8 [fp-8], a0"}, {NULL, NULL, "st8 [fp-16], b3"},
		    {NULL, NULL, "mlook m1, a1"}, {"jne x, 0, @8"}, {NULL, NULL, "mupd m1, a1, b1, b3"}, {"jne x, 0, @3"}, {"exit 3"},
		    {"mov r2, x", "lsh r0, cpu, 9"}, {"add r2, a2, b0"}, {NULL, NULL, "mld8 [a2+0]"}, {"add r0, x, 1", "mov r3, 2"},
		    {NULL, NULL, "st8 [fp-16], a0"}, {NULL, NULL, "mupd m1, a1, b1, b3"}, {"exit 3"}}, 7, fate_tx},
	/* Each thread has keys of its own in a table that is too small: updates never fail, what was deleted is gone, and what comes by keeps its value. */
	{"lru", {{"wubfx1 r0, pkt[6], 0, 3", "lsh r0, cpu, 8"}, {"or r0, a0, b0", "mov r3, 0"}, {"sub r1, fp, 8", "sub r1, fp, 16", "st8 [fp-8], a0"},
		 {NULL, NULL, "st8 [fp-16], a0"}, {NULL, NULL, "mlook m1, a1"}, {NULL, NULL, "mupd m1, a1, b1, b3"}, {"jne x, 0, @14"},
		 {NULL, NULL, "mlook m1, a1"}, {"wubfx1 r2, pkt[6], 3, 2"}, {"jne a2, 0, @13"}, {NULL, NULL, "mdel m1, a1"}, {NULL, NULL, "mlook m1, a1"},
		 {"jne x, 0, @14"}, {"exit 3"}, {"exit 0"}}, 7, fate_tx},
	{"adjust", {{"wubfx1 r2, pkt[6], 7, 1"}, {"wubfx1 r0, pkt[6], 0, 6", "wubfx1 r0, pkt[6], 0, 3"}, {"sub r1, a0, 40", "lsh r0, b0, 2"},
		    {"wubfx1 r0, pkt[6], 6, 1", "sub r0, zero, b0", "adjh r0, a1"}, {"add r0, a0, 2", "sub r0, b0, 8"}, {"jne a2, 0, @8"},
		    {NULL, NULL, "adjm r0, b0"}, {NULL, NULL, "st8 [data-8], a1"}, {NULL, NULL, "adjt r0, a1"}, {NULL, NULL, "st8 [data+0], a1"},
		    {NULL, NULL, "st8 [data+8], a1"}, {NULL, NULL, "st8 [data+16], a1"}, {NULL, NULL, "st8 [data+24], a1"},
		    {NULL, NULL, "st8 [data+32], a1"}, {NULL, NULL, "st8 [data_end-8], a1"}, {NULL, NULL, "st8 [data_end-16], a1"},
		    {NULL, NULL, "st8 [data_end-24], a1"}, {"exit a0"}}, 110, fate_adjust},
	{"fault", {{"wubfx1 r0, pkt[6], 0, 2"}, {"jeq a0, 0, @4"}, {"jeq a0, 1, @5"}, {"jeq a0, 2, @6", "exit 3"},
		   {NULL, NULL, "ld4 r0, [data_end+0]"}, {"jmp @5"}, {"?"}}, 7, fate_fault},
};
const unsigned int programs_count = sizeof(programs) / sizeof(programs[0]);
const struct program *const program_hash = &programs[7];

/* The marks are set in bundles apart: a packet that saw two programs would have two marks. */
const struct program mark_a = {"a", {{"mov r0, 0xaa", "wubfx1 r0, pkt[6], 0, 4"}, {NULL, NULL, "st1 [data+12], a0"}, {"jeq b0, 0, @4"},
				     {"jmp @2", "sub r0, b0, 1"}, {NULL, NULL, "st1 [data+13], a0"}, {"exit 3"}}, 14, fate_mark_a};
const struct program mark_b = {"b", {{"exit 1"}, {"mov r0, 0xbb", "wubfx1 r0, pkt[6], 0, 4"}, {NULL, NULL, "st1 [data+12], a0"},
				     {"jeq b0, 0, @5"}, {"jmp @3", "sub r0, b0, 1"}, {NULL, NULL, "st1 [data+13], a0"}, {"exit 3"}}, 14, fate_mark_b};

static uint64_t assemble(const char *name, const char *text)
{
	struct isa_word w;
	const char *at, *why;

	if (text && text[0] == '?')
		return 0; /* illegal */
	why = isa_parse(text ? text : "nop", &w, &at);
	if (why) {
		fprintf(stderr, "program %s: %s: %s at %s\n", name, text, why, at);
		exit(2);
	}
	return isa_encode(&w);
}

void program_image(const struct program *p, struct image *image, struct image_header *header, struct image_map *maps, uint64_t *text)
{
	unsigned int bundles = 0;

	for (; bundles < BUNDLES_MAX && (p->text[bundles][0] || p->text[bundles][1] || p->text[bundles][2]); bundles++)
		for (unsigned int lane = 0; lane < LANES; lane++)
			text[bundles * LANES + lane] = assemble(p->name, p->text[bundles][lane]);
	maps[0] = (struct image_map){.type = 2, .cpus = 1, .key_size = 4, .value_size = 8, .max_entries = COUNTERS, .values = COUNTERS_AT,
				     .limit = COUNTERS_AT + 8 * COUNTERS, .stride = 8};
	maps[1] = (struct image_map){.type = 1, .cpus = 1, .key_size = 8, .value_size = 8, .max_entries = HASH_ENTRIES, .buckets = HASH_AT,
				     .n_buckets = HASH_ENTRIES, .values = HASH_AT + 8 * HASH_ENTRIES,
				     .limit = HASH_AT + 8 * HASH_ENTRIES + 24 * (HASH_ENTRIES + 1), .stride = 24, .seed = 77};
	*header = (struct image_header){.lanes = LANES, .n_bundles = bundles, .entry = p == &mark_b, .n_maps = MAPS,
					.map_words = maps[1].limit / 8, .regs = 2};
	*image = (struct image){.header = header, .text = text, .maps = maps, .names = ""};
}
