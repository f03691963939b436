// SPDX-License-Identifier: Apache-2.0
//
// The sender's copy of the packet buffers: written in rows of 32 bytes with byte enables, as the window memories are, read
// in rows of 64.

`include "regs.vh"
`default_nettype none

module pkt_copy #(
	parameter Threads = 16,
	parameter TW = 4
) (
	input  wire          clk_i,
	input  wire [TW-1:0] w_thread_i,
	input  wire [5:0]    w_row_i,
	input  wire [5:0]    w_row0_i,     // of the first eight bytes
	input  wire [31:0]   w_be_i,
	input  wire [255:0]  w_data_i,
	input  wire [TW-1:0] r_thread_i,
	input  wire [4:0]    r_row_i,
	output wire [511:0]  r_data_o      // a cycle later
);
	localparam Depth = Threads * `NIC_PKT_BUFFER / `NIC_BEAT_BYTES;

	genvar g;
	generate
		for (g = 0; g < 8; g = g + 1) begin : g_group
			localparam [0:0] Upper = g >= 4;
			wire [5:0] row = g % 4 == 0 ? w_row0_i : w_row_i;

			ram_sdp #(.Bytes(8), .Depth(Depth)) mem (
				.clk_i(clk_i), .we_i(w_be_i[8*(g%4) +: 8] & {8{row[0] == Upper}}), .waddr_i({w_thread_i, row[5:1]}),
				.wdata_i(w_data_i[64*(g%4) +: 64]), .raddr_i({r_thread_i, r_row_i}), .rdata_o(r_data_o[64*g +: 64])
			);
		end
	endgenerate
endmodule

`default_nettype wire
