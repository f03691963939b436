// SPDX-License-Identifier: Apache-2.0
/* The XDP program of a port: from the object to the NIC or, where that can't be, to the host. */
#include <rte_malloc.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "driver/common/nic_target.h"
#include "driver/common/nic_wait.h"
#include "hw/spec/isa.h"
#include "jit-nfp/asm.h"
#include "jit-nfp/load.h"
#include "sim/io/fib_json.h"
#include "xdp_impl.h"

static void program_free(struct program *p)
{
	if (!p)
		return;
	free(p->path);
	free(p->name);
	free(p->section);
	nicjit_btf_free(p->btf);
	free(p->memory);
	host_free(p->host);
	free(p);
}

static int fail(char why[NICJIT_WHY], int error, const char *text)
{
	snprintf(why, NICJIT_WHY, "%s", text);
	return error;
}

static int describe(char why[NICJIT_WHY], const struct diag *diag)
{
	snprintf(why, NICJIT_WHY, "%s%s%s", diag->text, diag->note[0] ? "; " : "", diag->note);
	return -EINVAL;
}

/* Of anything else reading may take for ever. */
static int need_file(const char *path, char why[NICJIT_WHY])
{
	struct stat st;

	if (stat(path, &st) || S_ISREG(st.st_mode))
		return 0; /* what is not there is said by who opens it */
	snprintf(why, NICJIT_WHY, "%s is no file", path);
	return -EINVAL;
}

static int compile(const struct nicjit_dev *d, struct program *p, struct loaded *l, char why[NICJIT_WHY])
{
	struct target target = nic_target(&d->bus->regs);
	struct image_buf out;
	struct diag diag = {.insn = -1};
	const char *bad;

	if (load_compile(l, &target, NULL, &p->memory, &out, &diag))
		return describe(why, &diag);
	for (const struct left_out *o = l->left_out; o; o = o->next)
		PORT_LOG(NOTICE, d, "%s is left out, so no slot of a PROG_ARRAY can hold it: %s", o->name, o->why);
	bad = image_parse(out.bytes, out.size, &p->image);
	return bad ? fail(why, -EINVAL, bad) : 0;
}

static int refuse(char why[NICJIT_WHY], const struct nic_refusal *r)
{
	snprintf(why, NICJIT_WHY, "%s", r->text);
	if (r->has_numbers)
		snprintf(why, NICJIT_WHY, "%s (needed %u, there is %u)", r->text, r->need, r->have);
	return -ENOSPC;
}

/* The interfaces of programs are the wires. */
static int fill_routes(const struct nicjit_dev *d, const struct nic_regs *regs, const struct image *image, const char *path, char why[NICJIT_WHY])
{
	struct nic_fib_link wires[NICJIT_WIRES_MAX];
	uint32_t n = RTE_MIN(d->wires, (uint32_t)NICJIT_WIRES_MAX);
	struct io_error err = {""};

	for (uint32_t i = 0; i < n; i++)
		wires[i] = (struct nic_fib_link){.ifindex = HOST_IFINDEX + i, .mtu = RTE_ETHER_MTU};
	if (!fib_load(regs, image, path, wires, n, &err))
		return 0;
	snprintf(why, NICJIT_WHY, "%s", err.text);
	return -EINVAL;
}

/* Beside the one that runs, when it has the same maps and there is room; else the NIC stops for it, which loses nothing either: frames
 * wait on the wire. */
static int put_into_nic(struct nicjit_dev *d, struct program *p, char why[NICJIT_WHY])
{
	struct nicjit_xdp *x = d->xdp;
	struct nic_refusal refusal;
	int error;

	if (x->program && !x->program->host) {
		p->place = x->program->place;
		if (!nic_reload(&d->bus->regs, &x->program->image, &p->image, &p->place, &refusal))
			return 0;
	}
	if (nic_load(&d->bus->regs, &p->image, &p->place, &refusal))
		return refuse(why, &refusal);
	if (!nic_wait_runs(&d->bus->regs))
		return fail(why, -EIO, NIC_HANGS);
	error = fill_routes(d, &d->bus->regs, &p->image, x->routes, why);
	if (error) {
		/* Nothing is left of the one before, either. */
		nic_detach(&d->bus->regs, &refusal);
		program_free(x->program);
		x->program = NULL;
	}
	if (d->started)
		nicjit_run(d);
	return error;
}

