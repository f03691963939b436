/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's routing from a file: what `ip -j addr`, `ip -j netconf`, `ip -j route show table all`, `ip -j -6 route show table all` and
 * `ip -j neigh` print, one behind the other, in any order.
 */
#ifndef SIM_FIB_JSON_H
#define SIM_FIB_JSON_H

#include "driver/common/nic_fib.h"
#include "io.h"

/* NULL with the sentence in *err. */
struct nic_fib *fib_json_read(const char *path, struct io_error *err);
void fib_json_free(struct nic_fib *fib);
/* Takes all routes and links out of the tables. */
void fib_clear(const struct nic_regs *regs, const struct image *image);
/* Puts what the file says into the tables of an image that has been loaded; without a file the ports alone. 0, or -1 with the sentence in *err. */
int fib_load(const struct nic_regs *regs, const struct image *image, const char *path, const struct nic_fib_link *ports, uint32_t n_ports, struct io_error *err);

#endif
