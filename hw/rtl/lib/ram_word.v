// SPDX-License-Identifier: Apache-2.0
//
// Block memory with one port that writes whole words and one that reads; read data comes one cycle after the address, and
// is the old word when it is written in the same cycle.

`include "ram_style.vh"
`default_nettype none

module ram_word #(
	parameter Width = 64,
	parameter Depth = 512,
	parameter AW = $clog2(Depth)
) (
	input  wire             clk_i,
	input  wire             we_i,
	input  wire [AW-1:0]    waddr_i,
	input  wire [Width-1:0] wdata_i,
	input  wire [AW-1:0]    raddr_i,
	output reg  [Width-1:0] rdata_o
);
	`RAM_BLOCK reg [Width-1:0] mem_q [0:Depth-1];

`ifdef VERILATOR
	// The same, and a long word is only read where it may be another one.
	reg [AW-1:0] at_q;
	reg          new_q;

	always @(posedge clk_i) begin
		if (we_i) mem_q[waddr_i] <= wdata_i;
		if (new_q || raddr_i != at_q) rdata_o <= mem_q[raddr_i];
		at_q  <= raddr_i;
		new_q <= we_i;
	end
`else
	always @(posedge clk_i) begin
		if (we_i) mem_q[waddr_i] <= wdata_i;
		rdata_o <= mem_q[raddr_i];
	end
`endif
endmodule

`default_nettype wire