/* Plain pass in the NIC, whatever ran there. */
static int clear_nic(struct nicjit_dev *d, char why[NICJIT_WHY])
{
	struct nic_refusal refusal;

	return nic_detach(&d->bus->regs, &refusal) ? refuse(why, &refusal) : 0;
}

/* May it change packets? A store by another register than the stack pointer may be one to a packet. */
static bool rewrites(const struct image *image)
{
	const struct image_header *h = image->header;
	struct isa_word w;

	for (size_t n = 0; n < (size_t)h->n_bundles * h->lanes; n++)
		if (!isa_decode(image->text[n], &w) && (w.op == OP_ADJH || w.op == OP_ADJT || ((w.op == OP_ST || w.op == OP_ST6) && w.a != SR_FP)))
			return true;
	return false;
}

/* The NIC looks at headers and checksums when a frame comes, before its program runs: with one that may change frames what it says is worth nothing, and neither
 * of what came while there was one. */
static void trust_sums(struct nicjit_dev *d, const struct program *p)
{
	if (p && !p->host && rewrites(&p->image))
		__atomic_store_n(&d->sums_since, UINT64_MAX, __ATOMIC_RELAXED);
	else if (d->sums_since == UINT64_MAX)
		__atomic_store_n(&d->sums_since, nicjit_now(d), __ATOMIC_RELAXED);
}

static int to_nic(struct nicjit_dev *d, struct program *p, struct loaded *l, char why[NICJIT_WHY])
{
	int error;

	if (nicjit_gone(d))
		return fail(why, -ENODEV, "the NIC is gone: its registers read all ones");
	if (!nic_wait_runs(&d->bus->regs))
		return fail(why, -EIO, NIC_HANGS);
	error = compile(d, p, l, why);
	if (!error && rewrites(&p->image))
		trust_sums(d, p);
	if (!error)
		error = put_into_nic(d, p, why);
	if (!error)
		nicjit_host_set(d, NULL);
	return error;
}

static int to_host(struct nicjit_dev *d, struct program *p, const struct prog *prog, char why[NICJIT_WHY])
{
	const struct program *before = d->xdp->program;
	int error;

	p->host = host_compile(prog, d->queues, d->wires, why);
	if (p->host)
		host_cookie_keys(p->host, d->bus->regs.cookie_keys);
	if (!p->host)
		return -EINVAL;
	error = fill_routes(d, host_regs(p->host), host_image(p->host), d->xdp->routes, why);
	if (error)
		return error;
	nicjit_host_set(d, p->host);
	error = clear_nic(d, why);
	if (error)
		nicjit_host_set(d, before ? before->host : NULL);
	return error;
}

/* Where it goes; the NIC's refusal stays in why. The host runs the object's other programs, too, that the NIC had to leave out. */
static int place_program(struct nicjit_dev *d, struct program *p, struct loaded *l, const char *entries, enum nicjit_xdp_want want, char why[NICJIT_WHY])
{
	char host_why[NICJIT_WHY];
	struct diag diag = {.insn = -1};
	int error;

	if (want == NICJIT_WANT_HOST)
		return to_host(d, p, &l->prog, why);
	error = to_nic(d, p, l, why);
	if (!error || want == NICJIT_WANT_OFFLOAD)
		return error;
	load_free(l);
	return load_object(p->path, p->name, l, &diag) || load_set_entries(l, entries, &diag) ? describe(host_why, &diag) : to_host(d, p, &l->prog, host_why);
}

static int load_locked(struct nicjit_dev *d, const char *path, const char *section, const char *entries, enum nicjit_xdp_want want, char why[NICJIT_WHY])
{
	struct program *p, *before;
	struct loaded loaded;
	struct diag diag = {.insn = -1};
	int error;

	if (need_file(path, why))
		return -EINVAL;
	p = calloc(1, sizeof(*p));
	if (!p)
		rte_panic("out of memory\n");
	why[0] = '\0';
	if (load_object(path, section, &loaded, &diag) || load_set_entries(&loaded, entries, &diag)) {
		error = describe(why, &diag);
	} else {
		p->path = strdup(path);
		p->name = strdup(loaded.prog.name);
		p->section = strdup(loaded.prog.section);
		p->loaded = time(NULL);
		p->btf = nicjit_btf_read(path);
		error = place_program(d, p, &loaded, entries, want, why);
	}
	load_free(&loaded);
	before = d->xdp->program;
	if (!error)
		d->xdp->program = p;
	program_free(error ? p : before);
	trust_sums(d, d->xdp->program);
	return error;
}

