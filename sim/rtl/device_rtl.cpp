// SPDX-License-Identifier: Apache-2.0
//
// The Verilated NIC behind the device interface. One tick is one clock: inputs are set, then comes the edge that ends the clock before
// and takes them (clocked.awk), then outputs are read as they stand before the next edge.
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <verilated.h>
#if RTL_TRACE
#include <verilated_fst_c.h>
#endif
#include "Vnic.h"

extern "C" {
#include "sim/bus/ext_memory.h"
#include "sim/bus/host_bus.h"
#include "sim/device.h"
#include "hw/spec/regs.h"
}

namespace {

constexpr unsigned CORES = RTL_CORES, PORTS = RTL_PORTS;   // as in the model, from the build
constexpr unsigned BANKS = CORES > 8 ? 16 : CORES > 4 ? 8 : 4;
constexpr unsigned log2_of(unsigned n)
{
	return n > 1 ? 1 + log2_of(n / 2) : 0;
}
constexpr unsigned THREADS = RTL_THREADS, THREAD_BITS = THREADS > 1 ? log2_of(THREADS) : 1, LANES = RTL_LANES;
constexpr size_t ROW = NIC_BEAT_BYTES;
constexpr unsigned RESET_CLOCKS = 4;

// Bits of a port of the model, whatever type their number makes it.
template <typename V> uint64_t bits(const V &v, unsigned lsb, unsigned width)
{
	const uint8_t *bytes = reinterpret_cast<const uint8_t *>(&v);
	unsigned first = lsb / 8, last = (lsb + width - 1) / 8;
	unsigned __int128 value = 0;

	for (unsigned i = last + 1; i-- > first;)
		value = value << 8 | bytes[i];
	return static_cast<uint64_t>(value >> lsb % 8) & (width == 64 ? ~0ull : (1ull << width) - 1);
}

// The bits of the bytes that a mask names.
uint64_t bytes_of(uint8_t mask)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < 8; i++)
		value |= (mask >> i & 1 ? 0xffull : 0) << 8 * i;
	return value;
}

template <typename V> void put_bit(V &v, unsigned bit, bool value)
{
	v = static_cast<V>((v & ~(1ull << bit)) | static_cast<uint64_t>(value) << bit);
}

template <typename V> void put_bytes(V &v, size_t at, const void *bytes, size_t len)
{
	memcpy(reinterpret_cast<char *>(&v) + at, bytes, len);
}

template <typename V> void put_bits(V &v, unsigned lsb, unsigned width, uint64_t value)
{
	for (unsigned i = 0; i < width; i++) {
		uint8_t &byte = reinterpret_cast<uint8_t *>(&v)[(lsb + i) / 8];
		byte = (byte & ~(1u << (lsb + i) % 8)) | (value >> i & 1) << (lsb + i) % 8;
	}
}

struct frame {
	std::vector<uint8_t> bytes;
	uint64_t at;
	bool bad;
};

// Frames offered to a stream of the NIC. A row is offered in a cycle that the pattern allows, and then until it is taken.
struct source {
	std::deque<frame> frames;
	uint64_t pattern = ~0ull;
	size_t taken = 0;           // bytes of the first frame
	bool held = false;

	int add(const uint8_t *bytes, size_t len, uint64_t at, bool bad)
	{
		if (!len || frames.size() == DEVICE_OFFERS)
			return -1;
		frames.push_back({std::vector<uint8_t>(bytes, bytes + len), at, bad});
		return 0;
	}
	bool offers(uint64_t cycle)
	{
		if (!held && !frames.empty() && (pattern >> cycle % 64 & 1))
			held = taken || frames.front().at <= cycle;
		return held;
	}
	size_t row(uint8_t *bytes, bool *last) const
	{
		const frame &f = frames.front();
		size_t left = f.bytes.size() - taken, n = left < ROW ? left : ROW;

		memset(bytes, 0, ROW);
		memcpy(bytes, &f.bytes[taken], n);
		*last = left <= ROW;
		return n;
	}
	void take()
	{
		held = false;
		taken += ROW;
		if (taken >= frames.front().bytes.size()) {
			frames.pop_front();
			taken = 0;
		}
	}
};

