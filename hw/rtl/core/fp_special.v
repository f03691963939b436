// SPDX-License-Identifier: Apache-2.0
//
// Value of a special operand; codes that name none read as 0.

`include "isa.vh"
`include "regs.vh"
`default_nettype none

module fp_special (
	input  wire [6:0]    code_i,
	input  wire [7:0]    cpu_i,
	input  wire [63:0]   x_i,
	input  wire [10:0]   front_i,    // of the metadata, of the packet, behind it
	input  wire [10:0]   start_i,
	input  wire [11:0]   end_i,
	input  wire [11:0]   len_i,
	input  wire [31:0]   ifindex_i,
	input  wire [7:0]    rxq_i,
	output wire [63:0]   value_o
);
	localparam [3:0]  TagPkt = `NIC_TAG_PKT, TagStack = `NIC_TAG_STACK, TagCtx = `NIC_TAG_CTX;
	localparam [12:0] Stack = `NIC_STACK_BYTES;

`ifdef VERILATOR
	// A simulator has done with most operands, which are registers, after a look at the code's top bit.
	reg [63:0] value;

	always @(*) begin
		case (code_i)
			`SR_X:              value = x_i;
			`SR_IFINDEX:        value = {32'd0, ifindex_i};
			`SR_RXQ:            value = {56'd0, rxq_i};
			`SR_FP:             value = {TagStack, 47'd0, Stack};
			`SR_CTX:            value = {TagCtx, 60'd0};
			`SR_META:           value = {TagPkt, 49'd0, front_i};
			`SR_DATA:           value = {TagPkt, 49'd0, start_i};
			`SR_DATA_END:       value = {TagPkt, 48'd0, end_i};
			`SR_LEN:            value = {52'd0, len_i};
			`SR_CPU:            value = {56'd0, cpu_i};
			default:            value = 64'd0;
		endcase
	end
	assign value_o = value;
`else
	reg [3:0]  tag;
	reg [12:0] little;

	// Everything but x and the 32-bit one.
	always @(*) begin
		case (code_i)
			`SR_FP:             {tag, little} = {TagStack, Stack};
			`SR_CTX:            {tag, little} = {TagCtx, 13'd0};
			`SR_META:           {tag, little} = {TagPkt, 2'd0, front_i};
			`SR_DATA:           {tag, little} = {TagPkt, 2'd0, start_i};
			`SR_DATA_END:       {tag, little} = {TagPkt, 1'b0, end_i};
			`SR_LEN:            {tag, little} = {5'd0, len_i};
			`SR_CPU:            {tag, little} = {9'd0, cpu_i};
			`SR_RXQ:            {tag, little} = {9'd0, rxq_i};
			default:            {tag, little} = 17'd0;
		endcase
	end

	wire is_x       = code_i == `SR_X;
	wire is_ifindex = code_i == `SR_IFINDEX;

	assign value_o = ({64{is_x}} & x_i) | {32'd0, {32{is_ifindex}} & ifindex_i} | {tag, 47'd0, little};
`endif
endmodule

`default_nettype wire
