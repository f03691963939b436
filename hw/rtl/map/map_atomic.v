// SPDX-License-Identifier: Apache-2.0
//
// What an atomic makes of a memory word. 32-bit operands are the half of the word that upper_i names.

`include "isa.vh"
`default_nettype none

module map_atomic (
	input  wire [2:0]  op_i,         // low bits of the opcode
	input  wire        w_i,          // 32-bit
	input  wire        upper_i,      // address bit 2
	input  wire [63:0] word_i,
	input  wire [63:0] b_i,
	input  wire [63:0] c_i,
	output wire [63:0] old_o,        // 32-bit: zero-extended
	output wire [63:0] word_o,
	output wire [7:0]  mask_o        // bytes of word_o to write
);
	wire [31:0] half = upper_i ? word_i[63:32] : word_i[31:0];
	assign old_o = w_i ? {32'd0, half} : word_i;

	wire same = old_o[31:0] == c_i[31:0] && (w_i || old_o[63:32] == c_i[63:32]);
	localparam [7:0] Madd = `OP_MADD, Mand = `OP_MAND, Mor = `OP_MOR, Mxor = `OP_MXOR, Mxchg = `OP_MXCHG;
	reg [63:0] new_value;
	always @(*) begin
		case (op_i)
			Madd[2:0]:  new_value = old_o + b_i;
			Mand[2:0]:  new_value = old_o & b_i;
			Mor[2:0]:   new_value = old_o | b_i;
			Mxor[2:0]:  new_value = old_o ^ b_i;
			Mxchg[2:0]: new_value = b_i;
			default:   new_value = same ? b_i : old_o;
		endcase
	end

	assign word_o = w_i ? {new_value[31:0], new_value[31:0]} : new_value;
	assign mask_o = !w_i ? 8'hff : upper_i ? 8'hf0 : 8'h0f;
endmodule

`default_nettype wire