// A frame that comes out of the NIC, row by row.
struct sink {
	uint64_t pattern = ~0ull;
	uint64_t first = 0;
	std::vector<uint8_t> bytes;

	bool ready(uint64_t cycle) const { return pattern >> cycle % 64 & 1; }
	void row(uint64_t cycle, const void *data, size_t len)
	{
		const uint8_t *from = static_cast<const uint8_t *>(data);

		if (bytes.empty())
			first = cycle;
		bytes.insert(bytes.end(), from, from + len);
	}
};

#if RTL_TRACE
using waveform = VerilatedFstC;

bool open_waveform(Vnic *top, waveform *w, const char *file, const char **why)
{
	top->trace(w, 99);
	w->open(file);
	*why = "the trace file can't be written";
	return w->isOpen();
}
#else
struct waveform {
	void dump(uint64_t) {}
	void close() {}
};

bool open_waveform(Vnic *, waveform *, const char *, const char **why)
{
	*why = "this RTL was built without waveforms, for speed; make trace builds the one with them";
	return false;
}
#endif

struct rtl {
	struct device dev;          // first: the interface's pointer is ours
	struct device_events events;
	std::unique_ptr<VerilatedContext> context;
	std::unique_ptr<Vnic> top;
	std::unique_ptr<waveform> trace;
	uint64_t cycle;
	bool done;                  // the last register access is answered
	uint32_t rdata;
	struct device_host host;
	bool rings;                 // frames for and from the host go by DMA
	struct host_bus bus;
	struct ext_memory ext;
	uint32_t irq;               // lines that were up in the cycle before
	source rx[PORTS], host_tx[PORTS];
	sink tx[PORTS], host_rx;
};

struct rtl *self(struct device *d)
{
	return reinterpret_cast<struct rtl *>(d);
}

// What the map memory outside the chip drives.
void set_ext(struct rtl *r)
{
	Vnic *t = r->top.get();
	const struct host_bus_out *bus = ext_memory_show(&r->ext, r->cycle);

	t->mx_ar_ready_i = bus->ar_ready;
	t->mx_r_valid_i = bus->r_valid;
	put_bytes(t->mx_r_data_i, 0, bus->r_data, ROW);
	t->mx_r_resp_i = bus->r_resp;
	t->mx_aw_ready_i = bus->aw_ready;
	t->mx_w_ready_i = bus->w_ready;
	t->mx_b_valid_i = bus->b_valid;
	t->mx_b_resp_i = bus->b_resp;
}

// What the NIC does on its bus.
void serve_ext(struct rtl *r)
{
	Vnic *t = r->top.get();
	struct host_bus_in in = {};
	uint8_t row[ROW];

	in.ar_valid = t->mx_ar_valid_o;
	in.ar_addr = t->mx_ar_addr_o;
	in.ar_len = t->mx_ar_len_o;
	in.r_ready = t->mx_r_ready_o;
	in.aw_valid = t->mx_aw_valid_o;
	in.aw_addr = t->mx_aw_addr_o;
	in.aw_len = t->mx_aw_len_o;
	in.w_valid = t->mx_w_valid_o;
	in.w_last = t->mx_w_last_o;
	in.w_strb = t->mx_w_strb_o;
	memcpy(row, &t->mx_w_data_o, ROW);
	in.w_data = row;
	ext_memory_tick(&r->ext, &in);
}

