// SPDX-License-Identifier: Apache-2.0
//
// pkt_rx with frames of every length, gaps between beats, a port that is often busy and contexts that come and go.

`include "regs.vh"
`default_nettype none
`ifndef SEED
`define SEED 1
`endif

module tb_pkt_rx;
	localparam Threads = 8, Frames = 700;

	reg                clk = 0, rst = 1, run = 0, rx_valid = 0, rx_last = 0, busy = 0;
	reg  [7:0]         threads = Threads;
	reg  [5:0]         rx_bytes = 0;
	reg  [Threads-1:0] idle = ~0;
	reg  [255:0]       rx_data = 0;
	wire               rx_ready, write, alloc, start, drop;
	wire [2:0]         write_thread, thread;
	wire [5:0]         write_row;
	wire [11:0]        start_len;
	reg  [2:0]         number_thread = 0;
	wire [31:0]        number;

	pkt_rx #(.Threads(Threads)) dut (
		.clk_i(clk), .rst_i(rst), .run_i(run), .threads_i(threads),
		.rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_last_i(rx_last), .rx_bytes_i(rx_bytes),
		.port_busy_i(busy), .write_o(write), .write_thread_o(write_thread), .write_row_o(write_row),
		.idle_i(idle), .alloc_o(alloc), .start_o(start), .drop_o(drop), .thread_o(thread), .start_len_o(start_len),
		.number_thread_i(number_thread), .number_o(number)
	);

	always #5 clk = !clk;

	integer seed = `SEED, frame = 0, len = 1, sent = 0, taken = 0, oversize = 0, mode = 0, i, lowest, stalled = 0;
	integer count_start = 0, current = -1;
	reg [255:0] buffer [0:Threads*64-1];

	function integer pick(input integer n);
		pick = $unsigned($random(seed)) % n;
	endfunction
	function [7:0] content(input integer f, input integer at);
		content = f * 37 + at * 11 + (at >> 8);
	endfunction

	task fail(input [8*40-1:0] what);
		begin
			$display("FAIL: tb_pkt_rx: %0s in frame %0d", what, frame);
			$finish;
		end
	endtask

	task next_length;
		case (pick(6))
			0: len = 1 + pick(64);
			1: len = 1505 + pick(64);
			2: len = `NIC_FRAME_MAX + pick(2);
			3: len = 32 * (1 + pick(50));
			default: len = 1 + pick(600);
		endcase
	endtask

	// The frame as the context's buffer has it.
	task compare(input [2:0] th, input [11:0] n);
		integer k;
		for (k = 0; k < n; k = k + 1)
			if (buffer[{th, 6'd0} + 8 + k / 32][8*(k % 32) +: 8] !== content(frame, k)) fail("content");
	endtask

	always @(posedge clk) if (!rst) begin
		if (count_start > 0 && number !== count_start - 1) fail("number");
		lowest = -1;
		for (i = Threads - 1; i >= 0; i = i - 1) if (idle[i] && i < threads) lowest = i;
		if (rx_ready !== (run && !busy && (current >= 0 || lowest >= 0))) fail("ready");
		if (write && (!rx_valid || !rx_ready)) fail("write without a beat");
		if (write) buffer[{write_thread, write_row}] = rx_data;
		if (alloc !== (rx_valid && rx_ready && current < 0)) fail("alloc");
		if (alloc) current = lowest;
		if (alloc || start || drop || write) if (thread !== current) fail("thread");
		if (write && (write_thread !== current || write_row !== 8 + sent / 32)) fail("row");
		if (alloc) idle[thread] <= 0;
		if (start) begin
			if (start_len !== len || len > `NIC_FRAME_MAX) fail("length");
			compare(thread, start_len);
			count_start = count_start + 1;
			number_thread <= thread;
		end
		if (drop) begin
			if (len <= `NIC_FRAME_MAX) fail("drop");
			idle[thread] <= 1;
			oversize = oversize + 1;
		end
		if (rx_valid && rx_ready) begin
			stalled = 0;
			sent = sent + 32;
			if (rx_last) begin
				if (start === drop) fail("end");
				current = -1;
				frame = frame + 1;
				sent = 0;
				next_length;
			end else if (start || drop) fail("early end");
		end else begin
			if (start || drop || alloc || write) fail("event without a beat");
			stalled = stalled + 1;
			if (stalled > 2000) fail("stuck");
		end
		// Contexts come back at random.
		for (i = 0; i < Threads; i = i + 1) if (!idle[i] && i != current && pick(mode == 0 ? 400 : 40) == 0) idle[i] <= 1;
		if (pick(500) == 0) mode = pick(3);
		if (pick(300) == 0) threads <= 1 + pick(Threads);
		run <= pick(50) != 0;
		busy <= mode == 1 ? pick(2) : mode == 2 ? pick(10) != 0 : 0;
		// A beat stays until it is taken.
		if (!rx_valid || rx_ready) begin
			rx_valid <= mode == 1 ? pick(3) == 0 : pick(20) != 0;
			rx_last  <= len - sent <= 32;
			rx_bytes <= len - sent <= 32 ? len - sent : 32;
			for (i = 0; i < 32; i = i + 1) rx_data[8*i +: 8] <= content(frame, sent + i);
		end
		if (frame == Frames) begin
			$display("%0d frames, %0d oversize", frame, oversize);
			$display("PASS");
			$finish;
		end
	end

	initial begin
		repeat (3) @(posedge clk);
		rst <= 0;
	end
endmodule

`default_nettype wire
