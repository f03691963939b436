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
	// Slice 0 is the memory's own output register, each other a clock later.
	wire [64*Latency-1:0] a_data, b_data;

	ram_tdp #(.Bytes(8), .Depth(Words)) memory (
		.clk_i(clk_i),
		.a_we_i(a_we_i), .a_addr_i(a_addr_i), .a_wdata_i(a_wdata_i), .a_rdata_o(a_data[63:0]),
		.b_we_i(b_we_i), .b_addr_i(b_addr_i), .b_wdata_i(b_wdata_i), .b_rdata_o(b_data[63:0])
	);

	generate
		genvar i;
		for (i = 1; i < Latency; i = i + 1) begin : g_delay
			reg [63:0] a_q, b_q;
			assign a_data[64*i +: 64] = a_q;
			assign b_data[64*i +: 64] = b_q;
			always @(posedge clk_i) begin
				a_q <= a_data[64*(i-1) +: 64];
				b_q <= b_data[64*(i-1) +: 64];
			end
		end
	endgenerate

	assign a_rdata_o = a_data[64*Latency-1 -: 64];
	assign b_rdata_o = b_data[64*Latency-1 -: 64];
endmodule

`default_nettype wire
