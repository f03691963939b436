// SPDX-License-Identifier: Apache-2.0
//
// fp_core to the clock: from the last beat to issue, from issue to issue, to the end of the packet and to the retire
// record; a store seen by the window of the next bundle; all threads busy is one bundle a clock; the watchdog.

`include "isa.vh"
`include "regs.vh"
`default_nettype none
`ifndef SEED
`define SEED 1
`endif

module tb_fp_core;
	localparam Lanes = 3, Threads = 16, Head = `NIC_HEADROOM, Row = `NIC_ROW_BYTES;
	localparam Loop = 8, Entry = 32;

	reg          clk = 0, rst = 1, imem_we = 0, start = 0;
	reg  [1:0]   imem_lane = 0;
	reg  [12:0]  imem_bundle = 0, entry = Entry;
	reg  [63:0]  imem_data = 0;
	reg  [3:0]   thread = 0;
	reg  [31:0]  watchdog = 1000;
	reg  [255:0] row = 0;
	wire         idle, done_valid, rt_valid, rt_exit, rt_store, issue, cmd_valid, dx_valid;
	wire [3:0]   done_thread, rt_thread;
	wire [31:0]  done_ret, done_bundles, done_cycles, rt_ret;
	wire [7:0]   done_cause, rt_cause;
	wire [12:0]  done_pc, rt_pc, rt_next_pc;
	wire [2:0]   rt_we;
	wire [191:0] rt_value;

	fp_core #(.Lanes(Lanes), .Threads(Threads), .ImemDepth(64)) dut (
		.clk_i(clk), .rst_i(rst), .core_i(4'd0), .watchdog_i(watchdog),
		.time_i(64'd0), .rnd_spread_i(32'd0), .rnd_we_i(1'b0), .rnd_i(32'd0), .rnd_o(), .imem_we_i(imem_we), .imem_lane_i(imem_lane),
		.imem_bundle_i(imem_bundle), .imem_data_i(imem_data),
		.start_i(start), .start_thread_i(thread), .start_entry_i(entry), .start_len_i(12'd32), .start_ifindex_i(32'd3),
		.start_rxq_i(32'd4), .row_we_i(start), .row_thread_i(thread), .row_i(6'd8), .row_data_i(row), .store_m1_o(),
		.w_thread_o(), .w_row_o(), .w_row0_o(), .w_be_o(), .w_data_o(), .lm_req_i(1'b0), .lm_tag_i(4'd0),
		.lm_thread_i(4'd0), .lm_word_i(8'd0), .lm_data_o(), .map_thread_i(4'd0), .map_front_o(), .map_end_o(),
		.send_thread_i(4'd0), .send_front_o(), .send_start_o(), .send_end_o(),
		.cmd_valid_o(cmd_valid), .cmd_op_o(), .cmd_w_o(), .cmd_fetch_o(), .cmd_width_o(), .cmd_swap_o(), .cmd_map_o(),
		.cmd_thread_o(), .cmd_pc_o(), .cmd_addr_o(), .cmd_b_o(), .cmd_c_o(), .cmd_count_i(6'd0),
		.vrsp_valid_i(1'b0), .vrsp_thread_i(4'd0), .vrsp_we_i(1'b0), .vrsp_value_i(64'd0), .vrsp_fault_i(1'b0),
		.vrsp_pc_i(13'd0), .vrsp_addr_i(64'd0), .ersp_valid_i(1'b0), .ersp_thread_i(4'd0), .ersp_we_i(1'b0),
		.ersp_value_i(64'd0), .ersp_fault_i(1'b0), .ersp_pc_i(13'd0), .ersp_addr_i(64'd0),
		.target_we_o(), .target_o(), .done_valid_o(done_valid), .done_thread_o(done_thread), .done_ret_o(done_ret), .done_cause_o(done_cause),
		.done_pc_o(done_pc), .done_addr_o(), .done_bundles_o(done_bundles), .done_cycles_o(done_cycles),
		.issue_o(issue), .idle_cycle_o(idle), .stall_o(), .cmd_full_o(),
		.rt_valid_o(rt_valid), .rt_thread_o(rt_thread), .rt_pc_o(rt_pc), .rt_next_pc_o(rt_next_pc), .rt_exit_o(rt_exit),
		.rt_cause_o(rt_cause), .rt_ret_o(rt_ret), .rt_reg_we_o(rt_we), .rt_reg_o(), .rt_value_o(rt_value),
		.rt_store_o(rt_store), .rt_store_width_o(), .rt_store_tag_offset_o(), .rt_store_value_o(), .rt_cmd_o(),
		.rt_cmd_addr_o(), .rt_cmd_b_o(), .rt_cmd_c_o(), .dx_valid_o(dx_valid), .dx_thread_o(), .dx_value_o()
	);

	always #5 clk = !clk;

	integer cycle = 0, seed = `SEED, issued = 0, ended = 0, first_ready = 0, i, l;
	reg [15:0] byte_pair;

	always @(posedge clk) begin
		cycle  <= cycle + 1;
		issued <= issued + issue;
		ended  <= ended + done_valid;
	end

	task fail(input [8*48-1:0] what);
		begin
			$display("FAIL: tb_fp_core: %0s in clock %0d", what, cycle);
			$finish;
		end
	endtask

	task put(input integer bundle, input integer lane, input [63:0] word);
		begin
			imem_we     = 1;
			imem_lane   = lane;
			imem_bundle = bundle;
			imem_data   = word;
			@(posedge clk);
			#1 imem_we = 0;
		end
	endtask

	// A packet of one beat; first_ready is the clock after it.
	task packet(input [3:0] of);
		begin
			start       = 1;
			thread      = of;
			row         = {16{byte_pair}};
			first_ready = cycle + 1;
			@(posedge clk);
			#1 start = 0;
		end
	endtask

	function [63:0] plain(input [7:0] op, input [3:0] dst, input [6:0] a, input [31:0] imm);
		plain = {op, 3'b001, dst, 10'd0, a, imm};
	endfunction

	// Waits for the record of one bundle and looks at its place in time.
	task retired(input integer at, input [12:0] pc, input [12:0] next, input leaves);
		begin
			while (cycle < at && !rt_valid) begin @(posedge clk); #1; end
			if (!rt_valid || cycle != at) fail("retire record in the wrong clock");
			if (rt_pc !== pc || rt_next_pc !== next || rt_exit !== leaves) fail("wrong retire record");
		end
	endtask

	initial begin
		byte_pair = $random(seed);
		repeat (3) @(posedge clk);
		#1 rst = 0;
		for (i = 0; i < 64; i = i + 1) for (l = 0; l < Lanes; l = l + 1) put(i, l, {`OP_NOP, 56'd0});
		// Entry: c0 = st data[1] of 0x5a; a1 = 5. Then a2 = two window bytes at 0, big-endian; exit a1 + 1 through b3.
		put(Entry, 2, {`OP_ST, 3'b001, 11'd1, 2'd0, 1'b0, `SR_DATA, 32'h5a});
		put(Entry, 0, plain(`OP_MOV, 4'd1, 7'd0, 32'd5));
		put(Entry + 1, 0, {`OP_WUBFX, 3'b000, 4'd2, 7'd0, 2'd1, 1'b1, 7'd0, 20'd0, 6'd16, 6'd0});
		put(Entry + 1, 1, plain(`OP_ADD, 4'd3, 7'h01, 32'd1));
		put(Entry + 2, 1, {`OP_EXIT, 49'd0, 7'h13});
		// Loop: a bundle that jumps to itself.
		put(Loop, 0, {`OP_JMP, 4'd0, 13'd0, 39'd0} | Loop << 39);

		packet(4'd3);
		if (!issue) fail("not issued in the clock after the last beat");
		i = first_ready;
		retired(i + `NIC_RETIRE, Entry, Entry + 1, 0);
		if (!rt_store || rt_we !== 3'b001 || rt_value[63:0] !== 64'd5) fail("wrong result of bundle 0");
		@(posedge clk); #1;
		retired(i + `NIC_TURN + `NIC_RETIRE, Entry + 1, Entry + 2, 0);
		if (rt_we !== 3'b011 || rt_value[63:0] !== {48'd0, byte_pair[7:0], 8'h5a}) fail("window does not see the store");
		if (rt_value[127:64] !== 64'd6) fail("register is not seen by the next bundle");
		while (!done_valid) begin @(posedge clk); #1; end
		if (cycle != i + 2 * `NIC_TURN + 7) fail("end of the packet in the wrong clock");
		if (done_ret !== 32'd6 || done_cause !== `CAUSE_NONE || done_bundles !== 32'd3
			|| done_cycles !== 2 * `NIC_TURN + 8 || done_thread !== 4'd3) fail("wrong end of the packet");
		@(posedge clk); #1;
		if (!idle) fail("context was not given back");

		// Sixteen threads in the loop until the watchdog ends them.
		entry    = Loop;
		watchdog = 100;
		for (i = 0; i < Threads; i = i + 1) packet(i);
		ended = 0;
		repeat (20) @(posedge clk);
		#1 i = issued;
		repeat (1000) @(posedge clk);
		#1 if (issued - i != 1000) fail("less than a bundle a clock");
		while (ended < Threads && cycle < 4000) begin
			@(posedge clk);
			#1 if (done_valid && (done_cause !== `CAUSE_WATCHDOG || done_bundles !== 32'd100 || done_ret !== 32'd0
				|| done_pc !== Loop)) fail("wrong end by the watchdog");
		end
		if (ended != Threads || !idle) fail("the watchdog did not end every packet");
		if (cmd_valid || dx_valid) fail("a command nobody gave");
		$display("PASS");
		$finish;
	end
endmodule
