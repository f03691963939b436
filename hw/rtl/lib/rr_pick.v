// SPDX-License-Identifier: Apache-2.0
//
// Round robin: the first requester after the last winner, cyclically; after reset the first is number 0. Combinational; the
// winner counts from the next cycle when take_i is set.

`default_nettype none

module rr_pick #(
	parameter Count = 4,
	parameter IW = Count > 1 ? $clog2(Count) : 1
) (
	input  wire             clk_i,
	input  wire             rst_i,
	input  wire [Count-1:0] want_i,
	input  wire             take_i,
	output wire             any_o,
	output reg  [IW-1:0]    index_o
);
	// Places behind the lowest member of a set.
	function [Count-1:0] above;
		input [Count-1:0] set;
`ifdef VERILATOR
		// By a carry, which is faster in a simulator.
		above = set ^ ({Count{1'b0}} - set);
`else
		integer i;
		begin
			above = set << 1;
			for (i = 1; i < Count; i = i * 2) above = above | above << i;
		end
`endif
	endfunction

	reg  [Count-1:0] after_q;      // numbers behind the last winner
	wire [Count-1:0] later = want_i & after_q;
	wire             wrap  = later == {Count{1'b0}};
	wire [Count-1:0] above_want = above(want_i), above_later = above(later);
	wire [Count-1:0] hot = wrap ? want_i & ~above_want : later & ~above_later;
	integer i;

	assign any_o = want_i != {Count{1'b0}};

	always @(*) begin
		index_o = {IW{1'b0}};
		for (i = 0; i < Count; i = i + 1) if (hot[i]) index_o = index_o | i[IW-1:0];
	end

	always @(posedge clk_i) begin
		if (rst_i) after_q <= {Count{1'b1}};
		else if (take_i && any_o) after_q <= wrap ? above_want : above_later;
	end
endmodule

`default_nettype wire
