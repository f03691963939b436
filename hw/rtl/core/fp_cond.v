// SPDX-License-Identifier: Apache-2.0
//
// Is the lane's control operation taken? Compares in E1, by the adder's subtraction and the lane's bitwise operation.

`default_nettype none

module fp_cond (
	input  wire        clk_i,
	// E1
	input  wire [63:0] e1_bitwise_i,  // a ^ b for equality, a & b for common bits
	input  wire [1:0]  e1_a_tops_i,   // bits 63 and 31
	input  wire [1:0]  e1_b_tops_i,
	input  wire        e1_w_i,
	input  wire        e1_carry_i,  // of a - b
	input  wire        e1_eq_i,     // conditions that count
	input  wire        e1_lt_i,
	input  wire        e1_set_i,
	input  wire        e1_inv_i,
	input  wire        e1_signed_i,
	// E2
	output reg         e2_taken_o
);
	wire none   = e1_bitwise_i == 64'd0;
	wire a_sign = e1_w_i ? e1_a_tops_i[0] : e1_a_tops_i[1];
	wire b_sign = e1_w_i ? e1_b_tops_i[0] : e1_b_tops_i[1];
	wire below  = e1_signed_i && a_sign != b_sign ? a_sign : !e1_carry_i;

	always @(posedge clk_i)
		e2_taken_o <= e1_inv_i ^ ((e1_eq_i && none) || (e1_lt_i && below) || (e1_set_i && !none));
endmodule

`default_nettype wire
