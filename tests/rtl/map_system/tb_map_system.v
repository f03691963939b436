// SPDX-License-Identifier: Apache-2.0
//
// map_system and its map_issue of three tiles under random commands of all threads at once. Each thread has keys and values of its own
// in shared maps and checks every answer against what it did before; counters that all add to are summed at the end. The host
// makes calls and reads memory meanwhile. The operand port is given at random.

`include "isa.vh"
`include "regs.vh"
`include "map_bus.vh"
`default_nettype none
`ifndef SEED
`define SEED 1
`endif

module tb_map_system;
	localparam Tiles = 3, Threads = 4, Banks = 4, Words = 8192, L = 2, Keys = 6, Steps = 8000, Lookups = 1 + `SEED % 2;
	localparam Users = Tiles * Threads;
	localparam Ask = `MAP_ASK_BITS, Gnt = `MAP_GNT_BITS, Tell = `MAP_TELL_BITS(Banks), Give = `MAP_GIVE_BITS;
	// Maps: 0..2 hashes with keys of 16, 5 and 24 bytes, 3 values of the threads, 4 counters of all, 5 a hash of the host, 6 of another program.
	localparam Private = 3, Shared = 4, HostMap = 5, Foreign = 6, MapsUsed = 7;

	reg                    clk = 0, rst = 1;
	reg  [Tiles-1:0]       cmd_valid = 0, cmd_w = 0, cmd_fetch = 0, cmd_swap = 0;
	reg  [8*Tiles-1:0]     cmd_op = 0, cmd_map = 0;
	reg  [2*Tiles-1:0]     cmd_width = 0, cmd_thread = 0;
	reg  [64*Tiles-1:0]    cmd_a = 0, cmd_b = 0, cmd_c = 0;
	wire [6*Tiles-1:0]     cmd_count;
	wire [Tiles-1:0]       v_valid, v_fault, e_valid, e_fault, posted, tile_idle, lm_req;
	wire [2*Tiles-1:0]     v_thread, e_thread, lm_thread;
	wire [64*Tiles-1:0]    v_value, e_value, v_addr, e_addr;
	wire [4*Tiles-1:0]     lm_tag;
	wire [8*Tiles-1:0]     lm_word;
	reg  [Tiles-1:0]       lm_gnt = 0;
	reg  [64*Tiles-1:0]    lm_data, lm_first;
	wire [Ask*Tiles-1:0]   ask;
	wire [Gnt*Tiles-1:0]   gnt;
	wire [Tell*Tiles-1:0]  tell;
	wire [Give*Tiles-1:0]  give;
	reg                    host_req = 0, host_we = 0;
	reg  [23:0]            host_addr = 0;
	reg  [31:0]            host_wdata = 0;
	wire                   host_done, idle;
	wire [31:0]            host_rdata;
	wire [Banks-1:0]       mw_valid;

	// Stack and packet of each thread, by 64-bit words.
	reg  [63:0] stack  [0:64*Users-1];
	reg  [63:0] packet [0:256*Users-1];

	genvar g;
	generate
		for (g = 0; g < Tiles; g = g + 1) begin : g_tile
			map_issue #(.Threads(Threads), .Banks(Banks), .Latency(L)) issue (
				.clk_i(clk), .rst_i(rst),
				.cmd_valid_i(cmd_valid[g]), .cmd_op_i(cmd_op[8*g +: 8]), .cmd_w_i(cmd_w[g]), .cmd_fetch_i(cmd_fetch[g]),
				.cmd_width_i(cmd_width[2*g +: 2]), .cmd_swap_i(cmd_swap[g]), .cmd_map_i(cmd_map[8*g +: 8]),
				.cmd_thread_i(cmd_thread[2*g +: 2]), .cmd_pc_i({11'd0, cmd_thread[2*g +: 2]}), .cmd_prog_i(3'd1),
				.cmd_addr_i(cmd_a[64*g +: 64]), .cmd_b_i(cmd_b[64*g +: 64]), .cmd_c_i(cmd_c[64*g +: 64]),
				.cmd_count_o(cmd_count[6*g +: 6]),
				.vrsp_valid_o(v_valid[g]), .vrsp_thread_o(v_thread[2*g +: 2]), .vrsp_we_o(), .vrsp_value_o(v_value[64*g +: 64]),
				.vrsp_fault_o(v_fault[g]), .vrsp_pc_o(), .vrsp_addr_o(v_addr[64*g +: 64]),
				.ersp_valid_o(e_valid[g]), .ersp_thread_o(e_thread[2*g +: 2]), .ersp_we_o(), .ersp_value_o(e_value[64*g +: 64]),
				.ersp_fault_o(e_fault[g]), .ersp_pc_o(), .ersp_addr_o(e_addr[64*g +: 64]),
				.posted_fault_o(posted[g]), .posted_thread_o(), .posted_pc_o(), .posted_addr_o(),
				.lm_req_o(lm_req[g]), .lm_tag_o(lm_tag[4*g +: 4]), .lm_thread_o(lm_thread[2*g +: 2]), .lm_word_o(lm_word[8*g +: 8]),
				.lm_gnt_i(lm_gnt[g]), .lm_data_i(lm_data[64*g +: 64]), .place_thread_o(), .front_i(12'd256), .end_i(12'd1256),
				.ask_o(ask[Ask*g +: Ask]), .gnt_i(gnt[Gnt*g +: Gnt]), .tell_i(tell[Tell*g +: Tell]), .give_o(give[Give*g +: Give]), .idle_o(tile_idle[g])
			);
			wire [3:0] user = g * Threads + lm_thread[2*g +: 2];
			wire [7:0] word = lm_word[8*g +: 8];
			always @(posedge clk) begin
				lm_data[64*g +: 64]  <= lm_first[64*g +: 64];
				lm_first[64*g +: 64] <= !lm_req[g] || !lm_gnt[g] ? {64{1'bx}}
					: lm_tag[4*g +: 4] == `NIC_TAG_STACK ? stack[{user, word[5:0]}] : packet[{user, word}];
			end
		end
	endgenerate

	map_system #(.Cores(Tiles), .Banks(Banks), .Words(Words), .Latency(L), .Lookups(Lookups)) dut (
		.clk_i(clk), .rst_i(rst), .hard_rst_i(rst), .ask_i(ask), .gnt_o(gnt), .tell_o(tell), .give_i(give),
		.x_mib_i(12'd0), .x_ar_ready_i(1'b0), .x_ar_valid_o(), .x_ar_line_o(), .x_r_valid_i(1'b0), .x_r_ready_o(), .x_r_data_i(512'd0),
		.x_r_resp_i(2'd0), .x_aw_valid_o(), .x_aw_ready_i(1'b0), .x_aw_line_o(), .x_w_valid_o(), .x_w_ready_i(1'b0), .x_w_data_o(),
		.x_w_strb_o(), .x_b_valid_i(1'b0), .x_b_resp_i(2'd0), .ext_error_o(),
		.host_req_i(host_req), .host_we_i(host_we), .host_addr_i(host_addr), .host_wdata_i(host_wdata),
		.host_done_o(host_done), .host_rdata_o(host_rdata), .idle_o(idle),
		.mw_valid_o(mw_valid), .mw_addr_o(), .mw_mask_o(), .mw_engine_o(), .mw_value_o()
	);

	integer seed = `SEED, failures = 0;
	function [31:0] mask32;
		input integer v;
		mask32 = v;
	endfunction

	integer rnd;
	task roll;
		input integer n;
		rnd = mask32($random(seed)) % n;
	endtask
	reg [63:0] noise;
	task make_noise;
		noise = {$random(seed), $random(seed)};
	endtask

	task fail;
		input [40*8-1:0] text;
		input [63:0] got, want;
		begin
			$display("%0t %0s: %h, expected %h", $time, text, got, want);
			failures = failures + 1;
			if (failures > 5) $finish;
		end
	endtask

	// Host.
	integer waited;
	task access;
		input         we;
		input  [23:0] addr;
		input  [31:0] data;
		begin
			host_req = 1; host_we = we; host_addr = addr; host_wdata = data;
			@(negedge clk) host_req = 0;
			waited = 0;
			while (!host_done && waited < 5000) begin
				@(negedge clk) waited = waited + 1;
			end
			if (!host_done) fail("a host access hangs", addr, 0);
			host_data = host_rdata;
			@(negedge clk);
		end
	endtask
	reg [31:0] host_data;
	reg [63:0] word;
	task read_word;
		input [31:0] addr;
		begin
			access(0, `REG_MAPMEM + addr, 0);
			word[31:0] = host_data;
			access(0, `REG_MAPMEM + addr + 4, 0);
			word[63:32] = host_data;
		end
	endtask
	task write_word;
		input [31:0] addr;
		input [63:0] value;
		begin
			access(1, `REG_MAPMEM + addr, value[31:0]);
			access(1, `REG_MAPMEM + addr + 4, value[63:32]);
		end
	endtask

	reg [31:0] values [0:MapsUsed-1], limits [0:MapsUsed-1], chains [0:MapsUsed-1];
	integer key_size [0:MapsUsed-1], n_buckets [0:MapsUsed-1];
	reg [31:0] at = 64;
	integer w;
	task describe;
		input integer map, first, value_size, stride, entries, buckets;
		begin
			key_size[map] = first >> 16;
			n_buckets[map] = buckets;
			chains[map] = at;
			for (w = 0; w < buckets; w = w + 1) write_word(at + 8 * w, 0);
			values[map] = at + 8 * buckets;
			limits[map] = values[map] + stride * entries;
			at = limits[map];
			if (first[7:0] == 8'd2) for (w = 0; w < stride * entries; w = w + 8) write_word(values[map] + w, 0);
			access(1, `REG_MAPDESC + 64 * map, first);
			access(1, `REG_MAPDESC + 64 * map + 4, value_size);
			access(1, `REG_MAPDESC + 64 * map + 8, values[map]);
			access(1, `REG_MAPDESC + 64 * map + 12, limits[map]);
			access(1, `REG_MAPDESC + 64 * map + 16, chains[map]);
			access(1, `REG_MAPDESC + 64 * map + 20, buckets - 1);
			access(1, `REG_MAPDESC + 64 * map + 24, stride);
			access(1, `REG_MAPDESC + 64 * map + 28, 32'h12345678 * (map + 1));
		end
	endtask

	// What a thread waits for, and what it knows. Kinds: 0 nothing, 1 lookup, 2 update, 3 delete, 4 value, 5 refusal, 6 anything.
	integer    kind [0:Users-1], slot [0:Users-1], flags [0:Users-1], since [0:Users-1];
	reg [63:0] expected [0:Users-1], asked [0:Users-1];
	reg        has  [0:Users*3*Keys-1];
	reg [63:0] held [0:Users*3*Keys-1];
	reg [63:0] own  [0:Users*4-1];
	integer    adds = 0, refusals = 0, refused = 0, answers = 0, cycle = 0, full = 0;

	function [63:0] pointer;
		input [3:0]  tag;
		input [7:0]  map;
		input [31:0] addr;
		pointer = {tag, 4'd0, map, 16'd0, addr};
	endfunction

	function [63:0] key_word;
		input integer s, n;
		key_word = n == 0 ? 64'hfeedface00000001 * (s + 1) : 64'h0123456789abcdef + s * n;
	endfunction

	// The key at a random place: stack from byte 0, packet from HEADROOM, at any offset in a word.
	integer key_off, b;
	reg     key_in_stack;
	reg [8*24-1:0] key_bytes;
	reg [7:0] one;
	task place_key;
		input integer u, s, map;
		begin
			roll(8); key_off = rnd;
			roll(2); key_in_stack = rnd[0];
			key_bytes = {key_word(s, 2), key_word(s, 1), key_word(s, 0)};
			for (b = 0; b < 24; b = b + 1) begin
				one = key_bytes[8*b +: 8];
				if (key_in_stack) stack[64*u + (key_off + b) / 8][8*((key_off+b)%8) +: 8] = one;
				else packet[256*u + 32 + (key_off + b) / 8][8*((key_off+b)%8) +: 8] = one;
			end
		end
	endtask

	task send;
		input integer t, th;
		input [7:0]   op;
		input [7:0]   map;
		input [63:0]  a, bb, c;
		input         waits;
		begin
			cmd_valid[t] = 1;
			cmd_op[8*t +: 8] = op;
			cmd_map[8*t +: 8] = map;
			cmd_thread[2*t +: 2] = th;
			cmd_a[64*t +: 64] = a;
			cmd_b[64*t +: 64] = bb;
			cmd_c[64*t +: 64] = c;
			asked[t*Threads+th] = a;
			since[t*Threads+th] = cycle;
			if (!waits) kind[t*Threads+th] = 0;
		end
	endtask

	integer s, off, i, j, pick;
	reg [63:0] kp, vp, old, ops;
	task command;
		input integer t, th;
		integer u, map;
		begin
			u = t * Threads + th;
			cmd_w[t] = 0; cmd_fetch[t] = 0; cmd_swap[t] = 0; cmd_width[2*t +: 2] = 3;
			roll(8); map = rnd == 0 ? 2 : rnd % 2;
			roll(Keys);
			s = (u * 3 + map) * Keys + rnd;
			slot[u] = s;
			roll(100); pick = rnd;
			if (pick < 50) begin
				place_key(u, s, map);
				kp = key_in_stack ? pointer(2, 0, key_off) : pointer(1, 0, 256 + key_off);
			end
			if (pick < 42) begin
				kind[u] = 1;
				if (map < 2 && pick[0]) send(t, th, `OP_MLOOKR, map, key_word(s, 0), key_word(s, 1), 0, 1);
				else send(t, th, `OP_MLOOK, map, kp, 0, 0, 1);
			end else if (pick < 47) begin
				kind[u] = 2;
				make_noise;
				expected[u] = noise;
				stack[64*u + 20] = noise;
				vp = pointer(2, 0, 160);
				roll(4); flags[u] = rnd;
				send(t, th, `OP_MUPD, map, kp, vp, flags[u], 1);
			end else if (pick < 50) begin
				kind[u] = 3;
				send(t, th, `OP_MDEL, map, kp, 0, 0, 1);
			end else if (pick < 60) begin
				kind[u] = 4;
				roll(25); off = rnd;
				old = own[4*u + off/8] >> 8*(off%8);
				if (off % 8 != 0) old = old | own[4*u + off/8 + 1] << (64 - 8*(off%8));
				expected[u] = old;
				send(t, th, `OP_MLD, 0, pointer(3, Private, values[Private] + 32*u + off), 0, 0, 1);
			end else if (pick < 70) begin
				make_noise;
				roll(4); off = rnd;
				own[4*u + off] = noise;
				send(t, th, `OP_MST, 0, pointer(3, Private, values[Private] + 32*u + 8*off), noise, 0, 0);
			end else if (pick < 80) begin
				make_noise;
				roll(4); off = rnd;
				old = own[4*u + off];
				roll(2);
				cmd_fetch[t] = rnd[0];
				kind[u] = rnd[0] ? 4 : 0;
				expected[u] = old;
				roll(4);
				own[4*u + off] = rnd == 0 ? old + noise : rnd == 1 ? old ^ noise : rnd == 2 ? noise : old & noise;
				ops = {`OP_MAND, `OP_MXCHG, `OP_MXOR, `OP_MADD};
				send(t, th, ops[8*rnd +: 8], 0, pointer(3, Private, values[Private] + 32*u + 8*off), noise, 0, kind[u] == 4);
			end else if (pick < 94) begin
				adds = adds + 1;
				roll(2);
				send(t, th, `OP_MADD, 0, pointer(3, Shared, values[Shared] + 8*rnd), 1, 0, 0);
			end else begin
				kind[u] = 5;
				case (pick)
					94: send(t, th, `OP_MLD, 0, pointer(3, Foreign, values[Foreign]), 0, 0, 1);
					95: send(t, th, `OP_MLOOKR, 2, 0, 0, 0, 1);
					96: send(t, th, `OP_MLOOK, 0, pointer(2, 0, 500), 0, 0, 1);
					97: send(t, th, `OP_MLD, 0, pointer(3, Shared, limits[Shared] - 7), 0, 0, 1);
					98: send(t, th, `OP_MUPD, 0, kp, pointer(3, Foreign, values[Foreign]), 0, 1);
					default: begin
						refusals = refusals + 1;
						send(t, th, `OP_MST, 0, pointer(3, 60, 64), 0, 0, 0);
					end
				endcase
			end
		end
	endtask

	task answer;
		input integer u;
		input         fault;
		input [63:0]  value;
		begin
			answers = answers + 1;
			if (kind[u] == 0) fail("an answer nobody waits for", u, 0);
			if (fault != (kind[u] == 5)) fail("refused", fault, kind[u] == 5);
			s = slot[u];
			case (kind[u])
				1: begin
					if ((value != 0) != has[s]) fail("lookup", value, has[s]);
					if (value != 0) begin
						// Read what it points to next.
						kind[u] = 7;
						expected[u] = held[s];
						asked[u] = value;
					end
				end
				2: if (value == -64'd7 && !has[s] && flags[u] != 2) full = full + 1;
				else if (flags[u] > 2) begin
					if (value != -64'd22) fail("update", value, -22);
				end else if (has[s] && flags[u] == 1) begin
					if (value != -64'd17) fail("update", value, -17);
				end else if (!has[s] && flags[u] == 2) begin
					if (value != -64'd2) fail("update", value, -2);
				end else begin
					if (value != 0) fail("update", value, 0);
					has[s] = 1;
					held[s] = expected[u];
				end
				3: begin
					if (value != (has[s] ? 64'd0 : -64'd2)) fail("delete", value, has[s]);
					has[s] = 0;
				end
				4: if (value != expected[u]) fail("value", value, expected[u]);
				default: begin
				end
			endcase
			if (kind[u] != 7) kind[u] = 0;
		end
	endtask

	always @(negedge clk) begin
		cycle = cycle + 1;
		for (i = 0; i < Tiles; i = i + 1) begin
			if (v_valid[i]) begin
				if (v_fault[i] && v_addr[64*i +: 64] != asked[i*Threads + v_thread[2*i +: 2]]) fail("fault address", v_addr[64*i +: 64], 0);
				answer(i * Threads + v_thread[2*i +: 2], v_fault[i], v_value[64*i +: 64]);
			end
			if (e_valid[i]) begin
				if (e_fault[i] && e_addr[64*i +: 64] != asked[i*Threads + e_thread[2*i +: 2]]) fail("fault address", e_addr[64*i +: 64], 0);
				answer(i * Threads + e_thread[2*i +: 2], e_fault[i], e_value[64*i +: 64]);
			end
			refused = refused + posted[i];
			cmd_valid[i] = 0;
			lm_gnt[i] = $random(seed);
		end
		if (running) for (i = 0; i < Tiles; i = i + 1) begin
			roll(Threads);
			j = i * Threads + rnd;
			if (cmd_count[6*i +: 6] < 23) begin
				if (kind[j] == 7) begin
					kind[j] = 4;
					cmd_w[i] = 0; cmd_fetch[i] = 0; cmd_swap[i] = 0; cmd_width[2*i +: 2] = 3;
					send(i, rnd, `OP_MLD, 0, asked[j], 0, 0, 1);
				end else if (kind[j] == 0 && cycle < stop) command(i, rnd);
			end
		end
		for (i = 0; i < Users; i = i + 1)
			if (kind[i] != 0 && kind[i] != 7 && cycle - since[i] > 20000) begin
				fail("a thread waits for ever", i, kind[i]);
				$finish;
			end
	end

	reg     running = 0;
	integer stop = 0;

	// The host's keys: 0..7 in map HostMap.
	reg        host_has  [0:7];
	reg [31:0] host_held [0:7];
	reg [31:0] host_noise;
	integer    host_key, host_calls = 0, m, count, known;
	reg [63:0] result;
	task call;
		input [7:0] op;
		begin
			access(1, `REG_MAPBUF, 32'hc0ffee00 + host_key);
			access(1, `REG_MAPCMD, {16'd0, 8'd5, op});
			host_data = 32'h80000000;
			while (host_data[31]) access(0, `REG_MAPCMD, 0);
			if (host_data[30]) fail("a call of the host is refused", op, 0);
			access(0, `REG_MAPCMD_LO, 0);
			result[31:0] = host_data;
			access(0, `REG_MAPCMD_HI, 0);
			result[63:32] = host_data;
			host_calls = host_calls + 1;
		end
	endtask
	task host_step;
		begin
			roll(8); host_key = rnd;
			roll(3);
			case (rnd)
				0: begin
					host_noise = $random(seed);
					access(1, `REG_MAPBUF + `NIC_KEY_BYTES, host_noise);
					call(`OP_MUPD);
					if (result != 0) fail("update of the host", result, 0);
					host_has[host_key] = 1;
					host_held[host_key] = host_noise;
				end
				1: begin
					call(`OP_MDEL);
					if (result != (host_has[host_key] ? 64'd0 : -64'd2)) fail("delete of the host", result, 0);
					host_has[host_key] = 0;
				end
				default: begin
					call(`OP_MLOOK);
					if ((result != 0) != host_has[host_key]) fail("lookup of the host", result, host_has[host_key]);
					if (result != 0) begin
						read_word(result[31:0]);
						if (word[31:0] != host_held[host_key]) fail("value of the host", word, host_held[host_key]);
					end
				end
			endcase
		end
	endtask

	task count_entries;
		begin
			count = 0;
			for (w = 0; w < n_buckets[m]; w = w + 1) begin
				read_word(chains[m] + 8 * w);
				while (word[31:0] != 0 && count < 1000) begin
					count = count + 1;
					read_word(word[31:0]);
				end
			end
			known = 0;
			for (i = 0; i < Users * 3 * Keys; i = i + 1)
				if (i / Keys % 3 == m && has[i]) known = known + 1;
			if (count != known) fail("entries of a table", count, known);
		end
	endtask

	always #5 clk = !clk;

	initial begin
		for (m = 0; m < Users; m = m + 1) kind[m] = 0;
		for (m = 0; m < Users * 3 * Keys; m = m + 1) has[m] = 0;
		for (m = 0; m < Users * 4; m = m + 1) own[m] = 0;
		for (m = 0; m < 64 * Users; m = m + 1) stack[m] = 0;
		for (m = 0; m < 256 * Users; m = m + 1) packet[m] = 0;
		for (m = 0; m < 8; m = m + 1) host_has[m] = 0;
		repeat (3) @(negedge clk);
		rst = 0;
		describe(0, 32'h00100001, 8, 32, 61, 16);
		describe(1, 32'h00050001, 8, 24, 6, 64);
		describe(2, 32'h00180001, 8, 40, 61, 8);
		describe(Private, 32'h00040002, 32, 32, Users, 0);
		describe(Shared, 32'h00040002, 8, 8, 2, 0);
		describe(HostMap, 32'h00040001, 4, 24, 9, 2);
		describe(Foreign, 32'h00040402, 8, 8, 1, 0);
		stop = cycle + Steps;
		running = 1;
		while (cycle < stop) host_step;
		repeat (3000) @(negedge clk);
		running = 0;
		for (m = 0; m < Users; m = m + 1) if (kind[m] != 0) fail("still waiting", m, kind[m]);
		if (!idle || tile_idle != {Tiles{1'b1}}) fail("idle", {idle, tile_idle}, 0);
		for (m = 0; m < 3; m = m + 1) count_entries;
		read_word(values[Shared]);
		old = word;
		read_word(values[Shared] + 8);
		if (old + word != adds) fail("sum of all adds", old + word, adds);
		if (refused != refusals) fail("posted refusals", refused, refusals);
		if (answers < Steps / 20 || host_calls < 30 || full == 0) fail("too little was done", answers, host_calls);
		if (failures == 0) $display("PASS");
		$finish;
	end

	wire unused = &{1'b0, mw_valid, e_addr, v_addr};
endmodule

`default_nettype wire
