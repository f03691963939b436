// SPDX-License-Identifier: Apache-2.0
//
// map_value: of every access, in one word or across two of which the first was turned, the value has the access's bytes in the order asked for,
// and what is above them is 0 or the sign.
//@ sources: hw/rtl/map/map_value.v
//@ bound: 1
//@ induction: 2
//@ break: hw/rtl/map/map_value.v: s/place <= ~off_i/place < ~off_i/
//@ break: hw/rtl/map/map_value.v: s/is4 ? v\[31\]/is4 ? v[15]/
//@ break: hw/rtl/map/map_value.v: s/{3{swap_i}} \& size/{3{swap_i}} \& last/

`default_nettype none

module map_value_proof (
	input wire [127:0] words_i,
	input wire [2:0]   off_i,
	input wire [1:0]   width_i,
	input wire         swap_i,
	input wire         sign_i,
	input wire [63:0]  any_i
);
	wire [3:0]  size = 4'd1 << width_i;
	wire        two  = {1'b0, off_i} + size > 4'd8;
	wire [63:0] turned, unused_turned, unused_value, value;

	map_value first (
		.word_i(words_i[63:0]), .second_i(1'b0), .first_i(any_i), .off_i(off_i), .width_i(width_i), .swap_i(swap_i), .sign_i(sign_i),
		.turned_o(turned), .value_o(unused_value)
	);
	map_value dut (
		.word_i(two ? words_i[127:64] : words_i[63:0]), .second_i(two), .first_i(turned), .off_i(off_i), .width_i(width_i), .swap_i(swap_i),
		.sign_i(sign_i), .turned_o(unused_turned), .value_o(value)
	);

	integer   i;
	reg [3:0] at, top;

	always @(*) begin
		top = {1'b0, off_i} + (swap_i ? 4'd0 : size - 4'd1);
		for (i = 0; i < 8; i = i + 1) begin
			at = {1'b0, off_i} + (swap_i ? size - 4'd1 - i[3:0] : i[3:0]);
			if (i < size) assert(value[8*i +: 8] == words_i[8*at +: 8]);
			else assert(value[8*i +: 8] == {8{sign_i && words_i[8*top+7]}});
		end
	end
endmodule
