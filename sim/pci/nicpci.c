// SPDX-License-Identifier: Apache-2.0
/* The simulated NIC as a PCI device of a QEMU guest: registers through hw/spec/window.h, DMA into the guest's memory, an interrupt per queue. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "driver/dpdk/wire.h"
#include "hw/spec/regs.h"
#include "hw/spec/window.h"
#include "ivshmem.h"
#include "sim/bus/host_memory.h"
#include "sim/device.h"

enum {
	AHEAD = 8,                    /* frames that a port is given ahead */
	STEP = 64,                    /* clocks between two looks at the outside */
	LOOK = 256,                   /* steps between two looks at the guest */
	IDLE = 64,                    /* steps without anything to do before the NIC sleeps */
	NAP_MS = 5, NAP_STEPS = 4,    /* its time goes on meanwhile, but slowly */
	SENTENCE = 512
};

struct options {
	const char *socket, *memory, *model, *wire[DEVICE_PORTS];
	unsigned int mib, cores, ports, wires;
	bool serial;
};

struct nicpci {
	struct ivshmem guest;
	struct window *window;
	struct device *device;
	struct sim_wire *wire[DEVICE_PORTS];
	uint8_t *memory;
	uint64_t size;
	uint64_t received, sent, interrupts;
	unsigned int idle;            /* steps */
	const struct options *options;
	bool serial;                  /* the NIC is given a frame when the one before has left it */
};

static volatile sig_atomic_t stopped, powerless;

static void on_signal(int number)
{
	if (number == SIGUSR1)
		powerless = 1;
	else
		stopped = 1;
}

/* ---- What the NIC does to the guest ---- */

static bool in_memory(const struct nicpci *n, uint64_t addr, size_t len)
{
	return addr < n->size && len <= n->size - addr;
}

static int dma_read(void *arg, uint64_t addr, void *bytes, size_t len)
{
	struct nicpci *n = arg;

	if (!in_memory(n, addr, len))
		return -1;
	memcpy(bytes, n->memory + addr, len);
	return 0;
}

static int dma_write(void *arg, uint64_t addr, const void *bytes, size_t len)
{
	struct nicpci *n = arg;

	if (!in_memory(n, addr, len))
		return -1;
	n->idle = 0;
	host_memory_put(n->memory + addr, bytes, len);
	return 0;
}

static void on_irq(void *arg, unsigned int vector)
{
	struct nicpci *n = arg;

	n->interrupts++;
	ivshmem_interrupt(&n->guest, vector);
}

static void on_tx(void *arg, const struct device_tx *tx, const uint8_t *frame, size_t len)
{
	struct nicpci *n = arg;

	n->sent++;
	n->idle = 0;
	if (n->wire[tx->port])
		sim_wire_sent(n->wire[tx->port], frame, len);
}

/* ---- What the guest and the wires do to the NIC ---- */

static bool serve(struct nicpci *n)
{
	struct window *w = n->window;
	const struct device_ops *ops = n->device->ops;
	uint32_t put = __atomic_load_n(&w->put, __ATOMIC_ACQUIRE), done = w->done;
	bool any = put != done;

	for (uint32_t left = put - done > WINDOW_SLOTS ? WINDOW_SLOTS : put - done; left; left--, done++) {
		struct window_request *r = &w->request[done % WINDOW_SLOTS];
		uint32_t offset = r->offset;

		if (offset & WINDOW_WRITE)
			ops->reg_write(n->device, offset & ~WINDOW_WRITE, r->value);
		else
			r->value = ops->reg_read(n->device, offset);
		__atomic_store_n(&w->done, done + 1, __ATOMIC_RELEASE);
	}
	return any;
}

static bool has_room(struct nicpci *n, unsigned int port)
{
	const struct device_ops *ops = n->device->ops;

	if (n->serial)
		return !ops->rx_pending(n->device, port) && ops->reg_read(n->device, REG_STATUS) & 1u << STATUS_EMPTY_LSB;
	return ops->rx_pending(n->device, port) < AHEAD;
}