void set_inputs(struct rtl *r)
{
	Vnic *t = r->top.get();
	uint8_t row[ROW];
	bool last = false;

	for (unsigned p = 0; p < PORTS; p++) {
		bool offers = r->rx[p].offers(r->cycle);

		put_bit(t->rx_valid_i, p, offers);
		if (offers) {
			size_t n = r->rx[p].row(row, &last);

			put_bytes(t->rx_data_i, ROW * p, row, ROW);
			put_bits(t->rx_keep_i, 64 * p, 64, n == 64 ? ~0ull : (1ull << n) - 1);
			put_bit(t->rx_last_i, p, last);
			put_bit(t->rx_user_i, p, last && r->rx[p].frames.front().bad);
		}
		offers = r->host_tx[p].offers(r->cycle);
		put_bit(t->htx_valid_i, p, offers);
		if (offers) {
			size_t n = r->host_tx[p].row(row, &last);

			put_bytes(t->htx_data_i, ROW * p, row, ROW);
			put_bits(t->htx_bytes_i, 7 * p, 7, n);
			put_bit(t->htx_last_i, p, last);
		}
		put_bit(t->tx_ready_i, p, r->tx[p].ready(r->cycle));
	}
	t->hrx_ready_i = r->host_rx.ready(r->cycle);
	if (r->ext.size)
		set_ext(r);
	if (!r->rings)
		return;
	const struct host_bus_out *bus = host_bus_show(&r->bus);

	t->m_ar_ready_i = bus->ar_ready;
	t->m_r_valid_i = bus->r_valid;
	put_bytes(t->m_r_data_i, 0, bus->r_data, ROW);
	t->m_r_resp_i = bus->r_resp;
	t->m_aw_ready_i = bus->aw_ready;
	t->m_w_ready_i = bus->w_ready;
	t->m_b_valid_i = bus->b_valid;
	t->m_b_resp_i = bus->b_resp;
}

// What the NIC does on the host's bus and with its interrupt lines.
void serve_host(struct rtl *r)
{
	Vnic *t = r->top.get();
	struct host_bus_in in = {};
	uint8_t row[ROW];

	for (uint32_t m = t->irq_o & ~r->irq; m && r->host.irq; m &= m - 1)
		r->host.irq(r->host.arg, __builtin_ctz(m));
	r->irq = t->irq_o;
	in.ar_valid = t->m_ar_valid_o;
	in.ar_addr = t->m_ar_addr_o;
	in.ar_len = t->m_ar_len_o;
	in.r_ready = t->m_r_ready_o;
	in.aw_valid = t->m_aw_valid_o;
	in.aw_addr = t->m_aw_addr_o;
	in.aw_len = t->m_aw_len_o;
	in.w_valid = t->m_w_valid_o;
	in.w_last = t->m_w_last_o;
	in.w_strb = t->m_w_strb_o;
	memcpy(row, &t->m_w_data_o, ROW);
	in.w_data = row;
	host_bus_tick(&r->bus, &in);
}

void report_in(struct rtl *r)
{
	Vnic *t = r->top.get();

	for (unsigned p = 0; p < PORTS; p++) {
		if (bits(t->rx_valid_i, p, 1) && bits(t->rx_ready_o, p, 1))
			r->rx[p].take();
		if (bits(t->htx_valid_i, p, 1) && bits(t->htx_ready_o, p, 1))
			r->host_tx[p].take();
		if (bits(t->in_valid_o, p, 1) && r->events.rx) {
			struct device_rx e = {};

			e.cycle = r->cycle;
			e.port = p;
			e.drop = bits(t->in_drop_o, 3 * p, 3);
			r->events.rx(r->events.arg, &e);
		}
	}
	if (t->take_valid_o && r->events.take) {
		struct device_take e = {};

		e.cycle = r->cycle;
		e.number = t->take_number_o;
		e.port = t->take_port_o;
		e.core = t->take_ctx_o >> THREAD_BITS;
		e.thread = t->take_ctx_o % THREADS;
		r->events.take(r->events.arg, &e);
	}
}

void report_completion(struct rtl *r)
{
	Vnic *t = r->top.get();

	if (t->cpl_valid_o && r->events.completion) {
		struct device_completion c = {};

		c.cycle = r->cycle;
		c.number = t->cpl_number_o;
		c.ret = t->cpl_ret_o;
		c.target = t->cpl_target_o;
		c.len = t->cpl_len_o;
		c.port = t->cpl_port_o;
		c.core = t->cpl_ctx_o >> THREAD_BITS;
		c.thread = t->cpl_ctx_o % THREADS;
		c.queue = t->cpl_queue_o;
		c.cause = t->cpl_cause_o;
		c.hash = t->cpl_hash_o;
		c.fault_pc = t->cpl_pc_o;
		c.fault_addr = t->cpl_addr_o;
		c.bundles = t->cpl_bundles_o;
		c.cycles = t->cpl_cycles_o;
		r->events.completion(r->events.arg, &c);
	}
	if (t->lost_valid_o && r->events.lost) {
		struct device_lost e = {};

		e.cycle = r->cycle;
		e.number = t->lost_number_o;
		e.drop = t->lost_drop_o;
		r->events.lost(r->events.arg, &e);
	}
}

