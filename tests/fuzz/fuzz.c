// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz: generated programs on the kernel (where it may be asked), the reference interpreter, the C model and the RTL; all must
 * agree. A failure is reduced and written as a case file that --replay takes.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "case_text.h"
#include "census.h"
#include "fuzz.h"
#include "hw/spec/image.h"
#include "jit-nfp/helpers.h"
#include "reduce.h"

enum { MODEL_ISS = 1, MODEL_RTL = 2, MODEL_HOST = 4, FAILURES_MAX = 5 };

static const struct {
	int model;
	const char *name;
	run_function *run;
} runners[] = {
	{ MODEL_ISS, "C model", run_iss }, { MODEL_RTL, "RTL", run_rtl },
#ifdef WITH_HOST
	{ MODEL_HOST, "host", run_host },
#endif
};
static int models = MODEL_ISS | MODEL_RTL;
static bool outside;           /* maps lie in the memory outside the chip */
static bool kernel_permitted = true;
static struct fuzz_outcome base, other;

/* Linux 6.18 takes a number that a fetching atomic reads from the stack for the one its verifier last saw there, and removes branches on
 * it (sim/ref/README.md): such programs are compared with the reference alone. */
static bool kernel_is_right(const struct fuzz_case *c)
{
	bool has_routes;

	routes_open(&has_routes);
	if (!has_routes && (case_calls(c, HELPER_FIB_LOOKUP) || case_calls(c, HELPER_CHECK_MTU)))
		return false;
	for (uint32_t i = 0; i < c->n_insns; i++)
		if (EBPF_CLASS(c->insns[i].code) == EC_STX && EBPF_MODE(c->insns[i].code) == EBPF_ATOMIC &&
		    ebpf_dst(&c->insns[i]) == 10 && c->insns[i].imm & EBPF_FETCH)
			return false;
	return true;
}

/* Native code has no callbacks, no timers and no functions of the kernel. */
static bool is_not_native(const struct fuzz_case *c)
{
	if (case_has_timers(c))
		return true;
	for (uint32_t i = 0; i < c->n_insns; i++)
		if ((c->insns[i].code == EBPF_LDDW && ebpf_src(&c->insns[i]) == EBPF_PSEUDO_FUNC) || case_kfunc(&c->insns[i]))
			return true;
	return false;
}

/* What is wrong with this case: NULL, or a sentence. *invalid: the case itself is not one that must run. */
static const char *examine(const struct fuzz_case *c, bool *invalid)
{
	static char text[2100];
	const char *oracle = "reference", *d;

	*invalid = false;
	run_ref(c, &base);
	if (kernel_permitted) {
		run_kernel(c, &other);
		if (!strcmp(other.text, "not permitted")) {
			kernel_permitted = false;
		} else if (other.refused && strstr(other.text, "verifier bug: No program to jit")) {
			/* Linux 6.18 stumbles over a callback that only dead code names */
		} else if (other.refused && strstr(other.text, "BPF program is too large")) {
			/* it gives up after a million instructions */
		} else if (other.refused && strstr(other.text, "jumps is too complex")) {
			/* or where so many branches wait for it */
		} else if (other.refused) {
			*invalid = true;
			snprintf(text, sizeof(text), "the kernel refuses it: %s", other.text);
			return text;
		} else if (!other.late && kernel_is_right(c)) {
			d = outcome_diff(c, &base, &other);
			if (!d) {
				oracle = "kernel";
			} else if (!base.used_again && !reads_unwritten_stack(c)) {
				snprintf(text, sizeof(text), "reference and kernel: %s", d);
				return text;
			}
		}
	}
	if (base.text[0]) {
		*invalid = true;
		snprintf(text, sizeof(text), "the reference stops it: %s", base.text);
		return text;
	}
	for (size_t m = 0; m < sizeof(runners) / sizeof(*runners); m++) {
		const char *name = runners[m].name;

		if (!(models & runners[m].model) || (runners[m].model == MODEL_HOST && is_not_native(c)))
			continue;
		runners[m].run(c, &other);
		if (other.refused) {
			snprintf(text, sizeof(text), "nicjit refuses it: %s", other.text);
			return text;
		}
		d = outcome_diff(c, &other, &base);
		if (d && !reads_unwritten_stack(c)) {
			snprintf(text, sizeof(text), "%s and %s: %s", name, oracle, d);
			return text;
		}
	}
	return NULL;
}

