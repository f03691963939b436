// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "nic_load.h"

#include "hw/spec/isa.h"
#include "hw/spec/regs.h"
#include "nic_wait.h"

enum {
	TYPE_SHIFT = 0,
	KEY_SIZE_SHIFT = 16,
	PASS = 2,             /* verdict of bundle 0, XDP_PASS */
	EXT_WORDS_LOG = 17,   /* of a MiB */
	DESC_WORDS = REG_MAPDESC_STRIDE / 4,
	FLAG_RDONLY_PROG = 1 << 7 /* as Linux has it */
};
/* A packet under way may run until the watchdog ends it; this many reads of STATUS take longer than
 * that. */
enum { STOP_POLLS = 1 << 23 };

static uint32_t get(const struct nic_regs *regs, uint32_t offset)
{
	return regs->read(regs->ctx, offset);
}

static void put(const struct nic_regs *regs, uint32_t offset, uint32_t value)
{
	regs->write(regs->ctx, offset, value);
}

static uint32_t field(uint32_t v, int msb, int lsb)
{
	return v >> lsb & (0xffffffffu >> (31 - (msb - lsb)));
}

#define FIELD(v, REG, NAME) field(v, REG##_##NAME##_MSB, REG##_##NAME##_LSB)

static int refuse(struct nic_refusal *why, const char *text)
{
	why->text = text;
	why->has_numbers = 0;
	return -1;
}

static int refuse_numbers(struct nic_refusal *why, const char *text, uint32_t need, uint32_t have)
{
	why->text = text;
	why->has_numbers = 1;
	why->need = need;
	why->have = have;
	return -1;
}

uint32_t nic_load_threads(const struct nic_regs *regs)
{
	return FIELD(get(regs, REG_CAP_CORE), CAP_CORE, THREADS);
}

uint32_t nic_load_contexts(const struct nic_regs *regs)
{
	return FIELD(get(regs, REG_CAP_NIC), CAP_NIC, CORES) * nic_load_threads(regs);
}

uint32_t nic_load_ext_words(const struct nic_regs *regs)
{
	uint32_t words = get(regs, REG_CAP_EXT) << EXT_WORDS_LOG;

	return words < IMAGE_EXT_WORDS_MAX ? words : IMAGE_EXT_WORDS_MAX;
}

static int check_nic(const struct nic_regs *regs, struct nic_refusal *why)
{
	if (get(regs, REG_ID) != REG_ID_RESET)
		return refuse_numbers(
			why, "the device is not a NIC of this kind: its ID register differs",
			REG_ID_RESET, get(regs, REG_ID));
	if (get(regs, REG_VERSION) != REG_VERSION_RESET)
		return refuse_numbers(why,
				      "the NIC has another version of registers and instructions",
				      REG_VERSION_RESET, get(regs, REG_VERSION));
	return 0;
}

static int is_cookie_keys(const struct image *image, const struct image_map *map)
{
	const char *name = image_string(image, map->name), *own = COOKIE_KEYS;

	while (*name && *name == *own)
		name++, own++;
	return *name == *own && map->limit - map->values == COOKIE_KEYS_BYTES;
}

static int check_fit(const struct nic_regs *regs, const struct image *image, struct nic_refusal *why)
{
	const struct image_header *h = image->header;
	uint32_t core = get(regs, REG_CAP_CORE);

	if (h->lanes != FIELD(core, CAP_CORE, LANES))
		return refuse_numbers(why,
				      "the image is for another number of lanes than the NIC has",
				      h->lanes, FIELD(core, CAP_CORE, LANES));
	if (h->regs > FIELD(core, CAP_CORE, REGS))
		return refuse_numbers(why,
				      "the image needs more registers per lane than the NIC has",
				      h->regs, FIELD(core, CAP_CORE, REGS));
	if (h->n_bundles + NIC_IMEM_FIRST > get(regs, REG_CAP_IMEM))
		return refuse_numbers(why,
				      "the program is too long for the microcode memory of the NIC",
				      h->n_bundles, get(regs, REG_CAP_IMEM) - NIC_IMEM_FIRST);
	if (h->n_maps > get(regs, REG_CAP_MAPS))
		return refuse_numbers(why, "the program has more maps than the NIC can have",
				      h->n_maps, get(regs, REG_CAP_MAPS));
	if (h->map_words > get(regs, REG_CAP_MAP))
		return refuse_numbers(why, "the maps are too large for the map memory of the NIC, in 8-byte words; compile for it with --map-mem",
				      h->map_words, get(regs, REG_CAP_MAP));
	if (h->ext_words > nic_load_ext_words(regs))
		return refuse_numbers(why, "the maps are too large for the memory outside the chip of the NIC, in 8-byte words; compile for it with --ext-mem",
				      h->ext_words, nic_load_ext_words(regs));
	for (uint32_t i = 0; i < h->n_maps; i++)
		if (image_map_is_percpu(image->maps[i].type) && image->maps[i].cpus < nic_load_contexts(regs))
			return refuse_numbers(why,
					      "the image's per-CPU maps have values for fewer hardware threads than the NIC has; compile it with --cpus",
					      nic_load_contexts(regs), image->maps[i].cpus);
	for (uint32_t i = 0; i < h->n_maps; i++)
		if (is_cookie_keys(image, &image->maps[i]) && !regs->cookie_keys)
			return refuse(why, "the program makes SYN cookies, and the driver has no keys for them");
	if (h->caps & ~(uint32_t)IMAGE_CAPS)
		return refuse(why, "the image needs an ability that the NIC does not have");
	return 0;
}

