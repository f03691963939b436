// SPDX-License-Identifier: Apache-2.0
//
// Is a local access legal? Combinational in E2, except for the highest legal offset, which E1 works out.

`include "regs.vh"
`default_nettype none

module fp_region (
	input  wire        clk_i,
	// E1
	input  wire [10:0] e1_front_i,  // of metadata and packet
	input  wire [11:0] e1_end_i,    // behind them
	input  wire [2:0]  e1_width_i,  // its logarithm, or 4 for six bytes
	// E2
	input  wire [63:0] e2_addr_i,
	input  wire [2:0]  e2_width_i,
	output wire        e2_stack_o,  // which of the two, when legal
	output wire        e2_legal_o
);
	localparam [3:0]  TagPkt = `NIC_TAG_PKT, TagStack = `NIC_TAG_STACK;
	localparam        StackBits = $clog2(`NIC_STACK_BYTES);

	reg  [10:0] e2_front_q;
	reg  [11:0] e2_highest_q;
	wire [12:0] offset  = e2_addr_i[12:0];
	wire        fits    = e2_addr_i[59:13] == 47'd0;
	wire        aligned = (e2_addr_i[2:0] & {e2_width_i == 3'd3 || e2_width_i[2], e2_width_i[1] || e2_width_i[2], e2_width_i != 3'd0}) == 3'd0;
	wire        in_pkt  = offset >= {2'd0, e2_front_q} && offset <= {1'b0, e2_highest_q};
	wire        in_stack = offset[12:StackBits] == {13-StackBits{1'b0}} && aligned;

	// A packet ends eight bytes and more behind its buffer's beginning, so this is not negative.
	always @(posedge clk_i) begin
		e2_front_q   <= e1_front_i;
		e2_highest_q <= e1_end_i - (e1_width_i[2] ? 12'd6 : 12'd1 << e1_width_i[1:0]);
	end

	assign e2_stack_o = e2_addr_i[61];
	assign e2_legal_o = fits && ((e2_addr_i[63:60] == TagPkt && in_pkt) || (e2_addr_i[63:60] == TagStack && in_stack));
endmodule

`default_nettype wire
