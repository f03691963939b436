// SPDX-License-Identifier: Apache-2.0
//
// Block memory with two ports that read and write (byte enables); read data comes one cycle after the address, and is
// the old word when it is written in the same cycle. Both ports must not write one byte in the same cycle.

`include "ram_style.vh"
`default_nettype none

module ram_tdp #(
	parameter Bytes = 8,
	parameter Depth = 1024,
	parameter AW = $clog2(Depth)
) (
	input  wire               clk_i,
	input  wire [Bytes-1:0]   a_we_i,
	input  wire [AW-1:0]      a_addr_i,
	input  wire [8*Bytes-1:0] a_wdata_i,
	output reg  [8*Bytes-1:0] a_rdata_o,
	input  wire [Bytes-1:0]   b_we_i,
	input  wire [AW-1:0]      b_addr_i,
	input  wire [8*Bytes-1:0] b_wdata_i,
	output reg  [8*Bytes-1:0] b_rdata_o
);
	`RAM_BLOCK reg [8*Bytes-1:0] mem_q [0:Depth-1];
	integer i, j;

`ifdef VERILATOR
	// The same without a delayed write for each byte, which is what the simulation's time would be spent on.
	reg [8*Bytes-1:0] mask;

	/* verilator lint_off BLKSEQ */
	always @(posedge clk_i) begin
		a_rdata_o <= mem_q[a_addr_i];
		b_rdata_o <= mem_q[b_addr_i];
		if (a_we_i == {Bytes{1'b1}}) mem_q[a_addr_i] = a_wdata_i;
		else if (a_we_i != {Bytes{1'b0}}) begin
			for (i = 0; i < Bytes; i = i + 1) mask[8*i +: 8] = {8{a_we_i[i]}};
			mem_q[a_addr_i] = (mem_q[a_addr_i] & ~mask) | (a_wdata_i & mask);
		end
		if (b_we_i == {Bytes{1'b1}}) mem_q[b_addr_i] = b_wdata_i;
		else if (b_we_i != {Bytes{1'b0}}) begin
			for (j = 0; j < Bytes; j = j + 1) mask[8*j +: 8] = {8{b_we_i[j]}};
			mem_q[b_addr_i] = (mem_q[b_addr_i] & ~mask) | (b_wdata_i & mask);
		end
	end
	/* verilator lint_on BLKSEQ */
`else
	always @(posedge clk_i) begin
		for (i = 0; i < Bytes; i = i + 1)
			if (a_we_i[i]) mem_q[a_addr_i][8*i +: 8] <= a_wdata_i[8*i +: 8];
		a_rdata_o <= mem_q[a_addr_i];
	end

	always @(posedge clk_i) begin
		for (j = 0; j < Bytes; j = j + 1)
			if (b_we_i[j]) mem_q[b_addr_i][8*j +: 8] <= b_wdata_i[8*j +: 8];
		b_rdata_o <= mem_q[b_addr_i];
	end
`endif
endmodule

`default_nettype wire