/* Waits until a bit of STATUS has that value. */
static int await(const struct nic_regs *regs, uint32_t bit, uint32_t value, const char *text, struct nic_refusal *why)
{
	struct nic_wait wait = {.regs = regs, .polls = STOP_POLLS};
	uint32_t status;

	do {
		status = get(regs, REG_STATUS);
		if (status != NIC_GONE && (status >> bit & 1) == value)
			return 0;
	} while (nic_wait_more(&wait, status));
	return refuse(why, status == NIC_GONE ? "the NIC is gone: its registers read all ones" : text);
}

static int stop(const struct nic_regs *regs, struct nic_refusal *why)
{
	/* What is on its way out still goes by the other bits. */
	put(regs, REG_CTRL, get(regs, REG_CTRL) & ~(1u << CTRL_RUN_LSB));
	return await(regs, STATUS_IDLE_LSB, 1, "the NIC did not come to rest", why);
}

static void write_word(const struct nic_regs *regs, uint32_t bundle, uint32_t lane, uint64_t bits)
{
	uint32_t at = REG_IMEM + bundle * REG_IMEM_STRIDE + lane * 8;

	put(regs, at, (uint32_t)bits);
	put(regs, at + 4, (uint32_t)(bits >> 32));
}

static int has_target(const struct isa_word *w)
{
	for (const char *field = isa_lookup(w->op)->fields; *field; field++)
		if (*field == 't')
			return 1;
	return 0;
}

/* The word as it is for a program that begins at base. */
static uint64_t moved(uint64_t bits, uint32_t base)
{
	struct isa_word w;

	if (isa_decode(bits, &w) || !has_target(&w))
		return bits;
	w.target += base;
	return isa_encode(&w);
}

static void write_text(const struct nic_regs *regs, const struct image *image, uint32_t base)
{
	uint32_t lanes = image->header->lanes;

	for (uint32_t i = 0; i < image->header->n_bundles * lanes; i++)
		write_word(regs, base + i / lanes, i % lanes, moved(image->text[i], base));
}

/* An ENTRY of 0 is plain pass. */
static void write_pass(const struct nic_regs *regs, uint32_t lanes)
{
	const struct isa_word exit = {.op = OP_EXIT, .has_imm = 1, .imm = PASS}, nop = {.op = OP_NOP};

	for (uint32_t lane = 0; lane < lanes; lane++)
		write_word(regs, 0, lane, isa_encode(lane ? &nop : &exit));
}

static uint32_t ports_of(const struct nic_regs *regs)
{
	return FIELD(get(regs, REG_CAP_NIC), CAP_NIC, PORTS);
}

static void set_entry(const struct nic_regs *regs, uint32_t entry)
{
	uint32_t ports = ports_of(regs);

	for (uint32_t port = 0; port < ports; port++)
		put(regs, REG_PORT + port * REG_PORT_STRIDE + 4 * NIC_PORT_ENTRY, entry);
}

static int has_timers(const struct image *image)
{
	for (uint32_t i = 0; image && i < image->header->n_maps; i++)
		if (image->maps[i].timer)
			return 1;
	return 0;
}

/* One port has ticks, and they look after the timers of all. */
static void set_ticks(const struct nic_regs *regs, const struct image *image)
{
	uint32_t inc = get(regs, REG_TIME_INC);

	put(regs, REG_PORT + 4 * NIC_PORT_TICK, has_timers(image) && inc ? (uint32_t)(((uint64_t)NIC_TICK_NS << 24) / inc) : 0);
}

static int enters_at(const struct nic_regs *regs, uint32_t port, uint32_t entry)
{
	return get(regs, REG_PORT + port * REG_PORT_STRIDE + 4 * NIC_PORT_ENTRY) == entry;
}

