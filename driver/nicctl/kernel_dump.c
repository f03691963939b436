// SPDX-License-Identifier: Apache-2.0
/* The microcode of a program that the kernel has put into a NIC: what the kernel shows as its JITed code is the firmware image. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/common/image.h"
#include "jit-nfp/asm.h"
#include "nicctl.h"

static void *read_image(int fd, uint32_t *size, uint32_t *btf)
{
	struct bpf_prog_info info = {0};
	uint32_t room = sizeof(info);
	void *bytes;

	if (bpf_obj_get_info_by_fd(fd, &info, &room) || !info.jited_prog_len)
		return NULL;
	*size = info.jited_prog_len;
	*btf = info.btf_id;
	bytes = aligned_alloc(8, (*size + 7) & ~7u);
	memset(&info, 0, sizeof(info));
	info.jited_prog_len = *size;
	info.jited_prog_insns = (uintptr_t)bytes;
	if (bytes && !bpf_obj_get_info_by_fd(fd, &info, &room))
		return bytes;
	free(bytes);
	return NULL;
}

/* The module writes "@" and a place in the BTF's strings for names that it can't read itself. */
static const char *name(const struct btf *btf, const struct image *i, uint32_t at)
{
	const char *text = image_string(i, at), *found = btf && *text == '@' ? btf__str_by_offset(btf, (uint32_t)strtoul(text + 1, NULL, 10)) : NULL;

	return found ? found + strspn(found, " \t") : text;
}

static void print(FILE *f, const struct image *i, const struct btf *btf)
{
	const struct image_line *before = NULL;
	uint32_t lanes = i->header->lanes;
	char text[ASM_BUNDLE_TEXT];

	for (uint32_t n = 0; n < i->header->n_bundles; n++) {
		const struct image_line *line = image_line(i, n);

		if (line && (!before || line->line != before->line || line->file != before->file))
			fprintf(f, "; %s:%u: %s\n", name(btf, i, line->file), line->line, name(btf, i, line->text));
		before = line;
		disasm_bundle(text, sizeof(text), n, i->text + (size_t)n * lanes, (int)lanes);
		fprintf(f, "%s\n", text);
	}
}

static int print_json(const struct image *i, const struct btf *btf)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	json_t *all;

	if (!f)
		return fail("out of memory");
	print(f, i, btf);
	fclose(f);
	all = json_pack("{s:s}", "text", text);
	ctl_print(all);
	json_decref(all);
	free(text);
	return 0;
}

int kernel_dump(struct ctl *c, uint32_t id)
{
	int fd = bpf_prog_get_fd_by_id(id), result = 0;
	uint32_t size = 0, btf_id = 0;
	struct image image;
	void *bytes;

	if (fd < 0)
		return fail("program %u: %s", id, errno == ENOENT ? "there is none with that number" : strerror(errno));
	bytes = read_image(fd, &size, &btf_id);
	close(fd);
	if (!bytes || image_parse(bytes, size, &image))
		result = fail("program %u is not in a NIC of ours", id);
	if (!result && btf_id)
		c->btf = btf__load_from_kernel_by_id(btf_id);
	if (!result && c->json)
		result = print_json(&image, c->btf);
	else if (!result)
		print(stdout, &image, c->btf);
	free(bytes);
	return result;
}
