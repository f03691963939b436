// SPDX-License-Identifier: Apache-2.0
/*
 * Cases as text, so that a found bug is kept as a file: lines "map NAME TYPE KEY VALUE MAX [FLAGS [LOCK [TIMER [MODEL]]]]", "constants HEX", "packet HEX",
 * "step PACKET MAP KEY [VALUE]" (in hex; without a value it is a deletion), "insn CODE REGS OFF IMM", "program" before those of the next one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "case_text.h"
#include "sim/io/io.h"

void case_write(FILE *f, const struct fuzz_case *c)
{
	char hex[2 * CASE_FRAME + 1];

	for (uint32_t i = 0; i < c->n_maps; i++)
		fprintf(f, "map %s %u %u %u %u %u %u %u %u\n", c->maps[i].name, c->maps[i].type, c->maps[i].key_size, c->maps[i].value_size,
			c->maps[i].max_entries, c->maps[i].flags, c->maps[i].lock, c->maps[i].timer, c->maps[i].model);
	io_hex_print(hex, c->constants, CASE_CONSTANTS);
	fprintf(f, "constants %s\n", hex);
	for (uint32_t i = 0; i < c->n_packets; i++) {
		io_hex_print(hex, c->packets[i], c->packet_len[i]);
		fprintf(f, "packet %s\n", hex);
	}
	for (uint32_t i = 0; i < c->n_steps; i++) {
		const struct case_step *s = &c->steps[i];

		io_hex_print(hex, s->key, c->maps[s->map].key_size);
		fprintf(f, "step %u %u %s", s->before, s->map, hex);
		io_hex_print(hex, s->value, s->deletes ? 0 : c->maps[s->map].value_size);
		fprintf(f, " %s\n", hex);
	}
	for (uint32_t i = 0, program = 1; i < c->n_insns; i++) {
		if (program < c->n_programs && i == c->start[program] && program++)
			fprintf(f, "program\n");
		fprintf(f, "insn 0x%02x 0x%02x %d %d\n", c->insns[i].code, c->insns[i].regs, c->insns[i].off, c->insns[i].imm);
	}
}

static bool read_step(struct fuzz_case *c, const char *line)
{
	char key[2 * CASE_KEY + 1], value[2 * CASE_VALUE + 1] = "";
	struct case_step s = { 0 };

	if (c->n_steps == CASE_STEPS || sscanf(line, "step %u %u %1024s %2048s", &s.before, &s.map, key, value) < 3 || s.map >= c->n_maps)
		return false;
	s.deletes = !*value;
	c->steps[c->n_steps++] = s;
	return io_hex_parse(c->steps[c->n_steps - 1].key, strlen(key) / 2, key) &&
	       io_hex_parse(c->steps[c->n_steps - 1].value, strlen(value) / 2, value);
}

static bool read_line(struct fuzz_case *c, const char *line)
{
	char hex[2 * CASE_FRAME + 1], name[32];
	struct prog_map m = { 0 };
	unsigned int code, regs;
	int off, k;

	if (sscanf(line, "map %31s %u %u %u %u %u %u %u %u", name, &m.type, &m.key_size, &m.value_size, &m.max_entries, &m.flags, &m.lock, &m.timer, &m.model) >= 5 &&
	    c->n_maps < CASE_MAPS) {
		m.name = strdup(name);
		c->maps[c->n_maps++] = m;
		return true;
	}
	if (sscanf(line, "constants %256s", hex) == 1)
		return io_hex_parse(c->constants, strlen(hex) / 2, hex);
	if (sscanf(line, "packet %3584s", hex) == 1 && c->n_packets < CASE_PACKETS) {
		c->packet_len[c->n_packets] = (uint32_t)strlen(hex) / 2;
		return io_hex_parse(c->packets[c->n_packets], strlen(hex) / 2, hex) && ++c->n_packets;
	}
	if (sscanf(line, "insn %x %x %d %d", &code, &regs, &off, &k) == 4 && c->n_insns < CASE_INSNS) {
		c->insns[c->n_insns++] = (struct ebpf_insn){ (uint8_t)code, (uint8_t)regs, (int16_t)off, k };
		return true;
	}
	if (!strcmp(line, "program\n") && c->n_programs < CASE_PROGRAMS) {
		c->start[c->n_programs++] = c->n_insns;
		return true;
	}
	if (!strncmp(line, "step ", 5))
		return read_step(c, line);
	return line[0] == '#' || line[0] == '\n';
}

int case_read(const char *path, struct fuzz_case *c)
{
	FILE *f = fopen(path, "r");
	char line[2 * CASE_FRAME + 64];
	int number = 0;

	memset(c, 0, sizeof(*c));
	c->n_programs = 1;
	if (!f) {
		fprintf(stderr, "fuzz: cannot read %s\n", path);
		return -1;
	}
	while (fgets(line, sizeof(line), f)) {
		number++;
		if (!read_line(c, line)) {
			fprintf(stderr, "fuzz: %s:%d: not a line of a case\n", path, number);
			fclose(f);
			return -1;
		}
	}
	fclose(f);
	return 0;
}
