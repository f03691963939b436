// SPDX-License-Identifier: Apache-2.0
//
// Block memory with one write port (byte enables) and one read port; read data comes one cycle after the address, and
// is the old word when it is written in the same cycle.

`include "ram_style.vh"
`default_nettype none

module ram_sdp #(
	parameter Bytes = 8,
	parameter Depth = 256,
	parameter AW = $clog2(Depth)
) (
	input  wire               clk_i,
	input  wire [Bytes-1:0]   we_i,
	input  wire [AW-1:0]      waddr_i,
	input  wire [8*Bytes-1:0] wdata_i,
	input  wire [AW-1:0]      raddr_i,
	output reg  [8*Bytes-1:0] rdata_o
);
	`RAM_BLOCK reg [8*Bytes-1:0] mem_q [0:Depth-1];
	integer i;

`ifdef VERILATOR
	// The same without a delayed write for each byte, which is what the simulation's time would be spent on.
	reg [8*Bytes-1:0] mask;

	/* verilator lint_off BLKSEQ */
	always @(posedge clk_i) begin
		rdata_o <= mem_q[raddr_i];
		if (we_i == {Bytes{1'b1}}) mem_q[waddr_i] = wdata_i;
		else if (we_i != {Bytes{1'b0}}) begin
			for (i = 0; i < Bytes; i = i + 1) mask[8*i +: 8] = {8{we_i[i]}};
			mem_q[waddr_i] = (mem_q[waddr_i] & ~mask) | (wdata_i & mask);
		end
	end
	/* verilator lint_on BLKSEQ */
`else
	always @(posedge clk_i) begin
		for (i = 0; i < Bytes; i = i + 1)
			if (we_i[i]) mem_q[waddr_i][8*i +: 8] <= wdata_i[8*i +: 8];
		rdata_o <= mem_q[raddr_i];
	end
`endif
endmodule

`default_nettype wire