/* Behind writes of the ENTRY of n ports: waits until no packet is left of the program before, and believes it of a NIC that runs only. */
static int settle(const struct nic_regs *regs, uint32_t first, uint32_t n, uint32_t entry, struct nic_refusal *why)
{
	if (await(regs, STATUS_OLD_LSB, 0, "packets of the program before do not end", why))
		return -1;
	if (!nic_wait_runs(regs))
		return refuse(why, NIC_HANGS);
	for (uint32_t port = first; port < first + n; port++)
		if (!enters_at(regs, port, entry))
			return refuse(why, "the NIC does not take a program: an ENTRY register is not what was written to it; reset the NIC");
	return 0;
}

/* To the NIC, slots are an array. */
static uint32_t type_in_nic(const struct image_map *map)
{
	if (map->type == IMAGE_MAP_DEVMAP_HASH || map->type == IMAGE_MAP_HASH_OF_MAPS || map->type == IMAGE_MAP_PREFIXES)
		return IMAGE_MAP_HASH;
	return image_map_is_slots(map->type) ? IMAGE_MAP_ARRAY : map->type;
}

/* The words of a descriptor by place; the seed's takes the map into use. */
static void desc_words(const struct image_map *map, uint32_t word[DESC_WORDS])
{
	for (int i = 0; i < DESC_WORDS; i++)
		word[i] = 0;
	word[NIC_DESC_TYPE] = type_in_nic(map) << TYPE_SHIFT | map->key_size << KEY_SIZE_SHIFT;
	word[NIC_DESC_VALUE_SIZE] = map->value_size;
	word[NIC_DESC_VALUES] = map->values;
	word[NIC_DESC_LIMIT] = map->limit;
	word[NIC_DESC_BUCKETS] = map->buckets;
	word[NIC_DESC_MASK] = map->n_buckets - 1;
	word[NIC_DESC_STRIDE] = map->stride;
	word[NIC_DESC_SEED] = map->seed;
	word[NIC_DESC_END] = image_map_end(map);
	word[NIC_DESC_PLANE] = map->plane;
}

static void write_desc(const struct nic_regs *regs, const struct image_map *map, uint32_t index)
{
	uint32_t at = REG_MAPDESC + index * REG_MAPDESC_STRIDE, word[DESC_WORDS];

	desc_words(map, word);
	for (uint32_t i = 0; i < DESC_WORDS; i++)
		if (i != NIC_DESC_SEED)
			put(regs, at + 4 * i, word[i]);
	put(regs, at + 4 * NIC_DESC_SEED, word[NIC_DESC_SEED]);
}

/* Descriptors of a program before this one must not stay legal. */
static void clear_desc(const struct nic_regs *regs, uint32_t index)
{
	for (uint32_t word = 0; word < REG_MAPDESC_STRIDE / 4; word++)
		put(regs, REG_MAPDESC + index * REG_MAPDESC_STRIDE + 4 * word, 0);
}

/* Programs by the place of their first bundle. */
static void write_programs(const struct nic_regs *regs, const struct image *image, const struct image_map *map, uint32_t base)
{
	const uint64_t *slot = (const uint64_t *)(const void *)(image->data + map->data_off);

	for (uint32_t n = 0; n < map->data_size / sizeof(*slot); n++)
		nic_maps_write_word(regs, map->values + 8 * n, slot[n] ? slot[n] - 1 + base : 0);
}

/* What of it may hold something. */
static int clear(const struct nic_regs *regs, uint32_t addr, uint32_t words)
{
	if (addr >= IMAGE_EXT && regs->ext_used) {
		uint32_t first = (addr - IMAGE_EXT) / 8, used = *regs->ext_used > first ? *regs->ext_used - first : 0;

		words = words < used ? words : used;
	}
	return nic_maps_clear(regs, addr, words);
}

/* Words from its buckets on that are 0 while it is empty: entries are written whole when they are put in. 0: elements must be cleared. */
static uint32_t bucket_words(const struct image_map *map)
{
	if (image_map_is_hash(map->type))
		return map->n_buckets;
	return map->type == IMAGE_MAP_LPM_TRIE ? map->n_buckets + 1 : 0;
}

static void clear_tail(const struct nic_regs *regs, const struct image_map *map)
{
	for (uint32_t at = map->limit - image_map_tail(map); at < map->limit; at += 8)
		nic_maps_write_word(regs, at, 0);
}

static int clear_buckets(const struct nic_regs *regs, const struct image_map *map)
{
	clear_tail(regs, map);
	return clear(regs, map->buckets, bucket_words(map));
}

