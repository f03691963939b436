// SPDX-License-Identifier: Apache-2.0
//
// fp_window: rows and single bytes written at random, reads of every offset, width and order beside them.

`include "regs.vh"
`default_nettype none
`ifndef SEED
`define SEED 1
`endif

module tb_fp_window;
	localparam Threads = 4, Clocks = 20000, Size = Threads * `NIC_PKT_BUFFER;

	reg          clk = 0, swap = 0;
	reg  [1:0]   w_thread = 0, r_thread = 0, width = 0;
	reg  [5:0]   w_row = 0, w_row0 = 0;
	reg  [31:0]  be = 0;
	reg  [255:0] data = 0;
	reg  [11:0]  len = 0;
	reg  [6:0]   offset = 0;
	reg  [15:0]  mask = 0;
	wire [63:0]  value;
	wire [7:0]   zero;

	fp_window #(.Threads(Threads), .TW(2)) dut (
		.clk_i(clk), .w_thread_i(w_thread), .w_row_i(w_row), .w_row0_i(w_row0), .w_be_i(be), .w_data_i(data),
		.r1_thread_i(r_thread), .r1_start_i(11'd256), .r1_start8_i(11'd264), .r1_len_i(len), .r1_offset_i(offset), .r1_width_i(width), .r1_swap_i(swap),
		.r1_mask_i(mask), .r2_value_o(value), .r2_zero_o(zero)
	);

	always #5 clk = !clk;

	integer seed = `SEED, n, i, at, bytes;
	reg [7:0]  model [0:Size-1];
	reg [63:0] want, got;

	function integer pick(input integer below);
		pick = $unsigned($random(seed)) % below;
	endfunction

	initial begin
		for (i = 0; i < Size; i = i + 1) model[i] = 8'd0;
		for (n = 0; n < Threads * 16 + Clocks; n = n + 1) begin
			// The rows that the window holds first, then rows anywhere or a few bytes across two rows' groups.
			w_thread = n < Threads * 16 ? n / 16 : pick(Threads);
			w_row    = n < Threads * 16 ? n % 16 : pick(pick(4) == 0 ? 63 : 15);
			w_row0   = n < Threads * 16 ? w_row : w_row + pick(2);
			be       = n < Threads * 16 || pick(3) == 0 ? ~32'd0 : pick(3) == 0 ? 32'd0 : 32'hff << pick(32);
			data     = {$random(seed), $random(seed), $random(seed), $random(seed), $random(seed), $random(seed),
				$random(seed), $random(seed)};
			r_thread = pick(Threads);
			offset   = pick(128);
			width    = pick(4);
			swap     = $random(seed);
			mask     = pick(2) == 0 ? 16'hffff : $random(seed);
			bytes    = 1 << width;
			len      = pick(2) == 0 ? 1500 : offset + bytes - 2 + pick(4);
			want     = 64'd0;
			for (i = 0; i < bytes; i = i + 1) begin
				at = r_thread * `NIC_PKT_BUFFER + `NIC_HEADROOM + offset + (swap ? bytes - 1 - i : i);
				want[8*i +: 8] = model[at];
			end
			want[15:0] = want[15:0] & mask;
			if (offset + bytes > len) want = 64'd0;
			for (i = 0; i < 32; i = i + 1)
				if (be[i]) model[w_thread * `NIC_PKT_BUFFER + (i < 8 ? w_row0 : w_row) * `NIC_ROW_BYTES + i] = data[8*i +: 8];
			@(posedge clk);
			#1;
			got = value;
			for (i = 0; i < 8; i = i + 1) if (zero[i]) got[8*i +: 8] = 8'd0;
			if (n >= Threads * 16 && got !== want) begin
				$display("FAIL: tb_fp_window: %0d bytes at %0d of %0d are %h, not %h", bytes, offset, len, got, want);
				$finish;
			end
		end
		$display("PASS");
		$finish;
	end
endmodule
