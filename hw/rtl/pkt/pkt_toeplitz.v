// SPDX-License-Identifier: Apache-2.0
//
// Toeplitz hash of a string of bits, all at once: for every bit that is set the 32 bits of the key that begin there.
// Combinational. The first bit of string and key is their top one.

`default_nettype none

module pkt_toeplitz #(
	parameter Bits = 96
) (
	input  wire [Bits+30:0] key_i,
	input  wire [Bits-1:0]  string_i,
	output wire [31:0]      hash_o
);
	// In groups of three bits, which with their key bits fill a LUT.
	localparam Groups = (Bits + 2) / 3;

	genvar i, g;
	generate
		for (i = 0; i < 32; i = i + 1) begin : g_bit
			wire [3*Groups-1:0] terms = {{3*Groups-Bits{1'b0}}, string_i & key_i[i +: Bits]};
			wire [Groups-1:0]   parts;
			for (g = 0; g < Groups; g = g + 1) begin : g_group
				assign parts[g] = ^terms[3*g +: 3];
			end
			assign hash_o[i] = ^parts;
		end
	endgenerate
endmodule

`default_nettype wire
