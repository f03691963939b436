/* SPDX-License-Identifier: Apache-2.0 */
/* Ring buffers and perf events of a program in the kernel. */
#ifndef SIM_REF_KERNEL_EVENTS_H
#define SIM_REF_KERNEL_EVENTS_H

#include "../io/events.h"

struct bpf_object;
struct kernel_events;

/* From now on its events are kept. NULL with a sentence when the kernel does not let us. */
struct kernel_events *kernel_events_open(struct bpf_object *object, struct events *out, struct io_error *err);
void kernel_events_take(struct kernel_events *k); /* may be NULL, as for close */
void kernel_events_close(struct kernel_events *k);

#endif
