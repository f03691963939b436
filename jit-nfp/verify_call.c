// SPDX-License-Identifier: Apache-2.0
/* Helper calls, and calls of the program's own functions. */
#include "verify.h"

/* Helpers an XDP program can ask for, by number of enum bpf_func_id; for the sentence only. */
static const char *const helper_names[] = {
	[1] = "map_lookup_elem", [2] = "map_update_elem", [3] = "map_delete_elem",
	[4] = "probe_read", [5] = "ktime_get_ns", [6] = "trace_printk", [7] = "get_prandom_u32",
	[8] = "get_smp_processor_id", [12] = "tail_call", [14] = "get_current_pid_tgid",
	[15] = "get_current_uid_gid", [16] = "get_current_comm", [23] = "redirect",
	[25] = "perf_event_output", [28] = "csum_diff", [35] = "get_current_task",
	[42] = "get_numa_node_id", [44] = "xdp_adjust_head", [51] = "redirect_map",
	[54] = "xdp_adjust_meta", [65] = "xdp_adjust_tail", [69] = "fib_lookup",
	[80] = "get_current_cgroup_id", [84] = "sk_lookup_tcp", [85] = "sk_lookup_udp",
	[86] = "sk_release", [87] = "map_push_elem", [88] = "map_pop_elem", [89] = "map_peek_elem",
	[93] = "spin_lock", [94] = "spin_unlock", [95] = "sk_fullsock", [96] = "tcp_sock",
	[99] = "skc_lookup_tcp", [100] = "tcp_check_syncookie", [105] = "strtol",
	[106] = "strtoul", [110] = "tcp_gen_syncookie", [112] = "probe_read_user",
	[113] = "probe_read_kernel", [114] = "probe_read_user_str",
	[115] = "probe_read_kernel_str", [118] = "jiffies64", [121] = "xdp_output",
	[125] = "ktime_get_boot_ns", [130] = "ringbuf_output", [131] = "ringbuf_reserve",
	[132] = "ringbuf_submit", [133] = "ringbuf_discard", [134] = "ringbuf_query",
	[153] = "per_cpu_ptr", [154] = "this_cpu_ptr", [160] = "ktime_get_coarse_ns",
	[163] = "check_mtu", [164] = "for_each_map_elem", [165] = "snprintf", [169] = "timer_init",
	[170] = "timer_set_callback", [171] = "timer_start", [172] = "timer_cancel",
	[177] = "trace_vprintk", [181] = "loop", [182] = "strncmp", [188] = "xdp_get_buff_len",
	[189] = "xdp_load_bytes", [190] = "xdp_store_bytes", [194] = "kptr_xchg",
	[195] = "map_lookup_percpu_elem", [197] = "dynptr_from_mem",
	[198] = "ringbuf_reserve_dynptr", [201] = "dynptr_read", [202] = "dynptr_write",
	[203] = "dynptr_data", [204] = "tcp_raw_gen_syncookie_ipv4",
	[205] = "tcp_raw_gen_syncookie_ipv6", [206] = "tcp_raw_check_syncookie_ipv4",
	[207] = "tcp_raw_check_syncookie_ipv6", [208] = "ktime_get_tai_ns",
	[209] = "user_ringbuf_drain",
};

enum arg { NOTHING, NUMBER, MAP, KEY, VALUE };

static const struct helper {
	int id;
	enum arg args[5];
	int writes_map;
} helpers[] = {
	{ HELPER_MAP_LOOKUP_ELEM, { MAP, KEY }, 0 },
	{ HELPER_MAP_UPDATE_ELEM, { MAP, KEY, VALUE, NUMBER }, 1 },
	{ HELPER_MAP_DELETE_ELEM, { MAP, KEY }, 1 },
	{ HELPER_KTIME_GET_NS, { NOTHING }, 0 },
	{ HELPER_GET_PRANDOM_U32, { NOTHING }, 0 },
	{ HELPER_GET_SMP_PROCESSOR_ID, { NOTHING }, 0 },
};
enum {
	N_HELPERS = sizeof(helpers) / sizeof(*helpers),
	N_NAMES = sizeof(helper_names) / sizeof(*helper_names),
};

static const struct helper *look_up(int id)
{
	for (unsigned int n = 0; n < N_HELPERS; n++)
		if (helpers[n].id == id)
			return &helpers[n];
	return NULL;
}

int call_args(int id)
{
	const struct helper *h = look_up(id);
	int n = 0;

	if (!h)
		return 5;
	while (n < 5 && h->args[n] != NOTHING)
		n++;
	return n;
}

