// SPDX-License-Identifier: Apache-2.0
//
// Map memory: 64-bit words, two ports, each reads or writes one word a clock. The data of a read started in
// cycle t is on rdata in t + Latency. A word read and written in the same cycle gives the old word; the ports
// are never asked to write the same word in one cycle.

`default_nettype none

module map_mem #(
	parameter Words = 65536,
	parameter Latency = 2,
	parameter AW = $clog2(Words)
) (
	input  wire          clk_i,
	// value unit
	input  wire [AW-1:0] a_addr_i,
	input  wire [7:0]    a_we_i,
	input  wire [63:0]   a_wdata_i,
	output wire [63:0]   a_rdata_o,
	// engine and host
	input  wire [AW-1:0] b_addr_i,
	input  wire [7:0]    b_we_i,
	input  wire [63:0]   b_wdata_i,
	output wire [63:0]   b_rdata_o
);
	(* ram_style = "block" *) reg [63:0] mem_q [0:Words-1];
	reg [64*Latency-1:0] a_q, b_q;

	assign a_rdata_o = a_q[64*Latency-1 -: 64];
	assign b_rdata_o = b_q[64*Latency-1 -: 64];

	// The first 64 bits are the memory's own output register; the rest only delays.
	always @(posedge clk_i) a_q[63:0] <= mem_q[a_addr_i];
	always @(posedge clk_i) b_q[63:0] <= mem_q[b_addr_i];

	generate
		genvar i;
		for (i = 1; i < Latency; i = i + 1) begin : g_delay
			always @(posedge clk_i) begin
				a_q[64*i +: 64] <= a_q[64*(i-1) +: 64];
				b_q[64*i +: 64] <= b_q[64*(i-1) +: 64];
			end
		end
		for (i = 0; i < 8; i = i + 1) begin : g_byte
			always @(posedge clk_i) if (a_we_i[i]) mem_q[a_addr_i][8*i +: 8] <= a_wdata_i[8*i +: 8];
			always @(posedge clk_i) if (b_we_i[i]) mem_q[b_addr_i][8*i +: 8] <= b_wdata_i[8*i +: 8];
		end
	endgenerate
endmodule

`default_nettype wire
