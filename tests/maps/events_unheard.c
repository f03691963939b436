// SPDX-License-Identifier: Apache-2.0
/* Nobody reads what events.c tells: the positions of its rings are compared, and what happens when there is no room. */
#define UNHEARD
#include "events.c"
