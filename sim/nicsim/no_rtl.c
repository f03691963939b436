// SPDX-License-Identifier: Apache-2.0
/* In place of the Verilated NIC when built with RTL=0. */
#include "sim/device.h"

struct device *device_rtl_open(const struct device_config *config, const char **why)
{
	(void)config;
	*why = "this program was built without the RTL (RTL=0)";
	return NULL;
}
