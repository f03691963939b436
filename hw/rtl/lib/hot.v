// SPDX-License-Identifier: Apache-2.0
//
// A set of numbers with one member, or none.

`default_nettype none

module hot #(
	parameter Count = 16,
	parameter NW = Count > 1 ? $clog2(Count) : 1
) (
	input  wire             valid_i,
	input  wire [NW-1:0]    number_i,
	output wire [Count-1:0] hot_o
);
`ifdef VERILATOR
	// One operation of a simulator, or none.
	localparam [Count-1:0] One = {{Count-1{1'b0}}, 1'b1};
	assign hot_o = valid_i ? One << number_i : {Count{1'b0}};
`else
	// A shift becomes a tree of choices; this is a LUT or two each.
	genvar i;
	generate
		for (i = 0; i < Count; i = i + 1) begin : g_member
			localparam [NW-1:0] Number = i;
			assign hot_o[i] = valid_i && number_i == Number;
		end
	endgenerate
`endif
endmodule

`default_nettype wire