int nicjit_xdp_load(struct nicjit_dev *d, const char *path, const char *section, const char *entries, enum nicjit_xdp_want want, char why[NICJIT_WHY])
{
	int error;

	pthread_mutex_lock(&d->xdp->lock);
	error = load_locked(d, path, section, entries, want, why);
	snprintf(d->xdp->why, sizeof(d->xdp->why), "%s", why);
	pthread_mutex_unlock(&d->xdp->lock);
	return error;
}

static int replace_routes(const struct nicjit_dev *d, const struct program *p, const char *path, char why[NICJIT_WHY])
{
	const struct nic_regs *regs = p->host ? host_regs(p->host) : &d->bus->regs;
	const struct image *image = p->host ? host_image(p->host) : &p->image;

	fib_clear(regs, image);
	return fill_routes(d, regs, image, path, why);
}

int nicjit_xdp_routes(struct nicjit_dev *d, const char *path, char why[NICJIT_WHY])
{
	struct nicjit_xdp *x = d->xdp;
	struct io_error err = {""};
	struct nic_fib *fib = NULL;
	int error;

	if (need_file(path, why))
		return -EINVAL;
	fib = fib_json_read(path, &err);
	/* What can't be read changes nothing. */
	if (!fib)
		return fail(why, -EINVAL, err.text);
	fib_json_free(fib);
	pthread_mutex_lock(&x->lock);
	error = x->program ? replace_routes(d, x->program, path, why) : 0;
	if (!error) {
		free(x->routes);
		x->routes = strdup(path);
	}
	pthread_mutex_unlock(&x->lock);
	return error;
}

int nicjit_xdp_want(const char *text, enum nicjit_xdp_want *want)
{
	static const char *const names[] = {[NICJIT_WANT_AUTO] = "auto", [NICJIT_WANT_OFFLOAD] = "offload", [NICJIT_WANT_HOST] = "host"};

	for (unsigned int i = 0; i < RTE_DIM(names); i++)
		if (strcmp(text, names[i]) == 0)
			return *want = (enum nicjit_xdp_want)i, 0;
	return -EINVAL;
}

int nicjit_xdp_unload(struct nicjit_dev *d, char why[NICJIT_WHY])
{
	int error;

	pthread_mutex_lock(&d->xdp->lock);
	error = clear_nic(d, why);
	if (!error) {
		nicjit_host_set(d, NULL);
		program_free(d->xdp->program);
		d->xdp->program = NULL;
		trust_sums(d, NULL);
		d->xdp->why[0] = '\0';
	}
	pthread_mutex_unlock(&d->xdp->lock);
	return error;
}

static enum nicjit_xdp_mode mode(const struct program *p)
{
	return !p ? NICJIT_XDP_NONE : p->host ? NICJIT_XDP_HOST : NICJIT_XDP_OFFLOAD;
}

enum nicjit_xdp_mode nicjit_xdp_mode(const struct nicjit_dev *d)
{
	enum nicjit_xdp_mode now;

	pthread_mutex_lock(&d->xdp->lock);
	now = mode(d->xdp->program);
	pthread_mutex_unlock(&d->xdp->lock);
	return now;
}

static const char *const mode_text[] = {
	[NICJIT_XDP_NONE] = "no XDP", [NICJIT_XDP_OFFLOAD] = "XDP offloaded", [NICJIT_XDP_HOST] = "XDP on the host",
};

void nicjit_xdp_describe(const struct nicjit_dev *d, char *text, size_t size)
{
	const struct program *p;

	pthread_mutex_lock(&d->xdp->lock);
	p = d->xdp->program;
	snprintf(text, size, "Scalar, %s%s%s%s%s", mode_text[mode(p)], p ? ": " : "", p ? p->name : "", d->xdp->why[0] ? "; " : "", d->xdp->why);
	pthread_mutex_unlock(&d->xdp->lock);
}