/* The reducer must not wander from one failure to another kind. The part before the first colon names the kind, up to the "and" behind
 * which the other side stands: that may change from reference to kernel on the way; of a refusal of nicjit it is the sentence. */
static char kind[64];
static bool may_read_unwritten; /* the failure did so from the begin */
static bool was_taken; /* by nicjit; the kernel also takes, from root, programs that let addresses out */

static void kind_of(const char *text, char out[64])
{
	const char *and = strstr(text, " and ");
	size_t n = strcspn(text, ":");
	int at = 0;

	if (sscanf(text, "nicjit refuses it: insn %*d: %n", &at) == 0 && at) {
		snprintf(out, 64, "%.*s", 40, text + at);
		return;
	}
	if (and && and < text + n)
		n = (size_t)(and - text);
	snprintf(out, 64, "%.*s", (int)(n < 63 ? n : 63), text);
}

static bool still_fails(const struct fuzz_case *c)
{
	bool invalid;
	const char *text = examine(c, &invalid);
	char k[64];

	if (!text || invalid)
		return false;
	kind_of(text, k);
	return !strcmp(k, kind) && (may_read_unwritten || !reads_unwritten_stack(c)) && (!was_taken || ask_nicjit(c, &other));
}

static void report(struct fuzz_case *c, const char *text, const char *folder)
{
	char path[512];
	bool invalid;
	FILE *f;

	printf("FAIL seed 0x%" PRIx64 ": %s\n", c->seed, text);
	fflush(stdout);
	if (!folder)
		return;
	kind_of(text, kind);
	may_read_unwritten = reads_unwritten_stack(c);
	was_taken = ask_nicjit(c, &other);
	reduce_case(c, still_fails);
	text = examine(c, &invalid);
	snprintf(path, sizeof(path), "%s/%016" PRIx64 ".case", folder, c->seed);
	f = fopen(path, "w");
	if (!f) {
		printf("cannot write %s\n", path);
		return;
	}
	fprintf(f, "# %.*s\n", (int)strcspn(text ? text : "", "\n"), text ? text : "");
	case_write(f, c);
	fclose(f);
	printf("  reduced case: %s\n", path);
}

static const char help[] =
	"fuzz: runs generated XDP programs on the kernel, the reference interpreter, the C model and the RTL and compares\n"
	"verdicts, packets and maps.\n\n"
	"  --cases N       stop after N programs (default 1000)\n"
	"  --seconds N     or after this time\n"
	"  --seed N        first seed (default 1); a seed always gives the same program\n"
	"  --models LIST   of iss, rtl, host (native code of this machine); default iss,rtl\n"
	"  --rtl-every N   send only every Nth program to the RTL\n"
	"  --found DIR     reduce failures and write them there\n"
	"  --replay FILE   run one case file instead; may be given again\n"
	"  --ext           maps lie in the memory outside the chip\n"
	"  --census        generate only, and say which helpers, types of maps, instructions and more are never in it\n"
	"  --mutate        spoil the programs, and compare what the verifiers of the kernel and of nicjit say: what nicjit alone takes\n"
	"                  must run without a fault, and what both take must run alike\n\n"
	"Exit: 0 all agree, 1 a failure, 2 usage.\n";

