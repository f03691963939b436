// SPDX-License-Identifier: Apache-2.0
/* The lock step must be able to fail: the C model against itself, with one record of one side
 * changed or lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/spec/isa.h"
#include "hw/spec/regs.h"
#include "sim/cosim/cosim.h"

enum kind {
	NOTHING,
	RETIRE_VALUE,
	RETIRE_CYCLE,
	RETIRE_PC,
	RETIRE_STORE,
	RETIRE_LOST,
	X_VALUE,
	X_CYCLE,
	MAPWRITE_VALUE,
	MAPWRITE_MASK,
	COMPLETION_VERDICT,
	COMPLETION_CYCLES,
	FRAME_BYTE,
	FRAME_LENGTH,
	FRAME_LOST,
	FRAME_PORT,
	HOST_BYTE,
	HOST_HASH,
	RX_CYCLE,
	TAKE_CORE,
	LOST_NUMBER,
	REGISTER,
	KINDS,
};

static const struct {
	const char *name;
	const char *says;     /* what the report must contain */
} kinds[KINDS] = {
	[NOTHING] = {"nothing", NULL},
	[RETIRE_VALUE] = {"a register value", "retired bundle"},
	[RETIRE_CYCLE] = {"a retire cycle", "retired bundle"},
	[RETIRE_PC] = {"a bundle number", "retired bundle"},
	[RETIRE_STORE] = {"a store", "retired bundle"},
	[RETIRE_LOST] = {"a lost retire record", "retired bundle"},
	[X_VALUE] = {"an x", "write of x"},
	[X_CYCLE] = {"the cycle of an x", "write of x"},
	[MAPWRITE_VALUE] = {"a map write", "map memory write"},
	[MAPWRITE_MASK] = {"byte enables of a map write", "map memory write"},
	[COMPLETION_VERDICT] = {"a verdict", "completion"},
	[COMPLETION_CYCLES] = {"a packet's cycles", "completion"},
	[FRAME_BYTE] = {"a byte of a frame", "frame sent"},
	[FRAME_LENGTH] = {"a frame's length", "frame sent"},
	[FRAME_LOST] = {"a lost frame", "frame sent"},
	[FRAME_PORT] = {"a frame's port", "frame sent"},
	[HOST_BYTE] = {"a byte for the host", "frame for the host"},
	[HOST_HASH] = {"a hash for the host", "frame for the host"},
	[RX_CYCLE] = {"the cycle of a received frame", "frame taken from the wire"},
	[TAKE_CORE] = {"the core of a packet", "packet taken to a core"},
	[LOST_NUMBER] = {"the number of a dropped packet", "dropped on its way out"},
	[REGISTER] = {"a register", "register 000024"},
};

/* Packets of port 0 go to the host; of port 1 back, and every other one to nobody. */
static const char *const program[][3] = {
	{"mov r0, 64", "mov r0, 0x1234", "nop"},
	{"movh r0, a0, 0x30000000", "nop", "st8 [fp-8], b0"},
	{"nop", "nop", "mst4 [a0+4], b0"},
	{"nop", "nop", "mld8 [a0+0]"},
	{"add r1, x, 1", "nop", "st2 [data+3], b0"},
	{"jeq ifindex, 1, @9", "nop", "nop"},
	{"and r2, len, 1", "nop", "rdir 77"},
	{"jeq a2, 0, @10", "nop", "nop"},
	{"exit 4", "nop", "nop"},
	{"exit 2", "nop", "nop"},
	{"exit 3", "nop", "nop"},
};
enum { BUNDLES = sizeof(program) / sizeof(program[0]) };

/* The device that lies: the C model behind it, its events changed on the way. */
struct liar {
	struct device device;
	struct device *real;
	struct device_events events;
};

static enum kind lie;

static void retire(void *arg, const struct device_retire *r)
{
	struct liar *l = arg;
	struct device_retire c = *r;

	if (lie == RETIRE_VALUE && c.pc == 4)
		c.value[0]++;
	if (lie == RETIRE_CYCLE && c.pc == 3)
		c.cycle++;
	if (lie == RETIRE_PC && c.pc == 2)
		c.pc++;
	if (lie == RETIRE_STORE && c.store && c.pc == 4)
		c.store_tag_offset ^= 1;
	if (lie != RETIRE_LOST || c.pc != 5)
		l->events.retire(l->events.arg, &c);
}

static void x(void *arg, const struct device_x *in)
{
	struct liar *l = arg;
	struct device_x c = *in;

	c.value ^= lie == X_VALUE;
	c.cycle += lie == X_CYCLE;
	l->events.x(l->events.arg, &c);
}

static void mapwrite(void *arg, const struct device_mapwrite *in)
{
	struct liar *l = arg;
	struct device_mapwrite c = *in;

	c.value ^= lie == MAPWRITE_VALUE;
	c.mask ^= lie == MAPWRITE_MASK;
	l->events.mapwrite(l->events.arg, &c);
}

static void completion(void *arg, const struct device_completion *in)
{
	struct liar *l = arg;
	struct device_completion c = *in;

	c.ret ^= lie == COMPLETION_VERDICT;
	c.cycles += lie == COMPLETION_CYCLES;
	l->events.completion(l->events.arg, &c);
}

static void tx(void *arg, const struct device_tx *in, const uint8_t *frame, size_t len)
{
	struct liar *l = arg;
	struct device_tx c = *in;
	uint8_t copy[DEVICE_FRAME_MAX];

	memcpy(copy, frame, len);
	copy[len - 1] ^= lie == FRAME_BYTE;
	c.port ^= lie == FRAME_PORT;
	if (lie != FRAME_LOST)
		l->events.tx(l->events.arg, &c, copy, len - (lie == FRAME_LENGTH));
}