static int write_contents(const struct nic_regs *regs, const struct image *image, const struct image_map *map, uint32_t base)
{
	uint32_t rest = map->values + (map->data_size + 7) / 8 * 8;

	if (bucket_words(map))
		return clear_buckets(regs, map);
	if (map->type == IMAGE_MAP_PROG_ARRAY)
		write_programs(regs, image, map, base);
	else if (is_cookie_keys(image, map))
		return nic_maps_write_bytes(regs, map->values, regs->cookie_keys, COOKIE_KEYS_BYTES), 0;
	else if (map->type == IMAGE_MAP_ARRAY_OF_MAPS)
		return clear(regs, map->values, (map->limit - map->values) / 8);
	else
		nic_maps_write_bytes(regs, map->values, image->data + map->data_off, map->data_size);
	return clear(regs, rest, (map->limit - rest) / 8);
}

static int write_maps(const struct nic_regs *regs, const struct image *image, uint32_t base)
{
	int result = 0;

	for (uint32_t i = 0; i < image->header->n_maps && !result; i++) {
		write_desc(regs, &image->maps[i], i);
		result = write_contents(regs, image, &image->maps[i], base);
	}
	if (regs->ext_used && *regs->ext_used < image->header->ext_words)
		*regs->ext_used = image->header->ext_words;
	return result;
}

/* The maps that a map of maps begins with. */
static int write_inner(const struct nic_regs *regs, const struct image *image, uint32_t index)
{
	const struct image_map *m = &image->maps[index];
	const struct nic_map map = {.regs = regs, .layout = m, .index = index, .image = image};
	const uint64_t *slot = (const uint64_t *)(const void *)(image->data + m->data_off);

	for (uint32_t n = 0; image_map_has_maps(m->type) && n < m->data_size / sizeof(*slot); n++) {
		uint8_t key[4] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24)}, number[4] = {(uint8_t)(slot[n] - 1)};

		if (slot[n] && nic_maps_update(&map, key, number, 0))
			return -1;
	}
	return 0;
}

int nic_load(const struct nic_regs *regs, const struct image *image, struct nic_place *place, struct nic_refusal *why)
{
	uint32_t maps;

	if (check_nic(regs, why) || check_fit(regs, image, why) || stop(regs, why))
		return -1;
	*place = (struct nic_place){.base = NIC_IMEM_FIRST, .bundles = image->header->n_bundles};
	write_pass(regs, image->header->lanes);
	write_text(regs, image, place->base);
	if (write_maps(regs, image, place->base))
		return refuse(why, "the NIC did not come to an end with clearing its map memory");
	for (uint32_t i = 0; i < image->header->n_maps; i++)
		if (write_inner(regs, image, i))
			return refuse(why, "the maps that a map begins with do not fit into it");
	maps = get(regs, REG_CAP_MAPS);
	for (uint32_t i = image->header->n_maps; i < maps; i++)
		clear_desc(regs, i);
	set_entry(regs, place->base + image->header->entry);
	set_ticks(regs, image);
	if (FIELD(get(regs, REG_STATUS), STATUS, HOST_ERR))
		return refuse(why, "the NIC has not got all registers that it should have");
	return 0;
}

int nic_load_pass(const struct nic_regs *regs, struct nic_refusal *why)
{
	if (check_nic(regs, why) || stop(regs, why))
		return -1;
	write_pass(regs, FIELD(get(regs, REG_CAP_CORE), CAP_CORE, LANES));
	set_ticks(regs, NULL);
	set_entry(regs, 0);
	return 0;
}

/* The map in the NIC is what the image would make it, and its contents stay. */
static int same_desc(const struct nic_regs *regs, const struct image_map *map, uint32_t index)
{
	uint32_t want[DESC_WORDS];

	desc_words(map, want);
	for (uint32_t word = 0; word < DESC_WORDS; word++)
		if (get(regs, REG_MAPDESC + index * REG_MAPDESC_STRIDE + 4 * word) != want[word])
			return 0;
	return 1;
}

/* Behind the object's name that those of global data begin with. */
static const char *own_name(const struct image *image, const struct image_map *map)
{
	const char *name = image_string(image, map->name), *at = name;

	while (*at && *at != '.')
		at++;
	return *at ? at : name;
}

