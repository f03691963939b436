// SPDX-License-Identifier: Apache-2.0
//
// A value some clocks later.

`default_nettype none

module delay #(
	parameter Width = 1,
	parameter Stages = 1
) (
	input  wire             clk_i,
	input  wire [Width-1:0] d_i,
	output wire [Width-1:0] q_o
);
	reg [Width*Stages-1:0] stages_q;

	assign q_o = stages_q[Width*(Stages-1) +: Width];

	generate
		if (Stages == 1) begin : g_one
			always @(posedge clk_i) stages_q <= d_i;
		end else begin : g_more
			always @(posedge clk_i) stages_q <= {stages_q[Width*(Stages-1)-1:0], d_i};
		end
	endgenerate
endmodule

`default_nettype wire
