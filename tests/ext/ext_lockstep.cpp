// SPDX-License-Identifier: Apache-2.0
//
// The unit of the external map memory alone: Verilog and C model side by side under random requests, a memory of random latency with
// stalls and holes, and data path resets. Every pin is compared in every clock. What is read must be a value that the word had
// between the grant of the read and its end; at the end the memory must hold what the requests have made of it, in the order of grants.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include <verilated.h>
#include "Vmap_ext.h"

extern "C" {
#include "sim/iss/map_ext.h"
#include "sim/iss/map_value.h"
}

namespace {

constexpr unsigned CORES = EXT_CORES, LOOK = CORES, ENGINE = CORES + 1, REQUESTERS = CORES + 2, THREADS = 16;
constexpr unsigned MIB = 3, LINE = 64, REQ_BITS = 171, WAY_BITS = 17;
constexpr unsigned SUMS = 13;
constexpr uint32_t HOLE = 5;                     // line that is a bus error

uint64_t state;
uint32_t rnd()
{
	state ^= state << 13, state ^= state >> 7, state ^= state << 17;
	return state >> 16;
}
bool one_in(uint32_t n) { return rnd() % n == 0; }

using memory = std::map<uint64_t, std::vector<uint8_t>>;

std::vector<uint8_t> &line_at(memory &m, uint64_t addr)
{
	auto &l = m[addr / LINE];

	if (l.empty())
		for (unsigned i = 0; i < LINE; i++)
			l.push_back(addr / LINE * 7 + i * 31);
	return l;
}

int bus_read(void *arg, uint64_t addr, void *to, size_t len)
{
	if (addr / LINE == HOLE)
		return -1;
	memcpy(to, &line_at(*static_cast<memory *>(arg), addr)[addr % LINE], len);
	return 0;
}
int bus_write(void *arg, uint64_t addr, const void *from, size_t len)
{
	if (addr / LINE == HOLE)
		return -1;
	memcpy(&line_at(*static_cast<memory *>(arg), addr)[addr % LINE], from, len);
	return 0;
}

struct version { uint64_t clock, value; };
struct pending {                                 // a read whose answer is to come
	bool on;
	uint64_t granted, first;                 // and of the lower one of two words
	uint32_t word;
	ext_request r;
};

struct bench {
	VerilatedContext context;
	std::unique_ptr<Vmap_ext> top;
	struct map_ext model;
	struct host_bus bus[2];
	memory mem[2];
	std::deque<ext_request> queue[REQUESTERS];
	pending waits[CORES][THREADS], port;
	uint64_t first_granted[CORES];           // of a load across two words
	std::map<uint32_t, std::vector<version>> words;
	uint64_t clock, stop_until, quiet_until;
	unsigned long loads, splits, atomics, stores, lines, faults, errors, resets, answers, reads, looks, touches, full;
};

[[noreturn]] void fail(bench &b, const char *what)
{
	printf("FAIL clock %lu: %s\n", (unsigned long)b.clock, what);
	exit(1);
}
void same(bench &b, uint64_t rtl, uint64_t model, const char *what)
{
	if (rtl == model)
		return;
	printf("FAIL clock %lu: %s is %lx in Verilog, %lx in the model\n", (unsigned long)b.clock, what, (unsigned long)rtl, (unsigned long)model);
	exit(1);
}

std::vector<version> &versions(bench &b, uint32_t word)
{
	auto &v = b.words[word];
	uint64_t value;

	if (v.empty()) {
		uint64_t addr = uint64_t(word - EXT_BIT) * 8;
		memcpy(&value, &line_at(b.mem[0], addr)[addr % LINE], 8);
		v.push_back({0, value});
	}
	return v;
}

bool nowhere(uint32_t word)
{
	uint32_t line = (word - EXT_BIT) / 8;

	return line == HOLE || line >> 14 >= MIB;
}

// Few lines, so that requests meet; now and then one that the memory does not have.
uint32_t some_word()
{
	uint32_t line = one_in(3) ? rnd() % 3 : rnd() % 200;

	if (one_in(50))
		line = one_in(2) ? HOLE : MIB << 14 | rnd() % 16;
	if (one_in(4))
		line += 128 * (rnd() % 3);        // shares a place with others
	return EXT_BIT | line * 8 | rnd() % 8;
}

void tile_asks(bench &b, unsigned tile)
{
	ext_request r = {};
	unsigned thread = rnd() % THREADS, width = 1u << rnd() % 4;

	if (b.queue[tile].size() > 1 || b.waits[tile][thread].on)
		return;
	r.word = some_word();
	r.thread = thread;
	r.off = rnd() % 8;
	r.width = width;
	r.b = uint64_t(rnd()) << 32 | rnd();
	r.c = rnd();
	if (one_in(3)) {
		r.atomic = true;
		r.w32 = one_in(2);
		r.off = r.w32 ? r.off & 4 : 0;
		r.width = r.w32 ? 4 : 8;
		r.op = OP_MADD + rnd() % 6;
		if (r.op == OP_MCAS && one_in(2))
			r.c = versions(b, r.word).back().value >> 8 * r.off;
		r.respond = one_in(2);
	} else if (one_in(2)) {
		r.mask = ((1u << width) - 1) << r.off;
		if (!r.mask)
			return;
		r.off = 0;
	} else {
		r.swap = one_in(2);
		r.sign = !r.swap && one_in(2);
		if (r.off + width > 8) {
			b.queue[tile].push_back(r);
			r.second = true;
			r.word++;
		}
		r.respond = true;
	}
	if (r.respond)
		b.waits[tile][thread] = {true, 0, 0, r.word, r};
	b.queue[tile].push_back(r);
}

void port_asks(bench &b)
{
	ext_request r = {};

	if (!b.queue[ENGINE].empty() || b.port.on)
		return;
	r.word = some_word();
	if (one_in(3)) {
		r.whole = true;
		r.word &= ~7u;
	} else if (one_in(2)) {
		r.mask = 0xff;
		r.b = uint64_t(rnd()) << 32 | rnd();
	} else {
		b.port = {true, 0, 0, r.word, r};
	}
	b.queue[ENGINE].push_back(r);
}

void put(std::vector<uint32_t> &v, unsigned lsb, unsigned width, uint64_t value)
{
	for (unsigned i = 0; i < width; i++) {
		uint32_t bit = 1u << (lsb + i) % 32, &w = v[(lsb + i) / 32];
		w = value >> i & 1 ? w | bit : w & ~bit;
	}
}

void drive(bench &b, const ext_in &in, const host_bus_out *o)
{
	Vmap_ext *t = b.top.get();
	std::vector<uint32_t> req((REQ_BITS * REQUESTERS + 31) / 32), way((WAY_BITS * REQUESTERS + 31) / 32);
	uint32_t want = 0;

	for (unsigned i = 0; i < REQUESTERS; i++) {
		const ext_request *r = in.head[i];
		unsigned at = REQ_BITS * i;

		if (!r)
			continue;
		want |= 1u << i;
		put(req, at, 29, r->word);
		put(req, at + 29, 8, r->mask);
		put(req, at + 37, 1, r->atomic);
		put(req, at + 38, 3, r->op);
		put(req, at + 41, 1, r->w32);
		put(req, at + 42, 1, r->off >> 2 & 1);
		put(req, at + 43, 64, r->b);
		put(req, at + 107, 64, r->c);
		unsigned log = r->width == 8 ? 3 : r->width / 2;
		put(way, WAY_BITS * i, WAY_BITS, r->thread | r->sign << 8 | r->swap << 9 | log << 10 | r->off << 12 | r->second << 15 | r->respond << 16);
	}
	t->stop_i = in.stop;
	t->mib_i = MIB;
	t->want_i = want;
	memcpy(t->req_i.data(), req.data(), req.size() * 4);
	memcpy(t->way_i.data(), way.data(), way.size() * 4);
	t->line_i = in.head[ENGINE] && in.head[ENGINE]->whole;
	t->ans_pop_i = in.pop;
	t->ar_ready_i = o->ar_ready;
	t->r_valid_i = o->r_valid;
	memcpy(t->r_data_i.data(), o->r_data, LINE);
	t->r_resp_i = o->r_resp;
	t->aw_ready_i = o->aw_ready;
	t->w_ready_i = o->w_ready;
	t->b_valid_i = o->b_valid;
	t->b_resp_i = o->b_resp;
}

void compare_pins(bench &b, const host_bus_in &pins)
{
	Vmap_ext *t = b.top.get();

	same(b, t->ar_valid_o, pins.ar_valid, "ar_valid");
	if (pins.ar_valid)
		same(b, t->ar_line_o, pins.ar_addr / LINE, "ar_line");
	same(b, t->aw_valid_o, pins.aw_valid, "aw_valid");
	if (pins.aw_valid)
		same(b, t->aw_line_o, pins.aw_addr / LINE, "aw_line");
	same(b, t->w_valid_o, pins.w_valid, "w_valid");
	if (pins.w_valid) {
		same(b, t->w_strb_o, pins.w_strb, "w_strb");
		same(b, memcmp(t->w_data_o.data(), pins.w_data, LINE), 0, "w_data");
	}
	same(b, t->r_ready_o, pins.r_ready, "r_ready");
	same(b, t->idle_o, map_ext_is_idle(&b.model), "idle");
	const ext_answer *a = map_ext_answer(&b.model);
	same(b, t->ans_valid_o, a != nullptr, "an answer");
	if (!a)
		return;
	same(b, t->ans_tile_o, a->tile, "the answer's tile");
	same(b, t->ans_thread_o, a->thread, "the answer's thread");
	same(b, t->ans_fault_o, a->fault, "the answer's fault");
	if (!a->fault)
		same(b, t->ans_value_o, a->value, "the answer's value");
}

// The values a word had from one clock on.
std::vector<uint64_t> since(bench &b, uint32_t word, uint64_t clock)
{
	std::vector<uint64_t> out;
	auto &all = versions(b, word);

	for (size_t i = all.size(); i-- > 0;) {
		out.push_back(all[i].value);
		if (all[i].clock <= clock)
			break;
	}
	return out;
}

uint64_t read_as(const ext_request &r, uint64_t low, uint64_t high)
{
	uint64_t v = r.off ? low >> 8 * r.off | high << (64 - 8 * r.off) : low;

	if (r.width != 8)
		v &= (1ull << 8 * r.width) - 1;
	return map_value_bytes(v, r.width, r.swap, r.sign);
}

void check_answer(bench &b, const ext_answer &a)
{
	pending &p = b.waits[a.tile][a.thread];
	bool fault = nowhere(p.word) || (p.r.second && nowhere(p.word - 1));

	if (!p.on)
		fail(b, "an answer that nobody waits for");
	p.on = false;
	if (a.fault != fault)
		fail(b, fault ? "a bus error is not told" : "a fault without reason");
	b.answers++;
	b.faults += fault;
	if (fault)
		return;
	for (uint64_t w : since(b, p.word, p.granted)) {
		if (!p.r.second && read_as(p.r, w, w) == a.value)
			return;
		if (p.r.second)
			for (uint64_t low : since(b, p.word - 1, p.first))
				if (read_as(p.r, low, w) == a.value)
					return;
	}
	fail(b, "a value that the word did not have");
}

void apply(bench &b, const ext_request &r)
{
	uint64_t old = versions(b, r.word).back().value, v = 0, mask = 0;

	if (nowhere(r.word))
		return;
	if (r.whole) {
		for (unsigned i = 0; i < 8; i++) {
			versions(b, (r.word & ~7u) + i);
			b.words[(r.word & ~7u) + i].push_back({b.clock + 1, 0});
		}
		return;
	}
	for (unsigned i = 0; i < 8; i++)
		if (r.mask >> i & 1)
			mask |= 0xffull << 8 * i;
	if (r.atomic) {
		unsigned at = r.w32 ? r.off & 4 : 0;
		mask = r.w32 ? 0xffffffffull << 8 * at : ~0ull;
		v = map_value_atomic(r.op, r.w32, r.w32 ? uint32_t(old >> 8 * at) : old, r.b, r.c) << 8 * at;
	} else {
		v = r.b;
	}
	if (mask)
		b.words[r.word].push_back({b.clock + 1, (old & ~mask) | (v & mask)});
}

void granted(bench &b, unsigned who)
{
	ext_request r = b.queue[who].front();

	b.queue[who].pop_front();
	if (who < CORES && r.respond)
		b.waits[who][r.thread].granted = b.clock, b.waits[who][r.thread].first = b.first_granted[who];
	else if (who < CORES && !r.atomic && !r.mask)
		b.first_granted[who] = b.clock;
	if (who == ENGINE)
		b.port.granted = b.clock;
	b.loads += !r.atomic && !r.mask && !r.whole;
	b.splits += r.second;
	b.atomics += r.atomic;
	b.stores += r.mask != 0;
	b.lines += r.whole;
	apply(b, r);
}

void check_port(bench &b, const ext_out &out)
{
	if (!out.port_done)
		return;
	if (!b.port.on)
		fail(b, "a word that the engine has not asked for");
	b.port.on = false;
	b.reads++;
	if (out.port_error != nowhere(b.port.word))
		fail(b, "the engine's bus error");
	if (out.port_error)
		return;
	for (uint64_t w : since(b, b.port.word, b.port.granted))
		if (w == out.port_word)
			return;
	fail(b, "the engine reads what the word did not have");
}

// After a reset nobody knows which changes were done: the memory says.
void start_again(bench &b)
{
	for (auto &q : b.queue)
		q.clear();
	memset(b.waits, 0, sizeof(b.waits));
	b.port.on = false;
}

void one_clock(bench &b, bool drain)
{
	Vmap_ext *t = b.top.get();
	const host_bus_out *o = host_bus_show(&b.bus[0]), *o2 = host_bus_show(&b.bus[1]);
	host_bus_in pins;
	ext_in in = {};
	ext_out out;

	if (!drain && b.clock >= b.quiet_until && one_in(4000)) {
		b.stop_until = b.clock + 16;
		b.quiet_until = b.clock + 1000;
		b.resets++;
	}
	in.stop = b.clock < b.stop_until;
	if (in.stop)
		start_again(b);
	else if (b.clock + 1 == b.quiet_until)
		b.words.clear();
	for (unsigned i = 0; i < CORES && !drain && b.clock >= b.quiet_until; i++)
		if (one_in(2))
			tile_asks(b, i);
	if (!drain && b.clock >= b.quiet_until && one_in(2))
		port_asks(b);
	if (!drain && b.clock >= b.quiet_until && one_in(9) && b.queue[LOOK].empty()) {
		ext_request r = {};
		r.word = some_word();
		r.atomic = one_in(4);             // sets a reference bit
		r.op = OP_MOR;
		r.b = 1;
		b.touches += r.atomic;
		b.queue[LOOK].push_back(r);
	}
	for (unsigned i = 0; i < REQUESTERS; i++)
		in.head[i] = b.queue[i].empty() ? nullptr : &b.queue[i].front();
	// Now and then hardly any answer is taken, until there is no room for more.
	in.pop = map_ext_answer(&b.model) && (b.clock / 512 % 4 ? !one_in(3) : one_in(20));
	b.full += b.model.answer_count == EXT_ANSWERS;
	drive(b, in, o);
	map_ext_pins(&b.model, &in, &pins);
	t->clk_i = 0;
	t->eval();
	compare_pins(b, pins);
	ext_answer taken = in.pop ? *map_ext_answer(&b.model) : ext_answer();
	uint32_t gnt = t->gnt_o;
	host_bus_in rtl_pins = pins;
	std::vector<uint8_t> row(LINE);
	memcpy(row.data(), t->w_data_o.data(), LINE);
	rtl_pins.w_data = row.data();
	host_bus_tick(&b.bus[1], &rtl_pins);
	map_ext_cycle(&b.model, &in, o2, &out);
	same(b, gnt, out.granted < 0 ? 0 : 1u << out.granted, "the grant");
	same(b, t->port_done_o, out.port_done, "port_done");
	if (out.port_done) {
		same(b, t->port_error_o, out.port_error, "port_error");
		if (!out.port_error)
			same(b, t->port_word_o, out.port_word, "port_word");
	}
	same(b, t->look_done_o, out.look_done, "look_done");
	if (out.look_done) {
		same(b, t->look_error_o, out.look_error, "look_error");
		same(b, t->look_place_o, out.look.word % 4, "look_place");
		same(b, memcmp(t->look_half_o.data(), out.half, sizeof(out.half)) && !out.look_error, 0, "look_half");
		b.looks++;
	}
	same(b, t->read_error_o, out.read_error, "read_error");
	same(b, t->write_error_o, out.write_error, "write_error");
	b.errors += out.write_error;
	host_bus_tick(&b.bus[0], &pins);
	if (in.pop && !in.stop)
		check_answer(b, taken);
	check_port(b, out);
	if (out.granted >= 0)
		granted(b, out.granted);
	t->clk_i = 1;
	t->eval();
	b.clock++;
}

void open(bench &b, uint64_t seed)
{
	Vmap_ext *t;

	state = seed * 0x9e3779b97f4a7c15ull + 1;
	b.top.reset(new Vmap_ext(&b.context, "map_ext"));
	t = b.top.get();
	map_ext_reset(&b.model, CORES, 1, MIB);
	unsigned latency = 1 + rnd() % 80, jitter = one_in(2) ? rnd() % 100 : 0;
	uint64_t read_flow = ~0ull, write_flow = ~0ull;
	if (one_in(3)) {
		read_flow = (uint64_t(rnd()) << 32 | rnd()) | 1;
		write_flow = (uint64_t(rnd()) << 32 | rnd()) | 2;
	}
	for (unsigned i = 0; i < 2; i++) {
		device_host host = {};
		host.dma_read = bus_read;
		host.dma_write = bus_write;
		host.arg = &b.mem[i];
		host_bus_init(&b.bus[i], &host);
		b.bus[i].read_latency = latency;
		b.bus[i].write_latency = 1 + latency / 2;
		b.bus[i].jitter = jitter;
		b.bus[i].read_flow = read_flow;
		b.bus[i].write_flow = write_flow;
	}
	t->rst_i = 1;
	for (unsigned i = 0; i < 4; i++) {
		t->clk_i = i & 1;
		t->eval();
	}
	t->rst_i = 0;
}

void compare_memory(bench &b)
{
	for (auto &[line, bytes] : b.mem[0]) {
		if (b.mem[1].count(line) && b.mem[1][line] != bytes)
			fail(b, "the two memories differ");
		for (unsigned i = 0; i < 8; i++) {
			auto w = b.words.find(EXT_BIT | (line * 8 + i));
			if (w != b.words.end() && memcmp(&bytes[8 * i], &w->second.back().value, 8))
				fail(b, "the memory does not hold what was written");
		}
	}
}

bool run(uint64_t seed, uint64_t clocks, unsigned long *sums)
{
	std::unique_ptr<bench> b(new bench());
	bool waits = false;

	open(*b, seed);
	while (b->clock < clocks)
		one_clock(*b, false);
	for (unsigned i = 0; i < 3000; i++)
		one_clock(*b, true);
	for (auto &tile : b->waits)
		for (auto &p : tile)
			waits |= p.on;
	if (!map_ext_is_idle(&b->model) || waits || b->port.on)
		fail(*b, "it does not come to rest");
	compare_memory(*b);
	const unsigned long all[] = {b->loads, b->splits, b->atomics, b->stores, b->lines, b->faults, b->errors, b->resets, b->answers, b->reads, b->looks, b->touches, b->full};
	for (unsigned i = 0; i < SUMS; i++)
		sums[i] += all[i];
	return true;
}

} // namespace

int main(int argc, char **argv)
{
	static const char *const what[] = {"loads", "across two words", "atomics", "stores", "lines", "faults", "write errors", "resets", "answers",
					   "reads of the engine", "half lines of lookups", "reference bits", "clocks without room for an answer"};
	uint64_t first = argc > 1 ? strtoull(argv[1], nullptr, 0) : 1, seeds = argc > 2 ? strtoull(argv[2], nullptr, 0) : 20;
	uint64_t clocks = argc > 3 ? strtoull(argv[3], nullptr, 0) : 20000;
	unsigned long sums[SUMS] = {};
	unsigned passed = 0;

	for (uint64_t seed = first; seed < first + seeds; seed++) {
		printf("seed %lu\n", (unsigned long)seed);
		fflush(stdout);
		passed += run(seed, clocks, sums);
	}
	for (unsigned i = 0; i < SUMS; i++) {
		printf("%s %lu%s", what[i], sums[i], i == SUMS - 1 ? "\n" : ", ");
		if (!sums[i]) {
			printf("\nFAIL a run without %s shows nothing\n0 passed, 1 failed\n", what[i]);
			return 1;
		}
	}
	printf("%u passed, 0 failed\n", passed);
	return 0;
}
