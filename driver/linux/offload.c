// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Programs in the NIC. The kernel verifies; nicjit compiles, from the instructions as they were loaded, when the kernel is done with them: a
 * refusal then reaches the user's verifier log. What the kernel takes out as dead afterwards is dead here as well.
 */
#include <linux/bpf_verifier.h>
#include <linux/debugfs.h>
#include <linux/genalloc.h>
#include <linux/mm.h>

#include "driver.h"
#include "image.h"
#include "nic_target.h"

enum { MAP_MIN = 64 };

struct nicjit_program {
	struct ebpf_insn *insns;      /* as loaded */
	u32 n_insns;
	void *memory;                 /* the compiler's; the image lies in it */
	struct image image;
	struct image_buf bytes;       /* of the image */
	unsigned long at;             /* its first bundle in the NIC, 0: it is not there */
	unsigned int ports;           /* that run it */
	DECLARE_BITMAP(events, MAPS_MAX); /* maps that it puts events into */
	bool rewrites;                /* it may change packets */
};

static struct nicjit *nic_of(const struct bpf_prog *prog)
{
	return bpf_offload_dev_priv(prog->aux->offload->offdev);
}

static int prepare(struct bpf_prog *prog)
{
	struct nicjit_program *p = kzalloc(sizeof(*p), GFP_KERNEL);

	static_assert(sizeof(struct bpf_insn) == sizeof(struct ebpf_insn));
	if (!p)
		return -ENOMEM;
	p->insns = kvmalloc_array(prog->len, sizeof(*p->insns), GFP_KERNEL);
	if (!p->insns) {
		kfree(p);
		return -ENOMEM;
	}
	memcpy(p->insns, prog->insnsi, prog->len * sizeof(*p->insns));
	p->n_insns = prog->len;
	prog->aux->offload->dev_priv = p;
	return 0;
}

/* Helpers that leave packets as they are; there are many that don't. */
static bool only_looks(s32 helper)
{
	switch (helper) {
	case BPF_FUNC_map_lookup_elem:
	case BPF_FUNC_map_update_elem:
	case BPF_FUNC_map_delete_elem:
	case BPF_FUNC_ktime_get_ns:
	case BPF_FUNC_get_prandom_u32:
	case BPF_FUNC_get_smp_processor_id:
	case BPF_FUNC_perf_event_output:
	case BPF_FUNC_csum_diff:
		return true;
	default:
		return false;
	}
}

/* What the NIC says of a frame's checksums is of the frame as it came: does the program leave it as it is? */
static int insn_hook(struct bpf_verifier_env *env, int at, int previous)
{
	const struct bpf_insn *insn = &env->prog->insnsi[at];
	struct nicjit_program *p = env->prog->aux->offload->dev_priv;
	u8 class = BPF_CLASS(insn->code);

	if (class == BPF_ST || class == BPF_STX)
		p->rewrites |= cur_regs(env)[insn->dst_reg].type == PTR_TO_PACKET;
	else if (insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg != BPF_PSEUDO_CALL)
		p->rewrites |= !only_looks(insn->imm);
	return 0;
}

/* The NIC's number of a map, or an error. */
static int number_of(struct nicjit *n, struct nicjit_program *p, struct bpf_map *map)
{
	int number;

	if (map->map_type == BPF_MAP_TYPE_HASH || map->map_type == BPF_MAP_TYPE_ARRAY)
		return ((struct nicjit_map *)map_to_offmap(map)->dev_priv)->number;
	if (map->map_type != BPF_MAP_TYPE_PERF_EVENT_ARRAY) /* others stay with the host */
		return -EOPNOTSUPP;
	number = events_get(n, map);
	if (number >= 0 && test_and_set_bit(number, p->events))
		events_put(n, number);
	return number;
}

