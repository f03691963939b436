// SPDX-License-Identifier: Apache-2.0
//
// One of four words.

`default_nettype none

module mux4 #(
	parameter Width = 8
) (
	input  wire [1:0]         sel_i,
	input  wire [4*Width-1:0] in_i,
	output wire [Width-1:0]   out_o
);
	assign out_o = sel_i[1] ? (sel_i[0] ? in_i[3*Width +: Width] : in_i[2*Width +: Width])
		: (sel_i[0] ? in_i[Width +: Width] : in_i[0 +: Width]);
endmodule

`default_nettype wire
