// SPDX-License-Identifier: Apache-2.0
//
// fp_local: an access every clock, legal and not, packet and stack, against an array of bytes; the receiver's rows, the
// sender's and the engine's reads on the other port.

`include "regs.vh"
`default_nettype none
`ifndef SEED
`define SEED 1
`endif

module tb_fp_local;
	localparam Threads = 4, Clocks = 30000, Depth = 4;
	localparam Fill = Threads * 64;  // clocks to write every stack word, and as many to write every row
	localparam Pkt = `NIC_PKT_BUFFER, Stack = `NIC_STACK_BYTES, Row = `NIC_ROW_BYTES, Head = `NIC_HEADROOM;

	reg          clk = 0, swap = 0, sign = 0, go = 0, row_we = 0, lm_req = 0;
	reg  [11:0]  e1_len = 60, len = 60;
	reg  [1:0]   e1_width = 0, width = 0, thread = 0, row_thread = 0, lm_thread = 0;
	reg  [63:0]  addr = 0, value = 0;
	reg  [5:0]   row = 0;
	reg  [255:0] row_data = 0;
	reg  [3:0]   lm_tag = 1;
	reg  [7:0]   lm_word = 0;
	wire         legal, m1_store;
	wire [1:0]   m1_thread;
	wire [5:0]   m1_row, m1_row0;
	wire [31:0]  m1_be;
	wire [63:0]  m1_wdata, loaded, lm_data;

	fp_local #(.Threads(Threads), .TW(2)) dut (
		.clk_i(clk), .e1_front_i(11'd256), .e1_end_i(12'd256 + e1_len), .e1_width_i(e1_width), .e2_thread_i(thread), .e2_addr_i(addr),
		.e2_value_i(value), .e2_width_i(width), .e2_swap_i(swap), .e2_sign_i(sign), .e2_go_i(go), .e2_legal_o(legal),
		.m1_store_o(m1_store), .m1_thread_o(m1_thread), .m1_row_o(m1_row), .m1_row0_o(m1_row0), .m1_be_o(m1_be),
		.m1_wdata_o(m1_wdata), .m3_value_o(loaded), .row_we_i(row_we), .row_thread_i(row_thread),
		.row_i(row), .row_data_i(row_data), .lm_req_i(lm_req), .lm_tag_i(lm_tag),
		.lm_thread_i(lm_thread), .lm_word_i(lm_word), .lm_data_o(lm_data)
	);

	always #5 clk = !clk;

	integer seed = `SEED, n, i, offset, bytes, used;
	reg [7:0]   pkt [0:Threads*Pkt-1];
	reg [7:0]   stack [0:Threads*Stack-1];
	reg         ok;
	reg [63:0]  memory, want;
	reg [63:0]  want_q [0:Depth-1];
	reg [Depth-1:0] check_q = 0;
	reg [63:0]  want_word, want_word_q = 0;
	reg         check_word_q = 0;

	// The store of the last clock, which is in M1 in this one.
	reg         late_go = 0, late_stack = 0;
	integer     late_at = 0, late_bytes = 0;
	reg [63:0]  late_value = 0;

	function integer pick(input integer below);
		pick = $unsigned($random(seed)) % below;
	endfunction

	task fail(input [8*40-1:0] what, input [63:0] is, input [63:0] should);
		begin
			$display("FAIL: tb_fp_local: %0s is %h, not %h, in clock %0d", what, is, should, n);
			$finish;
		end
	endtask

	// Somewhere inside, at an edge, or far away.
	task choose_access;
		begin
			bytes  = 1 << width;
			offset = pick(4) == 0 ? Head + len - pick(10) : pick(4) == 0 ? Head - 4 + pick(8) : Head + pick(len);
			addr   = {4'd1, 60'd0} + offset;
			ok     = offset >= Head && offset + bytes <= Head + len;
			if (pick(2) == 0) begin
				offset = pick(4) == 0 ? Stack - pick(10) : pick(Stack);
				if (pick(4) != 0) offset = offset & ~(bytes - 1);
				addr   = {4'd2, 60'd0} + offset;
				ok     = offset + bytes <= Stack && offset % bytes == 0;
			end
			if (pick(16) == 0) begin
				addr = addr ^ (64'd1 << (13 + pick(51)));
				ok   = 0;
			end
		end
	endtask

	task apply_late_store;
		if (late_go)
			for (i = 0; i < late_bytes; i = i + 1)
				if (late_stack) stack[late_at + i] = late_value[8*i +: 8];
				else pkt[late_at + i] = late_value[8*i +: 8];
	endtask

	initial begin
		for (i = 0; i < Threads * Pkt; i = i + 1) pkt[i] = 8'd0;
		for (i = 0; i < Threads * Stack; i = i + 1) stack[i] = 8'd0;
		for (n = 0; n < Clocks; n = n + 1) begin
			width   = n < Fill ? 2'd3 : e1_width;
			len     = e1_len;
			thread  = n < Fill ? n / 64 : pick(Threads);
			swap    = $random(seed);
			sign    = $random(seed);
			value   = {$random(seed), $random(seed)};
			choose_access;
			if (n < Fill) begin
				bytes  = 8;
				offset = n % 64 * 8;
				addr   = {4'd2, 60'd0} + offset;
				ok     = 1;
			end
			go = ok && (n < Fill || (n > 2 * Fill && pick(3) == 0));
			row_we    = !late_go && (n <= 2 * Fill ? n > Fill : pick(4) == 0);
			row_thread = n <= 2 * Fill ? (n - 1) / 64 - Threads : pick(Threads);
			row       = n <= 2 * Fill ? (n - 1) % 64 : pick(64);
			row_data  = {$random(seed), $random(seed), $random(seed), $random(seed), $random(seed), $random(seed),
				$random(seed), $random(seed)};
			lm_req    = !row_we;
			lm_tag    = 1 + pick(2);
			lm_thread = pick(Threads);
			lm_word   = pick(lm_tag == 2 ? Stack / 8 : Pkt / 8);

			for (i = 0; i < 8; i = i + 1)
				want_word[8*i +: 8] = lm_tag == 2 ? stack[lm_thread * Stack + lm_word * 8 + i] : pkt[lm_thread * Pkt + lm_word * 8 + i];
			apply_late_store;
			if (row_we)
				for (i = 0; i < 32; i = i + 1) pkt[row_thread * Pkt + row * Row + i] = row_data[8*i +: 8];

			// What this access will see, when it comes to M1 a clock later, is known then: the model is up to date now
			// but for the other port's write of the next clock, which goes elsewhere.
			memory = 64'd0;
			used   = thread * (addr[63:60] == 4'd2 ? Stack : Pkt) + offset;
			want   = 64'd0;
			if (ok) begin
				for (i = 0; i < bytes; i = i + 1) memory[8*i +: 8] = addr[63:60] == 4'd2 ? stack[used+i] : pkt[used+i];
				for (i = 0; i < bytes; i = i + 1) want[8*i +: 8] = memory[8*(swap ? bytes - 1 - i : i) +: 8];
				if (sign && want[8*bytes-1]) for (i = bytes; i < 8; i = i + 1) want[8*i +: 8] = 8'hff;
			end
			late_go    = go;
			late_stack = addr[63:60] == 4'd2;
			late_at    = used;
			late_bytes = bytes;
			for (i = 0; i < bytes; i = i + 1) late_value[8*i +: 8] = value[8*(swap ? bytes - 1 - i : i) +: 8];
			e1_width = $random(seed);
			e1_len   = pick(2) == 0 ? 1 + pick(100) : 1 + pick(1536);
			#1;
			if (n > 0 && legal !== ok) fail("legality", legal, ok);
			@(posedge clk);
			#1;
			if (check_word_q && lm_data !== want_word_q) fail("operand's word", lm_data, want_word_q);
			if (check_q[1] && loaded !== want_q[1]) fail("loaded value", loaded, want_q[1]);
			check_word_q = lm_req && n > 2 * Fill;
			want_word_q  = want_word;
			for (i = Depth - 1; i > 0; i = i - 1) want_q[i] = want_q[i-1];
			want_q[0] = want;
			check_q   = {check_q[Depth-2:0], n > 2 * Fill};
		end
		$display("PASS");
		$finish;
	end
endmodule
