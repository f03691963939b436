// SPDX-License-Identifier: Apache-2.0
//
// align: a value put at an offset of a ring by the recipe of its head comment stands there byte by byte, little- or big-endian,
// and is got back from there; for every value, size and offset.
//@ sources: hw/rtl/lib/align.v
//@ bound: 1
//@ induction: 2
//@ break: hw/rtl/lib/align.v: s/MirrorNext = (8 - i) % 8/MirrorNext = (7 - i) % 8/
//@ break: hw/rtl/lib/align.v: s/by_i(turn_i\[2:1\])/by_i({turn_i[2], 1'b0})/

`default_nettype none

module align_proof (
	input wire [63:0] value_i,
	input wire [1:0]  width_i,
	input wire [2:0]  offset_i,
	input wire        swap_i
);
	wire [3:0]  size = 4'd1 << width_i;
	wire [63:0] ring, back;
	wire [2:0]  at = offset_i + size[2:0];

	align put (.turn_i(swap_i ? at : 3'd0 - offset_i), .reverse_i(swap_i), .in_i(value_i), .out_o(ring));
	align get (.turn_i(swap_i ? at : offset_i), .reverse_i(swap_i), .in_i(ring), .out_o(back));

	integer   i;
	reg [2:0] lane, place;

	always @(*)
		for (i = 0; i < 8; i = i + 1)
			if (i < size) begin
				lane  = offset_i + i[2:0];
				place = swap_i ? size[2:0] - 3'd1 - i[2:0] : i[2:0];
				assert(ring[8*lane +: 8] == value_i[8*place +: 8]);
				assert(back[8*i +: 8] == value_i[8*i +: 8]);
			end
endmodule