static int same_name(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/* Of what descriptors know nothing: whose map it is, what its slots mean, where spin locks and timers lie. */
static int same_hidden(const struct image *old, const struct image *image, uint32_t index)
{
	const struct image_map *from = &old->maps[index], *map = &image->maps[index];

	return map->type == from->type && map->max_entries == from->max_entries && map->flags == from->flags && map->inner == from->inner &&
	       map->lock == from->lock && map->timer == from->timer && same_name(own_name(old, from), own_name(image, map));
}

/* Does the map begin with something that programs cannot change, and that is not in the old one? */
static int is_new(const struct image *old, const struct image *image, uint32_t index)
{
	const struct image_map *from = &old->maps[index], *map = &image->maps[index];

	if (map->type == IMAGE_MAP_PROG_ARRAY)
		return image->header->n_programs != 0;
	if (!(map->flags & FLAG_RDONLY_PROG))
		return 0;
	for (uint32_t i = 0; i < map->data_size && map->data_size == from->data_size; i++)
		if (image->data[map->data_off + i] != old->data[from->data_off + i])
			return 1;
	return map->data_size != from->data_size;
}

/* Slots lead to programs by their places, constants belong to a program, and packets under way would find those of the new image. So nothing is
 * taken from the ports' stores until the packets in the NIC have ended and these maps are written, and then both are of one image. */
static int swap(const struct nic_regs *regs, const struct image *old, const struct image *image, uint32_t base, struct nic_refusal *why)
{
	uint32_t ctrl = get(regs, REG_CTRL);
	int result = stop(regs, why);

	for (uint32_t i = 0; i < image->header->n_maps && !result; i++)
		if (is_new(old, image, i))
			result = write_contents(regs, image, &image->maps[i], base);
	if (!result)
		set_entry(regs, base + image->header->entry);
	put(regs, REG_CTRL, ctrl);
	return result;
}

int nic_reload(const struct nic_regs *regs, const struct image *old, const struct image *image, struct nic_place *place,
	       struct nic_refusal *why)
{
	uint32_t end = get(regs, REG_CAP_IMEM), need = image->header->n_bundles, after = place->base + place->bundles;
	uint32_t base = need <= end - after ? after : NIC_IMEM_FIRST;
	int stops = 0;

	if (check_nic(regs, why) || check_fit(regs, image, why))
		return -1;
	if (base == NIC_IMEM_FIRST && need > place->base - NIC_IMEM_FIRST)
		return refuse_numbers(why, "the program has no room beside the one that runs", need,
				      end - after > place->base - NIC_IMEM_FIRST ? end - after : place->base - NIC_IMEM_FIRST);
	for (uint32_t i = 0; i < image->header->n_maps; i++) {
		if (!same_desc(regs, &image->maps[i], i) || i >= old->header->n_maps || !same_hidden(old, image, i))
			return refuse(why, "a map of the program is not the one that the NIC has: the NIC must be stopped for it");
		stops |= is_new(old, image, i);
	}
	if (has_timers(image) && !get(regs, REG_PORT + 4 * NIC_PORT_TICK)) /* other bytes lie where they are to be */
		return refuse(why, "the program has timers, and the one that runs has none: the NIC must be stopped for it");
	write_text(regs, image, base);
	if (stops) {
		if (swap(regs, old, image, base, why))
			return -1;
	} else {
		set_entry(regs, base + image->header->entry);
	}
	if (settle(regs, 0, ports_of(regs), base + image->header->entry, why))
		return -1;
	set_ticks(regs, image);
	*place = (struct nic_place){.base = base, .bundles = need};
	return 0;
}

int nic_detach(const struct nic_regs *regs, struct nic_refusal *why)
{
	set_ticks(regs, NULL);
	set_entry(regs, 0);
	return settle(regs, 0, ports_of(regs), 0, why);
}

void nic_program_write(const struct nic_regs *regs, const struct image *image, uint32_t base)
{
	write_text(regs, image, base);
}

int nic_program_enter(const struct nic_regs *regs, uint32_t port, uint32_t entry, struct nic_refusal *why)
{
	put(regs, REG_PORT + port * REG_PORT_STRIDE + 4 * NIC_PORT_ENTRY, entry);
	return settle(regs, port, 1, entry, why);
}

int nic_map_open(const struct nic_regs *regs, const struct image_map *map, uint32_t index)
{
	uint32_t words = bucket_words(map);

	clear_tail(regs, map);
	if (nic_maps_clear(regs, words ? map->buckets : map->values, words ? words : (map->limit - map->values) / 8))
		return -1;
	write_desc(regs, map, index);
	return 0;
}

void nic_map_close(const struct nic_regs *regs, uint32_t index)
{
	clear_desc(regs, index);
}

void nic_load_run(const struct nic_regs *regs, int report)
{
	put(regs, REG_CTRL, 1u << CTRL_RUN_LSB | (report ? 1u << CTRL_REPORT_LSB : 0));
}
