// SPDX-License-Identifier: Apache-2.0
/* Bytes shown by their type. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nicctl.h"

enum { DEPTH_MAX = 32 };

void hex_print(char *text, const void *bytes, size_t size)
{
	*text = '\0';
	for (size_t i = 0; i < size; i++)
		sprintf(text + 2 * i, "%02x", ((const uint8_t *)bytes)[i]);
}

bool hex_parse(void *bytes, size_t size, const char *text)
{
	if (strlen(text) != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		char two[3] = {text[2 * i], text[2 * i + 1], '\0'};

		if (!isxdigit((unsigned char)two[0]) || !isxdigit((unsigned char)two[1]))
			return false;
		((uint8_t *)bytes)[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	return true;
}

struct btf *value_btf(struct ctl *c)
{
	char command[64], *digits;
	uint8_t *bytes;
	size_t size;

	if (c->btf_known)
		return c->btf;
	c->btf_known = true;
	snprintf(command, sizeof(command), "/nicjit/btf,%d", c->port);
	digits = ctl_ask_all(c, command);
	size = digits ? strlen(digits) / 2 : 0;
	bytes = malloc(size + 1);
	if (size && bytes && hex_parse(bytes, size, digits))
		c->btf = btf__new(bytes, (uint32_t)size);
	free(bytes);
	free(digits);
	return c->btf;
}

static json_t *hex_json(const uint8_t *bytes, size_t size)
{
	char *text = malloc(2 * size + 5);
	json_t *j;

	if (!text)
		abort();
	strcpy(text, "hex:");
	hex_print(text + 4, bytes, size);
	j = json_string(text);
	free(text);
	return j;
}

/* Numbers that JSON's readers may not take stand in quotes. */
static json_t *number(uint64_t n, bool is_signed)
{
	char text[32];

	if (is_signed || n <= INT64_MAX)
		return json_integer((json_int_t)n);
	snprintf(text, sizeof(text), "%lu", n);
	return json_string(text);
}

/* So many bits from a bit on, least significant first. */
static uint64_t bits_at(const uint8_t *bytes, uint32_t from, uint32_t n, bool is_signed)
{
	uint64_t v = 0;

	for (uint32_t i = 0; i < n; i++)
		v |= (uint64_t)(bytes[(from + i) / 8] >> (from + i) % 8 & 1) << i;
	if (is_signed && n && n < 64 && v >> (n - 1) & 1)
		v |= ~0ull << n;
	return v;
}

static json_t *enum_json(const struct btf *btf, const struct btf_type *t, uint64_t n)
{
	const struct btf_enum *e = btf_enum(t);

	for (uint32_t i = 0; btf_is_enum(t) && i < btf_vlen(t); i++)
		if ((uint32_t)e[i].val == (uint32_t)n)
			return json_string(btf__name_by_offset(btf, e[i].name_off));
	return number(n, false);
}

static json_t *any(const struct btf *btf, uint32_t id, const uint8_t *bytes, size_t size, uint32_t bit, uint32_t bits, int depth);

static json_t *members(const struct btf *btf, const struct btf_type *t, const uint8_t *bytes, size_t size, uint32_t bit, int depth)
{
	json_t *object = json_object();

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, btf_members(t)[i].name_off);
		json_t *j = any(btf, btf_members(t)[i].type, bytes, size, bit + btf_member_bit_offset(t, i), btf_member_bitfield_size(t, i), depth);

		if (name && *name)
			json_object_set_new(object, name, j);
		else if (json_is_object(j)) /* of a struct without a name: they are the outer one's */
			json_object_update(object, j), json_decref(j);
		else
			json_decref(j);
	}
	return object;
}

static bool is_text(const uint8_t *bytes, size_t size)
{
	size_t n = strnlen((const char *)bytes, size);

	if (n == 0 || n == size)
		return false;
	for (size_t i = 0; i < size; i++)
		if (i < n ? !isprint(bytes[i]) : bytes[i])
			return false;
	return true;
}

static bool is_char(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, (uint32_t)btf__resolve_type(btf, id));

	return t && btf_is_int(t) && t->size == 1 && !(btf_int_encoding(t) & BTF_INT_BOOL);
}

static json_t *elements(const struct btf *btf, const struct btf_array *a, const uint8_t *bytes, size_t size, uint32_t bit, int depth)
{
	int64_t one = btf__resolve_size(btf, a->type);
	json_t *list;

	if (is_char(btf, a->type) && bit / 8 + a->nelems <= size)
		return is_text(bytes + bit / 8, a->nelems) ? json_string((const char *)bytes + bit / 8) : hex_json(bytes + bit / 8, a->nelems);
	list = json_array();
	for (uint32_t i = 0; one > 0 && i < a->nelems; i++)
		json_array_append_new(list, any(btf, a->type, bytes, size, bit + (uint32_t)(8 * one) * i, 0, depth));
	return list;
}

/* bits: of a bit field, or 0. What lies outside the bytes is null. */
static json_t *any(const struct btf *btf, uint32_t id, const uint8_t *bytes, size_t size, uint32_t bit, uint32_t bits, int depth)
{
	int resolved = btf__resolve_type(btf, id);
	const struct btf_type *t = resolved > 0 ? btf__type_by_id(btf, (uint32_t)resolved) : NULL;
	int64_t bytes_of = t ? btf__resolve_size(btf, (uint32_t)resolved) : -1;
	uint64_t n;

	if (!t || bytes_of < 0 || depth > DEPTH_MAX)
		return json_null();
	if (btf_is_composite(t))
		return members(btf, t, bytes, size, bit, depth + 1);
	if (btf_is_array(t))
		return elements(btf, btf_array(t), bytes, size, bit, depth + 1);
	if (!bits)
		bits = (uint32_t)bytes_of * 8;
	if (bits > 64 && bit % 8 == 0 && (bit + bits) / 8 <= size)
		return hex_json(bytes + bit / 8, bits / 8);
	if (bits > 64 || (bit + bits + 7) / 8 > size)
		return json_null();
	n = bits_at(bytes, bit, bits, btf_is_int(t) && btf_int_encoding(t) & BTF_INT_SIGNED);
	if (btf_is_any_enum(t))
		return enum_json(btf, t, n);
	if (btf_is_int(t) && btf_int_encoding(t) & BTF_INT_BOOL)
		return json_boolean(n);
	return number(n, btf_is_int(t) && btf_int_encoding(t) & BTF_INT_SIGNED);
}

/* The contents of a global variable's section. */
static json_t *variables(const struct btf *btf, const struct btf_type *t, const uint8_t *bytes, size_t size)
{
	json_t *object = json_object();

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_var_secinfo *v = &btf_var_secinfos(t)[i];
		const struct btf_type *var = btf__type_by_id(btf, v->type);

		json_object_set_new(object, btf__name_by_offset(btf, var->name_off), any(btf, var->type, bytes, size, 8 * v->offset, 0, 0));
	}
	return object;
}

json_t *value_json(const struct btf *btf, uint32_t type, const uint8_t *bytes, size_t size)
{
	const struct btf_type *t = btf && type ? btf__type_by_id(btf, type) : NULL;

	if (!t)
		return hex_json(bytes, size);
	return btf_is_datasec(t) ? variables(btf, t, bytes, size) : any(btf, type, bytes, size, 0, 0, 0);
}

char *value_text(const struct btf *btf, uint32_t type, const uint8_t *bytes, size_t size)
{
	json_t *j = value_json(btf, type, bytes, size);
	char *text = json_is_string(j) ? strdup(json_string_value(j)) : json_dumps(j, JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);

	json_decref(j);
	return text;
}
