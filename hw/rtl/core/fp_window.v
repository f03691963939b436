// SPDX-License-Identifier: Apache-2.0
//
// Packet bytes at a constant offset as an operand. A copy of the first WINDOW_LIMIT bytes of each packet buffer in four
// groups of eight bytes: whole rows come from the receiver, stores of the core are written to it as well.

`include "regs.vh"
`default_nettype none

module fp_window #(
	parameter Threads = 16,
	parameter TW = 4
) (
	input  wire          clk_i,
	// writes: row and byte enables; group 0 has its own row
	input  wire [TW-1:0] w_thread_i,
	input  wire [5:0]    w_row_i,
	input  wire [5:0]    w_row0_i,
	input  wire [31:0]   w_be_i,
	input  wire [255:0]  w_data_i,
	// R1
	input  wire [TW-1:0] r1_thread_i,
	input  wire [11:0]   r1_len_i,
	input  wire [6:0]    r1_offset_i,
	input  wire [1:0]    r1_width_i,
	input  wire          r1_swap_i,
	input  wire [15:0]   r1_mask_i,
	// R2
	output wire [63:0]   r2_value_o,
	output wire          r2_beyond_o  // some byte is behind the packet: the value does not count
);
	localparam Rows = `NIC_WINDOW_LIMIT / `NIC_ROW_BYTES;
	localparam RW = $clog2(Rows);
	localparam FirstRow = `NIC_HEADROOM / `NIC_ROW_BYTES;

	wire [1:0]    group = r1_offset_i[4:3];
	wire [RW-1:0] row   = FirstRow[RW-1:0] + {{RW-2{1'b0}}, r1_offset_i[6:5]};
	wire [RW-1:0] row0  = row + {{RW-1{1'b0}}, group == 2'd3};
	wire [255:0]  r2_row;
	wire [23:0]   r1_select;
	wire [7:0]    r1_valid;
	wire [7:0]    r1_first = 8'hff << r1_offset_i[2:0];  // byte lanes in the word of the first byte
	wire [2:0]    unused_high;

	reg  [15:0] r2_group_q;  // per byte lane
	reg  [23:0] r2_select_q;
	reg  [63:0] r2_mask_q;
	reg  [7:0]  r2_end_q;
	reg  [11:0] r2_len_q;

	fp_byte_select select (
		.off_i(r1_offset_i[2:0]), .width_i(r1_width_i), .swap_i(r1_swap_i),
		.select_o(r1_select), .valid_o(r1_valid), .high_o(unused_high)
	);

	genvar g, i;
	generate
		for (g = 0; g < 4; g = g + 1) begin : g_group
			wire [5:0] w_row = g == 0 ? w_row0_i : w_row_i;
			wire       here  = w_row[5:RW] == {6-RW{1'b0}};

			ram_sdp #(.Bytes(8), .Depth(Threads * Rows)) mem (
				.clk_i(clk_i), .we_i(w_be_i[8*g +: 8] & {8{here}}),
				.waddr_i({w_thread_i, w_row[RW-1:0]}), .wdata_i(w_data_i[64*g +: 64]),
				.raddr_i({r1_thread_i, g == 0 ? row0 : row}), .rdata_o(r2_row[64*g +: 64])
			);
		end

		for (i = 0; i < 8; i = i + 1) begin : g_byte
			always @(posedge clk_i) begin
				r2_group_q[2*i +: 2] <= group + {1'b0, !r1_first[i]};
				if (i < 2) r2_mask_q[8*i +: 8] <= r1_mask_i[8*(i & 1) +: 8] & {8{r1_valid[i]}};
				else r2_mask_q[8*i +: 8] <= {8{r1_valid[i]}};
			end
		end
	endgenerate

	always @(posedge clk_i) begin
		r2_select_q <= r1_select;
		r2_end_q    <= {1'b0, r1_offset_i} + (8'd1 << r1_width_i);
		r2_len_q    <= r1_len_i;
	end

	fp_gather gather (
		.group_i(r2_group_q), .row_i(r2_row), .select_i(r2_select_q), .value_o(r2_value_o), .mask_i(r2_mask_q)
	);

	assign r2_beyond_o = {4'd0, r2_end_q} > r2_len_q;
endmodule

`default_nettype wire
