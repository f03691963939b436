// SPDX-License-Identifier: Apache-2.0
//
// Small memory in LUTs: one write port; read ports whose data is there in the same cycle (the old word when it is being written).

`include "ram_style.vh"
`default_nettype none

module ram_lut #(
	parameter Width = 8,
	parameter Depth = 16,
	parameter Reads = 1,
	parameter AW = $clog2(Depth)
) (
	input  wire                   clk_i,
	input  wire                   we_i,
	input  wire [AW-1:0]          waddr_i,
	input  wire [Width-1:0]       wdata_i,
	input  wire [AW*Reads-1:0]    raddr_i,
	output wire [Width*Reads-1:0] rdata_o
);
	`RAM_LUT reg [Width-1:0] mem_q [0:Depth-1];

	genvar r;
	generate
		for (r = 0; r < Reads; r = r + 1) begin : g_read
			assign rdata_o[Width*r +: Width] = mem_q[raddr_i[AW*r +: AW]];
		end
	endgenerate

	always @(posedge clk_i) if (we_i) mem_q[waddr_i] <= wdata_i;
endmodule

`default_nettype wire
