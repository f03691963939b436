// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>

#include "fib_json.h"

static int fill(const struct nic_regs *regs, const struct image *image, const char *path, const struct nic_fib *fib, struct io_error *err)
{
	struct nic_fib_refusal why = {0};

	if (!nic_fib_fill(regs, image, fib, &why))
		return 0;
	if (why.need)
		return io_fail(err, "%s: %s (%" PRIu32 ", there is room for %" PRIu32 ")", path, why.text, why.need, why.have);
	return io_fail(err, "%s: %s", path, why.text);
}

int fib_load(const struct nic_regs *regs, const struct image *image, const char *path, const struct nic_fib_link *ports, uint32_t n_ports, struct io_error *err)
{
	const struct nic_fib alone = {.links = ports, .n_links = n_ports};
	struct nic_fib *fib;
	int result;

	if (!path)
		return nic_fib_wanted(image) ? fill(regs, image, "without routes", &alone, err) : 0;
	fib = fib_json_read(path, err);
	if (!fib)
		return -1;
	result = fill(regs, image, path, fib, err);
	fib_json_free(fib);
	return result;
}
