// SPDX-License-Identifier: Apache-2.0
/* Classifiers of tc: the verdict they become, the fields of struct __sk_buff with and without a VLAN tag, and the classic loads. tests/tc compares whole
 * programs with the kernel. */
#include "calls.h"

enum { OK, SHOT = 2, PIPE, STOLEN, REDIRECT = 7, UNSPEC = -1 };            /* TC_ACT_* */
enum { XDP_DROP = 1, XDP_PASS = 2, XDP_REDIRECT = 4 };
enum { LEN = 0, MARK = 8, PROTOCOL = 16, VLAN_PRESENT = 20, VLAN_TCI = 24, VLAN_PROTO = 28, TC_INDEX = 44, CB = 48 }; /* struct __sk_buff */

static const uint8_t tagged[TYPE_BYTES] = { 0x81, 0, 0x20, 5, 8, 0, 0x45, 0 }, ipv4[TYPE_BYTES] = { 8, 0, 0x45, 0 };

static int wanted, field;
static uint32_t is;

static void act(void)
{
	put_mov(9, wanted);
}

/* SHOT when the field is as wanted. */
static void look(void)
{
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 0, 6, (int16_t)field, 0);
	jit_put(&j, EC_JMP | EBPF_JNE, 0, 0, 1, (int)is);
	put_mov(9, SHOT);
}

/* A load of a word at `field`: of a packet that has not so much the classifier returns OK. */
static void classic(void)
{
	jit_put(&j, EC_LD | EBPF_ABS | EBPF_W, 0, 0, 0, field);
	jit_put(&j, EC_JMP32 | EBPF_JNE, 0, 0, 1, (int)is);
	put_mov(9, SHOT);
}

static void indirect(void)
{
	put_mov(7, field);
	jit_put(&j, EC_LD | EBPF_IND | EBPF_W, 0, 7, 0, 0);
	jit_put(&j, EC_JMP32 | EBPF_JNE, 0, 0, 1, (int)is);
	put_mov(9, SHOT);
}

static void keep(void)
{
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 6, 0, (int16_t)field, (int)is);
	look();
}

static uint32_t verdict(void (*put)(void), const uint8_t *type)
{
	const struct prog_map none = { .type = MAP_TYPE_ARRAY, .name = "none", .key_size = 4, .value_size = 4, .max_entries = 1 };
	struct calls calls = { .maps = &none, .n_maps = 1, .put = put, .type = type, .tc = 1 };
	uint32_t got = calls_result(&calls);

	calls.careful = 1;
	assert_int_equal(calls_result(&calls), got);
	return got;
}

static void verdicts(void **state)
{
	static const struct { int act; uint32_t verdict; } rows[] = {
		{ OK, XDP_PASS }, { SHOT, XDP_DROP }, { PIPE, XDP_PASS }, { STOLEN, XDP_DROP }, { REDIRECT, XDP_REDIRECT }, { UNSPEC, XDP_PASS }, { 99, XDP_PASS },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		wanted = rows[n].act;
		assert_int_equal(verdict(act, NULL), rows[n].verdict);
		assert_int_equal(verdict(act, tagged), rows[n].verdict);
	}
}

static void expect(void (*put)(void), const uint8_t *type, int at, uint32_t value)
{
	field = at;
	is = value;
	if (verdict(put, type) != XDP_DROP)
		fail_msg("%d is not %x", at, value);
	is = value + 1;
	if (put != keep)
		assert_int_equal(verdict(put, type), XDP_PASS);
}

static void fields(void **state)
{
	(void)state;
	expect(look, ipv4, LEN, CALLS_FRAME);
	expect(look, ipv4, PROTOCOL, 0x0008);
	expect(look, ipv4, VLAN_PRESENT, 0);
	expect(look, NULL, PROTOCOL, 0x0400);       /* a length: 802.2 */
	expect(look, NULL, MARK, 0);
	expect(look, tagged, LEN, CALLS_FRAME - 4); /* without its tag */
	expect(look, tagged, PROTOCOL, 0x0008);
	expect(look, tagged, VLAN_PRESENT, 1);
	expect(look, tagged, VLAN_TCI, 0x2005);
	expect(look, tagged, VLAN_PROTO, 0x0081);
	expect(keep, NULL, CB + 4, 77);
	expect(keep, NULL, TC_INDEX, 5);
}

static void classic_loads(void **state)
{
	(void)state;
	expect(classic, ipv4, 12, 0x08004500);
	expect(indirect, ipv4, 12, 0x08004500);
	expect(classic, tagged, 12, 0x08004500);
	expect(classic, ipv4, -0x100000, 0x45000000); /* from the IP header */
	expect(indirect, ipv4, -0x200000 + 12, 0x08004500); /* from the MAC header */
	expect(classic, ipv4, CALLS_FRAME - 4, 0);
	field = CALLS_FRAME - 3;
	is = 0;
	assert_int_equal(verdict(classic, ipv4), XDP_PASS);
	assert_int_equal(verdict(indirect, ipv4), XDP_PASS);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(verdicts), cmocka_unit_test(fields), cmocka_unit_test(classic_loads) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
