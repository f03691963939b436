// SPDX-License-Identifier: Apache-2.0
/* Keys and values as users write them. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nicctl.h"

static int put_bits(uint64_t n, uint8_t *bytes, size_t size, uint32_t from, uint32_t bits)
{
	if ((from + bits + 7) / 8 > size)
		return fail("the type is longer than its %zu bytes", size);
	for (uint32_t i = 0; i < bits; i++)
		bytes[(from + i) / 8] = (uint8_t)((bytes[(from + i) / 8] & ~(1u << (from + i) % 8)) | (n >> i & 1) << (from + i) % 8);
	return 0;
}

/* A number that fits the bits, with or without sign. */
static int number_of(const char *text, uint32_t bits, uint64_t *n)
{
	char *end;

	errno = 0;
	*n = *text == '-' ? (uint64_t)strtoll(text, &end, 0) : strtoull(text, &end, 0);
	if (!*text || *end || errno || isspace((unsigned char)*text))
		return -1;
	if (bits >= 64)
		return 0;
	return *text == '-' ? ((int64_t)*n < -(1ll << (bits - 1)) ? -1 : 0) : *n >> bits ? -1 : 0;
}

/* ADDRESS/LENGTH as the key of an LPM trie: length, address. */
static bool prefix(const char *text, uint8_t *bytes, size_t size)
{
	const char *slash = strchr(text, '/');
	char address[64];
	uint64_t length;
	uint32_t word;
	int family = size == 8 ? AF_INET : AF_INET6;

	if (!slash || (size != 8 && size != 20) || slash - text >= (long)sizeof(address) || number_of(slash + 1, 8, &length))
		return false;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	word = (uint32_t)length;
	memcpy(bytes, &word, 4);
	return word <= 8 * (size - 4) && inet_pton(family, address, bytes + 4) == 1;
}

static bool address(const char *text, uint8_t *bytes, size_t size)
{
	unsigned int b[6];
	int used = 0;

	if (size == 4 && inet_pton(AF_INET, text, bytes) == 1)
		return true;
	if (size == 16 && inet_pton(AF_INET6, text, bytes) == 1)
		return true;
	if (size != 6 || sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", b, b + 1, b + 2, b + 3, b + 4, b + 5, &used) != 6 || text[used])
		return prefix(text, bytes, size);
	for (int i = 0; i < 6; i++)
		bytes[i] = (uint8_t)b[i];
	return true;
}

/* What needs no type; false: it is none of that. */
static bool plain(const char *text, uint8_t *bytes, size_t size)
{
	uint64_t n;

	if (strncmp(text, "hex:", 4) == 0)
		return hex_parse(bytes, size, text + 4);
	if (address(text, bytes, size))
		return true;
	if (size == 1 || size == 2 || size == 4 || size == 8)
		return !number_of(text, (uint32_t)size * 8, &n) && !put_bits(n, bytes, size, 0, (uint32_t)size * 8);
	return hex_parse(bytes, size, text);
}

static int scalar(const struct btf *btf, const struct btf_type *t, const json_t *j, uint8_t *bytes, size_t size, uint32_t bit, uint32_t bits)
{
	const char *text = json_string_value(j);
	bool is_signed = btf_is_int(t) && btf_int_encoding(t) & BTF_INT_SIGNED;
	uint64_t n = json_is_true(j) ? 1 : (uint64_t)json_integer_value(j);

	if (text && btf_is_enum(t))
		for (uint32_t i = 0; i < btf_vlen(t); i++)
			if (strcmp(text, btf__name_by_offset(btf, btf_enum(t)[i].name_off)) == 0)
				return put_bits((uint64_t)(int64_t)btf_enum(t)[i].val, bytes, size, bit, bits);
	if (text && bit % 8 == 0 && bits % 8 == 0 && (bit + bits) / 8 <= size && plain(text, bytes + bit / 8, bits / 8))
		return 0;
	if (text ? number_of(text, bits, &n) : !json_is_integer(j) && !json_is_boolean(j))
		return fail("a number of %u bits is wanted%s%s", bits, text ? ", not " : "", text ? text : "");
	if (bits < 64 && n >> (!text && is_signed ? bits - 1 : bits) && (int64_t)n >> (bits - 1) != -1)
		return fail("%ld does not fit into %u bits", (long)n, bits);
	return put_bits(n, bytes, size, bit, bits);
}

static int any(const struct btf *btf, uint32_t id, const json_t *j, uint8_t *bytes, size_t size, uint32_t bit, uint32_t bits);

static int array(const struct btf *btf, const struct btf_array *a, const json_t *j, uint8_t *bytes, size_t size, uint32_t bit)
{
	int64_t one = btf__resolve_size(btf, a->type);
	const char *text = json_string_value(j);
	size_t all = one > 0 ? (size_t)one * a->nelems : 0, at = bit / 8;

	if (text && one == 1 && at + all <= size && strncmp(text, "hex:", 4) && !address(text, bytes + at, all) && strlen(text) < all) {
		memset(bytes + at, 0, all);
		memcpy(bytes + at, text, strlen(text));
		return 0;
	}
	if (text)
		return at + all <= size && plain(text, bytes + at, all) ? 0 : fail("%s are not %zu bytes", text, all);
	if (!json_is_array(j) || json_array_size(j) > a->nelems)
		return fail("a list of up to %u elements is wanted", a->nelems);
	for (size_t i = 0; i < json_array_size(j); i++)
		if (any(btf, a->type, json_array_get(j, i), bytes, size, bit + (uint32_t)(8 * one * (int64_t)i), 0))
			return -1;
	return 0;
}

/* Sets the member of that name, also one of a struct without a name inside. 1: there is none. */
static int member(const struct btf *btf, const struct btf_type *t, const char *name, const json_t *j, uint8_t *bytes, size_t size, uint32_t bit)
{
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const char *is = btf__name_by_offset(btf, btf_members(t)[i].name_off);
		uint32_t at = bit + btf_member_bit_offset(t, i);
		const struct btf_type *inner;
		int result = 1;

		if (is && *is) {
			if (strcmp(is, name) == 0)
				return any(btf, btf_members(t)[i].type, j, bytes, size, at, btf_member_bitfield_size(t, i));
			continue;
		}
		inner = btf__type_by_id(btf, (uint32_t)btf__resolve_type(btf, btf_members(t)[i].type));
		if (inner && btf_is_composite(inner))
			result = member(btf, inner, name, j, bytes, size, at);
		if (result <= 0)
			return result;
	}
	return 1;
}

