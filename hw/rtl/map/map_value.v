// SPDX-License-Identifier: Apache-2.0
//
// The value of a load out of the word that has its bytes, or the two: byte-swapped or not, zero- or sign-extended. Of two words the first
// is turned when it comes; the user keeps it until the second one does.

`default_nettype none

module map_value (
	input  wire [63:0] word_i,
	input  wire        second_i,
	input  wire [63:0] first_i,      // what turned_o was of the first word, if this is the second
	input  wire [2:0]  off_i,        // of the access in its first word; also the others are those of the access, for either word
	input  wire [1:0]  width_i,      // log2 of bytes
	input  wire        swap_i,
	input  wire        sign_i,
	output wire [63:0] turned_o,
	output wire [63:0] value_o
);
	wire       is8 = width_i == 2'd3, is4 = width_i[1], is2 = width_i != 2'd0;   // at least so many bytes
	wire [2:0] last = {is8, is4, is2};
	wire [2:0] size = {width_i == 2'd2, width_i == 2'd1, width_i == 2'd0};       // modulo 8

	align bytes (.turn_i(off_i + ({3{swap_i}} & size)), .reverse_i(swap_i), .in_i(word_i), .out_o(turned_o));

	wire [63:0] v;
	genvar      i;
	generate
		for (i = 0; i < 8; i = i + 1) begin : g_byte
			localparam [2:0] Number = i;
			wire [2:0] place = Number ^ ({3{swap_i}} & last);   // of the bytes of the access
			wire       first = place <= ~off_i;                  // in the first word: the sum with off_i is 7 at most
			assign v[8*i +: 8] = second_i && first ? first_i[8*i +: 8] : turned_o[8*i +: 8];
		end
	endgenerate
	wire fill = sign_i && (is4 ? v[31] : is2 ? v[15] : v[7]);   // not looked at with 8 bytes

	assign value_o = {is8 ? v[63:32] : {32{fill}}, is4 ? v[31:16] : {16{fill}}, is2 ? v[15:8] : {8{fill}}, v[7:0]};
endmodule

`default_nettype wire
