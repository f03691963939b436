// SPDX-License-Identifier: Apache-2.0
//
// One of four words.

`default_nettype none

module mux4 #(
	parameter Width = 8
) (
	input  wire [1:0]         sel_i,
	input  wire [4*Width-1:0] in_i,
	output reg  [Width-1:0]   out_o
);
	wire [Width-1:0] choice0 = in_i[0 +: Width], choice1 = in_i[Width +: Width], choice2 = in_i[2*Width +: Width], choice3 = in_i[3*Width +: Width];

	always @(*) begin
		case (sel_i)
			2'd0: out_o = choice0;
			2'd1: out_o = choice1;
			2'd2: out_o = choice2;
			default: out_o = choice3;
		endcase
	end
endmodule

`default_nettype wire
