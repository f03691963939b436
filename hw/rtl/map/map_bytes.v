// SPDX-License-Identifier: Apache-2.0
//
// The low 1, 2, 4 or 8 bytes of a value, byte-swapped or not, zero- or sign-extended.

`default_nettype none

module map_bytes (
	input  wire [63:0] value_i,
	input  wire [1:0]  width_i,      // log2 of bytes
	input  wire        swap_i,
	input  wire        sign_i,
	output reg  [63:0] value_o
);
	wire [63:0] v = value_i;
	wire [15:0] h = swap_i ? {v[7:0], v[15:8]} : v[15:0];
	wire [31:0] w = swap_i ? {v[7:0], v[15:8], v[23:16], v[31:24]} : v[31:0];

	always @(*) begin
		case (width_i)
			2'd0: value_o = {{56{sign_i && v[7]}}, v[7:0]};
			2'd1: value_o = {{48{sign_i && h[15]}}, h};
			2'd2: value_o = {{32{sign_i && w[31]}}, w};
			default: value_o = swap_i ? {w, v[39:32], v[47:40], v[55:48], v[63:56]} : v;
		endcase
	end
endmodule

`default_nettype wire
