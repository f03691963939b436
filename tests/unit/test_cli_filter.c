// SPDX-License-Identifier: Apache-2.0
/* nicjit --filter: the program that an expression becomes, and the one in the object for Linux, say of random frames what libpcap's own interpreter says.
 * tests/filter has recorded frames, the NIC and the kernel. */
#define bpf_insn classic_insn /* linux/bpf.h has another one */
#include <pcap/pcap.h>
#undef bpf_insn
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "jit-nfp/cli.h"
#include "sim/ref/ref.h"

enum { FRAMES = 2000, LONGEST = 120, SNAP = 65535, COMPILED = 77 };

static const char *const filters[] = {
	"ip", "ip6", "arp", "vlan", "vlan 5 and udp", "tcp", "udp port 53", "not ip", "ip6 and udp", "icmp or icmp6", "host 10.9.0.1", "net 10.0.0.0/8",
	"src host 10.9.0.1 and dst port 53", "portrange 0-700", "len > 60", "less 64", "greater 100", "ether broadcast", "ip[8] < 5 or ip[1] != 0",
	"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "udp[4:2] / 2 > 30", "udp[0:2] % udp[2:2] < 800", "ip[ip[0] & 0xf : 2] = 7", "(ip[16] << (ip[19] & 63)) = 0",
	"(ip[16] >> (ip[19] & 63)) = 0", "ether[12:4] = 0x08004500", "len - ip[1] = 60", "ip[2:2] - ((ip[0]&0xf)<<2) * 2 != 0", "-ip[1] < 0 - 5", "ip[1] ^ ip[8] | 3 = 7",
	"host 10.9.0.1 or host 10.9.0.2 or net 192.0.2.0/24 or net 172.16.0.0/12", "tcp and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
};
enum { FILTERS = sizeof(filters) / sizeof(*filters) };

/* ---- frames ---- */

static uint32_t seed;

static uint32_t chance(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(seed >> 8) * below >> 24);
}

static uint32_t make_frame(uint8_t *frame)
{
	static const uint8_t types[][4] = { { 8, 0, 0x45, 0 }, { 8, 0, 0x46, 3 }, { 0x86, 0xdd, 0x60, 0 }, { 8, 6, 0, 1 }, { 0x81, 0, 0, 5 } };
	static const uint8_t protocols[] = { 1, 6, 6, 17, 17, 58 }, bytes[] = { 0, 1, 2, 5, 7, 53, 80, 255 };
	uint32_t length = 14 + chance(LONGEST - 13), type = chance(6), ip = 14;

	for (uint32_t n = 0; n < LONGEST; n++)
		frame[n] = chance(4) ? bytes[chance(sizeof(bytes))] : (uint8_t)chance(256);
	if (!chance(8))
		memset(frame, 0xff, 6);
	if (type == 5)
		return length;
	memcpy(frame + 12, types[type], 4);
	if (type == 4) {
		memcpy(frame + 16, types[0], 4);
		ip += 4;
	}
	frame[ip + (type == 2 ? 6 : 9)] = protocols[chance(sizeof(protocols))];
	if (chance(2)) {
		memcpy(frame + ip + 6, (const uint8_t[]){ 0, 0 }, type == 2 ? 0 : 2); /* no fragment */
		memcpy(frame + ip + 12, (const uint8_t[]){ 10, 9, 0, 1 }, 4);
	}
	return length;
}

/* ---- what they say ---- */

static void says_what_libpcap_says(struct ref_program *program, const struct options *o)
{
	struct ref_machine *machine = ref_machine_create(program);
	pcap_t *wire = pcap_open_dead(DLT_EN10MB, SNAP);
	int matches = 0;
	struct bpf_program classic;

	assert_non_null(machine);
	assert_int_equal(pcap_compile(wire, &classic, o->filter, 1, PCAP_NETMASK_UNKNOWN), 0);
	seed = 1;
	for (int n = 0; n < FRAMES; n++) {
		uint8_t frame[LONGEST], copy[LONGEST];
		uint32_t length = make_frame(frame), room = LONGEST;
		struct pcap_pkthdr header = { .caplen = length, .len = length };
		struct ref_outcome outcome;
		int match;

		if (program->tc && frame[12] == 0x81) /* Linux has taken the tag away */
			continue;
		match = pcap_offline_filter(&classic, &header, frame) != 0;
		memcpy(copy, frame, sizeof(copy));
		ref_run_packet(machine, copy, &length, room, &outcome);
		assert_string_equal(outcome.fault, "");
		assert_int_equal(outcome.r0, match != o->drop_matches ? XDP_PASS : XDP_DROP);
		matches += match;
	}
	if (!program->tc && (!matches || matches == FRAMES))
		fail_msg("\"%s\" says the same of all frames", o->filter);
	pcap_freecode(&classic);
	pcap_close(wire);
	ref_machine_free(machine);
}

static int run_program(const struct options *o, struct loaded *loaded)
{
	const struct prog *p = &loaded->prog;
	struct ref_program program = { .count = p->n_insns, .insns = malloc(p->n_insns * sizeof(*program.insns)) };

	_Static_assert(sizeof(*p->insns) == sizeof(*program.insns), "both are eBPF's");
	memcpy(program.insns, p->insns, p->n_insns * sizeof(*program.insns));
	says_what_libpcap_says(&program, o);
	free(program.insns);
	return COMPILED;
}

static void programs_say_what_libpcap_says(void **state)
{
	(void)state;
	for (int n = 0; n < FILTERS; n++)
		for (int drop = 0; drop < 2; drop++) {
			const struct options o = { .filter = filters[n], .drop_matches = drop };

			assert_int_equal(filter_compile(&o, run_program), COMPILED);
		}
}

static void objects_say_what_libpcap_says(void **state)
{
	static const char *const names[] = { "filter", "filter_tc" };
	char path[] = "/tmp/test_cli_filter.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	for (int n = 0; n < FILTERS; n++) {
		const struct options o = { .filter = filters[n], .ebpf = 1, .output = path };

		assert_int_equal(filter_compile(&o, NULL), 0);
		for (int k = 0; k < 2; k++) {
			const struct ref_choice choice = { .program = names[k] };
			struct ref_program program;
			struct io_error err;

			if (ref_load(&program, path, &choice, &err))
				fail_msg("%s: %s", o.filter, err.text);
			assert_int_equal(program.tc, k);
			says_what_libpcap_says(&program, &o);
			ref_unload(&program);
		}
	}
	unlink(path);
}

static void what_is_no_filter_is_refused(void **state)
{
	const struct options nonsense = { .filter = "tcp and and" };

	(void)state;
	assert_int_equal(filter_compile(&nonsense, run_program), EXIT_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_say_what_libpcap_says),
		cmocka_unit_test(objects_say_what_libpcap_says),
		cmocka_unit_test(what_is_no_filter_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
