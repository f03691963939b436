// SPDX-License-Identifier: Apache-2.0
//
// The host side alone: Verilog and C model side by side, driven by a host that posts buffers, sends frames, makes mistakes and turns rings
// off and on. Every pin is compared in every clock; what arrives is compared with what was sent.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include <verilated.h>
#include "Vdma_host.h"

extern "C" {
#include "sim/iss/dma_host.h"
}

namespace {

constexpr unsigned QUEUES = 4, PORTS = 2, RING_LOG = 4, RING = 1u << RING_LOG;
constexpr uint64_t BASE = 0x100000, SIZE = 0x100000;   // host memory; everything else is a bus error
constexpr unsigned FRAME_MAX = NIC_FRAME_MAX, ROW = DMA_ROW;

uint64_t state;
uint32_t rnd()
{
	state ^= state << 13, state ^= state >> 7, state ^= state << 17;
	return state >> 16;
}
bool one_in(uint32_t n) { return rnd() % n == 0; }

struct memory {
	std::vector<uint8_t> bytes = std::vector<uint8_t>(SIZE);
};

bool inside(uint64_t addr, size_t len) { return addr >= BASE && len <= SIZE && addr - BASE <= SIZE - len; }

int host_read(void *arg, uint64_t addr, void *to, size_t len)
{
	if (!inside(addr, len))
		return -1;
	memcpy(to, &static_cast<memory *>(arg)->bytes[addr - BASE], len);
	return 0;
}
int host_write(void *arg, uint64_t addr, const void *from, size_t len)
{
	if (!inside(addr, len))
		return -1;
	memcpy(&static_cast<memory *>(arg)->bytes[addr - BASE], from, len);
	return 0;
}

// Frames describe themselves: seed in the first four bytes, the rest follows from it and the length.
uint8_t frame_byte(uint32_t seed, unsigned len, unsigned i)
{
	return i < 4 ? seed >> 8 * i : (seed * 2654435761u >> 8) + i * 7 + len;
}
uint32_t frame_seed(const uint8_t *f, unsigned len)
{
	uint32_t seed = 0;

	for (unsigned i = 0; i < 4 && i < len; i++)
		seed |= uint32_t(f[i]) << 8 * i;
	return seed;
}
bool frame_right(const uint8_t *f, unsigned len)
{
	for (unsigned i = 4; i < len; i++)
		if (f[i] != frame_byte(frame_seed(f, len), len, i))
			return false;
	return true;
}

// A checksum that was asked for is that of the bytes as they were sent: it is looked at, and they are put back.
struct wanted_sum { unsigned from, at; };
bool sum_right(std::vector<uint8_t> &f, const wanted_sum &w)
{
	uint8_t had[2] = {};
	uint32_t sum = 0;

	for (unsigned i = 0; i < 2; i++)
		if (w.at + i < f.size()) {
			had[i] = f[w.at + i];
			f[w.at + i] = frame_byte(frame_seed(f.data(), f.size()), f.size(), w.at + i);
		}
	for (unsigned i = w.from; i < f.size(); i++)
		sum += (i - w.from) % 2 ? f[i] : f[i] << 8;
	sum = sum % 0xffff ? 0xffff - sum % 0xffff : 0xffff;
	return (w.at >= f.size() || had[0] == sum >> 8) && (w.at + 1 >= f.size() || had[1] == (sum & 0xff));
}

struct ring {               // the host's view of a queue
	bool rx_on, tx_on;
	uint16_t rx_tail, cq_head, tx_tail, tx_seen;
	uint32_t tx_open;       // bytes of the frame that is being posted; segments
	unsigned tx_segments, tx_port;
};

struct bench {
	VerilatedContext context;
	std::unique_ptr<Vdma_host> top;
	struct dma_host model;
	struct host_bus bus[2];
	memory mem[2];
	ring host[QUEUES];
	std::vector<dma_row> frame;      // offered to the host now
	size_t at;
	std::vector<uint8_t> leaving[PORTS];
	std::map<uint32_t, wanted_sum> wanted;  // by the frame's seed
	uint64_t clock;
	uint32_t number, seeds;
	unsigned stopping;               // clocks of a data path reset to come
	unsigned long frames_in, put, dropped, sent, summed, completions, small, errors, cut;
	struct dma_in in;
	bool heads_ok;
};

// Places in host memory of a queue.
uint64_t rx_ring(unsigned q) { return BASE + q * 0x10000; }
uint64_t cq_ring(unsigned q) { return rx_ring(q) + 0x1000; }
uint64_t tx_ring(unsigned q) { return rx_ring(q) + 0x2000; }
uint64_t head_word(unsigned q) { return rx_ring(q) + 0x3000 + 4 * q; }
uint64_t rx_buffer(unsigned q, unsigned i) { return rx_ring(q) + 0x4000 + (i % RING) * 0x800 ; }
uint64_t tx_buffers(unsigned q) { return BASE + 0x80000 + q * 0x20000; }

void poke(bench &b, uint64_t addr, const void *bytes, size_t len)
{
	for (auto &m : b.mem)
		memcpy(&m.bytes[addr - BASE], bytes, len);
}

[[noreturn]] void fail(bench &b, const char *what)
{
	printf("FAIL clock %lu: %s\n", (unsigned long)b.clock, what);
	exit(1);
}
void same(bench &b, uint64_t rtl, uint64_t model, const char *what)
{
	if (rtl != model) {
		printf("FAIL clock %lu: %s is %lx in Verilog, %lx in the model\n", (unsigned long)b.clock, what, (unsigned long)rtl,
		       (unsigned long)model);
		exit(1);
	}
}

void reg(bench &b, unsigned q, unsigned word, uint32_t value)
{
	b.in.reg_we = true;
	b.in.reg_queue = q;
	b.in.reg_word = word;
	b.in.reg_wdata = value;
}

// One register write for a ring that is off, or its start.
void set_up(bench &b, unsigned q)
{
	static const unsigned words[] = { NIC_Q_RX_BASE_LO, NIC_Q_RX_SIZE, NIC_Q_CQ_BASE_LO, NIC_Q_CQ_SIZE, NIC_Q_TX_BASE_LO, NIC_Q_TX_SIZE,
		NIC_Q_TX_WB_LO, NIC_Q_IRQ_COUNT, NIC_Q_IRQ_TIME };
	const uint32_t values[] = { uint32_t(rx_ring(q)), RING_LOG, uint32_t(cq_ring(q)), RING_LOG, uint32_t(tx_ring(q)), RING_LOG,
		uint32_t(head_word(q)), rnd() % 5, rnd() % 2 ? rnd() % 200 : 0 };
	unsigned i = rnd() % 10;

	if (i < 9) {
		reg(b, q, words[i], values[i]);
		return;
	}
	for (unsigned w = 0; w < 7; w++) {
		uint32_t have = dma_host_read(&b.model, q, words[w]);
		if (have != values[w])
			return;
	}
	if (dma_host_read(&b.model, q, NIC_Q_STATUS) & (NIC_Q_STATUS_RX_BUSY | NIC_Q_STATUS_TX_BUSY))
		return;
	uint32_t ctrl = rnd() % 8;
	reg(b, q, NIC_Q_CTRL, ctrl);
	b.host[q] = {};
	b.host[q].rx_on = ctrl & 1;
	b.host[q].tx_on = ctrl & 2;
	std::vector<uint8_t> none(RING * 64);
	poke(b, cq_ring(q), none.data(), none.size());
	uint32_t head = 0;
	poke(b, head_word(q), &head, 4);
}

void post_buffers(bench &b, unsigned q)
{
	ring &r = b.host[q];
	unsigned n = rnd() % 6;

	for (unsigned i = 0; i < n && uint16_t(r.rx_tail - dma_host_read(&b.model, q, NIC_Q_RX_HEAD)) < RING
		     && uint16_t(r.rx_tail - r.cq_head) < RING; i++) {
		dma_desc d = { rx_buffer(q, r.rx_tail), 2048, rnd() };
		if (one_in(30))
			d.len = rnd() % 200;
		if (one_in(60))
			d.addr += 1 + rnd() % 63;
		if (one_in(400))
			d.addr = 0x10;
		poke(b, rx_ring(q) + (r.rx_tail % RING) * 16, &d, 16);
		r.rx_tail++;
	}
	uint16_t head = dma_host_read(&b.model, q, NIC_Q_RX_HEAD), lie = one_in(2) ? rnd() : r.rx_tail - rnd() % 6;
	bool seen = uint16_t(lie - head) > RING || uint16_t(lie - head) < uint16_t(r.rx_tail - head);
	reg(b, q, NIC_Q_RX_TAIL, one_in(50) && seen ? lie : r.rx_tail);      // one the NIC can't see would only hurt ourselves
}

void post_frame(bench &b, unsigned q)
{
	ring &r = b.host[q];
	unsigned frames = 1 + rnd() % 4;

	while (frames--) {
		unsigned len = one_in(3) ? 4 + rnd() % (FRAME_MAX - 3) : 4 + rnd() % 120;
		unsigned segments = one_in(3) ? 1 + rnd() % 5 : 1, port = rnd() % PORTS;
		bool wrong = one_in(40);
		uint16_t room = RING - uint16_t(r.tx_tail - r.tx_seen);

		if (segments > len)
			segments = 1;
		if (room < segments)
			break;
		uint32_t seed = ++b.seeds << 4 | q;
		wanted_sum sum = { rnd() % (one_in(8) ? 2048 : len), 4 + rnd() % (one_in(8) ? 2044 : len) };
		bool csum = one_in(2);

		if (csum)
			b.wanted[seed] = sum;
		for (unsigned s = 0, from = 0; s < segments; s++) {
			unsigned n = s + 1 == segments ? len - from : 1 + rnd() % (len - from - (segments - s - 1));
			// Across a page's end now and then, never into the next descriptor's bytes.
			uint64_t place = tx_buffers(q) + (r.tx_tail % RING) * 0x1000 + 0x900 + rnd() % 0x800;
			std::vector<uint8_t> bytes(n);
			for (unsigned i = 0; i < n; i++)
				bytes[i] = frame_byte(seed, len, from + i);
			poke(b, place, bytes.data(), n);
			uint32_t word = n | (s + 1 == segments) << 16 | port << 24 | (s ? rnd() & 1 : csum) << 17;
			if (wrong && one_in(2))
				word = rnd() % 4 == 0 ? word & 0xffff0000 : rnd() % 3 ? word | 0x05000000 : word + FRAME_MAX;
			dma_desc d = { one_in(1000) ? 0x20 : place, word, s ? rnd() : sum.from | sum.at << 16 };
			poke(b, tx_ring(q) + (r.tx_tail % RING) * 16, &d, 16);
			r.tx_tail++;
			from += n;
		}
	}
	reg(b, q, NIC_Q_TX_TAIL, one_in(50) ? r.tx_tail - rnd() % 6 : r.tx_tail);
}

void collect(bench &b, unsigned q)
{
	ring &r = b.host[q];
	unsigned n = rnd() % 8;

	while (n--) {
		const uint8_t *e = &b.mem[0].bytes[cq_ring(q) + (r.cq_head % RING) * 64 - BASE];
		uint16_t len, index;

		if ((e[NIC_CQE_STATUS] & 1) != !(r.cq_head >> RING_LOG & 1))
			break;
		memcpy(&len, e + NIC_CQE_LEN, 2);
		memcpy(&index, e + NIC_CQE_INDEX, 2);
		if (index != r.cq_head)
			fail(b, "a completion is not of the next buffer");
		if (!(e[NIC_CQE_STATUS] & 2) && !frame_right(&b.mem[0].bytes[rx_buffer(q, index) - BASE], len))
			fail(b, "a packet's bytes in host memory are wrong");
		r.cq_head++;
		b.completions++;
	}
	uint32_t head;
	memcpy(&head, &b.mem[0].bytes[head_word(q) - BASE], 4);
	if (uint16_t(head - r.tx_seen) > RING)
		fail(b, "TX_HEAD in host memory runs wild");
	r.tx_seen = head;
	reg(b, q, NIC_Q_CQ_HEAD, r.cq_head);
}

void host_acts(bench &b)
{
	unsigned q = rnd() % QUEUES;

	b.in.reg_we = false;
	b.in.irq_clear = one_in(20) ? rnd() % 16 : 0;
	b.in.stop = false;
	b.stopping -= b.stopping != 0;
	if (one_in(3000))
		b.stopping = 16;
	if (b.stopping) {
		b.in.stop = true;
		for (auto &r : b.host)
			r.rx_on = r.tx_on = false;
	}
	if (!one_in(8))
		return;
	uint32_t ctrl = dma_host_read(&b.model, q, NIC_Q_CTRL);
	ring &r = b.host[q];
	if (!(ctrl & 3)) {
		set_up(b, q);
	} else if (one_in(400)) {
		reg(b, q, NIC_Q_CTRL, 0);
	} else if (one_in(100)) {
		reg(b, q, rnd() % 32, rnd());          // anything; a change of CTRL counts below
		if (b.in.reg_word == NIC_Q_CTRL || b.in.reg_word == NIC_Q_RX_TAIL || b.in.reg_word == NIC_Q_TX_TAIL || b.in.reg_word == NIC_Q_CQ_HEAD)
			b.in.reg_we = false;
	} else if ((ctrl & 1) && r.rx_on && one_in(3)) {
		post_buffers(b, q);
	} else if ((ctrl & 2) && r.tx_on && one_in(2)) {
		post_frame(b, q);
	} else if ((ctrl & 1) && r.rx_on) {
		collect(b, q);
	}
}

void offer(bench &b)
{
	if (b.in.stop) {
		b.cut += !b.frame.empty();
		b.frame.clear();
		b.in.h = nullptr;
		return;
	}
	if (!b.frame.empty() || !one_in(4)) {
		b.in.h = b.frame.empty() ? nullptr : &b.frame[b.at];
		return;
	}
	unsigned len = one_in(3) ? 4 + rnd() % (FRAME_MAX - 3) : 4 + rnd() % 120;
	uint32_t seed = rnd();

	for (unsigned from = 0; from < len; from += ROW) {
		dma_row r = {};
		r.last = from + ROW >= len;
		r.len = len;
		r.queue = one_in(100) ? rnd() % 32 : rnd() % QUEUES;
		if (from)
			r.queue = b.frame[0].queue;
		r.port = b.number & 1;
		r.csum = seed;
		r.hash = seed * 3;
		r.time = uint64_t(seed) << 20;
		r.number = b.number;
		r.meta_len = seed % 33;
		for (unsigned i = 0; i < 32; i++)
			r.meta[i] = seed >> i % 25;
		for (unsigned i = 0; i < ROW && from + i < len; i++)
			r.row[i] = frame_byte(seed, len, from + i);
		b.frame.push_back(r);
	}
	b.number++;
	b.at = 0;
	b.frames_in++;
	b.in.h = &b.frame[0];
}

void drive(bench &b, const host_bus_out *o)
{
	Vdma_host *t = b.top.get();
	const dma_row *h = b.in.h;

	t->stop_i = b.in.stop;
	t->reg_we_i = b.in.reg_we;
	t->reg_queue_i = b.in.reg_queue;
	t->reg_word_i = b.in.reg_word;
	t->reg_wdata_i = b.in.reg_wdata;
	t->irq_clear_i = b.in.irq_clear;
	t->irq_enable_i = 15;
	t->t_ready_i = b.in.t_ready;
	t->h_valid_i = h != nullptr;
	if (h) {
		memcpy(t->h_row_i.data(), h->row, ROW);
		t->h_last_i = h->last;
		t->h_len_i = h->len;
		t->h_queue_i = h->queue;
		t->h_port_i = h->port;
		t->h_csum_i = h->csum;
		t->h_hash_i = h->hash;
		t->h_time_i = h->time;
		t->h_number_i = h->number;
		t->h_meta_len_i = h->meta_len;
		memcpy(t->h_meta_i.data(), h->meta, 32);
	}
	t->ar_ready_i = o->ar_ready;
	t->r_valid_i = o->r_valid;
	memcpy(t->r_data_i.data(), o->r_data, ROW);
	t->r_resp_i = o->r_resp;
	t->aw_ready_i = o->aw_ready;
	t->w_ready_i = o->w_ready;
	t->b_valid_i = o->b_valid;
	t->b_resp_i = o->b_resp;
}

void ports_leave(bench &b)
{
	for (unsigned p = 0; p < PORTS; p++) {
		const dma_store &s = b.model.store[p];
		auto &f = b.leaving[p];

		if (b.in.stop)
			f.clear();       // the rest of it goes nowhere
		if (!s.valid || s.skip || !(b.in.t_ready >> p & 1))
			continue;
		f.insert(f.end(), s.head.row, s.head.row + s.head.count);
		if (!s.head.last)
			continue;
		auto w = b.wanted.find(frame_seed(f.data(), f.size()));
		if (w != b.wanted.end() && !sum_right(f, w->second))
			fail(b, "a frame's checksum is wrong");
		b.summed += w != b.wanted.end();
		if (!frame_right(f.data(), f.size()))
			fail(b, "a frame that leaves is not one that was sent");
		f.clear();
		b.sent++;
	}
}

void one_clock(bench &b)
{
	Vdma_host *t = b.top.get();
	struct dma_events e;

	host_acts(b);
	offer(b);
	b.in.t_ready = b.in.stop ? 0 : one_in(4) ? rnd() % 4 : 3;
	drive(b, host_bus_show(&b.bus[0]));
	t->clk_i = 0;
	t->eval();
	for (unsigned p = 0; p < PORTS; p++) {
		const dma_store &s = b.model.store[p];
		same(b, t->t_valid_o >> p & 1, s.valid && !s.skip, "t_valid");
		if (!s.valid || s.skip)
			continue;
		same(b, t->t_last_o >> p & 1, s.head.last, "t_last");
		same(b, t->t_bytes_o >> 7 * p & 127, s.head.count, "t_bytes");
		if (memcmp(reinterpret_cast<const uint8_t *>(t->t_row_o.data()) + ROW * p, s.head.row, s.head.count))
			fail(b, "t_row differs");
	}
	same(b, t->reg_rdata_o, dma_host_read(&b.model, b.in.reg_queue, b.in.reg_word), "register");
	same(b, t->irq_o, dma_host_irq_status(&b.model), "irq");
	same(b, t->idle_o, dma_host_idle(&b.model), "idle");
	const struct dma_write &w = b.model.write;
	same(b, t->ar_valid_o, b.model.read.ar_valid, "ar_valid");
	if (t->ar_valid_o) {
		same(b, t->ar_addr_o, b.model.read.ar_addr, "ar_addr");
		same(b, t->ar_len_o, b.model.read.ar_len, "ar_len");
		if ((t->ar_addr_o & 4095) + (t->ar_len_o + 1u) * ROW > 4096)
			fail(b, "a read crosses a page");
	}
	same(b, t->aw_valid_o, w.aw_valid, "aw_valid");
	if (t->aw_valid_o) {
		same(b, t->aw_addr_o, w.aw_addr, "aw_addr");
		same(b, t->aw_len_o, w.aw_len, "aw_len");
		if ((t->aw_addr_o & 4095) + (t->aw_len_o + 1u) * ROW > 4096)
			fail(b, "a write crosses a page");
	}
	same(b, t->w_valid_o, w.w_valid, "w_valid");
	if (t->w_valid_o) {
		same(b, t->w_strb_o, w.w_strb, "w_strb");
		same(b, t->w_last_o, w.w_last, "w_last");
		for (unsigned i = 0; i < ROW; i++)
			if (w.w_strb >> i & 1)
				same(b, reinterpret_cast<const uint8_t *>(t->w_data_o.data())[i], w.w_data[i], "w_data");
	}
	ports_leave(b);
	host_bus_in pins = {};
	uint8_t w_data[ROW];
	memcpy(w_data, t->w_data_o.data(), ROW);
	pins.ar_valid = t->ar_valid_o, pins.ar_addr = t->ar_addr_o, pins.ar_len = t->ar_len_o, pins.r_ready = t->r_ready_o;
	pins.aw_valid = t->aw_valid_o, pins.aw_addr = t->aw_addr_o, pins.aw_len = t->aw_len_o;
	pins.w_valid = t->w_valid_o, pins.w_last = t->w_last_o, pins.w_strb = t->w_strb_o, pins.w_data = w_data;
	dma_host_cycle(&b.model, &b.in, &b.bus[1], &e);
	same(b, t->h_ready_o && t->h_valid_i, e.h_ready, "h_ready");
	same(b, t->drop_off_o, e.drop_off, "drop_off");
	same(b, t->drop_empty_o, e.drop_empty, "drop_empty");
	same(b, t->drop_cq_o, e.drop_cq, "drop_cq");
	same(b, t->drop_small_o, e.drop_small, "drop_small");
	same(b, t->put_o, e.put, "put");
	same(b, t->tx_bad_o, e.tx_bad, "tx_bad");
	same(b, t->bus_error_o, e.bus_error, "bus_error");
	same(b, t->bad_doorbell_o, e.bad_doorbell, "bad_doorbell");
	b.put += e.put;
	b.small += e.drop_small;
	b.dropped += e.drop_off || e.drop_empty || e.drop_cq;
	b.errors += e.bus_error;
	host_bus_tick(&b.bus[0], &pins);
	if (e.h_ready && ++b.at == b.frame.size())
		b.frame.clear();
	t->clk_i = 1;
	t->eval();
	b.clock++;
}

int run(uint64_t seed, unsigned long clocks)
{
	auto b = std::make_unique<bench>();

	state = seed * 0x9e3779b97f4a7c15ull + 1;
	b->context.randReset(0);
	b->top.reset(new Vdma_host(&b->context, "dma"));
	dma_host_reset(&b->model, QUEUES, PORTS);
	for (unsigned i = 0; i < 2; i++) {
		device_host host = { host_read, host_write, nullptr, &b->mem[i] };
		host_bus_init(&b->bus[i], &host);
		b->bus[i].read_latency = 1 + seed % 90;
		b->bus[i].write_latency = 1 + seed % 17;
		if (seed % 3 == 0) {
			b->bus[i].read_flow = 0x5a3cf0ff0f3ca5ffull * (seed | 1);
			b->bus[i].write_flow = 0x33ccf00fffa55a11ull * (seed | 1);
		}
	}
	b->top->rst_i = 1;
	for (int i = 0; i < 4; i++) {
		b->top->clk_i = 0, b->top->eval();
		b->top->clk_i = 1, b->top->eval();
	}
	b->top->rst_i = 0;
	while (b->clock < clocks)
		one_clock(*b);
	if (b->mem[0].bytes != b->mem[1].bytes)
		fail(*b, "host memories differ");
	if (b->frames_in - !b->frame.empty() > b->put + b->dropped + b->cut + 1 || b->put + b->dropped > b->frames_in)
		fail(*b, "frames for the host are lost");
	printf("seed %lu: %lu clocks, %lu frames for the host (%lu put, %lu dropped, %lu buffers unfit), %lu sent (%lu with a checksum), %lu bus errors\n",
	       (unsigned long)seed, clocks, b->frames_in, b->put, b->dropped, b->small, b->sent, b->summed, b->errors);
	if (!b->put || !b->dropped || !b->summed || b->summed == b->sent || !b->completions || !b->small || !b->errors)
		fail(*b, "the run exercised too little");
	return 0;
}

} // namespace

int main(int argc, char **argv)
{
	unsigned long first = argc > 1 ? strtoul(argv[1], nullptr, 0) : 1, seeds = argc > 2 ? strtoul(argv[2], nullptr, 0) : 4;
	unsigned long clocks = argc > 3 ? strtoul(argv[3], nullptr, 0) : 100000;

	for (unsigned long s = first; s < first + seeds; s++)
		if (run(s, clocks))
			return 1;
	printf("%lu passed, 0 failed\n", seeds);
	return 0;
}
