// SPDX-License-Identifier: Apache-2.0
//
// One of Count words; a number that names none gives 0.

`default_nettype none

module mux #(
	parameter Width = 8,
	parameter Count = 2,
	parameter SW = Count > 1 ? $clog2(Count) : 1
) (
	input  wire [SW-1:0]          sel_i,
	input  wire [Count*Width-1:0] in_i,
	output reg  [Width-1:0]       out_o
);
`ifdef VERILATOR
	// The same, and faster in a simulator.
	localparam [31:0] End = Count;
	always @(*) out_o = {{32-SW{1'b0}}, sel_i} < End ? in_i[Width*sel_i +: Width] : {Width{1'b0}};
`else
	integer i;

	always @(*) begin
		out_o = {Width{1'b0}};
		for (i = 0; i < Count; i = i + 1)
			out_o = out_o | (in_i[Width*i +: Width] & {Width{sel_i == i[SW-1:0]}});
	end
`endif
endmodule

`default_nettype wire
