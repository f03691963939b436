// SPDX-License-Identifier: Apache-2.0
//
// One's complement sums of the last lane: of two words, out of the adder's sum and carry, and of the four 16-bit words of one.

`default_nettype none

module fp_sum (
	input  wire        clk_i,
	// E1
	input  wire [63:0] e1_a_i,
	input  wire        e1_carry_i,   // of a + b
	// E2
	input  wire        e2_is_sum_i,  // else the value is 0
	input  wire        e2_fold_i,
	input  wire [63:0] e2_sum_i,     // a + b
	// M2
	output reg  [63:0] m2_value_o
);
	reg        e2_carry_q, m1_none_q, m1_fold_q;
	reg [32:0] e2_words_q;
	reg [16:0] m1_half_q;
	reg [63:0] m1_sum_q;

	// The two carries of a fold are never one behind the other: a sum with a carry has room for it.
	always @(posedge clk_i) begin
		// E1
		e2_carry_q <= e1_carry_i;
		e2_words_q <= {1'b0, e1_a_i[63:32]} + {1'b0, e1_a_i[31:0]};
		// E2
		m1_none_q  <= !e2_is_sum_i;
		m1_fold_q  <= e2_fold_i;
		m1_sum_q   <= e2_sum_i + {63'd0, e2_carry_q};
		m1_half_q  <= {1'b0, e2_words_q[31:16]} + {1'b0, e2_words_q[15:0]} + {16'd0, e2_words_q[32]};
		// M1
		m2_value_o <= m1_fold_q ? {48'd0, m1_half_q[15:0] + {15'd0, m1_half_q[16]}} : m1_sum_q;
		if (m1_none_q) m2_value_o <= 64'd0;
	end
endmodule

`default_nettype wire
