// SPDX-License-Identifier: Apache-2.0
/*
 * bench-host: nanoseconds a packet takes in an XDP program as native code: by driver/host, by DPDK's own JIT where it takes the program, and as the C
 * compiler made it of the source. The same packets, the same maps, in turns; the least of many rounds counts, as whatever disturbs a round makes it
 * longer.
 */
#include <dlfcn.h>
#include <getopt.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "compile.h"
#include "driver/host/host_impl.h"
#include "host_native.h"
#include "host_rte.h"
#include "jit-nfp/load.h"
#include "sim/io/fib_json.h"
#include "sim/io/io.h"

enum { PACKETS = 128, ROUNDS = 1500, KEPT = 256, BUFFER = 4096, BEFORE = 512, MAPS_MAX = 64, WHY = 256 };

typedef void native_code(struct xdp_md *packets, uint32_t *verdicts, uint32_t n);

struct bench {
	struct host_prog *ours, *natives, *rtes; /* each with maps of its own */
	struct native_map native_map[MAPS_MAX];
	native_code *native;
	struct rte_code *rte;
	uint32_t n;
	uint32_t len[PACKETS];
	uint8_t kept[PACKETS][KEPT], *data[PACKETS];
	struct host_packet packet[PACKETS];
	struct xdp_md md[PACKETS];
	_Alignas(64) uint32_t verdict[3][PACKETS];
	char rte_why[WHY];
};

/* ---- Maps ---- */

struct filled {
	struct host_prog *prog;
	uint32_t index;
};

static int map_update(void *ctx, const void *key, const void *value)
{
	const struct filled *m = ctx;

	return host_map_update(m->prog, m->index, key, value, 0);
}

static int fill_maps(struct host_prog *p, const char *path, struct io_error *err)
{
	struct maps_json_map maps[MAPS_MAX];
	struct filled ctx[MAPS_MAX];
	const char *programs[IMAGE_PROGRAMS_MAX];
	const struct image *image = host_image(p);
	uint32_t n = 0;

	for (uint32_t i = 0; i < image->header->n_programs; i++)
		programs[i] = image_string(image, image->programs[i].name);
	for (uint32_t i = 0; i < host_maps(p) && i < MAPS_MAX; i++) {
		struct host_map_info m = host_map_info(p, i);

		ctx[i] = (struct filled){p, i};
		maps[n++] = (struct maps_json_map){.name = m.name, .type = m.type, .key_size = m.key_size, .value_size = m.value_size, .max_entries = m.max_entries,
						   .copies = m.cpus, .programs = programs, .program_count = image->header->n_programs, .ctx = &ctx[i],
						   .update = map_update};
	}
	return maps_json_read(path, maps, n, err);
}

/* ---- The source as C ---- */

/* The first pointer of each map's variable leads to the map. */
static int open_native(struct bench *b, const char *path)
{
	void *object = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;

	if (!object)
		return -1;
	for (uint32_t i = 0; i < host_maps(b->natives) && i < MAPS_MAX; i++) {
		const struct image_map *m = &b->natives->maps[i];
		void **variable = dlsym(object, host_map_info(b->natives, i).name);

		b->native_map[i] = (struct native_map){.memory = b->natives->memory, .layout = m, .used = b->natives->hash[i].used, .prog = b->natives, .index = i,
						       .look = host_call_look, .update = host_call_update, .delete = host_call_delete};
		if (variable)
			*variable = m->type == IMAGE_MAP_ARRAY || m->type == IMAGE_MAP_PERCPU_ARRAY ? (void *)(b->natives->memory + m->values) : (void *)&b->native_map[i];
	}
	b->native = (native_code *)dlsym(object, "native_burst");
	return b->native ? 0 : -1;
}

/* ---- DPDK's JIT ---- */

static struct host_prog *rte_prog; /* of the helpers */

static uint64_t in_array(const struct image_map *m, const void *key)
{
	uint32_t index;

	memcpy(&index, key, sizeof(index));
	return index < m->max_entries ? m->values + (uint64_t)index * m->stride : 0;
}

static uint64_t rte_lookup(uint64_t map, uint64_t key, uint64_t value, uint64_t flags, uint64_t unused)
{
	const struct image_map *m = &rte_prog->maps[map];
	uint32_t at = (uint32_t)(image_map_is_array(m->type) ? in_array(m, (const void *)(uintptr_t)key) :
							      host_call_look(rte_prog, (uint32_t)map, (const void *)(uintptr_t)key));

	(void)value;
	(void)flags;
	(void)unused;
	return at ? (uintptr_t)(rte_prog->memory + at) : 0;
}

