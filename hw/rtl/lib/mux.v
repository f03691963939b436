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
	output wire [Width-1:0]       out_o
);
`ifdef VERILATOR
	// The same, and faster in a simulator: words of a vector that is long are chosen where they come from.
	localparam [31:0] End = Count;
	localparam Few = 16, Long = 64;

	genvar g;
	generate
		if (Count <= Few && Width * Count > Long) begin : g_choose
			for (g = 0; g < Count; g = g + 1) begin : g_word
				localparam [SW-1:0] Number = g;
				wire [Width-1:0] word;
				if (g == 0) begin : g_first
					assign word = sel_i == Number ? in_i[Width*g +: Width] : {Width{1'b0}};
				end else begin : g_next
					assign word = sel_i == Number ? in_i[Width*g +: Width] : g_word[g-1].word;
				end
			end
			assign out_o = g_word[Count-1].word;
		end else begin : g_index
			assign out_o = {{32-SW{1'b0}}, sel_i} < End ? in_i[Width*sel_i +: Width] : {Width{1'b0}};
		end
	endgenerate
`else
	// A tree of choices of two, which tools take for a wide multiplexer: ORs of what is chosen take twice the LUTs. Each choice has wires of its
	// own, and the words come by a register: a simulator wakes all that read from a vector each time a bit of it changes.
	localparam Ways = 1 << SW;
	reg [Count*Width-1:0] in;
	genvar level, i;

	always @(*) in = in_i;

	generate
		for (level = 0; level <= SW; level = level + 1) begin : g_level
			for (i = 0; i < Ways >> level; i = i + 1) begin : g_choice
				wire [Width-1:0] word;
				if (level > 0) begin : g_of_two
					assign word = sel_i[level-1] ? g_level[level-1].g_choice[2*i+1].word : g_level[level-1].g_choice[2*i].word;
				end else if (i < Count) begin : g_given
					assign word = in[Width*i +: Width];
				end else begin : g_none
					assign word = {Width{1'b0}};
				end
			end
		end
	endgenerate
	assign out_o = g_level[SW].g_choice[0].word;
`endif
endmodule

`default_nettype wire
