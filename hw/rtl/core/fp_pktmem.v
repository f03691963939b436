// SPDX-License-Identifier: Apache-2.0
//
// Packet buffers of all threads: rows of four groups of eight bytes, so that eight bytes at any address are in two
// neighbouring groups. Port A has byte enables and its own row for group 0; port B moves whole rows.

`include "regs.vh"
`default_nettype none

module fp_pktmem #(
	parameter Threads = 16,
	parameter TW = 4
) (
	input  wire          clk_i,
	// core, M1; data in M2
	input  wire [TW-1:0] a_thread_i,
	input  wire [5:0]    a_row_i,
	input  wire [5:0]    a_row0_i,
	input  wire [31:0]   a_be_i,
	input  wire [63:0]   a_wdata_i,   // for every group
	output wire [255:0]  a_rdata_o,
	// receiver, sender, map engine
	input  wire          b_we_i,
	input  wire [TW-1:0] b_thread_i,
	input  wire [5:0]    b_row_i,
	input  wire [255:0]  b_wdata_i,
	output wire [255:0]  b_rdata_o
);
	localparam Depth = Threads * `NIC_PKT_BUFFER / `NIC_ROW_BYTES;

	genvar g;
	generate
		for (g = 0; g < 4; g = g + 1) begin : g_group
			ram_tdp #(.Bytes(8), .Depth(Depth)) mem (
				.clk_i(clk_i),
				.a_we_i(a_be_i[8*g +: 8]), .a_addr_i({a_thread_i, g == 0 ? a_row0_i : a_row_i}),
				.a_wdata_i(a_wdata_i), .a_rdata_o(a_rdata_o[64*g +: 64]),
				.b_we_i({8{b_we_i}}), .b_addr_i({b_thread_i, b_row_i}),
				.b_wdata_i(b_wdata_i[64*g +: 64]), .b_rdata_o(b_rdata_o[64*g +: 64])
			);
		end
	endgenerate
endmodule

`default_nettype wire