void nicjit_xdp_dump(const struct nicjit_dev *d, FILE *f)
{
	const struct program *p;
	struct nicjit_map m;

	pthread_mutex_lock(&d->xdp->lock);
	p = d->xdp->program;
	fprintf(f, "%s", mode_text[mode(p)]);
	if (p)
		fprintf(f, ": %s of %s", p->name, p->path);
	if (p && !p->host)
		fprintf(f, ", %u bundles at %u", p->image.header->n_bundles, p->place.base);
	fputc('\n', f);
	for (uint32_t i = 0; !nicjit_program_map(p, i, &m); i++)
		fprintf(f, "  map %u: %s, type %u, key %u bytes, value %u bytes, %u entries\n", i, m.name, m.type, m.key_size, m.value_size,
			m.max_entries);
	if (d->xdp->why[0])
		fprintf(f, "because: %s\n", d->xdp->why);
	pthread_mutex_unlock(&d->xdp->lock);
}

int nicjit_xdp_info(const struct nicjit_dev *d, struct nicjit_xdp_info *info)
{
	const struct program *p;
	size_t btf = 0;

	memset(info, 0, sizeof(*info));
	pthread_mutex_lock(&d->xdp->lock);
	p = d->xdp->program;
	info->mode = mode(p);
	snprintf(info->why, sizeof(info->why), "%s", d->xdp->why);
	if (p) {
		snprintf(info->name, sizeof(info->name), "%s", p->name);
		snprintf(info->section, sizeof(info->section), "%s", p->section);
		snprintf(info->object, sizeof(info->object), "%s", p->path);
		info->loaded = p->loaded;
		info->bundles = p->host ? 0 : p->image.header->n_bundles;
		info->base = p->place.base;
		nicjit_btf_bytes(p->btf, &btf);
		info->btf_bytes = btf;
	}
	pthread_mutex_unlock(&d->xdp->lock);
	return p ? 0 : -ENOENT;
}

size_t nicjit_xdp_btf(const struct nicjit_dev *d, size_t offset, void *bytes, size_t size)
{
	const uint8_t *all;
	size_t n = 0;

	pthread_mutex_lock(&d->xdp->lock);
	all = d->xdp->program ? nicjit_btf_bytes(d->xdp->program->btf, &n) : NULL;
	n = offset < n ? RTE_MIN(n - offset, size) : 0;
	if (n)
		memcpy(bytes, all + offset, n);
	pthread_mutex_unlock(&d->xdp->lock);
	return n;
}

/* Bundles with the source lines that they come from. */
static void print_microcode(const struct image *image, FILE *f)
{
	const struct image_line *before = NULL;
	uint32_t lanes = image->header->lanes;
	char text[ASM_BUNDLE_TEXT];

	for (uint32_t n = 0; n < image->header->n_bundles; n++) {
		const struct image_line *line = image_line(image, n);

		if (line && (!before || line->line != before->line || line->file != before->file))
			fprintf(f, "; %s:%u: %s\n", image_string(image, line->file), line->line, image_string(image, line->text));
		before = line;
		disasm_bundle(text, sizeof(text), n, image->text + (size_t)n * lanes, lanes);
		fprintf(f, "%s\n", text);
	}
}

char *nicjit_xdp_text(const struct nicjit_dev *d)
{
	const struct program *p;
	char *text = NULL;
	size_t size;
	FILE *f;

	pthread_mutex_lock(&d->xdp->lock);
	p = d->xdp->program;
	f = p ? open_memstream(&text, &size) : NULL;
	if (f && p->host)
		fputs(host_text(p->host), f);
	else if (f)
		print_microcode(&p->image, f);
	if (f)
		fclose(f);
	pthread_mutex_unlock(&d->xdp->lock);
	return text;
}

int nicjit_xdp_init(struct nicjit_dev *d)
{
	d->xdp = calloc(1, sizeof(*d->xdp));
	if (!d->xdp)
		return -ENOMEM;
	pthread_mutex_init(&d->xdp->lock, NULL);
	return 0;
}

void nicjit_xdp_fini(struct nicjit_dev *d)
{
	if (!d->xdp)
		return;
	nicjit_host_set(d, NULL);
	program_free(d->xdp->program);
	free(d->xdp->trace);
	free(d->xdp->routes);
	pthread_mutex_destroy(&d->xdp->lock);
	free(d->xdp);
	d->xdp = NULL;
}
