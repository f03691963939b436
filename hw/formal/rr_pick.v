// SPDX-License-Identifier: Apache-2.0
//
// rr_pick: the winner wants, nobody who wants stands between the last winner and it, and so nobody waits for more than Count - 1
// others. The requester that is followed is any.
//@ sources: hw/rtl/lib/rr_pick.v
//@ bound: 8
//@ induction: 2
//@ break: hw/rtl/lib/rr_pick.v: s/wrap ? above_want : above_later/above_later/
//@ break: hw/rtl/lib/rr_pick.v: s/take_i \&\& any_o/any_o/
//@ break: hw/rtl/lib/rr_pick.v: s/later = want_i \& after_q/later = want_i/

`default_nettype none

module rr_pick_proof (
	input wire       clk_i,
	input wire       rst_i,
	input wire [4:0] want_i,
	input wire       take_i
);
	localparam Count = 5;

	wire       any;
	wire [2:0] index;

	rr_pick #(.Count(Count)) dut (
		.clk_i(clk_i), .rst_i(rst_i), .want_i(want_i), .take_i(take_i), .any_o(any), .index_o(index)
	);

	(* anyconst *) reg [2:0] followed;
	reg [2:0] last_q, waited_q;     // last winner; others that won while the followed one wanted without a break
	reg       started_q = 0;
	wire      taken = take_i && any;

	always @(posedge clk_i) begin
		started_q <= 1;
		if (rst_i) last_q <= Count - 1;
		else if (taken) last_q <= index;
		if (rst_i || !want_i[followed] || (taken && index == followed)) waited_q <= 0;
		else if (taken) waited_q <= waited_q + 3'd1;
	end

	(* hierconn *) wire [4:0] \dut.after_q ;
	wire [4:0] after = \dut.after_q ;
	// Steps from the last winner, cyclically.
	wire [3:0] to_followed = (followed > last_q ? {1'b0, followed} : {1'b0, followed} + 4'd5) - {1'b0, last_q};
	integer    i;

	function [3:0] steps;
		input [2:0] from, to;
		steps = (to > from ? {1'b0, to} : {1'b0, to} + 4'd5) - {1'b0, from};
	endfunction

	always @(*) begin
		assume(started_q || rst_i);
		assume(followed < Count);
		if (started_q) begin
			assert(any == (want_i != 0));
			assert(last_q < Count);
			if (any) assert(index < Count && want_i[index]);
			for (i = 0; i < Count; i = i + 1) begin
				if (any && want_i[i]) assert(steps(last_q, i[2:0]) >= steps(last_q, index));
				// After reset all are behind the last winner: the first is number 0 either way.
				assert(after[i] == (i > last_q) || (last_q == Count - 1 && after == 5'h1f));
			end
			// Each win of another brings the last winner nearer to the followed one.
			if (waited_q != 0) assert({1'b0, waited_q} + to_followed <= Count);
		end
	end
endmodule
