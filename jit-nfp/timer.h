/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Timers in map values: the program around a program that has some (timer.c), and what the verifier knows of them (verify_timer.c).
 */
#ifndef JIT_NFP_TIMER_H
#define JIT_NFP_TIMER_H

#include "verify.h"
#include "hw/spec/image.h"

/* Makes c->prog the program with what goes around it, if one of its maps has timers: 0, or -1: no memory. */
int timer_write(struct compile *c);
/* Timers of the map can have this function of c->prog. */
enum timer_noted { TIMER_NOTED, TIMER_TOO_MANY, TIMER_ALIKE /* another one has the same number */ };
enum timer_noted timer_note(struct compile *c, uint32_t map, uint32_t function);
/* Elements that a tick goes through in all programs up to this one. */
uint64_t timer_elements(const struct compile *c);
/* c has been verified: what the programs behind it have to know. */
void timer_done(struct compile *c);

/* verify_timer.c. s is the state where the jump at v->pc leads to: if that is the program itself, what is written in front of it is not its own. */
void timer_begin(const struct verify *v, struct state *s);
/* 0 or -1: */
int timer_check_map(struct compile *c, const struct prog_map *m);
int timer_check_arg(struct verify *v, const struct reg *r, const char *what);
int timer_check_access(struct verify *v, const struct prog_map *m, int64_t lo, int64_t hi); /* of a value: bytes lo .. hi - 1 */
int timer_check_use(struct verify *v, int helper); /* when the arguments are what their kinds say */
int timer_check_result(struct verify *v); /* of the function that returns, if a timer's */

#endif
