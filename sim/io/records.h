/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs tell the host: taken out of map memory while they run and written to a file (events.h); what they print, to the screen where there is no
 * file.
 */
#ifndef SIM_IO_RECORDS_H
#define SIM_IO_RECORDS_H

#include "driver/common/nic_maps.h"
#include "io.h"

struct records;

/* The maps of an image behind these registers; path may be NULL. NULL with the sentence in *err. */
struct records *records_open(const struct nic_regs *regs, const struct image *image, const char *path, struct io_error *err);
/* What there is by now, and the end; r may be NULL. 0, or -1 with the sentence in *err. */
int records_take(struct records *r, struct io_error *err);
int records_close(struct records *r, struct io_error *err);

#endif
