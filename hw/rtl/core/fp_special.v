// SPDX-License-Identifier: Apache-2.0
//
// Value of a special operand; codes that name none read as 0.

`include "isa.vh"
`include "regs.vh"
`default_nettype none

module fp_special #(
	parameter TW = 4
) (
	input  wire [6:0]    code_i,
	input  wire [TW-1:0] thread_i,
	input  wire [63:0]   x_i,
	input  wire [11:0]   len_i,
	input  wire [31:0]   ifindex_i,
	input  wire [31:0]   rxq_i,
	output reg  [63:0]   value_o
);
	localparam [3:0]  TagPkt = `NIC_TAG_PKT, TagStack = `NIC_TAG_STACK, TagCtx = `NIC_TAG_CTX;
	localparam [12:0] Head = `NIC_HEADROOM;
	localparam [59:0] Stack = `NIC_STACK_BYTES;

	wire [12:0] end_of_data = Head + {1'b0, len_i};

	always @(*) begin
		case (code_i)
			`SR_X:              value_o = x_i;
			`SR_FP:             value_o = {TagStack, Stack};
			`SR_CTX:            value_o = {TagCtx, 60'd0};
			`SR_DATA, `SR_META: value_o = {TagPkt, 47'd0, Head};
			`SR_DATA_END:       value_o = {TagPkt, 47'd0, end_of_data};
			`SR_LEN:            value_o = {52'd0, len_i};
			`SR_IFINDEX:        value_o = {32'd0, ifindex_i};
			`SR_RXQ:            value_o = {32'd0, rxq_i};
			`SR_CPU:            value_o = {{64-TW{1'b0}}, thread_i};
			default:            value_o = 64'd0;
		endcase
	end
endmodule

`default_nettype wire