static void host_rx(void *arg, const struct device_host_rx *in, const uint8_t *frame, size_t len)
{
	struct liar *l = arg;
	struct device_host_rx c = *in;
	uint8_t copy[DEVICE_FRAME_MAX];

	memcpy(copy, frame, len);
	copy[0] ^= lie == HOST_BYTE;
	c.hash ^= lie == HOST_HASH;
	l->events.host_rx(l->events.arg, &c, copy, len);
}

static void rx(void *arg, const struct device_rx *in)
{
	struct liar *l = arg;
	struct device_rx c = *in;

	c.cycle += lie == RX_CYCLE;
	l->events.rx(l->events.arg, &c);
}

static void take(void *arg, const struct device_take *in)
{
	struct liar *l = arg;
	struct device_take c = *in;

	c.core ^= lie == TAKE_CORE;
	l->events.take(l->events.arg, &c);
}

static void lost(void *arg, const struct device_lost *in)
{
	struct liar *l = arg;
	struct device_lost c = *in;

	c.number ^= lie == LOST_NUMBER;
	l->events.lost(l->events.arg, &c);
}

static struct liar *self(struct device *d)
{
	return (struct liar *)d;
}

static void liar_close(struct device *d)
{
	self(d)->real->ops->close(self(d)->real);
	free(d);
}

static uint32_t liar_reg_read(struct device *d, uint32_t offset)
{
	return self(d)->real->ops->reg_read(self(d)->real, offset) ^
	       (lie == REGISTER && offset == REG_STATUS);
}

static void liar_reg_write(struct device *d, uint32_t offset, uint32_t value)
{
	self(d)->real->ops->reg_write(self(d)->real, offset, value);
}

static int liar_rx(struct device *d, const struct device_offer *offer)
{
	return self(d)->real->ops->rx(self(d)->real, offer);
}

static unsigned int liar_rx_pending(struct device *d, unsigned int port)
{
	return self(d)->real->ops->rx_pending(self(d)->real, port);
}

static void liar_tick(struct device *d)
{
	self(d)->real->ops->tick(self(d)->real);
}

static uint64_t liar_cycle(struct device *d)
{
	return self(d)->real->ops->cycle(self(d)->real);
}

static const struct device_ops liar_ops = {
	.name = "liar",
	.close = liar_close,
	.reg_read = liar_reg_read,
	.reg_write = liar_reg_write,
	.rx = liar_rx,
	.rx_pending = liar_rx_pending,
	.tick = liar_tick,
	.cycle = liar_cycle,
};

static struct device *liar_open(const struct device_config *config, const char **why)
{
	struct liar *l = calloc(1, sizeof(*l));
	struct device_config real = {.events = {.rx = rx, .take = take, .completion = completion, .lost = lost, .tx = tx,
						.host_rx = host_rx, .retire = retire, .x = x, .mapwrite = mapwrite, .arg = l}};

	l->device.ops = &liar_ops;
	l->events = config->events;
	l->real = device_iss_open(&real, why);
	l->device.cores = l->real->cores;
	l->device.ports = l->real->ports;
	return &l->device;
}

static void load(struct device *d)
{
	static const uint32_t array[] = {2 | 4 << 16, 8, 64, 128, 0, 0, 8, 0};

	for (unsigned int i = 0; i < 8; i++)
		d->ops->reg_write(d, REG_MAPDESC + 4 * i, array[i]);
	for (unsigned int b = 0; b < BUNDLES; b++)
		for (unsigned int lane = 0; lane < 3; lane++) {
			struct isa_word w;
			const char *at, *why = isa_parse(program[b][lane], &w, &at);
			uint32_t offset = REG_IMEM + b * REG_IMEM_STRIDE + 8 * lane;

			if (why) {
				fprintf(stderr, "%s: %s at %s\n", program[b][lane], why, at);
				exit(1);
			}
			d->ops->reg_write(d, offset, (uint32_t)isa_encode(&w));
			d->ops->reg_write(d, offset + 4, isa_encode(&w) >> 32);
		}
	d->ops->reg_write(d, REG_CTRL, 1u << CTRL_RUN_LSB);
}

static const char *source(void *arg, unsigned int pc)
{
	(void)arg;
	return pc == 4 ? "source line of bundle 4" : NULL;
}

static bool run(void)
{
	struct cosim_config config = {.open = {device_iss_open, liar_open}, .source = source};
	static const uint8_t frame[60];
	const char *why, *said;
	struct device *d = cosim_open(&config, &why);
	bool good;

	load(d);
	for (unsigned int i = 0; i < 12; i++)
		d->ops->rx(d, &(struct device_offer){.port = i % 2, .frame = frame, .len = sizeof(frame) - i / 2 % 2});
	for (int i = 0; i < 1000; i++)
		d->ops->tick(d);
	d->ops->reg_read(d, REG_STATUS);
	said = cosim_finish(d);
	if (kinds[lie].says)
		good = said && strstr(said, kinds[lie].says);
	else
		good = !said && cosim_compared(d) >= 50;
	if (lie == RETIRE_VALUE)
		good = good && strstr(said, "source line of bundle 4") &&
		       strstr(said, "add r1, x, 1") && strstr(said, "mld8 [a0");
	if (!good)
		printf("FAIL %s: %s\n", kinds[lie].name, said ? said : "no difference was seen");
	d->ops->close(d);
	return good;
}

int main(void)
{
	unsigned int passed = 0;

	for (lie = NOTHING; lie < KINDS; lie++)
		passed += run();
	printf("%u passed, %u failed\n", passed, KINDS - passed);
	return passed != KINDS;
}
