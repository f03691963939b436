// SPDX-License-Identifier: Apache-2.0
//
// A ring of bits turned right by none to three times Step. Turns in a row, of steps of 1, 4, 16 .., make every rotation.

`default_nettype none

module turn #(
	parameter Width = 64,
	parameter Step = 1
) (
	input  wire [1:0]       by_i,
	input  wire [Width-1:0] in_i,
	output reg  [Width-1:0] out_o
);
`ifdef VERILATOR
	localparam One = 64;              // what a simulator turns at once
`else
	localparam One = 0;
`endif

	generate
		if (Width == One) begin : g_word
			localparam [5:0] By = Step;
			wire [5:0] right = {4'd0, by_i} * By, left = 6'd0 - right;
			always @(*) out_o = in_i >> right | in_i << left;
		end else begin : g_choice
			always @(*) begin
				case (by_i)
					2'd0: out_o = in_i;
					2'd1: out_o = {in_i[Step-1:0], in_i[Width-1:Step]};
					2'd2: out_o = {in_i[2*Step-1:0], in_i[Width-1:2*Step]};
					default: out_o = {in_i[3*Step-1:0], in_i[Width-1:3*Step]};
				endcase
			end
		end
	endgenerate
endmodule

`default_nettype wire
