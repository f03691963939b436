/* SPDX-License-Identifier: Apache-2.0
 *
 * What has been spent so far: effort_time.c counts processor time, effort_work.c basic blocks of code.
 */
#ifndef TESTS_BENCH_EFFORT_H
#define TESTS_BENCH_EFFORT_H

double effort_now(void);
extern const char effort_unit[];
extern const int effort_runs; /* of which the least is taken */

#endif
