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
	integer i;

`ifdef VERILATOR
	// At once, and mostly of the addresses of IPv4 alone, which is faster in a simulator.
	localparam Top = Bits < 64 ? Bits : 64;
	wire rest;

	generate
		if (Bits > Top) begin : g_rest
			assign rest = string_i[Bits-Top-1:0] != {Bits-Top{1'b0}};
		end else begin : g_no_rest
			assign rest = 1'b0;
		end
	endgenerate

	always @(posedge clk_i)
		if (en_i && rest)
			for (i = 0; i < 32; i = i + 1) hash_o[i] <= ^(string_i & key_i[i +: Bits]);
		else if (en_i)
			for (i = 0; i < 32; i = i + 1) hash_o[i] <= ^(string_i[Bits-1 -: Top] & key_i[i+Bits-Top +: Top]);
`else
	// In groups of three bits, which with their key bits fill a LUT.
	localparam Groups = (Bits + 2) / 3;

	function parity;
		input [3*Groups-1:0] bits;
		reg [Groups-1:0] parts;
		integer          g;
		begin
			for (g = 0; g < Groups; g = g + 1) parts[g] = ^bits[3*g +: 3];
			parity = ^parts;
		end
	endfunction

	always @(posedge clk_i)
		if (en_i)
			for (i = 0; i < 32; i = i + 1)
				hash_o[i] <= parity({{3*Groups-Bits{1'b0}}, string_i & key_i[i +: Bits]});
`endif
endmodule

`default_nettype wire
