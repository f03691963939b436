// SPDX-License-Identifier: Apache-2.0
//
// Is a packet in the NIC that was taken before the last write of an ENTRY?

`default_nettype none

module csr_old #(
	parameter Contexts = 32
) (
	input  wire                clk_i,
	input  wire                rst_i,
	input  wire                mark_i,    // an ENTRY is written
	input  wire [Contexts-1:0] idle_i,
	output reg                 any_o      // a cycle later
);
	reg [Contexts-1:0] old_q;

	always @(posedge clk_i) begin
		old_q <= rst_i ? {Contexts{1'b0}} : (old_q | {Contexts{mark_i}}) & ~idle_i;
		any_o <= !rst_i && old_q != {Contexts{1'b0}};
	end
endmodule

`default_nettype wire
