// SPDX-License-Identifier: Apache-2.0
//
// pkt_tx with a random stream of ended packets, a memory port that is often taken and a transmit port that is often not ready:
// records and frames come in order and whole, contexts come back once, and the clocks are those of machine.md.

`include "regs.vh"
`default_nettype none
`ifndef SEED
`define SEED 1
`endif

module tb_pkt_tx;
	localparam Threads = 8, Packets = 1500;

	reg          clk = 0, rst = 1, report = 0, busy = 0, tx_ready = 1;
	reg          done = 0;
	reg  [2:0]   done_thread = 0;
	reg  [31:0]  done_ret = 0, done_bundles = 0, done_cycles = 0;
	reg  [7:0]   done_cause = 0;
	reg  [12:0]  done_pc = 0;
	reg  [63:0]  done_addr = 0;
	reg  [11:0]  done_len = 0;
	wire [2:0]   number_thread, cpl_thread, read_thread, free_thread;
	wire         cpl, read, free, sent, tx_valid, tx_last;
	wire [31:0]  cpl_number, cpl_ret, cpl_bundles, cpl_cycles, tx_number;
	wire [11:0]  cpl_len, sent_len;
	wire [7:0]   cpl_cause;
	wire [12:0]  cpl_pc;
	wire [63:0]  cpl_addr;
	wire [5:0]   read_row, tx_bytes;
	reg  [255:0] rdata;
	wire [255:0] tx_data;

	reg [31:0] number_of [0:Threads-1];

	pkt_tx #(.Threads(Threads)) dut (
		.clk_i(clk), .rst_i(rst), .report_i(report),
		.done_valid_i(done), .done_thread_i(done_thread), .done_ret_i(done_ret), .done_cause_i(done_cause),
		.done_pc_i(done_pc), .done_addr_i(done_addr), .done_bundles_i(done_bundles), .done_cycles_i(done_cycles),
		.done_len_i(done_len), .number_thread_o(number_thread), .number_i(number_of[number_thread]),
		.cpl_valid_o(cpl), .cpl_number_o(cpl_number), .cpl_thread_o(cpl_thread), .cpl_ret_o(cpl_ret), .cpl_len_o(cpl_len),
		.cpl_cause_o(cpl_cause), .cpl_pc_o(cpl_pc), .cpl_addr_o(cpl_addr), .cpl_bundles_o(cpl_bundles),
		.cpl_cycles_o(cpl_cycles),
		.port_busy_i(busy), .read_o(read), .read_thread_o(read_thread), .read_row_o(read_row), .rdata_i(rdata),
		.free_o(free), .free_thread_o(free_thread), .sent_o(sent), .sent_len_o(sent_len),
		.tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_data_o(tx_data), .tx_last_o(tx_last), .tx_bytes_o(tx_bytes),
		.tx_number_o(tx_number)
	);

	always #5 clk = !clk;

	integer seed = `SEED, cycle = 0, put = 0, mode = 0, i, th, records = 0, frames = 0, expected = 0, at = 0;
	// By packet number: length, verdict, whether it is sent. Packets end in the order of their number here.
	integer len_of [0:Packets], rows = 0, held = 0;
	reg [31:0] ret_of [0:Packets];
	reg        sends [0:Packets];
	reg [Threads-1:0] taken = 0;
	integer in_queue [0:Threads-1];
	// The model of the sender: cycle it is free from, row it is at.
	integer queue_at [0:Packets];      // cycle from which the record is in the done queue
	integer sender = -1, left = 0, places = 0, coming = 0;
	reg model_read, model_take;

	function integer pick(input integer n);
		pick = $unsigned($random(seed)) % n;
	endfunction
	function [7:0] content(input integer t, input integer r, input integer k);
		content = t * 71 + r * 13 + k;
	endfunction

	task fail(input [8*40-1:0] what);
		begin
			$display("FAIL: tb_pkt_tx: %0s at cycle %0d", what, cycle);
			$finish;
		end
	endtask

	reg [2:0] thread_of [0:Packets];
	reg [2:0] t;
	always @(posedge clk) begin
		cycle <= cycle + 1;
		for (i = 0; i < 32; i = i + 1) rdata[8*i +: 8] <= read ? content(read_thread, read_row, i) : 8'hxx;
		if (!rst) begin
			// The sender as the specification has it.
			model_take = sender < 0 && records < put && queue_at[records] <= cycle;
			model_read = sender >= 0 && !busy && 8 - places >= 4;
			if (cpl !== model_take) fail("clock of a record");
			if (read !== model_read) fail("clock of a read");
			if (tx_valid !== (places > 0)) fail("clock of a beat");
			if (cpl) begin
				if (cpl_number !== records || cpl_ret !== ret_of[records] || cpl_len !== len_of[records]) fail("record");
				if (cpl_thread !== thread_of[records] || cpl_cause !== records % 5 || cpl_pc !== records[12:0]) fail("record");
				if (cpl_addr !== {2{records}} || cpl_bundles !== records + 7 || cpl_cycles !== records + 9) fail("record");
				sends[records] = report || (ret_of[records] >= 2 && ret_of[records] <= 4);
			end
			if (free !== ((cpl && !sends[records]) || (read && left <= 32))) fail("context back");
			if (free && free_thread !== (cpl ? cpl_thread : thread_of[sender])) fail("context back");
			if (sent !== (read && left <= 32)) fail("sent");
			if (sent && sent_len !== len_of[sender]) fail("sent length");
			if (free) taken[free_thread] = 0;
			if (read && (read_thread !== thread_of[sender] || read_row !== 8 + (len_of[sender] - left) / 32)) fail("row");
			if (tx_valid && tx_ready) begin
				while (expected < records && !sends[expected]) expected = expected + 1;
				if (tx_number !== expected) fail("number of a frame");
				if (tx_last !== (len_of[expected] - at <= 32)) fail("last");
				if (tx_bytes !== (tx_last ? len_of[expected] - at : 32)) fail("bytes");
				for (i = 0; i < tx_bytes; i = i + 1)
					if (tx_data[8*i +: 8] !== content(thread_of[expected], 8 + at / 32, i)) fail("content");
				at = at + 32;
				if (tx_last) begin
					at = 0;
					frames = frames + 1;
					expected = expected + 1;
				end
			end
			// A row read in this cycle is in the queue two cycles later.
			places = places + coming - (tx_valid && tx_ready);
			coming = read;
			if (read) begin
				left = left - 32;
				if (left <= 0) sender = -1;
			end
			if (cpl) begin
				if (sends[records]) begin
					sender = records;
					left = len_of[records];
				end
				records = records + 1;
			end
			// New ends.
			if (pick(400) == 0) mode = pick(4);
			if (pick(400) == 0) report <= pick(2);
			t = pick(Threads);
			done <= 0;
			if (put < Packets && !taken[t] && (mode != 1 || pick(60) == 0)) begin
				done <= 1; done_thread <= t; done_ret <= pick(9) == 0 ? $random(seed) : pick(6); done_cause <= put % 5;
				done_pc <= put; done_addr <= {2{put}}; done_bundles <= put + 7; done_cycles <= put + 9;
				taken[t] = 1;
				number_of[t] <= put;
				thread_of[put] = t;
				len_of[put] = mode == 2 ? 1 + pick(64) : 1 + pick(`NIC_FRAME_MAX);
				done_len <= len_of[put];
				queue_at[put] = cycle + 2;
				put = put + 1;
			end
			busy <= mode == 3 ? pick(2) : 0;
			tx_ready <= mode == 0 ? 1 : pick(3) != 0;
			if (records == Packets && sender < 0 && places == 0 && !coming) begin
				if (taken != 0) fail("context kept");
				$display("%0d records, %0d frames", records, frames);
				$display("PASS");
				$finish;
			end
		end
	end
	// The verdict is random: note what was put.
	always @(negedge clk) if (done) ret_of[put - 1] = done_ret;

	initial begin
		repeat (3) @(posedge clk);
		rst <= 0;
		repeat (2000000) @(posedge clk);
		fail("not finished");
	end
endmodule

`default_nettype wire
