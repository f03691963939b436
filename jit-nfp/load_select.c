// SPDX-License-Identifier: Apache-2.0
/* Which of the object's programs is meant, and whether it is one for the NIC. */
#include <string.h>
#include <stdio.h>
#include "load_impl.h"

/* Sections have many names; what the function takes says more. Without type information the name must do. */
static int is_xdp(struct load *l, const struct bpf_program *p, int wanted)
{
	enum bpf_prog_type type = bpf_program__type(p);
	const struct btf *btf = bpf_object__btf(l->obj);
	const char *section = bpf_program__section_name(p);

	if (type != BPF_PROG_TYPE_UNSPEC)
		return type == BPF_PROG_TYPE_XDP;
	if (btf && btf__find_by_name_kind(btf, bpf_program__name(p), BTF_KIND_FUNC) > 0)
		return load_takes_xdp_md(btf, bpf_program__name(p));
	return wanted || !strncmp(section, "xdp", 3) || !strcmp(section, "prog");
}

static int refuse_ambiguous(struct load *l, const char *what)
{
	struct diag *d = l->diag;
	struct bpf_program *p;
	size_t n;

	load_fail(l, -1, "%s", what);
	n = (size_t)snprintf(d->note, sizeof(d->note), "choose one of:");
	bpf_object__for_each_program(p, l->obj)
		if (load_is_program(l, p) && n < sizeof(d->note))
			n += (size_t)snprintf(d->note + n, sizeof(d->note) - n, " %s",
					      bpf_program__name(p));
	return -1;
}

static int check_kind(struct load *l, int wanted)
{
	const char *section = bpf_program__section_name(l->prog),
		   *name = bpf_program__name(l->prog);

	if (!is_xdp(l, l->prog, wanted))
		return load_refuse(l, -1, "%s (section %s) is not an XDP program", name, section);
	if (bpf_program__expected_attach_type(l->prog) == BPF_XDP_DEVMAP ||
	    bpf_program__expected_attach_type(l->prog) == BPF_XDP_CPUMAP)
		return load_refuse(
			l, -1,
			"%s (section %s) runs behind a redirect, not on packets as they arrive",
			name, section);
	return 0;
}

int load_select(struct load *l, const char *select)
{
	int n = 0, n_xdp = 0;
	struct bpf_program *p;

	bpf_object__for_each_program(p, l->obj) {
		if (select && strcmp(bpf_program__name(p), select) &&
		    strcmp(bpf_program__section_name(p), select))
			continue;
		n++;
		if (select ? is_xdp(l, p, 1) : load_is_program(l, p))
			n_xdp++;
		else if (l->prog && (n_xdp || !is_xdp(l, p, 0)))
			continue;
		l->prog = p;
	}
	if (n_xdp > 1)
		return refuse_ambiguous(l, select ? "the section holds more than one program"
						  : "the object holds more than one XDP program");
	if (!n && select)
		return refuse_ambiguous(l, "the object has no program or section of that name");
	if (!n)
		return load_fail(l, -1, "the object holds no program");
	if (n > 1 && !n_xdp && !is_xdp(l, l->prog, 0))
		return load_fail(l, -1, "the object holds no XDP program");
	return check_kind(l, !!select);
}

int load_is_program(struct load *l, const struct bpf_program *p)
{
	enum bpf_attach_type attach = bpf_program__expected_attach_type(p);

	return is_xdp(l, p, 0) && attach != BPF_XDP_DEVMAP && attach != BPF_XDP_CPUMAP;
}
