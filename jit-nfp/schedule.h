/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Inside the scheduler: the dependences of one trace (sched_deps.c), the choice of lanes in one bundle (sched_lanes.c), what is
 * urgent (sched_order.c), and the bundles one after the other (sched.c).
 */
#ifndef JIT_NFP_SCHEDULE_H
#define JIT_NFP_SCHEDULE_H

#include "ir.h"

enum { NONE = 0xffffffffu };

struct edge {                 /* `to` may not stand in an earlier bundle; with late set, not in the same one either */
	uint32_t to;
	uint8_t late;
	struct edge *next;
};

struct node {                 /* an operation of the trace */
	struct edge *succ;
	uint32_t n_preds;     /* not scheduled yet */
	uint32_t earliest;    /* bundle */
	uint32_t priority;    /* the higher the sooner */
	uint32_t guard;       /* branches up to this one must not be taken for it to be done, or NONE */
	uint32_t branch;      /* the last branch before it, or NONE */
	uint8_t queued, done;
	uint8_t control;      /* it is a branch, jump or exit */
	uint8_t lanes;        /* that its operation may stand in */
};

struct seen {                 /* what the trace did with a virtual register so far */
	uint32_t run;         /* which this is about */
	uint32_t def;         /* operation, or NONE */
	uint32_t uses;        /* reads not scheduled yet; ways out that need it count */
	uint32_t read;        /* last reader in the list of readers, for registers that are written again */
};

struct sched {
	struct compile *c;
	struct mach *m;
	struct trace *t;
	struct node *node;    /* per operation */
	uint32_t n_nodes;     /* operations without the final JMP or EXIT */
	uint8_t slot_lanes[SLOT_M + 1]; /* per enum isa_slot: lanes that it stands for */
	struct seen *seen;    /* per vreg */
	uint32_t run;         /* number of the schedule */
	uint8_t variant;      /* of the order of urgency */
	uint8_t takes;        /* what any lane does may take packet bytes in the last one */
	uint8_t could_take;   /* there is such an operation */
	uint64_t bound;       /* no schedule of the trace costs packets less */
	uint32_t *height;     /* room for those of the trace, when they are needed more than once, or NULL */
	uint8_t has_heights;  /* and they are there */

	/* the bundle in the making */
	uint32_t bundle;
	uint32_t pick[ISA_LANES_MAX];
	uint8_t lanes[ISA_LANES_MAX]; /* per pick: that it may stand in */
	uint8_t before[ISA_LANES_MAX]; /* per pick: those that must stand in lower lanes */
	uint8_t lane[ISA_LANES_MAX], best[ISA_LANES_MAX];
	uint32_t n_picks, best_cost;
	uint32_t pressure[ISA_LANES_MAX]; /* registers in use per bank */
	uint32_t oldest;      /* the first operation that is not done */
	int force;            /* more registers than there are, rather than no progress */
};

/* sched_deps.c: nodes and edges of s->t. 0 or -1. */
int sched_deps(struct sched *s);
struct seen *sched_seen(struct sched *s, uint32_t vreg);

/* sched_order.c: priorities of the nodes, in one of several ways. 0 or -1. */
int sched_order(struct sched *s);
/* sched.c: bundles that packets spend in the trace, when its operations stand in these (NULL: where they do) and it takes so many in all. */
uint64_t sched_cost(const struct sched *s, const uint32_t *bundle, uint32_t all);
/* sched_height.c: early is the first bundle that an operation can stand in. */
void sched_heights(const struct sched *s, const uint32_t *early, uint32_t *height);

/* sched_lanes.c: fills slot_lanes. */
void lanes_init(struct sched *s);
/* Can this operation join the bundle? */
int lanes_fit(struct sched *s, uint32_t op);
/* Settles the lanes of the bundle's operations: s->best, in the order of s->pick. */
void lanes_settle(struct sched *s);
/* Is the pick cancelled by a control operation of its own bundle? */
int lanes_guarded(const struct sched *s, uint32_t op);

#endif
