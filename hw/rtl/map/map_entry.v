// SPDX-License-Identifier: Apache-2.0
//
// Is it the address of an entry that lies wholly in its map? Links are memory that programs can write.

`default_nettype none

module map_entry (
	input  wire [31:0] entry_i,
	input  wire [31:0] first_i,      // of the map
	input  wire [31:0] last_i,
	output wire        ok_o
);
	assign ok_o = entry_i[2:0] == 3'd0 && entry_i >= first_i && entry_i <= last_i;
endmodule

`default_nettype wire