void report_tx(struct rtl *r)
{
	Vnic *t = r->top.get();

	for (unsigned p = 0; p < PORTS; p++) {
		sink &out = r->tx[p];

		if (!bits(t->tx_valid_o, p, 1) || !bits(t->tx_ready_i, p, 1))
			continue;
		bool aborted = bits(t->tx_aborted_o, p, 1);
		if (!aborted)
			out.row(r->cycle, reinterpret_cast<const char *>(&t->tx_data_o) + ROW * p,
				__builtin_popcountll(bits(t->tx_keep_o, 64 * p, 64)));
		if (!bits(t->tx_last_o, p, 1))
			continue;
		struct device_tx e = {};
		e.cycle = r->cycle;
		e.first = out.first;
		e.port = p;
		e.from_host = bits(t->tx_host_o, p, 1);
		e.number = bits(t->tx_number_o, 32 * p, 32);
		if (r->events.tx && !aborted)
			r->events.tx(r->events.arg, &e, out.bytes.data(), out.bytes.size());
		out.bytes.clear();
	}
}

void report_host_rx(struct rtl *r)
{
	Vnic *t = r->top.get();

	if (!t->hrx_valid_o || !t->hrx_ready_i)
		return;
	r->host_rx.row(r->cycle, &t->hrx_data_o, t->hrx_bytes_o);
	if (!t->hrx_last_o)
		return;
	struct device_host_rx e = {};
	e.cycle = r->cycle;
	e.first = r->host_rx.first;
	e.number = t->hrx_number_o;
	e.hash = t->hrx_hash_o;
	e.time = t->hrx_time_o;
	e.port = t->hrx_port_o;
	e.queue = t->hrx_queue_o;
	e.checksum = t->hrx_flags_o;
	e.redirected = t->hrx_redirect_o;
	e.meta_len = t->hrx_meta_len_o;
	const uint8_t *meta_end = reinterpret_cast<const uint8_t *>(&t->hrx_meta_o) + NIC_META_HOST;
	std::vector<uint8_t> &bytes = r->host_rx.bytes;
	bytes.insert(bytes.begin(), meta_end - e.meta_len, meta_end);
	if (r->events.host_rx)
		r->events.host_rx(r->events.arg, &e, bytes.data() + e.meta_len, bytes.size() - e.meta_len);
	r->host_rx.bytes.clear();
}

void report_retire(struct rtl *r, unsigned core)
{
	Vnic *t = r->top.get();

	if (!bits(t->rt_valid_o, core, 1))
		return;
	struct device_retire e = {};

	e.cycle = r->cycle;
	e.core = core;
	e.pc = bits(t->rt_pc_o, 13 * core, 13);
	e.thread = bits(t->rt_thread_o, THREAD_BITS * core, THREAD_BITS);
	e.cause = bits(t->rt_cause_o, 8 * core, 8);
	e.exit = bits(t->rt_exit_o, core, 1);
	e.reg_we = bits(t->rt_reg_we_o, LANES * core, LANES);
	e.next_pc = bits(t->rt_next_pc_o, 13 * core, 13);
	e.ret = bits(t->rt_ret_o, 32 * core, 32);
	for (unsigned l = 0; l < LANES; l++) {
		if (!(e.reg_we >> l & 1))
			continue;
		e.reg[l] = bits(t->rt_reg_o, 4 * (LANES * core + l), 4);
		e.value[l] = bits(t->rt_value_o, 64 * (LANES * core + l), 64);
	}
	e.store = bits(t->rt_store_o, core, 1);
	if (e.store) {
		e.store_width = bits(t->rt_store_width_o, 4 * core, 4);
		e.store_tag_offset = bits(t->rt_store_tag_offset_o, 16 * core, 16);
		e.store_value = bits(t->rt_store_value_o, 64 * core, 64);
	}
	e.command = bits(t->rt_cmd_o, 8 * core, 8);
	if (e.command) {
		e.cmd_addr = bits(t->rt_cmd_addr_o, 64 * core, 64);
		e.cmd_b = bits(t->rt_cmd_b_o, 64 * core, 64);
		e.cmd_c = bits(t->rt_cmd_c_o, 64 * core, 64);
	}
	r->events.retire(r->events.arg, &e);
}

