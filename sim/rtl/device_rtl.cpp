// SPDX-License-Identifier: Apache-2.0
//
// The Verilated NIC behind the device interface. One tick is one clock: inputs are set, outputs are read as they stand
// before the clock edge, then the edge.
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <verilated.h>
#include <verilated_fst_c.h>
#include "Vnic_top.h"

extern "C" {
#include "sim/device.h"
#include "hw/spec/regs.h"
}

namespace {

constexpr size_t QUEUE_FRAMES = 64;
constexpr size_t ROW = NIC_ROW_BYTES;
constexpr size_t RECENT = 64;       // completions kept for their frame: a frame leaves a few clocks after its own
constexpr unsigned RESET_CLOCKS = 4;

struct frame {
	std::vector<uint8_t> bytes;
};

struct rtl {
	struct device dev;          // first: the interface's pointer is ours
	struct device_events events;
	std::unique_ptr<VerilatedContext> context;
	std::unique_ptr<Vnic_top> top;
	std::unique_ptr<VerilatedFstC> trace;
	uint64_t cycle;
	uint32_t rdata;             // host read data as of the last tick
	std::deque<frame> offered;
	size_t taken;               // bytes of the first offered frame that the NIC has
	std::vector<uint8_t> leaving;
	struct device_completion recent[RECENT];
	size_t completions;
};

struct rtl *self(struct device *d)
{
	return reinterpret_cast<struct rtl *>(d);
}

// Lane of a flat vector of 64-bit values, whatever type the model's number of lanes makes it.
template <typename V> uint64_t lane_value(const V &v, int lane)
{
	uint64_t value;

	memcpy(&value, reinterpret_cast<const char *>(&v) + lane * sizeof(value), sizeof(value));
	return value;
}

void offer(struct rtl *r)
{
	Vnic_top *t = r->top.get();

	t->rx_valid_i = !r->offered.empty();
	if (!t->rx_valid_i)
		return;
	const frame &f = r->offered.front();
	size_t left = f.bytes.size() - r->taken;

	t->rx_last_i = left <= ROW;
	t->rx_bytes_i = t->rx_last_i ? left : ROW;
	uint8_t row[ROW] = {};
	memcpy(row, &f.bytes[r->taken], t->rx_bytes_i);
	memcpy(t->rx_data_i.data(), row, sizeof(row));
}

void accept(struct rtl *r)
{
	Vnic_top *t = r->top.get();

	if (!t->rx_valid_i || !t->rx_ready_o)
		return;
	r->taken += t->rx_bytes_i;
	if (t->rx_last_i) {
		r->offered.pop_front();
		r->taken = 0;
	}
}

void report_completion(struct rtl *r)
{
	Vnic_top *t = r->top.get();

	if (!t->cpl_valid_o)
		return;
	struct device_completion *c = &r->recent[r->completions++ % RECENT];

	*c = {};
	c->cycle = r->cycle;
	c->number = t->cpl_number_o;
	c->ret = t->cpl_ret_o;
	c->len = t->cpl_len_o;
	c->thread = t->cpl_thread_o;
	c->cause = t->cpl_cause_o;
	c->fault_pc = t->cpl_pc_o;
	c->fault_addr = t->cpl_addr_o;
	c->bundles = t->cpl_bundles_o;
	c->cycles = t->cpl_cycles_o;
	if (r->events.completion)
		r->events.completion(r->events.arg, c);
}

void report_tx(struct rtl *r)
{
	Vnic_top *t = r->top.get();

	if (!t->tx_valid_o || !t->tx_ready_i)
		return;
	uint8_t row[ROW];
	memcpy(row, t->tx_data_o.data(), sizeof(row));
	r->leaving.insert(r->leaving.end(), row, row + t->tx_bytes_o);
	if (!t->tx_last_o)
		return;
	const struct device_completion *of = nullptr;
	for (size_t i = 0; i < RECENT; i++)
		if (i < r->completions && r->recent[i].number == t->tx_number_o)
			of = &r->recent[i];
	if (r->events.tx)
		r->events.tx(r->events.arg, of, r->leaving.data(), r->leaving.size());
	r->leaving.clear();
}

void report_retire(struct rtl *r)
{
	Vnic_top *t = r->top.get();

	if (!t->rt_valid_o || !r->events.retire)
		return;
	constexpr int lanes = sizeof(t->rt_value_o) / sizeof(uint64_t);
	struct device_retire e = {};

	e.cycle = r->cycle;
	e.pc = t->rt_pc_o;
	e.thread = t->rt_thread_o;
	e.cause = t->rt_cause_o;
	e.exit = t->rt_exit_o;
	e.reg_we = t->rt_reg_we_o;
	e.next_pc = t->rt_next_pc_o;
	e.ret = t->rt_ret_o;
	for (int l = 0; l < lanes; l++) {
		if (!(e.reg_we >> l & 1))
			continue;
		e.reg[l] = t->rt_reg_o >> 4 * l & 15;
		e.value[l] = lane_value(t->rt_value_o, l);
	}
	e.store = t->rt_store_o;
	if (e.store) {
		e.store_width = t->rt_store_width_o;
		e.store_tag_offset = t->rt_store_tag_offset_o;
		e.store_value = t->rt_store_value_o;
	}
	e.command = t->rt_cmd_o;
	if (e.command) {
		e.cmd_addr = t->rt_cmd_addr_o;
		e.cmd_b = t->rt_cmd_b_o;
		e.cmd_c = t->rt_cmd_c_o;
	}
	r->events.retire(r->events.arg, &e);
}

void report_x(struct rtl *r, bool valid, uint8_t thread, uint64_t value)
{
	struct device_x e = {r->cycle, thread, value};

	if (valid)
		r->events.x(r->events.arg, &e);
}

void report_mapwrite(struct rtl *r)
{
	Vnic_top *t = r->top.get();

	if (!t->mw_valid_o || !r->events.mapwrite)
		return;
	struct device_mapwrite e = {r->cycle, t->mw_addr_o, t->mw_mask_o, t->mw_engine_o, t->mw_value_o};
	r->events.mapwrite(r->events.arg, &e);
}

// Half a clock: the level of the clock, and the trace of what it gives.
void half(struct rtl *r, bool level)
{
	r->top->clk_i = level;
	r->top->eval();
	if (r->trace)
		r->trace->dump(r->context->time());
	r->context->timeInc(1);
}

void rtl_tick(struct device *d)
{
	struct rtl *r = self(d);
	Vnic_top *t = r->top.get();

	offer(r);
	half(r, false);
	r->rdata = t->host_rdata_o;
	accept(r);
	report_completion(r);
	report_tx(r);
	report_retire(r);
	if (r->events.x) {
		report_x(r, t->vx_valid_o, t->vx_thread_o, t->vx_value_o);
		report_x(r, t->ex_valid_o, t->ex_thread_o, t->ex_value_o);
		report_x(r, t->dx_valid_o, t->dx_thread_o, t->dx_value_o);
	}
	report_mapwrite(r);
	half(r, true);
	r->cycle++;
}

void access(struct rtl *r, uint32_t offset, bool write, uint32_t value)
{
	Vnic_top *t = r->top.get();

	t->host_valid_i = 1;
	t->host_we_i = write;
	t->host_addr_i = offset;
	t->host_wdata_i = value;
	rtl_tick(&r->dev);
	t->host_valid_i = 0;
	for (int i = 0; i < 3; i++)
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
}

int rtl_rx(struct device *d, const uint8_t *bytes, size_t len)
{
	struct rtl *r = self(d);

	if (!len || r->offered.size() == QUEUE_FRAMES)
		return -1;
	r->offered.push_back({std::vector<uint8_t>(bytes, bytes + len)});
	return 0;
}

unsigned int rtl_rx_pending(struct device *d)
{
	return self(d)->offered.size();
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
	delete r;
}

const struct device_ops ops = {
	"rtl", rtl_close, rtl_reg_read, rtl_reg_write, rtl_rx, rtl_rx_pending, rtl_tick, rtl_cycle,
};

} // namespace

extern "C" struct device *device_rtl_open(const struct device_config *config, const char **why)
{
	std::unique_ptr<struct rtl> r(new struct rtl());

	r->dev.ops = &ops;
	r->events = config->events;
	r->context.reset(new VerilatedContext);
	r->context->traceEverOn(config->trace != nullptr);
	r->top.reset(new Vnic_top(r->context.get(), "nic"));
	if (config->trace) {
		r->trace.reset(new VerilatedFstC);
		r->top->trace(r->trace.get(), 99);
		r->trace->open(config->trace);
		if (!r->trace->isOpen()) {
			*why = "the trace file can't be written";
			return nullptr;
		}
	}
	r->top->tx_ready_i = 1;
	r->top->rst_i = 1;
	for (unsigned i = 0; i < RESET_CLOCKS; i++) {
		half(r.get(), false);
		half(r.get(), true);
	}
	r->top->rst_i = 0;
	return &r.release()->dev;
}
