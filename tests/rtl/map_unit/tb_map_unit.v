// SPDX-License-Identifier: Apache-2.0
//
// map_unit against a sequential model of the same commands: first one command at a time with its exact number of
// clocks, then many threads at once with value accesses beside engine calls; at the end the whole memory is compared.

`include "isa.vh"
`include "regs.vh"
`default_nettype none
`ifndef LATENCY
`define LATENCY 2
`endif
`ifndef SEED
`define SEED 1
`endif

module tb_map_unit;
	localparam Threads = 8, Words = 4096, L = `LATENCY, PktLen = 300;
	localparam HashA = 1, HashB = 2, HashC = 3, ArrayA = 4, ArrayB = 5, Overlap = 7, Unused = 9;

	reg         clk = 0, rst = 1;
	reg         cmd_valid = 0, cmd_w = 0, cmd_fetch = 0, cmd_swap = 0;
	reg  [7:0]  cmd_op = 0, cmd_map = 0;
	reg  [1:0]  cmd_width = 0;
	reg  [2:0]  cmd_thread = 0;
	reg  [12:0] cmd_pc = 0;
	reg  [63:0] cmd_addr = 0, cmd_b = 0, cmd_c = 0;
	wire [5:0]  cmd_count;
	wire        v_valid, v_we, v_fault, e_valid, e_we, e_fault, posted_fault, idle, lm_req;
	wire [2:0]  v_thread, e_thread, lm_thread;
	wire [63:0] v_value, e_value, v_addr, e_addr;
	wire [12:0] v_pc, e_pc;
	wire [3:0]  lm_tag;
	wire [7:0]  lm_word;
	reg  [63:0] lm_data, lm_data1;
	reg         h_mem = 0, h_we = 0, h_desc = 0, h_state = 0;
	reg  [28:0] h_word = 0;
	reg  [63:0] h_wdata = 0;
	wire [63:0] h_rdata;
	reg  [7:0]  h_map = 0;
	reg  [2:0]  h_index = 0;
	reg  [31:0] h_data = 0;
	wire [31:0] h_desc_o, h_state_o;
	wire        mw_valid, mw_engine;
	wire [31:0] mw_addr;
	wire [7:0]  mw_mask;
	wire [63:0] mw_value;

	map_unit #(.Threads(Threads), .Words(Words), .Latency(L)) dut (
		.clk_i(clk), .rst_i(rst), .cmd_valid_i(cmd_valid), .cmd_op_i(cmd_op), .cmd_w_i(cmd_w), .cmd_fetch_i(cmd_fetch),
		.cmd_width_i(cmd_width), .cmd_swap_i(cmd_swap), .cmd_map_i(cmd_map), .cmd_thread_i(cmd_thread), .cmd_pc_i(cmd_pc),
		.cmd_addr_i(cmd_addr), .cmd_b_i(cmd_b), .cmd_c_i(cmd_c), .cmd_count_o(cmd_count),
		.vrsp_valid_o(v_valid), .vrsp_thread_o(v_thread), .vrsp_we_o(v_we), .vrsp_value_o(v_value), .vrsp_fault_o(v_fault),
		.vrsp_pc_o(v_pc), .vrsp_addr_o(v_addr),
		.ersp_valid_o(e_valid), .ersp_thread_o(e_thread), .ersp_we_o(e_we), .ersp_value_o(e_value), .ersp_fault_o(e_fault),
		.ersp_pc_o(e_pc), .ersp_addr_o(e_addr),
		.posted_fault_o(posted_fault), .posted_thread_o(), .posted_pc_o(), .posted_addr_o(),
		.lm_req_o(lm_req), .lm_tag_o(lm_tag), .lm_thread_o(lm_thread), .lm_word_o(lm_word), .lm_data_i(lm_data),
		.lenq_thread_o(), .lenq_i(12'd300), .idle_o(idle),
		.host_mem_i(h_mem), .host_mem_we_i(h_we), .host_mem_word_i(h_word), .host_mem_wdata_i(h_wdata),
		.host_mem_rdata_o(h_rdata), .host_map_i(h_map), .host_word_i(h_index), .host_wdata_i(h_data),
		.host_desc_we_i(h_desc), .host_state_we_i(h_state), .host_desc_o(h_desc_o), .host_state_o(h_state_o),
		.mw_valid_o(mw_valid), .mw_addr_o(mw_addr), .mw_mask_o(mw_mask), .mw_engine_o(mw_engine), .mw_value_o(mw_value)
	);

	always #5 clk = !clk;
	integer cycle = 0;
	always @(posedge clk) cycle <= cycle + 1;

	// The model's memories: map memory, packet buffer and stack of each thread, descriptors, allocator state.
	reg [63:0] m [0:Words-1];
	reg [63:0] traced [0:Words-1];     // map memory as the trace of writes has it
	reg [63:0] pkt [0:Threads*256-1];
	reg [63:0] stk [0:Threads*64-1];
	reg [31:0] desc [0:511];
	reg [31:0] s_free [0:63], s_next [0:63], s_spare [0:63];

	always @(posedge clk) begin
		lm_data1 <= lm_req ? (lm_tag == `NIC_TAG_PKT ? pkt[{lm_thread, lm_word}] : stk[{lm_thread, lm_word[5:0]}]) : 64'bx;
		lm_data  <= lm_data1;
	end

	integer seed = `SEED;
	function integer pick(input integer n);
		pick = $unsigned($random(seed)) % n;
	endfunction
	function [63:0] random64(input integer unused);
		random64 = {$random(seed), $random(seed)};
	endfunction

	task fail(input [8*40-1:0] what);
		begin
			$display("FAIL: tb_map_unit: %0s at cycle %0d", what, cycle);
			$finish;
		end
	endtask

	function [63:0] map_pointer(input [7:0] map, input [31:0] addr);
		map_pointer = {4'd`NIC_TAG_MAP, 4'd0, map, 16'd0, addr};
	endfunction

	// One byte of a packet, stack or map operand.
	function [7:0] byte_at(input [63:0] p, input [2:0] th);
		reg [63:0] w;
		begin
			case (p[63:60])
				`NIC_TAG_PKT:   w = pkt[{th, p[10:3]}];
				`NIC_TAG_STACK: w = stk[{th, p[8:3]}];
				default:        w = m[p[14:3]];
			endcase
			byte_at = w >> {p[2:0], 3'd0};
		end
	endfunction

	function [63:0] word_at(input [63:0] p, input [2:0] th, input integer left);
		integer k;
		begin
			word_at = 64'd0;
			for (k = 0; k < 8 && k < left; k = k + 1) word_at = word_at | ({56'd0, byte_at(p + k, th)} << 8 * k);
		end
	endfunction

	function in_region(input [63:0] p, input integer n);
		reg [31:0] o;
		begin
			o = p[31:0];
			case (p[63:60])
				`NIC_TAG_PKT:   in_region = p[59:16] == 0 && o >= 256 && o + n <= 256 + PktLen;
				`NIC_TAG_STACK: in_region = p[59:16] == 0 && o + n <= 512;
				`NIC_TAG_MAP:   in_region = p[59:56] == 0 && p[47:32] == 0 && p[55:48] < 64
					&& desc[{p[53:48], 3'd0}][7:0] != 0 && o >= desc[{p[53:48], 3'd2}] && o + n <= desc[{p[53:48], 3'd3}];
				default:        in_region = 0;
			endcase
		end
	endfunction

	// Clocks to read the raw words of an operand.
	function integer raw_clocks(input [63:0] p, input integer n);
		raw_clocks = (p[2:0] + n + 7) / 8 * (p[63:60] == `NIC_TAG_MAP ? L + 1 : 3);
	endfunction

	reg [31:0] h;
	task half(input [31:0] x);
		begin
			h = h ^ x;
			h = h + (h << 12);
			h = {h[16:0], h[31:17]};
		end
	endtask

	// An engine call on the model. clocks: from the hand-over to the cycle of the response.
	reg [63:0] x, key [0:15];
	reg        bad;
	integer    clocks, writes = 0, writes_seen = 0;
	task engine(input [7:0] op, input [7:0] map, input [2:0] th, input [63:0] a, input [63:0] b, input [63:0] c);
		integer ks, vs, kw, vw, i, entry, link, next, found, same, fresh, made, head;
		begin
			ks = desc[{map[5:0], 3'd0}][31:16];
			vs = desc[{map[5:0], 3'd1}];
			kw = (ks + 7) / 8;
			vw = (vs + 7) / 8;
			x = 0;
			clocks = 2;
			bad = map >= 64 || (op == `OP_MCPY ? desc[{map[5:0], 3'd0}][7:0] == 0 : desc[{map[5:0], 3'd0}][7:0] != 1);
			bad = bad || !in_region(a, op == `OP_MCPY ? vs : ks) || ((op == `OP_MUPD || op == `OP_MCPY) && !in_region(b, vs));
			if (op == `OP_MCPY) bad = bad || a[63:60] != `NIC_TAG_MAP || a[55:48] != map || a[2:0] != 0;
			if (bad) begin
				clocks = 2;
			end else if (op == `OP_MUPD && c > 2) begin
				x = -64'd22;
			end else if (op == `OP_MCPY) begin
				clocks = clocks + raw_clocks(b, vs) + vw;
				writes = writes + vw;
				for (i = 0; i < vw; i = i + 1) m[a[14:3] + i] = word_at(b + 8 * i, th, vs - 8 * i);
			end else begin
				h = desc[{map[5:0], 3'd7}];
				for (i = 0; i < kw; i = i + 1) begin
					key[i] = word_at(a + 8 * i, th, ks - 8 * i);
					half(key[i][31:0]);
					half(key[i][63:32]);
				end
				h = (h + 32'h7ed55d16) + (h << 12);
				h = (h ^ 32'hc761c23c) ^ (h >> 19);
				h = (h + 32'h165667b1) + (h << 5);
				h = (h + 32'hd3a2646c) ^ (h << 9);
				h = (h + 32'hfd7046c5) + (h << 3);
				h = (h ^ 32'hb55a4f09) ^ (h >> 16);
				clocks = clocks + raw_clocks(a, ks) + 2 * kw + 6 + L + 1;
				link = desc[{map[5:0], 3'd4}] + 8 * (h & desc[{map[5:0], 3'd5}]);
				head = link;
				entry = m[link / 8][31:0];
				found = 0;
				while (entry != 0 && !found) begin
					clocks = clocks + L + 1;
					same = m[entry / 8][63:32] == h;
					for (i = 0; i < kw && same; i = i + 1) begin
						clocks = clocks + L + 1;
						same = m[entry / 8 + 1 + i] == key[i];
					end
					if (same) found = 1;
					else begin
						link = entry;
						entry = m[entry / 8][31:0];
					end
				end
				next = found ? m[entry / 8][31:0] : 0;
				made = 0;
				case (op)
					`OP_MLOOK: if (found) x = map_pointer(map, entry + 8 + 8 * kw);
					`OP_MDEL: if (!found) x = -64'd2; else begin
						clocks = clocks + 2;
						writes = writes + 2;
						m[link / 8] = {link == head ? 32'd0 : m[link / 8][63:32], next};
						m[entry / 8] = {h, s_free[map]};
						s_free[map] = entry;
					end
					default: if (found && c == 1) x = -64'd17;
					else if (!found && c == 2) x = -64'd2;
					else if (found) begin
						made = s_spare[map];
						s_spare[map] = entry;
					end else begin
						link = head;
						next = m[head / 8][31:0];
						if (s_free[map] != 0) begin
							made = s_free[map];
							s_free[map] = m[made / 8][31:0];
							clocks = clocks + L + 1;
						end else if (s_next[map] < desc[{map[5:0], 3'd3}] - desc[{map[5:0], 3'd6}]) begin
							made = s_next[map];
							s_next[map] = made + desc[{map[5:0], 3'd6}];
						end else x = -64'd7;
					end
				endcase
				if (made != 0) begin
					clocks = clocks + raw_clocks(b, vs) + vw + kw + 2;
					writes = writes + vw + kw + 2;
					for (i = 0; i < vw; i = i + 1) m[made / 8 + 1 + kw + i] = word_at(b + 8 * i, th, vs - 8 * i);
					for (i = 0; i < kw; i = i + 1) m[made / 8 + 1 + i] = key[i];
					m[made / 8] = {h, next};
					m[link / 8] = {link == head ? 32'd0 : m[link / 8][63:32], made};
				end
			end
		end
	endtask

	// A load, store or atomic on the model. clocks as above.
	reg     waits;
	integer bytes;
	task value(input [7:0] op, input w, input fetch, input [1:0] width, input swap, input [63:0] a, input [63:0] b,
			input [63:0] c);
		integer i;
		reg [63:0] old, new;
		reg atomic;
		begin
			atomic = op != `OP_MLD && op != `OP_MLDS && op != `OP_MST;
			bytes = atomic ? (w ? 4 : 8) : 1 << width;
			waits = op == `OP_MLD || op == `OP_MLDS || (atomic && fetch);
			bad = a[63:60] != `NIC_TAG_MAP || !in_region(a, bytes) || (atomic && a[2:0] % bytes != 0);
			clocks = L;
			x = 0;
			if (!bad) begin
				old = word_at(a, 0, bytes);
				if (a[2:0] + bytes > 8) clocks = L + 1;
				if (atomic) begin
					x = old;
					case (op)
						`OP_MADD:  new = old + b;
						`OP_MAND:  new = old & b;
						`OP_MOR:   new = old | b;
						`OP_MXOR:  new = old ^ b;
						`OP_MXCHG: new = b;
						default:   new = (w ? old == c[31:0] : old == c) ? b : old;
					endcase
				end else begin
					for (i = 0; i < bytes; i = i + 1) begin
						x[8*i +: 8]   = old[8*(swap ? bytes - 1 - i : i) +: 8];
						new[8*i +: 8] = b[8*(swap ? bytes - 1 - i : i) +: 8];
					end
					if (op == `OP_MLDS) for (i = 0; i < 64; i = i + 1) if (i >= 8 * bytes) x[i] = x[8*bytes-1];
				end
				if (op != `OP_MLD && op != `OP_MLDS) begin
					writes = writes + (a[2:0] + bytes > 8 ? 2 : 1);
					for (i = 0; i < bytes; i = i + 1) m[(a[14:0] + i) / 8][8*((a[2:0] + i) % 8) +: 8] = new[8*i +: 8];
				end
			end
		end
	endtask

	task host_write(input integer word, input [63:0] v);
		begin
			h_mem <= 1; h_we <= 1; h_word <= word; h_wdata <= v;
			m[word] = v;
			traced[word] = v;
			@(posedge clk);
			h_mem <= 0; h_we <= 0;
		end
	endtask

	task describe(input [7:0] map, input [31:0] w0, input [31:0] w1, input [31:0] w2, input [31:0] w3, input [31:0] w4,
			input [31:0] w5, input [31:0] w6, input [31:0] w7);
		reg [255:0] all;
		integer i;
		begin
			all = {w7, w6, w5, w4, w3, w2, w1, w0};
			for (i = 0; i < 8; i = i + 1) begin
				desc[{map[5:0], 3'd0} + i] = all[32*i +: 32];
				h_desc <= 1; h_map <= map; h_index <= i; h_data <= all[32*i +: 32];
				@(posedge clk);
			end
			h_desc <= 0;
			s_free[map] = 0;
			s_next[map] = w2;
			s_spare[map] = w3 - w6;
		end
	endtask

	// What each waiting thread expects.
	reg        open [0:Threads-1], open_bad [0:Threads-1];
	reg [63:0] open_x [0:Threads-1], open_addr [0:Threads-1];
	reg        open_engine [0:Threads-1];
	integer    due [0:Threads-1];
	integer    posted_bad = 0, posted_seen = 0, answers = 0, faults = 0, i;

	task answer(input [2:0] th, input eng, input we, input flt, input [63:0] v, input [63:0] adr);
		begin
			answers = answers + 1;
			if (!open[th] || open_engine[th] != eng) fail("an answer nobody waits for");
			else if (flt !== open_bad[th] || we === flt) begin
				$display("thread %0d fault %b expected %b", th, flt, open_bad[th]);
				fail("fault");
			end else if (flt && adr !== open_addr[th]) fail("fault address");
			else if (we && v !== open_x[th]) begin
				$display("thread %0d x %h expected %h", th, v, open_x[th]);
				fail("x");
			end else if (due[th] >= 0 && cycle !== due[th]) begin
				$display("thread %0d due %0d", th, due[th]);
				fail("clocks");
			end
			if (flt) faults = faults + 1;
			open[th] = 0;
		end
	endtask

	integer b;
	always @(posedge clk) if (!rst) begin
		if (v_valid) answer(v_thread, 0, v_we, v_fault, v_value, v_addr);
		if (e_valid) answer(e_thread, 1, e_we, e_fault, e_value, e_addr);
		if (posted_fault) posted_seen = posted_seen + 1;
		if (mw_valid) writes_seen = writes_seen + 1;
		if (mw_valid) for (b = 0; b < 8; b = b + 1)
			if (mw_mask[b]) traced[mw_addr / 8][8*b +: 8] = mw_value[8*b +: 8];
		if (mw_valid === 1'bx || v_valid === 1'bx || e_valid === 1'bx) fail("unknown value on an output");
	end

	// An operand pointer of the kind, mostly inside its region. kind 0 packet, 1 stack, 2 map.
	function [63:0] operand(input integer kind, input integer n);
		integer o;
		begin
			case (kind)
				0: o = 256 + pick(PktLen - n + 1);
				1: o = pick(512 - n + 1);
				default: o = desc[8 * ArrayA + 2] + pick(desc[8 * ArrayA + 3] - desc[8 * ArrayA + 2] - n + 1);
			endcase
			operand = kind == 2 ? map_pointer(ArrayA, o) : {kind == 0 ? 4'd`NIC_TAG_PKT : 4'd`NIC_TAG_STACK, 28'd0, o};
			if (pick(60) == 0) operand = operand ^ (64'd1 << pick(64));
			else if (pick(60) == 0) operand = operand + (pick(2) ? 600 : -600);
		end
	endfunction

	// Puts the key of a small number at an operand of the thread, so that keys come again.
	task place_key(input [63:0] p, input [2:0] th, input integer n, input integer which);
		integer k;
		begin
			for (k = 0; k < n; k = k + 1) case (p[63:60])
				`NIC_TAG_PKT:   pkt[{th, p[10:0] + k[10:0]} >> 3][8*((p[2:0] + k) % 8) +: 8] = k == 0 ? which : k == n - 1 ? ~which : 8'h5a + k;
				`NIC_TAG_STACK: stk[{th, p[8:0] + k[8:0]} >> 3][8*((p[2:0] + k) % 8) +: 8] = k == 0 ? which : k == n - 1 ? ~which : 8'h5a + k;
				default: begin end
			endcase
		end
	endtask

	task one_engine(input [2:0] th, input timed, input maps_too);
		integer r, map, ks, vs, kinds;
		reg [7:0] op;
		reg [63:0] a, b, c;
		begin
			kinds = maps_too ? 3 : 2;
			r = pick(20);
			op = r < 8 ? `OP_MUPD : r < 13 ? `OP_MLOOK : r < 17 ? `OP_MDEL : `OP_MCPY;
			map = op == `OP_MCPY ? ArrayB : HashA + pick(3);
			if (pick(50) == 0) map = Unused;
			if (pick(50) == 0) map = pick(256);
			if (!maps_too && map == ArrayA) map = ArrayB;
			ks = desc[{map[5:0], 3'd0}][31:16];
			vs = desc[{map[5:0], 3'd1}];
			if (ks == 0) ks = 8;
			if (vs == 0) vs = 8;
			if (ks + vs > 300) begin ks = 8; vs = 8; end
			if (op == `OP_MCPY) begin
				a = map_pointer(map, desc[8 * ArrayB + 2] + 24 * pick(9));
				if (pick(30) == 0) a = a + 1 + pick(7);
				if (pick(30) == 0) a[63:60] = `NIC_TAG_STACK;
				if (pick(30) == 0) a[49] = !a[49];    // ArrayB and Overlap share their elements
			end else begin
				a = operand(pick(kinds), ks);
				place_key(a, th, ks, pick(24));
			end
			b = op == `OP_MUPD || op == `OP_MCPY ? operand(pick(kinds), vs) : 64'd0;
			c = op == `OP_MUPD ? (pick(30) == 0 ? random64(0) : pick(8) == 0 ? 3 : pick(4) < 2 ? 0 : pick(2) + 1) : 0;
			engine(op, map, th, a, b, c);
			send(op, 0, 0, 0, 0, map, th, a, b, c, 1, timed);
		end
	endtask

	task one_value(input [2:0] th, input timed);
		reg [7:0] op;
		reg [63:0] a, b, c;
		reg w, fetch, swap;
		reg [1:0] width;
		integer o, n;
		begin
			case (pick(12))
				0, 1, 2: op = `OP_MLD;
				3:       op = `OP_MLDS;
				4, 5:    op = `OP_MST;
				6, 7:    op = `OP_MADD;
				8:       op = pick(2) ? `OP_MAND : `OP_MOR;
				9:       op = `OP_MXOR;
				10:      op = `OP_MXCHG;
				default: op = `OP_MCAS;
			endcase
			w = pick(2);
			fetch = pick(2);
			swap = pick(2);
			width = pick(4);
			n = op == `OP_MLD || op == `OP_MLDS || op == `OP_MST ? 1 : w ? 4 : 8;
			// Few words, so that accesses meet.
			o = desc[8 * ArrayA + 2] + (pick(40) == 0 ? pick(1024) : pick(48));
			if (pick(20) != 0) o = o / n * n;
			a = map_pointer(ArrayA, o);
			if (pick(60) == 0) a = a ^ (64'd1 << pick(64));
			if (pick(60) == 0) a[55:48] = Unused;
			b = random64(0);
			c = word_at(a, 0, w ? 4 : 8);
			if (pick(2)) c = c ^ (64'd1 << pick(64));
			// Flipped address bits must not reach what the engine works on at the same time.
			if (!timed && in_region(a, 8) && a[55:48] != ArrayA) a[63:60] = 0;
			value(op, w, fetch, width, swap, a, b, c);
			send(op, w, fetch, width, swap, 0, th, a, b, c, 0, timed);
		end
	endtask

	task send(input [7:0] op, input w, input fetch, input [1:0] width, input swap, input [7:0] map, input [2:0] th,
			input [63:0] a, input [63:0] b, input [63:0] c, input eng, input timed);
		begin
			cmd_valid <= 1; cmd_op <= op; cmd_w <= w; cmd_fetch <= fetch; cmd_width <= width; cmd_swap <= swap; cmd_map <= map;
			cmd_thread <= th; cmd_addr <= a; cmd_b <= b; cmd_c <= c; cmd_pc <= cycle;
			if (eng || waits) begin
				open[th] = 1;
				open_bad[th] = bad;
				open_x[th] = x;
				open_addr[th] = a;
				open_engine[th] = eng;
				// Put in the queue in the next cycle, started in the one after.
				due[th] = timed ? cycle + 2 + clocks : -1;
			end else if (bad) posted_bad = posted_bad + 1;
			@(posedge clk);
			cmd_valid <= 0;
		end
	endtask

	function any_open(input integer unused);
		integer t;
		begin
			any_open = 0;
			for (t = 0; t < Threads; t = t + 1) if (open[t]) any_open = 1;
		end
	endfunction

	task drain;
		integer limit;
		begin
			limit = 0;
			@(posedge clk);
			while ((any_open(0) || !idle || cmd_count != 0) && limit < 5000) begin
				limit = limit + 1;
				@(posedge clk);
			end
			if (limit == 5000) fail("no answer");
			repeat (L + 1) @(posedge clk);
		end
	endtask

	initial begin
		for (i = 0; i < Threads; i = i + 1) open[i] = 0;
		for (i = 0; i < 512; i = i + 1) desc[i] = 0;
		for (i = 0; i < Threads * 256; i = i + 1) pkt[i] = random64(0);
		for (i = 0; i < Threads * 64; i = i + 1) stk[i] = random64(0);
		repeat (4) @(posedge clk);
		rst <= 0;
		@(posedge clk);
		for (i = 0; i < Words; i = i + 1) host_write(i, i < 512 ? 64'd0 : random64(0));
		//       map     type, key  value  values  limit                  buckets mask  stride seed
		describe(HashA,  {16'd6, 16'd1},  12,  4096, 4096 + 32 * (12 + 1),    8,      7,    32, 32'h12345678);
		describe(HashB,  {16'd16, 16'd1}, 3,   8192, 8192 + 32 * (6 + 1),     128,    0,    32, 32'd0);
		describe(HashC,  {16'd37, 16'd1}, 20,  12288, 12288 + 72 * (30 + 1),  136,    3,    72, 32'hcafef00d);
		describe(ArrayA, {16'd4, 16'd2},  16,  16384, 16384 + 1024,           0,      0,    16, 32'd0);
		describe(ArrayB, {16'd4, 16'd2},  20,  20480, 20480 + 24 * 9,         0,      0,    24, 32'd0);
		describe(Overlap, {16'd4, 16'd2}, 20,  20480, 20480 + 24 * 9,         0,      0,    24, 32'd0);
		repeat (3000) begin
			if (pick(3) == 0) one_value(pick(Threads), 1); else one_engine(pick(Threads), 1, 1);
			drain;
		end
		repeat (20000) begin
			i = pick(Threads);
			if (!open[i] && cmd_count < 20 && pick(4) != 0) begin
				if (pick(6) == 0) one_engine(i, 0, 0); else one_value(i, 0);
			end else @(posedge clk);
		end
		drain;
		if (writes_seen != writes) fail("count of map memory writes");
		if (posted_seen != posted_bad) fail("count of refused posted commands");
		for (i = 0; i < Words; i = i + 1) begin
			h_mem <= 1; h_word <= i;
			@(posedge clk);
			h_mem <= 0;
			repeat (L - 1) @(posedge clk);
			#1 if (h_rdata !== m[i]) begin
				$display("word %0d is %h, expected %h", i, h_rdata, m[i]);
				fail("map memory");
			end
			if (traced[i] !== m[i]) fail("trace of map memory writes");
		end
		for (i = HashA; i <= HashC; i = i + 1) begin
			h_map <= i; h_index <= 0; @(posedge clk); #1 if (h_state_o !== s_free[i]) fail("free list head");
			h_index <= 1; @(posedge clk); #1 if (h_state_o !== s_next[i]) fail("next unused entry");
			h_index <= 2; @(posedge clk); #1 if (h_state_o !== s_spare[i]) fail("spare entry");
		end
		$display("%0d answers, %0d faults, %0d refused posted commands", answers, faults, posted_seen);
		$display("PASS");
		$finish;
	end
endmodule

`default_nettype wire
