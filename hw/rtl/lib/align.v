// SPDX-License-Identifier: Apache-2.0
//
// Turns a ring of eight bytes so that byte turn comes first, then reverses the order of all eight if asked to.
//
// A value of n bytes at offset off of a ring is got with turn = off, big-endian with turn = off + n and reverse, and is
// put there with turn = -off, or off + n and reverse (all modulo 8).

`default_nettype none

module align (
	input  wire [2:0]  turn_i,
	input  wire        reverse_i,
	input  wire [63:0] in_i,
	output wire [63:0] out_o
);
`ifdef VERILATOR
	// At once, which is faster in a simulator.
	wire [5:0]  right = {turn_i, 3'd0}, left = 6'd0 - right;
	wire [63:0] ring = in_i >> right | in_i << left;

	assign out_o = !reverse_i ? ring
		: {ring[7:0], ring[15:8], ring[23:16], ring[31:24], ring[39:32], ring[47:40], ring[55:48], ring[63:56]};
`else
	wire [63:0] even;

	turn #(.Width(64), .Step(16)) pairs (.by_i(turn_i[2:1]), .in_i(in_i), .out_o(even));

	genvar i;
	generate
		for (i = 0; i < 8; i = i + 1) begin : g_byte
			localparam Next = (i + 1) % 8, Mirror = 7 - i, MirrorNext = (8 - i) % 8;

			mux4 #(.Width(8)) pick (
				.sel_i({reverse_i, turn_i[0]}),
				.in_i({even[8*MirrorNext +: 8], even[8*Mirror +: 8], even[8*Next +: 8], even[8*i +: 8]}),
				.out_o(out_o[8*i +: 8])
			);
		end
	endgenerate
`endif
endmodule

`default_nettype wire
