// SPDX-License-Identifier: Apache-2.0
//
// Memory of a bank: 64-bit words, port A reads or writes, ports B read; each of these but the first has a copy of the memory. The data of a
// read started in cycle t is on rdata in t + Latency. A word read and written in the same cycle gives the old word.

`default_nettype none

module map_mem #(
	parameter Words = 16384,
	parameter Latency = 2,
	parameter Readers = 1,           // ports B
	parameter AW = $clog2(Words)
) (
	input  wire          clk_i,
	input  wire [AW-1:0] a_addr_i,
	input  wire [7:0]    a_we_i,
	input  wire [63:0]   a_wdata_i,
	output wire [63:0]   a_rdata_o,
	input  wire [AW*Readers-1:0] b_addr_i,
	output wire [64*Readers-1:0] b_rdata_o
);
	wire [64*Readers-1:0] a_copies, b_data;
	wire [63:0] a_data = a_copies[63:0];

	genvar r;
	generate
		for (r = 0; r < Readers; r = r + 1) begin : g_copy
			ram_tdp #(.Bytes(8), .Depth(Words)) memory (
				.clk_i(clk_i),
				.a_we_i(a_we_i), .a_addr_i(a_addr_i), .a_wdata_i(a_wdata_i), .a_rdata_o(a_copies[64*r +: 64]),
				.b_we_i(8'd0), .b_addr_i(b_addr_i[AW*r +: AW]), .b_wdata_i(64'd0), .b_rdata_o(b_data[64*r +: 64])
			);
		end
	endgenerate
	// The memory's own output register is the first cycle of the latency.
	generate
		if (Latency > 1) begin : g_more
			delay #(.Width(64 + 64 * Readers), .Stages(Latency - 1)) later (
				.clk_i(clk_i), .d_i({a_data, b_data}), .q_o({a_rdata_o, b_rdata_o})
			);
		end else begin : g_one
			assign a_rdata_o = a_data;
			assign b_rdata_o = b_data;
		end
	endgenerate

	wire unused = &{1'b0, a_copies};
endmodule

`default_nettype wire