static int members(const struct btf *btf, const struct btf_type *t, const json_t *j, uint8_t *bytes, size_t size, uint32_t bit)
{
	const char *text = json_string_value(j), *name;
	int64_t all = t->size;
	json_t *value;
	int result;

	if (text)
		return bit % 8 == 0 && bit / 8 + (size_t)all <= size && plain(text, bytes + bit / 8, (size_t)all) ? 0
													   : fail("%s is no such struct", text);
	if (!json_is_object(j))
		return fail("a struct is wanted: {\"member\": value, ..}");
	json_object_foreach((json_t *)(uintptr_t)j, name, value) {
		result = member(btf, t, name, value, bytes, size, bit);
		if (result)
			return result < 0 ? -1 : fail("the struct has no member %s", name);
	}
	return 0;
}

static int any(const struct btf *btf, uint32_t id, const json_t *j, uint8_t *bytes, size_t size, uint32_t bit, uint32_t bits)
{
	int resolved = btf__resolve_type(btf, id);
	const struct btf_type *t = resolved > 0 ? btf__type_by_id(btf, (uint32_t)resolved) : NULL;
	int64_t bytes_of = t ? btf__resolve_size(btf, (uint32_t)resolved) : -1;

	if (!t || bytes_of < 0)
		return fail("the type is not known");
	if (btf_is_composite(t))
		return members(btf, t, j, bytes, size, bit);
	if (btf_is_array(t))
		return array(btf, btf_array(t), j, bytes, size, bit);
	return scalar(btf, t, j, bytes, size, bit, bits ? bits : (uint32_t)bytes_of * 8);
}

static const struct btf_var_secinfo *variable(const struct btf *btf, const struct btf_type *t, const char *name)
{
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_type *var = btf__type_by_id(btf, btf_var_secinfos(t)[i].type);

		if (strcmp(btf__name_by_offset(btf, var->name_off), name) == 0)
			return &btf_var_secinfos(t)[i];
	}
	return NULL;
}

/* Of global data what is named changes. */
static int variables(const struct btf *btf, const struct btf_type *t, const json_t *j, uint8_t *bytes, size_t size)
{
	const char *name;
	json_t *value;

	if (!json_is_object(j))
		return fail("global data is {\"variable\": value, ..}");
	json_object_foreach((json_t *)(uintptr_t)j, name, value) {
		const struct btf_var_secinfo *v = variable(btf, t, name);

		if (!v)
			return fail("there is no variable %s", name);
		if (any(btf, btf__type_by_id(btf, v->type)->type, value, bytes, size, 8 * v->offset, 0))
			return -1;
	}
	return 0;
}

int value_parse_json(const struct btf *btf, uint32_t type, const json_t *j, uint8_t *bytes, size_t size)
{
	const struct btf_type *t = btf && type ? btf__type_by_id(btf, type) : NULL;
	const char *text = json_string_value(j);
	char number[32];

	if (t && btf_is_datasec(t))
		return variables(btf, t, j, bytes, size);
	memset(bytes, 0, size);
	if (t)
		return any(btf, type, j, bytes, size, 0, 0);
	if (json_is_integer(j)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(j));
		text = number;
	}
	return text && plain(text, bytes, size) ? 0 : fail("%s is not understood as %zu bytes; try hex:%.*s..", text ? text : "the value", size, 4, "0a0b");
}

int value_parse(const struct btf *btf, uint32_t type, const char *text, uint8_t *bytes, size_t size)
{
	json_error_t error;
	json_t *j;
	int result;

	if (*text != '{' && *text != '[') {
		j = json_string(text);
	} else {
		j = json_loads(text, 0, &error);
		if (!j)
			return fail("%s: %s", text, error.text);
	}
	result = j ? value_parse_json(btf, type, j, bytes, size) : fail("%s is no text", text);
	json_decref(j);
	return result;
}