template <typename V, typename T, typename D> void report_x(struct rtl *r, const V &valid, const T &thread, const D &value)
{
	for (unsigned core = 0; core < CORES; core++) {
		if (!bits(valid, core, 1))
			continue;
		struct device_x e = {};

		e.cycle = r->cycle;
		e.core = core;
		e.thread = bits(thread, THREAD_BITS * core, THREAD_BITS);
		e.value = bits(value, 64 * core, 64);
		r->events.x(r->events.arg, &e);
	}
}

void report_mapwrite(struct rtl *r)
{
	Vnic *t = r->top.get();

	for (unsigned bank = 0; bank < BANKS; bank++) {
		if (!bits(t->mw_valid_o, bank, 1))
			continue;
		struct device_mapwrite e = {};

		e.cycle = r->cycle;
		e.addr = bits(t->mw_addr_o, 32 * bank, 32);
		e.bank = bank;
		e.mask = bits(t->mw_mask_o, 8 * bank, 8);
		e.engine = bits(t->mw_engine_o, bank, 1);
		e.value = bits(t->mw_value_o, 64 * bank, 64) & bytes_of(e.mask);
		r->events.mapwrite(r->events.arg, &e);
	}
}

// A clock from its edge on: the level of the clock, and the trace of what it gives.
void clock(struct rtl *r)
{
	for (bool level : {true, false}) {
		r->top->clk_i = level;
		r->top->eval();
		if (r->trace)
			r->trace->dump(r->context->time());
		r->context->timeInc(1);
	}
}

void rtl_tick(struct device *d)
{
	struct rtl *r = self(d);
	Vnic *t = r->top.get();

	set_inputs(r);
	clock(r);
	if (t->s_b_valid_o || t->s_r_valid_o) {
		r->done = true;
		r->rdata = t->s_r_data_o;
	}
	if (r->rings)
		serve_host(r);
	if (r->ext.size)
		serve_ext(r);
	report_in(r);
	report_completion(r);
	report_tx(r);
	report_host_rx(r);
	if (r->events.retire && t->rt_valid_o)
		for (unsigned core = 0; core < CORES; core++)
			report_retire(r, core);
	if (r->events.x) {
		report_x(r, t->vx_valid_o, t->vx_thread_o, t->vx_value_o);
		report_x(r, t->ex_valid_o, t->ex_thread_o, t->ex_value_o);
		report_x(r, t->dx_valid_o, t->dx_thread_o, t->dx_value_o);
	}
	if (r->events.mapwrite && t->mw_valid_o)
		report_mapwrite(r);
	r->cycle++;
}

void access(struct rtl *r, uint32_t offset, bool write, uint32_t value)
{
	Vnic *t = r->top.get();

	r->done = false;
	t->s_aw_valid_i = t->s_w_valid_i = write;
	t->s_ar_valid_i = !write;
	t->s_aw_addr_i = t->s_ar_addr_i = offset & 0xfffffc;
	t->s_w_data_i = value;
	rtl_tick(&r->dev);
	t->s_aw_valid_i = t->s_w_valid_i = t->s_ar_valid_i = 0;
	while (!r->done)
		rtl_tick(&r->dev);
}

uint32_t rtl_reg_read(struct device *d, uint32_t offset)
{
	access(self(d), offset, false, 0);
	return self(d)->rdata;
}

