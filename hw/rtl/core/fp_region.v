// SPDX-License-Identifier: Apache-2.0
//
// Is a local access legal? Combinational in E2, except for the highest legal offset, which E1 works out.

`include "regs.vh"
`default_nettype none

module fp_region (
	input  wire        clk_i,
	// E1
	input  wire [11:0] e1_len_i,
	input  wire [1:0]  e1_width_i,
	// E2
	input  wire [63:0] e2_addr_i,
	input  wire [1:0]  e2_width_i,
	output wire        e2_stack_o,  // which of the two, when legal
	output wire        e2_legal_o
);
	localparam [3:0]  TagPkt = `NIC_TAG_PKT, TagStack = `NIC_TAG_STACK;
	localparam [12:0] Head = `NIC_HEADROOM;
	localparam        HeadBits = $clog2(`NIC_HEADROOM);  // both are powers of two
	localparam        StackBits = $clog2(`NIC_STACK_BYTES);

	reg  [12:0] e2_highest_q;
	wire [12:0] offset  = e2_addr_i[12:0];
	wire        fits    = e2_addr_i[59:13] == 47'd0;
	wire        aligned = (e2_addr_i[2:0] & {e2_width_i == 2'd3, e2_width_i[1], e2_width_i != 2'd0}) == 3'd0;
	wire        in_pkt  = offset[12:HeadBits] != {13-HeadBits{1'b0}} && offset <= e2_highest_q;
	wire        in_stack = offset[12:StackBits] == {13-StackBits{1'b0}} && aligned;

	// A packet has at least one byte, so this is not negative.
	always @(posedge clk_i) e2_highest_q <= Head + {1'b0, e1_len_i} - (13'd1 << e1_width_i);

	assign e2_stack_o = e2_addr_i[61];
	assign e2_legal_o = fits && ((e2_addr_i[63:60] == TagPkt && in_pkt) || (e2_addr_i[63:60] == TagStack && in_stack));
endmodule

`default_nettype wire