static bool feed(struct nicpci *n, unsigned int port)
{
	const struct device_ops *ops = n->device->ops;
	const uint8_t *frame;
	bool any = false;
	size_t len;

	while (n->wire[port] && has_room(n, port)) {
		len = sim_wire_next(n->wire[port], &frame);
		if (!len)
			break;
		ops->rx(n->device, &(struct device_offer){.port = port, .frame = frame, .len = len});
		n->received++;
		any = true;
	}
	return any || ops->rx_pending(n->device, port);
}

static bool running(struct nicpci *n)
{
	return n->device->ops->reg_read(n->device, REG_CTRL) & 1u << CTRL_RUN_LSB;
}

static void tick(struct nicpci *n, unsigned int clocks)
{
	while (clocks--)
		n->device->ops->tick(n->device);
}

/* Nothing is to do: time passes slowly until something is. */
static void nap(struct nicpci *n)
{
	__atomic_store_n(&n->window->asleep, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&n->window->put, __ATOMIC_SEQ_CST) == n->window->done)
		ivshmem_wait(&n->guest, -1, NAP_MS);
	__atomic_store_n(&n->window->asleep, 0, __ATOMIC_SEQ_CST);
	tick(n, NAP_STEPS * STEP);
}

static void reset_window(struct nicpci *n)
{
	memset(n->window, 0, sizeof(*n->window));
	n->window->version = WINDOW_VERSION;
	__atomic_store_n(&n->window->magic, WINDOW_MAGIC, __ATOMIC_RELEASE);
}

/* A guest that has gone leaves the NIC as a reset would: what it left running must not write into the next one's memory. */
static void quiet(struct nicpci *n)
{
	const struct device_ops *ops = n->device->ops;

	ops->reg_write(n->device, REG_CTRL, 1u << CTRL_RESET_LSB);
	tick(n, 16 * STEP);
	reset_window(n);
}

static int refuse(const char *what, const char *why)
{
	fprintf(stderr, "nicpci: %s%s%s\n", what, *why ? ": " : "", why);
	return 2;
}

static int open_device(struct nicpci *n)
{
	const struct options *o = n->options;
	struct device_config config = {
		.events = {.tx = on_tx, .arg = n}, .host = {.dma_read = dma_read, .dma_write = dma_write, .irq = on_irq, .arg = n}, .rings = true,
		.cores = o->cores, .ports = o->ports, .ext = {.mib = DEVICE_EXT_MIB},
	};
	const char *why = "it is rtl or iss";

	if (strcmp(o->model, "rtl") == 0)
		n->device = device_rtl_open(&config, &why);
	else if (strcmp(o->model, "iss") == 0)
		n->device = device_iss_open(&config, &why);
	return n->device ? 0 : refuse("--model", why);
}

/* Its power goes and comes again: a NIC that has been told nothing yet. */
static bool restart(struct nicpci *n)
{
	powerless = 0;
	n->device->ops->close(n->device);
	n->idle = 0;
	if (open_device(n))
		return false;
	fprintf(stderr, "nicpci: was without power\n"); /* whoever has sent the signal waits for it */
	return true;
}

static void run(struct nicpci *n)
{
	for (unsigned int step = 0; !stopped; step++) {
		bool busy = serve(n);

		if (powerless && !restart(n))
			return;
		if (step % LOOK == 0 || n->idle > IDLE)
			if (ivshmem_look(&n->guest) < 0)
				quiet(n);
		if (running(n))
			for (unsigned int port = 0; port < n->device->ports; port++)
				busy |= feed(n, port);
		tick(n, STEP);
		n->idle = busy ? 0 : n->idle + 1;
		if (n->idle > IDLE)
			nap(n);
	}
}

/* ---- Setting up ---- */