struct options {
	unsigned long cases, seconds, rtl_every;
	uint64_t seed;
	bool mutate, census;
	const char *found;
	const char *replay[1024];
	size_t n_replay;
};

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "cases", 1, NULL, 'c' }, { "seconds", 1, NULL, 't' }, { "seed", 1, NULL, 's' }, { "models", 1, NULL, 'm' },
		{ "rtl-every", 1, NULL, 'e' }, { "found", 1, NULL, 'f' }, { "replay", 1, NULL, 'r' },
		{ "mutate", 0, NULL, 'u' }, { "census", 0, NULL, 'n' }, { "ext", 0, NULL, 'x' }, { "help", 0, NULL, 'h' },
		{ 0 }
	};
	int k;

	while ((k = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		switch (k) {
		case 'c':
			o->cases = strtoul(optarg, NULL, 0);
			break;
		case 't':
			o->seconds = strtoul(optarg, NULL, 0);
			break;
		case 's':
			o->seed = strtoull(optarg, NULL, 0);
			break;
		case 'm':
			models = (strstr(optarg, "iss") ? MODEL_ISS : 0) | (strstr(optarg, "rtl") ? MODEL_RTL : 0) |
				 (strstr(optarg, "host") ? MODEL_HOST : 0);
#ifndef WITH_HOST
			if (models & MODEL_HOST) {
				fprintf(stderr, "fuzz: built without LLVM, so there is no host (make setup-dpdk)\n");
				return -1;
			}
#endif
			break;
		case 'e':
			o->rtl_every = strtoul(optarg, NULL, 0);
			break;
		case 'f':
			o->found = optarg;
			break;
		case 'x':
			run_outside();
			outside = true;
			break;
		case 'u':
			o->mutate = true;
			break;
		case 'n':
			o->census = true;
			break;
		case 'r':
			if (o->n_replay < sizeof(o->replay) / sizeof(o->replay[0]))
				o->replay[o->n_replay++] = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			exit(0);
		default:
			fputs(help, stderr);
			return -1;
		}
	return optind == argc && o->rtl_every ? 0 : -1;
}

static int replay(const struct options *o)
{
	static struct fuzz_case c;
	int failed = 0;
	bool invalid;

	for (size_t i = 0; i < o->n_replay; i++) {
		const char *text;

		if (case_read(o->replay[i], &c))
			return 2;
		text = examine(&c, &invalid);
		if (text) {
			printf("FAIL %s: %s\n", o->replay[i], text);
			failed++;
		}
	}
	printf("%zu passed, %d failed\n", o->n_replay - (size_t)failed, failed);
	return failed != 0;
}

/* A changed call may ask for time, chance or the CPU, of which each runner has its own. */
static bool is_its_own(const struct fuzz_case *c)
{
	for (uint32_t i = 0; i < c->n_insns; i++)
		if (c->insns[i].code == (EC_JMP | EBPF_CALL) && !ebpf_src(&c->insns[i]) &&
		    (c->insns[i].imm < HELPER_MAP_LOOKUP_ELEM || c->insns[i].imm > HELPER_MAP_DELETE_ELEM))
			return true;
	return false;
}

/* How often each of the two takes a program: [kernel][nicjit]. */
static unsigned long takes[2][2];

/* As examine(), for a program that need not be valid. */
static const char *examine_spoilt(const struct fuzz_case *c)
{
	static char text[2100];
	bool kernel, nicjit, invalid;
	const char *why;

	run_kernel(c, &other);
	if (!strcmp(other.text, "not permitted")) {
		kernel_permitted = false;
		return NULL;
	}
	kernel = !other.refused;
	nicjit = ask_nicjit(c, &other);
	takes[kernel][nicjit]++;
	if (!nicjit || is_its_own(c))
		return NULL;
	kernel_permitted = kernel;
	why = examine(c, &invalid);
	kernel_permitted = true;
	if (why && !kernel) {
		snprintf(text, sizeof(text), "only nicjit takes it: %.2000s", why);
		return text;
	}
	return why;
}

/* Exit code. */
static int mutate(const struct options *o)
{
	static struct fuzz_case c;
	unsigned long done = 0, failed = 0;
	time_t start = time(NULL);

	models = MODEL_ISS;
	for (; done < o->cases && kernel_permitted && failed < FAILURES_MAX && (unsigned long)(time(NULL) - start) < o->seconds; done++) {
		const char *text;

		gen_case(&c, o->seed + done, (o->seed + done) & 1);
		mutate_case(&c);
		text = examine_spoilt(&c);
		if (text) {
			failed++;
			printf("FAIL seed 0x%" PRIx64 " spoilt: %s\n", c.seed, text);
		}
	}
	if (!kernel_permitted) {
		printf("skipped: the running kernel may not be asked, or is older than Linux 6.15\n0 passed, 0 failed\n");
		return 0;
	}
	printf("%lu spoilt programs: kernel and nicjit take %lu and refuse %lu; nicjit alone takes %lu, the kernel alone %lu\n", done,
	       takes[1][1], takes[0][0], takes[0][1], takes[1][0]);
	printf("%lu passed, %lu failed\n", done - failed, failed);
	return failed != 0;
}

/* Exit code. */
static int census(const struct options *o)
{
	static struct fuzz_case c;

	for (unsigned long n = 0; n < o->cases; n++) {
		gen_case(&c, o->seed + n, n & 1);
		census_count(&c);
	}
	return census_end();
}

/* Per-CPU maps stay on the chip. */
static void without_planes(struct fuzz_case *c)
{
	for (uint32_t i = 0; i < c->n_insns; i++)
		if (c->insns[i].code == (EC_JMP | EBPF_CALL) && !ebpf_src(&c->insns[i]) && c->insns[i].imm == HELPER_MAP_LOOKUP_PERCPU_ELEM)
			c->insns[i].imm = HELPER_MAP_LOOKUP_ELEM;
	for (uint32_t i = 0; i < c->n_maps; i++)
		if (c->maps[i].type == MAP_TYPE_PERCPU_ARRAY || c->maps[i].type == MAP_TYPE_PERCPU_HASH)
			c->maps[i].type = c->maps[i].type == MAP_TYPE_PERCPU_ARRAY ? MAP_TYPE_ARRAY : MAP_TYPE_HASH;
		else if (c->maps[i].type == MAP_TYPE_LRU_PERCPU_HASH)
			c->maps[i].type = MAP_TYPE_LRU_HASH;
}

int main(int argc, char **argv)
{
	static struct fuzz_case c;
	struct options o = { .cases = 1000, .seconds = 1u << 30, .rtl_every = 1, .seed = 1 };
	unsigned long done = 0, failed = 0, packets = 0, insns = 0, on_rtl = 0;
	time_t start = time(NULL), shown = start;
	int all;

	if (parse(argc, argv, &o))
		return 2;
	all = models;
	if (o.n_replay)
		return replay(&o);
	if (o.mutate)
		return mutate(&o);
	if (o.census)
		return census(&o);
	for (; done < o.cases && failed < FAILURES_MAX && (unsigned long)(time(NULL) - start) < o.seconds; done++) {
		uint64_t seed = o.seed + done;
		const char *text;
		bool invalid;

		models = done % o.rtl_every ? all & ~MODEL_RTL : all;
		gen_case(&c, seed, seed & 1);
		if (outside)
			without_planes(&c);
		text = examine(&c, &invalid);
		if (text) {
			failed++;
			report(&c, text, o.found);
		}
		packets += c.n_packets;
		insns += c.n_insns;
		on_rtl += (models & MODEL_RTL) != 0;
		if (isatty(1) && time(NULL) != shown) {
			shown = time(NULL);
			printf("\r%lu programs, %lu failed ", done + 1, failed);
			fflush(stdout);
		}
	}
	printf("%s%lu programs, %lu instructions, %lu packets, %lu of the programs on the RTL, seeds from %" PRIu64 "\n",
	       isatty(1) ? "\r" : "", done, insns, packets, on_rtl, o.seed);
	if (!kernel_permitted)
		printf("note: the running kernel may not be asked, or is older than Linux 6.15; compared with the reference interpreter\n");
	printf("%lu passed, %lu failed\n", done - failed, failed);
	return failed != 0;
}