static const struct helper *find_helper(struct verify *v, int id)
{
	const struct helper *h = look_up(id);

	if (h)
		return h;
	if (id > 0 && id < N_NAMES && helper_names[id])
		refuse(v, "the program calls bpf_%s (helper %d), which the NIC does not have",
		       helper_names[id], id);
	else
		refuse(v, "the program calls helper %d, which the NIC does not have", id);
	way_out(v, "helpers on the NIC: bpf_map_lookup_elem, bpf_map_update_elem, bpf_map_delete_elem, "
		"bpf_ktime_get_ns, bpf_get_prandom_u32, bpf_get_smp_processor_id");
	return NULL;
}

int helper_check(struct verify *v, int id)
{
	return find_helper(v, id) ? 0 : -1;
}

static const char *const position[] = { "first", "second", "third", "fourth", "fifth" };

static int check_map_arg(struct verify *v, const struct reg *r, const struct arg_fact *before,
			 int writes)
{
	const struct prog_map *m;

	if (r->kind != R_MAP_PTR) {
		refuse(v, "the map helper's first argument must be a map, and is %s",
		       reg_describe(r));
		return way_out(v, "pass the address of a map declared in SEC(\".maps\")");
	}
	if (before->region == R_MAP_PTR && before->map != r->map) {
		refuse(v, "the call gets different maps on different paths");
		return way_out(v, "call the helper once per map");
	}
	m = &v->c->prog->maps[r->map];
	if (!writes || !(m->flags & MAP_RDONLY_PROG))
		return 0;
	return refuse(v, "map %s is read-only for the program, and is changed", m->name);
}

static int check_arg(struct verify *v, const struct helper *h, unsigned int n,
		     const struct prog_map *m)
{
	const struct reg *r = reg_read(v, n + 1);
	struct arg_fact *f = &v->c->facts[v->pc].arg[n];
	char what[64];

	if (!r)
		return -1;
	text_format(what, sizeof(what), "the %s argument of bpf_%s", position[n],
		    helper_names[h->id]);
	if (h->args[n] == NUMBER && r->kind != R_SCALAR)
		return refuse(v, "%s must be a number, and is %s", what, reg_describe(r));
	if (h->args[n] == MAP && check_map_arg(v, r, f, h->writes_map))
		return -1;
	if (h->args[n] == KEY && mem_check_readable(v, r, m->key_size, what))
		return -1;
	if (h->args[n] == VALUE && mem_check_readable(v, r, m->value_size, what))
		return -1;
	if (f->region != R_NONE && f->region != r->kind) {
		refuse(v, "%s points to different memories on different paths", what);
		return way_out(v, "copy it to one local variable first");
	}
	fact_add(v, f, reg_fact(r));
	return 0;
}

int verify_call(struct verify *v, const struct ebpf_insn *i)
{
	const struct helper *h = find_helper(v, i->imm);
	const struct prog_map *m = NULL;
	struct reg result, none;

	if (!h)
		return -1;
	reg_scalar(&result);
	for (unsigned int n = 0; n < 5 && h->args[n] != NOTHING; n++) {
		if (check_arg(v, h, n, m))
			return -1;
		if (h->args[n] == MAP)
			m = &v->c->prog->maps[v->cur->reg[n + 1].map];
	}
	if (h->id == HELPER_MAP_LOOKUP_ELEM) {
		result.kind = R_MAP_VALUE_OR_NULL;
		result.map = v->cur->reg[1].map;
		result.id = ++v->last_id;
		range_const(&result.var, 0);
	} else if (h->id == HELPER_GET_PRANDOM_U32 || h->id == HELPER_GET_SMP_PROCESSOR_ID) {
		range_bits(&result.var, 32);
	}
	reg_scalar(&none);
	none.kind = R_NONE;
	for (unsigned int n = 1; n <= 5; n++)
		state_write_reg(v, n, &none);
	state_write_reg(v, 0, &result);
	return 0;
}

static void forget_regs(struct verify *v, unsigned int first, unsigned int last)
{
	for (unsigned int r = first; r <= last; r++)
		v->cur->reg[r].kind = R_NONE;
}

int verify_enter(struct verify *v)
{
	struct state *s = v->cur;

	memcpy(s->saved[v->frame->depth], &s->reg[6], sizeof(*s->saved));
	forget_regs(v, 0, 0);
	forget_regs(v, 6, 9);
	v->frame = frame_of(v->c, insn_target(&v->insns[v->pc], v->pc));
	reg_frame_pointer(&s->reg[EBPF_REGS - 1], v->frame);
	return 0;
}

int verify_return(struct verify *v)
{
	struct state *s = v->cur;

	if (s->reg[0].kind == R_STACK) {
		refuse(v, "the function returns a stack pointer");
		return way_out(v, "give the value back, not where it is");
	}
	stack_leave(v, v->frame);
	v->frame = &v->c->frames[v->frame->caller];
	forget_regs(v, 1, 5);
	memcpy(&s->reg[6], s->saved[v->frame->depth], sizeof(*s->saved));
	reg_frame_pointer(&s->reg[EBPF_REGS - 1], v->frame);
	return 0;
}
