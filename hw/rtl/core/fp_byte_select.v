// SPDX-License-Identifier: Apache-2.0
//
// Which byte of a ring of eight a value's byte i comes from, and whether it has one: byte 0 of the value, or with swap
// the highest byte, stands at off; 1 << width bytes go up from there.

`default_nettype none

module fp_byte_select (
	input  wire [2:0]  off_i,
	input  wire [1:0]  width_i,
	input  wire        swap_i,
	output wire [23:0] select_o,  // three bits per byte of the value
	output wire [7:0]  valid_o,
	output wire [2:0]  high_o     // where the value's highest byte stands
);
	wire [2:0] last = {width_i == 2'd3, width_i[1], width_i != 2'd0};

	assign valid_o = 8'hff >> ~last;
	assign high_o = off_i + (swap_i ? 3'd0 : last);

	genvar i;
	generate
		for (i = 0; i < 8; i = i + 1) begin : g_byte
			localparam [2:0] Index = i;

			assign select_o[3*i +: 3] = off_i + (swap_i ? last - Index : Index);
		end
	endgenerate
endmodule

`default_nettype wire
