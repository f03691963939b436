// SPDX-License-Identifier: Apache-2.0
/* Which of the object's programs is meant, and whether it is one for the NIC: an XDP program or, where there is none, a classifier of tc. */
#include <string.h>
#include <stdio.h>
#include "load_impl.h"

enum kind { OTHER, XDP, TC };

static int is_named(const char *section, const char *prefix)
{
	return !strncmp(section, prefix, strlen(prefix));
}

/* Sections have many names; what the function takes says more. Without type information the name must do. */
static enum kind kind_of(struct load *l, const struct bpf_program *p, int wanted)
{
	enum bpf_prog_type type = bpf_program__type(p);
	const struct btf *btf = bpf_object__btf(l->obj);
	const char *section = bpf_program__section_name(p), *name = bpf_program__name(p);

	if (type != BPF_PROG_TYPE_UNSPEC)
		return type == BPF_PROG_TYPE_XDP ? XDP : type == BPF_PROG_TYPE_SCHED_CLS ? TC : OTHER;
	if (btf && btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0)
		return load_takes(btf, name, "xdp_md") ? XDP : load_takes(btf, name, "__sk_buff") && (wanted || is_named(section, "tc")) ? TC : OTHER;
	if (is_named(section, "classifier") || is_named(section, "tc"))
		return TC;
	return wanted || is_named(section, "xdp") || !strcmp(section, "prog") ? XDP : OTHER;
}

static int refuse_ambiguous(struct load *l, const char *what, enum kind kind)
{
	struct diag *d = l->diag;
	struct bpf_program *p;
	size_t n;

	load_fail(l, -1, "%s", what);
	n = (size_t)snprintf(d->note, sizeof(d->note), "choose one of:");
	bpf_object__for_each_program(p, l->obj) {
		if (kind == TC ? kind_of(l, p, 0) != TC : !load_is_program(l, p))
			continue;
		if (n + 1 + strlen(bpf_program__name(p)) + sizeof(" ..") > sizeof(d->note)) {
			snprintf(d->note + n, sizeof(d->note) - n, " ..");
			break;
		}
		n += (size_t)snprintf(d->note + n, sizeof(d->note) - n, " %s", bpf_program__name(p));
	}
	return -1;
}

static int check_kind(struct load *l, int wanted)
{
	const char *section = bpf_program__section_name(l->prog),
		   *name = bpf_program__name(l->prog);
	enum kind kind = kind_of(l, l->prog, wanted);

	if (kind == OTHER)
		return load_refuse(l, -1, "%s (section %s) is not an XDP program", name, section);
	l->out->prog.tc = kind == TC;
	if (bpf_program__expected_attach_type(l->prog) == BPF_XDP_DEVMAP ||
	    bpf_program__expected_attach_type(l->prog) == BPF_XDP_CPUMAP) {
		load_refuse(l, -1, "%s (section %s) runs behind a redirect, not on packets as they arrive", name, section);
		return load_note(l, "do its work before the redirect, in the program that redirects");
	}
	return 0;
}

/* Counts the programs of a kind that may be meant, and takes the last of them; where there are none, the last of all. */
static int count(struct load *l, const char *select, enum kind kind, int *n_all)
{
	struct bpf_program *p;
	int n = 0;

	*n_all = 0;
	bpf_object__for_each_program(p, l->obj) {
		if (select && strcmp(bpf_program__name(p), select) &&
		    strcmp(bpf_program__section_name(p), select))
			continue;
		++*n_all;
		if (select ? kind_of(l, p, 1) == kind : kind == XDP ? load_is_program(l, p) : kind_of(l, p, 0) == kind)
			n++;
		else if (l->prog && (n || kind_of(l, p, 0) != kind))
			continue;
		l->prog = p;
	}
	return n;
}

int load_select(struct load *l, const char *select)
{
	int n, found = count(l, select, XDP, &n);
	enum kind kind = XDP;

	if (!found && n && kind_of(l, l->prog, !!select) != XDP) {
		kind = TC;
		found = count(l, select, TC, &n);
	}
	if (found > 1)
		return refuse_ambiguous(l, select ? "the section holds more than one program" : kind == TC ? "the object holds more than one classifier"
						  : "the object holds more than one XDP program", kind);
	if (!n && select)
		return refuse_ambiguous(l, "the object has no program or section of that name", XDP);
	if (!n)
		return load_fail(l, -1, "the object holds no program");
	if (n > 1 && !found && kind_of(l, l->prog, 0) == OTHER)
		return load_fail(l, -1, "the object holds no XDP program");
	return check_kind(l, !!select);
}

int load_is_program(struct load *l, const struct bpf_program *p)
{
	enum bpf_attach_type attach = bpf_program__expected_attach_type(p);

	return kind_of(l, p, 0) == XDP && attach != BPF_XDP_DEVMAP && attach != BPF_XDP_CPUMAP;
}
