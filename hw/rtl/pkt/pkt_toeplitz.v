// SPDX-License-Identifier: Apache-2.0
//
// Toeplitz hash of a string of bits, all at once: for every bit that is set the 32 bits of the key that begin there, in the
// clock after en_i. The first bit of string and key is their top one.

`default_nettype none

module pkt_toeplitz #(
	parameter Bits = 96
) (
	input  wire             clk_i,
	input  wire             en_i,
	input  wire [Bits+30:0] key_i,
	input  wire [Bits-1:0]  string_i,
	output reg  [31:0]      hash_o
);
	// In groups of three bits, which with their key bits fill a LUT; a simulator does it faster at once.
	localparam Groups = (Bits + 2) / 3;

`ifdef VERILATOR
	function parity;
		input [3*Groups-1:0] bits;
		parity = ^bits;
	endfunction
`else
	function parity;
		input [3*Groups-1:0] bits;
		reg [Groups-1:0] parts;
		integer          g;
		begin
			for (g = 0; g < Groups; g = g + 1) parts[g] = ^bits[3*g +: 3];
			parity = ^parts;
		end
	endfunction
`endif

	integer i;

	always @(posedge clk_i)
		if (en_i)
			for (i = 0; i < 32; i = i + 1)
				hash_o[i] <= parity({{3*Groups-Bits{1'b0}}, string_i & key_i[i +: Bits]});
endmodule

`default_nettype wire