static uint64_t rte_update(uint64_t map, uint64_t key, uint64_t value, uint64_t flags, uint64_t unused)
{
	(void)unused;
	return (uint64_t)(int64_t)host_map_update(rte_prog, (uint32_t)map, (const void *)(uintptr_t)key, (const void *)(uintptr_t)value, flags);
}

static uint64_t rte_delete(uint64_t map, uint64_t key, uint64_t value, uint64_t flags, uint64_t unused)
{
	(void)value;
	(void)flags;
	(void)unused;
	return host_call_delete(rte_prog, (uint32_t)map, (const void *)(uintptr_t)key);
}

static void open_rte(struct bench *b, const struct prog *prog)
{
	static rte_helper *const helpers[] = {rte_lookup, rte_update, rte_delete};
	size_t size = nicjit_mem_size(prog->n_insns, prog->n_maps);
	struct target target = target_default;
	struct diag diag = {.insn = -1};
	struct rte_map maps[MAPS_MAX];
	struct rte_fact *facts;
	struct arena arena;
	struct compile c = {.arena = &arena, .prog = prog, .target = &target, .diag = &diag};
	void *memory = malloc(size);

	target.cpus = 1;
	if (!memory)
		abort();
	arena_init(&arena, memory, size);
	if (!verify_run(&c) && prog->n_maps <= MAPS_MAX) {
		facts = calloc(c.n_insns, sizeof(*facts));
		if (!facts)
			abort();
		for (uint32_t i = 0; i < c.n_insns; i++) {
			const struct fact *f = &c.facts[i];

			facts[i] = (struct rte_fact){.is_context = EBPF_CLASS(c.insns[i].code) == EC_LDX && f->mem.region == R_CTX,
						     .is_map = f->arg[0].region == R_MAP_PTR, .map = f->arg[0].map};
		}
		for (uint32_t i = 0; i < prog->n_maps; i++)
			maps[i] = (struct rte_map){prog->maps[i].key_size, prog->maps[i].value_size};
		rte_prog = b->rtes;
		b->rte = rte_code_open((const uint64_t *)(const void *)c.insns, facts, c.n_insns, maps, prog->n_maps, helpers, b->rte_why);
		free(facts);
	}
	free(memory);
}

/* ---- Packets ---- */

static int read_packets(struct bench *b, const char *path, struct io_error *err)
{
	struct pcap_io_reader *reader = pcap_io_open(path, err);
	uint8_t *room = mmap(NULL, (size_t)PACKETS * BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT | MAP_POPULATE, -1, 0);
	struct pcap_io_packet in;

	if (!reader || room == MAP_FAILED)
		return -1;
	while (b->n < PACKETS && pcap_io_read(reader, &in, err) > 0) {
		if (in.len > HOST_LEN_MAX)
			continue;
		/* Buffers should not all fall into the same sets of the cache. */
		b->data[b->n] = room + (size_t)b->n * BUFFER + BEFORE + 64 * (b->n % 16);
		memcpy(b->data[b->n], in.data, in.len);
		memcpy(b->kept[b->n], in.data, in.len < KEPT ? in.len : KEPT);
		b->len[b->n++] = in.len;
	}
	pcap_io_close(reader);
	return b->n ? 0 : io_fail(err, "%s has no packets", path);
}

static void restore(struct bench *b)
{
	for (uint32_t i = 0; i < b->n; i++) {
		memcpy(b->data[i], b->kept[i], b->len[i] < KEPT ? b->len[i] : KEPT);
		b->packet[i] = (struct host_packet){.data = b->data[i], .len = b->len[i], .ifindex = 1, .time = 1};
		b->md[i] = (struct xdp_md){.data = (uint32_t)(uintptr_t)b->data[i], .data_end = (uint32_t)(uintptr_t)b->data[i] + b->len[i],
					   .data_meta = (uint32_t)(uintptr_t)b->data[i], .ingress_ifindex = 1};
	}
	if (b->rte)
		rte_code_packets(b->rte, b->data, b->len, b->n);
}

/* ---- Time ---- */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

enum { OURS, NATIVE, RTE, NOTHING, KINDS };

static void burst(struct bench *b, int kind)
{
	if (kind == OURS)
		host_burst(b->ours, b->packet, b->verdict[OURS], b->n);
	else if (kind == NATIVE)
		b->native(b->md, b->verdict[NATIVE], b->n);
	else if (kind == RTE)
		rte_code_burst(b->rte, b->verdict[RTE], b->n);
}

