// SPDX-License-Identifier: Apache-2.0
//
// Packet bytes at a constant offset from the packet's start as an operand. A copy of each packet buffer in four
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
	input  wire [10:0]   r1_start_i,
	input  wire [10:0]   r1_start8_i,  // eight bytes on
	input  wire [11:0]   r1_len_i,
	input  wire [6:0]    r1_offset_i,
	input  wire [1:0]    r1_width_i,
	input  wire          r1_swap_i,
	input  wire [15:0]   r1_mask_i,
	// R2
	output wire [63:0]   r2_value_o,
	output wire [7:0]    r2_zero_o     // bytes that read as 0: beyond the width, or all when one is behind the packet
);
	localparam Rows = `NIC_PKT_BUFFER / `NIC_ROW_BYTES;

	// Group 0 is of the next row when the bytes begin in group 3: the row eight bytes on.
	wire [10:0]   place  = r1_start_i + {4'd0, r1_offset_i};
	wire [10:0]   place8 = r1_start8_i + {4'd0, r1_offset_i};
	wire [2:0]    last  = {r1_width_i == 2'd3, r1_width_i[1], r1_width_i != 2'd0};
	wire [2:0]    size  = {r1_width_i == 2'd2, r1_width_i == 2'd1, r1_width_i == 2'd0};  // modulo 8
	wire [255:0]  r2_row;
	wire [63:0]   r2_ring, r2_bytes;

	reg  [2:0]  r2_offset_q, r2_size_q;
	reg         r2_swap_q;
	reg  [15:0] r2_mask_q;
	reg  [7:0]  r2_zero_q;
	reg  [7:0]  r2_end_q;
	reg  [11:0] r2_len_q;

	genvar g;
	generate
		for (g = 0; g < 4; g = g + 1) begin : g_group
			wire [5:0] w_row = g == 0 ? w_row0_i : w_row_i;

			ram_sdp #(.Bytes(8), .Depth(Threads * Rows)) mem (
				.clk_i(clk_i), .we_i(w_be_i[8*g +: 8]),
				.waddr_i({w_thread_i, w_row}), .wdata_i(w_data_i[64*g +: 64]),
				.raddr_i({r1_thread_i, g == 0 ? place8[10:5] : place[10:5]}), .rdata_o(r2_row[64*g +: 64])
			);
		end
	endgenerate

	always @(posedge clk_i) begin
		r2_offset_q <= place[2:0];
		r2_size_q   <= {3{r1_swap_i}} & size;
		r2_swap_q   <= r1_swap_i;
		r2_mask_q   <= r1_mask_i;
		r2_zero_q   <= ~(8'hff >> ~last);
		r2_end_q    <= {1'b0, r1_offset_i} + (8'd1 << r1_width_i);
		r2_len_q    <= r1_len_i;
	end

	fp_ring ring (.clk_i(clk_i), .offset_i(place[4:0]), .row_i(r2_row), .ring_o(r2_ring));
	align bytes (
		.turn_i(r2_offset_q + r2_size_q), .reverse_i(r2_swap_q), .in_i(r2_ring),
		.out_o(r2_bytes)
	);

	assign r2_value_o = r2_bytes & {{48{1'b1}}, r2_mask_q};
	assign r2_zero_o  = r2_zero_q | {8{{4'd0, r2_end_q} > r2_len_q}};

	wire unused = &{1'b0, place8[4:0]};
endmodule

`default_nettype wire