void rtl_reg_write(struct device *d, uint32_t offset, uint32_t value)
{
	access(self(d), offset, true, value);
	// A reset of the data path cuts off a frame on its way to the host.
	if ((offset & 0xfffffc) == REG_CTRL && (value >> CTRL_RESET_LSB & 1))
		self(d)->host_rx.bytes.clear();
}

int rtl_rx(struct device *d, const struct device_offer *o)
{
	return o->port < PORTS ? self(d)->rx[o->port].add(o->frame, o->len, o->at, o->bad) : -1;
}

unsigned int rtl_rx_pending(struct device *d, unsigned int port)
{
	return port < PORTS ? self(d)->rx[port].frames.size() : 0;
}

int rtl_host_tx(struct device *d, unsigned int port, const uint8_t *frame, size_t len)
{
	return port < PORTS && len <= NIC_FRAME_MAX && !self(d)->rings ? self(d)->host_tx[port].add(frame, len, 0, false) : -1;
}

unsigned int rtl_host_tx_pending(struct device *d, unsigned int port)
{
	return port < PORTS ? self(d)->host_tx[port].frames.size() : 0;
}

void rtl_flow(struct device *d, enum device_stream stream, unsigned int port, uint64_t pattern)
{
	struct rtl *r = self(d);

	if (stream == DEVICE_EXT_READ || stream == DEVICE_EXT_WRITE)
		(stream == DEVICE_EXT_READ ? r->ext.bus.read_flow : r->ext.bus.write_flow) = pattern;
	else if (stream == DEVICE_DMA_READ || stream == DEVICE_DMA_WRITE)
		(stream == DEVICE_DMA_READ ? r->bus.read_flow : r->bus.write_flow) = pattern;
	else if (stream == DEVICE_HOST_RX)
		r->host_rx.pattern = pattern;
	else if (port < PORTS)
		(stream == DEVICE_RX ? r->rx[port].pattern : stream == DEVICE_TX ? r->tx[port].pattern : r->host_tx[port].pattern) = pattern;
}

uint64_t rtl_cycle(struct device *d)
{
	return self(d)->cycle;
}

void rtl_close(struct device *d)
{
	struct rtl *r = self(d);

	if (r->trace)
		r->trace->close();
	r->top->final();
	ext_memory_close(&r->ext);
	delete r;
}

const struct device_ops ops = {
	"rtl", rtl_close, rtl_reg_read, rtl_reg_write, rtl_rx, rtl_rx_pending, rtl_host_tx, rtl_host_tx_pending, rtl_flow,
	rtl_tick, rtl_cycle,
};

} // namespace

extern "C" struct device *device_rtl_open(const struct device_config *config, const char **why)
{
	static const std::string other = "this RTL has " + std::to_string(CORES) + " cores and " + std::to_string(PORTS) +
					 " ports; make CORES=n PORTS=p builds others";
	std::unique_ptr<struct rtl> r(new struct rtl());

	if ((config->cores && config->cores != CORES) || (config->ports && config->ports != PORTS)) {
		*why = other.c_str();
		return nullptr;
	}
	r->dev.ops = &ops;
	r->dev.cores = CORES;
	r->dev.ports = PORTS;
	r->events = config->events;
	r->context.reset(new VerilatedContext);
	r->context->traceEverOn(config->trace != nullptr);
	r->top.reset(new Vnic(r->context.get(), "nic"));
	if (config->trace) {
		r->trace.reset(new waveform);
		if (!open_waveform(r->top.get(), r->trace.get(), config->trace, why))
			return nullptr;
	}
	r->host = config->host;
	r->rings = config->rings;
	host_bus_init(&r->bus, &config->host);
	if (ext_memory_open(&r->ext, &config->ext, &config->events)) {
		*why = "out of memory";
		return nullptr;
	}
	r->top->mx_mib_i = config->ext.mib;
	r->top->host_stream_i = !config->rings;
	r->top->s_w_strb_i = 15;
	r->top->s_b_ready_i = r->top->s_r_ready_i = 1;
	r->top->rst_i = 1;
	for (unsigned i = 0; i < RESET_CLOCKS; i++)
		clock(r.get());
	r->top->rst_i = 0;
	return &r.release()->dev;
}