static int is_there(const struct bench *b, int kind)
{
	return kind == NATIVE ? b->native != NULL : kind == RTE ? b->rte != NULL : 1;
}

static void rounds(struct bench *b, int bursts, double least[KINDS])
{
	for (int kind = 0; kind < KINDS; kind++)
		least[kind] = -1;
	for (int round = 0; round < ROUNDS; round++)
		for (int kind = 0; kind < KINDS; kind++) {
			double from, took;

			if (!is_there(b, kind))
				continue;
			restore(b);
			from = now();
			for (int n = 0; n < bursts; n++)
				burst(b, kind);
			took = (now() - from) / bursts;
			if (least[kind] < 0 || took < least[kind])
				least[kind] = took;
		}
}

/* A program that does not look at its packets is done before the clock goes on; it can run over them again and again. */
static void measure(struct bench *b, double least[KINDS])
{
	enum { SHORT = 100, BURSTS = 64 };

	rounds(b, 1, least);
	if (least[OURS] - least[NOTHING] < SHORT)
		rounds(b, BURSTS, least);
}

static void print_one(const struct bench *b, const char *name, double ns)
{
	printf(",\"%s\":", name);
	if (ns < 0)
		printf("null");
	else
		printf("%.2f", ns / b->n);
}

static void report(const struct bench *b, const double least[KINDS])
{
	static const char *const names[] = {"ours", "native", "rte_bpf"};

	printf("{\"packets\":%u", b->n);
	for (int kind = OURS; kind <= RTE; kind++)
		print_one(b, names[kind], is_there(b, kind) ? least[kind] - least[NOTHING] : -1);
	for (int kind = NATIVE; kind <= RTE; kind++)
		if (is_there(b, kind) && memcmp(b->verdict[OURS], b->verdict[kind], b->n * sizeof(uint32_t)))
			printf(",\"differs\":\"%s\"", names[kind]);
	if (!b->rte)
		printf(",\"why\":\"%s\"", b->rte_why);
	printf("}\n");
}

struct options {
	const char *object, *program, *native, *rx, *maps, *fib;
};

static struct host_prog *compile(const struct prog *prog, const struct options *o, struct io_error *err)
{
	const struct nic_fib_link wire = {.ifindex = 1, .mtu = 1500};
	char why[HOST_WHY];
	struct host_prog *p = host_compile(prog, 1, 2, why);

	if (!p)
		io_fail(err, "%s: %.200s", o->object, why);
	else if ((o->maps && fill_maps(p, o->maps, err)) || fib_load(host_regs(p), host_image(p), o->fib, &wire, 1, err))
		p = NULL;
	return p;
}

static int run(struct bench *b, const struct options *o, struct io_error *err)
{
	struct diag diag = {.insn = -1};
	struct loaded loaded;
	double least[KINDS];

	if (load_object(o->object, o->program, &loaded, &diag))
		return io_fail(err, "%s: %s", o->object, diag.text);
	b->ours = compile(&loaded.prog, o, err);
	b->natives = b->ours ? compile(&loaded.prog, o, err) : NULL;
	b->rtes = b->natives ? compile(&loaded.prog, o, err) : NULL;
	if (!b->rtes || read_packets(b, o->rx, err))
		return -1;
	open_native(b, o->native);
	open_rte(b, &loaded.prog);
	measure(b, least);
	report(b, least);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{"obj", required_argument, NULL, 'o'}, {"prog", required_argument, NULL, 'p'}, {"native", required_argument, NULL, 'n'},
		{"rx", required_argument, NULL, 'r'}, {"maps-in", required_argument, NULL, 'm'}, {"fib", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0},
	};
	static struct bench b;
	struct options o = {0};
	struct io_error err = {""};
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case 'o': o.object = optarg; break;
		case 'p': o.program = optarg; break;
		case 'n': o.native = optarg; break;
		case 'r': o.rx = optarg; break;
		case 'm': o.maps = optarg; break;
		case 'f': o.fib = optarg; break;
		default: o.object = NULL; optind = argc; break;
		}
	}
	if (!o.object || !o.rx) {
		fputs("usage: bench-host --obj PROG.o --rx IN.pcap [--prog NAME] [--native PROG.so] [--maps-in FILE] [--fib FILE]\n", stderr);
		return 2;
	}
	if (run(&b, &o, &err)) {
		fprintf(stderr, "bench-host: %s\n", err.text);
		return 1;
	}
	return 0;
}