static const char help[] =
	"nicpci: the simulated NIC as a PCI device of a QEMU guest\n"
	"\n"
	"  nicpci --socket PATH --memory FILE [--mib N] [--model iss|rtl] [--wire WIRE]...\n"
	"\n"
	"  --socket PATH   QEMU's ivshmem-doorbell device connects here\n"
	"  --memory FILE   the guest's memory, which both map; made if need be\n"
	"  --mib N         its size (512)\n"
	"  --model M       rtl: the Verilated NIC, iss: the C model (iss)\n"
	"  --wire WIRE     what the next port is plugged into: pcap:IN[:OUT], tap:NAME, if:NAME, sock:PATH, loop, gen[:BYTES]\n"
	"  --cores N, --ports N   of the C model\n"
	"  --serial        one frame at a time: what programs do does not depend on when frames come\n"
	"\n"
	"Start it first, then QEMU with\n"
	"  -M q35,memory-backend=ram -object memory-backend-file,id=ram,size=512M,mem-path=FILE,share=on -m 512\n"
	"  -chardev socket,path=PATH,id=nic -device ivshmem-doorbell,chardev=nic,vectors=16\n"
	"It ends on SIGTERM, and is without power for a moment on SIGUSR1, and says so. In the guest: insmod nicjit.ko\n";

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {
		{"socket", 1, NULL, 's'}, {"memory", 1, NULL, 'm'}, {"mib", 1, NULL, 'n'}, {"model", 1, NULL, 'M'}, {"wire", 1, NULL, 'w'},
		{"cores", 1, NULL, 'c'}, {"ports", 1, NULL, 'p'}, {"serial", 0, NULL, '1'},
		{"help", 0, NULL, 'h'}, {NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", names, NULL)) != -1) {
		switch (c) {
		case 's': o->socket = optarg; break;
		case 'm': o->memory = optarg; break;
		case 'n': o->mib = (unsigned int)atoi(optarg); break;
		case 'M': o->model = optarg; break;
		case 'c': o->cores = (unsigned int)atoi(optarg); break;
		case 'p': o->ports = (unsigned int)atoi(optarg); break;
		case '1': o->serial = true; break;
		case 'h': fputs(help, stdout); exit(0);
		case 'w':
			if (o->wires == DEVICE_PORTS)
				return refuse("--wire", "a NIC has four ports at most");
			o->wire[o->wires++] = optarg;
			break;
		default: return 2;
		}
	}
	if (!o->socket || !o->memory || optind < argc)
		return refuse("--socket and --memory are needed, and nothing else", "see nicpci --help");
	if (o->mib < 64 || o->mib > 2048)
		return refuse("--mib", "a guest has 64 to 2048 MiB");
	return 0;
}

static int open_memory(struct nicpci *n, const struct options *o)
{
	int fd = open(o->memory, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	n->size = (uint64_t)o->mib << 20;
	if (fd < 0 || ftruncate(fd, (off_t)n->size))
		return refuse(o->memory, strerror(errno));
	n->memory = mmap(NULL, n->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return n->memory == MAP_FAILED ? refuse(o->memory, strerror(errno)) : 0;
}

static int open_wires(struct nicpci *n, const struct options *o)
{
	char why[SENTENCE];

	if (o->wires > n->device->ports)
		return refuse("--wire", "there are more wires than ports");
	for (unsigned int port = 0; port < o->wires; port++) {
		n->wire[port] = sim_wire_open(o->wire[port], why, sizeof(why));
		if (!n->wire[port])
			return refuse("--wire", why);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = {.model = "iss", .mib = 512};
	static struct nicpci n;
	char why[SENTENCE];
	int bad = parse(argc, argv, &o);

	n.options = &o;
	if (bad || open_memory(&n, &o) || open_device(&n) || open_wires(&n, &o))
		return 2;
	if (ivshmem_open(&n.guest, o.socket, WINDOW_BYTES, why, sizeof(why)))
		return refuse(why, "");
	n.window = n.guest.shared;
	n.serial = o.serial;
	reset_window(&n);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	signal(SIGUSR1, on_signal);
	fprintf(stderr, "nicpci: %s, %u cores, %u ports; waiting at %s\n", n.device->ops->name, n.device->cores, n.device->ports, o.socket);
	run(&n);
	if (!n.device)
		return 2;
	for (unsigned int port = 0; port < o.wires; port++)
		sim_wire_close(n.wire[port]);
	fprintf(stderr, "nicpci: %llu frames in, %llu out, %llu interrupts, %llu clocks\n", (unsigned long long)n.received, (unsigned long long)n.sent,
		(unsigned long long)n.interrupts, (unsigned long long)n.device->ops->cycle(n.device));
	n.device->ops->close(n.device);
	ivshmem_close(&n.guest);
	unlink(o.socket);
	return 0;
}