/* Map pointers, which the kernel has put into both halves of the instruction, become the NIC's numbers. */
static int number_maps(struct nicjit *n, struct nicjit_program *p)
{
	for (u32 i = 0; i + 1 < p->n_insns; i++) {
		struct ebpf_insn *low = &p->insns[i], *high = low + 1;
		struct bpf_map *map;
		int number;

		if (low->code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		i++;
		if (ebpf_src(low) != BPF_PSEUDO_MAP_FD && ebpf_src(low) != BPF_PSEUDO_MAP_IDX)
			continue;
		low->regs = ebpf_dst(low) | BPF_PSEUDO_MAP_FD << 4;
		map = (struct bpf_map *)(unsigned long)((u32)low->imm | (u64)(u32)high->imm << 32);
		number = number_of(n, p, map);
		if (number < 0)
			return number;
		low->imm = number;
		high->imm = 0;
	}
	return 0;
}

/* All maps in the NIC, by number; those that are not in use have type 0. */
static u32 list_maps(const struct nicjit *n, struct prog_map maps[MAPS_MAX])
{
	u32 count = 0;

	for (u32 i = 0; i < MAPS_MAX; i++) {
		static const struct image_map none;
		const struct image_map *m = n->map[i] ? &n->map[i]->place : &none;

		maps[i] = (struct prog_map){
			.name = "", .type = m->type, .key_size = m->key_size, .value_size = m->value_size, .max_entries = m->max_entries,
			.flags = m->flags, .place = m,
		};
		if (n->map[i])
			count = i + 1;
	}
	return count;
}

/*
 * Source lines. Their texts are strings of the program's BTF, which a module can't read: "@" and the string's place stands for them in the image,
 * and who prints it asks the kernel for the BTF.
 */
enum { PLACE_TEXT = 12 };

static struct prog_line *list_lines(const struct bpf_prog_aux *aux)
{
	struct prog_line *lines = kvcalloc(aux->nr_linfo, sizeof(*lines) + 2 * PLACE_TEXT, GFP_KERNEL);
	char *text = (char *)(lines + aux->nr_linfo);

	for (u32 i = 0; lines && i < aux->nr_linfo; i++, text += 2 * PLACE_TEXT) {
		const struct bpf_line_info *l = &aux->linfo[i];

		snprintf(text, PLACE_TEXT, "@%u", l->file_name_off);
		snprintf(text + PLACE_TEXT, PLACE_TEXT, "@%u", l->line_off);
		lines[i] = (struct prog_line){
			.insn = l->insn_off, .line = BPF_LINE_INFO_LINE_NUM(l->line_col), .col = BPF_LINE_INFO_LINE_COL(l->line_col),
			.file = text, .text = text + PLACE_TEXT,
		};
	}
	return lines;
}

static int compile(const struct nicjit *n, struct nicjit_program *p, const struct bpf_prog *of, struct diag *diag)
{
	const struct bpf_prog_aux *aux = of->aux;
	bool tc = of->type == BPF_PROG_TYPE_SCHED_CLS;
	struct prog_map *maps = kcalloc(MAPS_MAX, sizeof(*maps), GFP_KERNEL);
	struct prog_line *lines = aux->nr_linfo ? list_lines(aux) : NULL; /* it can do without */
	struct prog prog = {
		.name = aux->name, .section = tc ? "tc" : "xdp", .tc = tc, .insns = p->insns, .n_insns = p->n_insns, .maps = maps, .lines = lines,
		.n_lines = lines ? aux->nr_linfo : 0,
	};
	const char *bad;
	size_t size;
	int error = -ENOMEM;

	if (!maps) {
		kvfree(lines);
		return -ENOMEM;
	}
	prog.n_maps = list_maps(n, maps);
	size = nicjit_mem_size(nicjit_insns(&prog), prog.n_maps);
	p->memory = kvmalloc(size, GFP_KERNEL);
	if (p->memory) {
		error = nicjit_compile(&prog, &n->target, p->memory, size, NULL, &p->bytes, diag) ? -EOPNOTSUPP : 0;
		bad = error ? NULL : image_parse(p->bytes.bytes, p->bytes.size, &p->image);
		if (bad) {
			strscpy(diag->text, bad, sizeof(diag->text));
			error = -EINVAL;
		}
	}
	kfree(maps);
	kvfree(lines);
	return error;
}

void keep_error(struct nicjit *n, const char *format, ...)
{
	va_list args;

	lockdep_assert_held(&n->lock);
	va_start(args, format);
	vscnprintf(n->last_error, sizeof(n->last_error), format, args);
	va_end(args);
}

enum { PLACE_BYTES = 32 };

static const char *place_of(const struct diag *diag, char text[PLACE_BYTES])
{
	text[0] = 0;
	if (diag->insn >= 0)
		snprintf(text, PLACE_BYTES, "insn %d: ", diag->insn);
	return text;
}

/* Without the lock: the log may be written to pages of the user's that are not there yet. */
static void tell(struct bpf_verifier_env *env, const struct diag *diag)
{
	char where[PLACE_BYTES];

	bpf_verifier_log_write(env, "[nicjit] %s%s\n", place_of(diag, where), diag->text);
	if (diag->note[0])
		bpf_verifier_log_write(env, "[nicjit] note: %s\n", diag->note);
}

static int finalize(struct bpf_verifier_env *env)
{
	struct bpf_prog *prog = env->prog;
	struct nicjit_program *p = prog->aux->offload->dev_priv;
	struct nicjit *n = nic_of(prog);
	struct diag *diag = kzalloc(sizeof(*diag), GFP_KERNEL);
	char where[PLACE_BYTES];
	int error;

	if (!diag)
		return -ENOMEM;
	diag->insn = -1;
	mutex_lock(&n->lock);
	error = number_maps(n, p);
	if (error == -ENOSPC || error == -E2BIG)
		strscpy(diag->text, "the NIC has no room for the events of a perf event array", sizeof(diag->text));
	else if (error && error != -ENOMEM)
		strscpy(diag->text, "a map of the host can't be used by a program in the NIC", sizeof(diag->text));
	else if (!error)
		error = compile(n, p, prog, diag);
	if (error == -ENOMEM && !diag->text[0])
		strscpy(diag->text, "out of memory", sizeof(diag->text));
	if (error)
		keep_error(n, "%s%s", place_of(diag, where), diag->text);
	mutex_unlock(&n->lock);
	if (error)
		tell(env, diag);
	kfree(diag);
	return error;
}

static int replace_insn(struct bpf_verifier_env *env, u32 at, struct bpf_insn *insn)
{
	return 0;
}

static int remove_insns(struct bpf_verifier_env *env, u32 at, u32 count)
{
	return 0;
}

/* What the kernel shows as jited is the firmware image, whole. */
static int translate(struct bpf_prog *prog)
{
	struct bpf_prog_offload *offload = prog->aux->offload;
	struct nicjit_program *p = offload->dev_priv;

	offload->jited_image = p->bytes.bytes;
	offload->jited_len = p->bytes.size;
	return 0;
}

static void destroy(struct bpf_prog *prog)
{
	struct nicjit_program *p = prog->aux->offload->dev_priv;
	struct nicjit *n = nic_of(prog);
	unsigned int number;

	WARN_ON(p->at);
	mutex_lock(&n->lock);
	for_each_set_bit(number, p->events, MAPS_MAX)
		events_put(n, number);
	mutex_unlock(&n->lock);
	kvfree(p->memory);
	kvfree(p->insns);
	kfree(p);
}

static const struct bpf_prog_offload_ops ops = {
	.insn_hook = insn_hook, .finalize = finalize, .replace_insn = replace_insn, .remove_insns = remove_insns,
	.prepare = prepare, .translate = translate, .destroy = destroy,
};

/* ---- Attaching ---- */

static int put_code(struct nicjit *n, struct nicjit_program *p, struct nic_refusal *why)
{
	u32 bundles = p->image.header->n_bundles;

	if (p->ports++)
		return 0;
	p->at = gen_pool_alloc(n->code, bundles);
	if (p->at) {
		nic_program_write(&n->bus.calm, &p->image, p->at);
		return 0;
	}
	p->ports--;
	why->text = "the NIC's microcode memory is full";
	return -ENOSPC;
}

/* No packet of it is in the NIC any more. */
static void drop_code(struct nicjit *n, struct nicjit_program *p)
{
	if (!p || --p->ports)
		return;
	gen_pool_free(n->code, p->at, p->image.header->n_bundles);
	p->at = 0;
}

static u64 nic_time(struct nicjit *n)
{
	u64 low = get_reg(n, REG_TIME_LO); /* the high half is kept then */

	return low | (u64)get_reg(n, REG_TIME_HI) << 32;
}

static int switch_to(struct port *p, struct nicjit_program *new, struct nic_refusal *why)
{
	struct nicjit *n = p->nic;
	int error = new ? put_code(n, new, why) : 0;

	if (error)
		return error;
	if (new && new->rewrites)
		WRITE_ONCE(p->sums_since, U64_MAX);
	/* The watchdog ends every packet: a NIC in which they do not end is broken, and runs nothing. */
	if (nic_program_enter(&n->bus.calm, p->number, new ? new->at + new->image.header->entry : 0, why)) {
		bus_die(&n->bus);
		if (new) {
			drop_code(n, new);
			return -EIO;
		}
	}
	if (p->sums_since == U64_MAX && !(new && new->rewrites))
		WRITE_ONCE(p->sums_since, nic_time(n));
	drop_code(n, p->program);
	p->program = new;
	return 0;
}

int offload_run(struct port *p, struct bpf_prog *prog, struct netlink_ext_ack *extack)
{
	struct nicjit *n = p->nic;
	struct nic_refusal why = {.text = ""};
	int error;

	mutex_lock(&n->lock);
	error = switch_to(p, prog ? prog->aux->offload->dev_priv : NULL, &why);
	if (error)
		keep_error(n, "%s", why.text);
	mutex_unlock(&n->lock);
	if (error == -ENOSPC)
		NL_SET_ERR_MSG_MOD(extack, "the NIC's microcode memory is full");
	else if (error)
		NL_SET_ERR_MSG_MOD(extack, "packets of the program before did not end");
	return error;
}

int offload_again(struct nicjit *n)
{
	struct nic_refusal why = {.text = "its map memory can't be cleared"};
	int error = 0;

	mutex_lock(&n->lock);
	for (unsigned int i = 0; !error && i < MAPS_MAX; i++)
		error = n->map[i] ? map_begin(n->map[i]) : 0;
	for (unsigned int i = 0; !error && i < n->n_ports; i++) {
		struct nicjit_program *p = n->port[i]->program;

		WRITE_ONCE(n->port[i]->sums_since, p && p->rewrites ? U64_MAX : 0); /* its time begins anew */
		if (!p)
			continue;
		nic_program_write(&n->bus.calm, &p->image, p->at);
		error = nic_program_enter(&n->bus.calm, i, p->at + p->image.header->entry, &why);
	}
	mutex_unlock(&n->lock);
	if (error)
		dev_err(&n->pdev->dev, "%s\n", why.text);
	return error ? -EIO : 0;
}

int offload_attach(struct port *p, struct netdev_bpf *bpf)
{
	int error;

	if (bpf->prog && (!bpf->prog->aux->offload || !bpf->prog->aux->offload_requested)) { /* it may be bound to the device, and run in its driver */
		NL_SET_ERR_MSG_MOD(bpf->extack, "the program was not loaded for this device");
		return -EINVAL;
	}
	if (bpf->prog && !bpf_offload_dev_match(bpf->prog, p->netdev)) {
		NL_SET_ERR_MSG_MOD(bpf->extack, "the program was loaded for another device");
		return -EINVAL;
	}
	if (p->tc_prog && bpf->prog) {
		NL_SET_ERR_MSG_MOD(bpf->extack, "a classifier of tc runs in the NIC");
		return -EBUSY;
	}
	error = p->tc_prog ? 0 : offload_run(p, bpf->prog, bpf->extack);
	if (!error)
		xdp_attachment_setup(&p->xdp_hw, bpf);
	return error;
}

/* ---- The NIC ---- */

/* What is on the chip is handed out first. */
static int pools(struct nicjit *n)
{
	int error;

	n->code = gen_pool_create(0, NUMA_NO_NODE);
	n->memory = gen_pool_create(ilog2(MAP_MIN), NUMA_NO_NODE);
	if (!n->code || !n->memory)
		return -ENOMEM;
	error = gen_pool_add(n->code, NIC_IMEM_FIRST, n->target.bundles, NUMA_NO_NODE);
	if (!error && n->target.ext_words)
		error = gen_pool_add(n->memory, IMAGE_EXT, (size_t)n->target.ext_words * sizeof(u64), NUMA_NO_NODE);
	if (!error)
		error = gen_pool_add(n->memory, MAP_MIN, (size_t)n->target.map_words * sizeof(u64) - MAP_MIN, NUMA_NO_NODE);
	return error;
}

static int last_error_show(struct seq_file *s, void *arg)
{
	struct nicjit *n = s->private;

	mutex_lock(&n->lock);
	seq_printf(s, "%s\n", n->last_error);
	mutex_unlock(&n->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(last_error);

int offload_open(struct nicjit *n)
{
	char name[64];
	int error;

	snprintf(name, sizeof(name), "nicjit-%s", pci_name(n->pdev));
	n->debugfs = debugfs_create_dir(name, NULL);
	debugfs_create_file("last_error", 0444, n->debugfs, n, &last_error_fops);
	INIT_DELAYED_WORK(&n->events, events_work);
	n->target = nic_target(&n->bus.calm);
	n->target.no_timers = "the Linux driver does not run them";
	n->target.maps = min_t(u32, n->target.maps, MAPS_MAX);
	for (u32 i = 0; i < n->target.maps; i++)
		nic_map_close(&n->bus.calm, i);
	n->offload = bpf_offload_dev_create(&ops, n);
	error = PTR_ERR_OR_ZERO(n->offload);
	if (error)
		n->offload = NULL;
	else
		error = pools(n);
	if (error)
		offload_close(n);
	return error;
}

void offload_close(struct nicjit *n)
{
	debugfs_remove(n->debugfs);
	cancel_delayed_work_sync(&n->events);
	if (n->offload)
		bpf_offload_dev_destroy(n->offload);
	if (n->code)
		gen_pool_destroy(n->code);
	if (n->memory)
		gen_pool_destroy(n->memory);
}
