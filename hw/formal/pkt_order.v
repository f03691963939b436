// SPDX-License-Identifier: Apache-2.0
//
// pkt_order: a packet leaves once, after it ended, and after all that came before it into its list, whatever the mode is when each of
// them comes. None is forgotten: a packet that has ended and has nobody in front of it is on its way (in the queue of its tile, in the
// event register or in the leave register), and while there is such a one something leaves within Patience clocks.
//@ sources: hw/rtl/pkt/pkt_order.v
//@ bound: 10
//@ induction: 2
//@ break: hw/rtl/pkt/pkt_order.v: s/(closes \&\& leave_list == list)/1'b0/
//@ break: hw/rtl/pkt/pkt_order.v: s/next_done_q\[leave_ctx_q\] || (behind \&\& ahead == leave_ctx_q)/next_done_q[leave_ctx_q]/
//@ break: hw/rtl/pkt/pkt_order.v: s/if (leave_q \&\& leave_more)/if (1'b0)/
//@ break: hw/rtl/pkt/pkt_order.v: s/!event_q || !at_head || !chain/1'b1/
//@ break: hw/rtl/pkt/pkt_order.v: s/^\t*next_done_q\[c\] <= 1'b0;//

`default_nettype none

module pkt_order_proof (
	input wire        clk_i,
	input wire        rst_i,
	input wire [1:0]  mode_i,
	input wire        insert_i,
	input wire [1:0]  insert_ctx_i,
	input wire [31:0] insert_hash_i,
	input wire [1:0]  done_i,
	input wire [1:0]  done_thread_i
);
	localparam All = 4, Patience = 5;
	localparam [1:0] Off = 0, Flow = 1;

	wire       leave;
	wire [1:0] leave_ctx;

	pkt_order #(.Cores(2), .Threads(2), .Lists(2)) dut (
		.clk_i(clk_i), .rst_i(rst_i), .mode_i(mode_i), .insert_i(insert_i), .insert_ctx_i(insert_ctx_i), .insert_hash_i(insert_hash_i),
		.done_i(done_i), .done_thread_i(done_thread_i), .leave_o(leave), .leave_ctx_o(leave_ctx)
	);

	// The model: packets in the NIC, those that ended, their list, and who came before whom (bit 4 b + a: a before b).
	reg  [3:0]  here_q, ended_q, none_q, list_q, here_d, ended_d;
	reg  [15:0] before_q, before_d;
	reg  [2:0]  wait_q;
	reg         started_q = 0;
	wire        none = mode_i == Off;
	wire        list = mode_i == Flow && insert_hash_i[0];
	wire [3:0]  ends = {done_i[1] && done_thread_i[1], done_i[1] && !done_thread_i[1], done_i[0] && done_thread_i[0], done_i[0] && !done_thread_i[0]};
	wire [3:0]  leaves = {3'd0, leave} << leave_ctx;
	reg  [3:0]  first;       // ended, and nobody in front
	integer     a, b;

	always @(*) begin
		here_d   = here_q & ~leaves;
		ended_d  = (ended_q | ends) & ~leaves;
		before_d = before_q & ~{4{leaves}};
		if (insert_i) begin
			here_d[insert_ctx_i] = 1'b1;
			for (a = 0; a < All; a = a + 1)
				before_d[4*insert_ctx_i + a] = here_q[a] && !leaves[a] && !none && !none_q[a] && list_q[a] == list;
		end
		for (b = 0; b < All; b = b + 1) first[b] = ended_q[b] && before_q[4*b +: 4] == 4'd0;
	end

	always @(posedge clk_i) begin
		started_q <= 1;
		before_q  <= rst_i ? 16'd0 : before_d;
		here_q    <= rst_i ? 4'd0 : here_d;
		ended_q   <= rst_i ? 4'd0 : ended_d;
		wait_q    <= rst_i || leave || first == 4'd0 ? 3'd0 : wait_q + 3'd1;
		if (insert_i) begin
			none_q[insert_ctx_i] <= none;
			list_q[insert_ctx_i] <= list;
		end
	end

	(* hierconn *) wire [3:0] \dut.head_q , \dut.next_done_q , \dut.more_q ;
	(* hierconn *) wire [1:0] \dut.used_q , \dut.event_ctx_q ;
	(* hierconn *) wire       \dut.event_q ;
	(* hierconn *) wire [1:0] \dut.tails.mem_q[0] , \dut.tails.mem_q[1] ;
	(* hierconn *) wire [1:0] \dut.successors.mem_q[0] , \dut.successors.mem_q[1] , \dut.successors.mem_q[2] , \dut.successors.mem_q[3] ;
	(* hierconn *) wire [1:0] \dut.predecessors.mem_q[0] , \dut.predecessors.mem_q[1] , \dut.predecessors.mem_q[2] , \dut.predecessors.mem_q[3] ;
	(* hierconn *) wire [1:0] \dut.lists.mem_q[0] , \dut.lists.mem_q[1] , \dut.lists.mem_q[2] , \dut.lists.mem_q[3] ;
	(* hierconn *) wire       \dut.g_tile[0].queue.rd_q , \dut.g_tile[0].queue.wr_q , \dut.g_tile[1].queue.rd_q , \dut.g_tile[1].queue.wr_q ;
	(* hierconn *) wire       \dut.g_tile[0].queue.valid_q , \dut.g_tile[1].queue.valid_q ;
	(* hierconn *) wire [1:0] \dut.g_tile[0].queue.count_q , \dut.g_tile[1].queue.count_q ;
	(* hierconn *) wire       \dut.g_tile[0].queue.mem.mem_q[0] , \dut.g_tile[0].queue.mem.mem_q[1] ;
	(* hierconn *) wire       \dut.g_tile[1].queue.mem.mem_q[0] , \dut.g_tile[1].queue.mem.mem_q[1] ;

	// Who is in a tile's queue of two.
	function [1:0] queued;
		input       rd;
		input [1:0] count, mem;
		queued = (count != 2'd0 ? 2'd1 << mem[rd] : 2'd0) | (count == 2'd2 ? 2'd1 << mem[!rd] : 2'd0);
	endfunction
	wire [1:0] mem0 = {\dut.g_tile[0].queue.mem.mem_q[1] , \dut.g_tile[0].queue.mem.mem_q[0] };
	wire [1:0] mem1 = {\dut.g_tile[1].queue.mem.mem_q[1] , \dut.g_tile[1].queue.mem.mem_q[0] };
	wire [3:0] in_queue = {queued(\dut.g_tile[1].queue.rd_q , \dut.g_tile[1].queue.count_q , mem1),
		queued(\dut.g_tile[0].queue.rd_q , \dut.g_tile[0].queue.count_q , mem0)};
	wire [3:0] in_event = {3'd0, \dut.event_q } << \dut.event_ctx_q ;
	wire [7:0] successors = {\dut.successors.mem_q[3] , \dut.successors.mem_q[2] , \dut.successors.mem_q[1] , \dut.successors.mem_q[0] };
	wire [7:0] predecessors = {\dut.predecessors.mem_q[3] , \dut.predecessors.mem_q[2] , \dut.predecessors.mem_q[1] , \dut.predecessors.mem_q[0] };
	wire [7:0] lists = {\dut.lists.mem_q[3] , \dut.lists.mem_q[2] , \dut.lists.mem_q[1] , \dut.lists.mem_q[0] };
	wire [3:0] tails = {\dut.tails.mem_q[1] , \dut.tails.mem_q[0] };

	reg [15:0] next;         // bit 4 b + a: a is right before b
	reg [3:0]  parked, more;
	reg [1:0]  used;

	always @(*) begin
		parked = 4'd0;
		more   = 4'd0;
		used   = 2'd0;
		for (b = 0; b < All; b = b + 1) begin
			if (here_q[b] && !none_q[b]) used[list_q[b]] = 1'b1;
			for (a = 0; a < All; a = a + 1) begin
				// Everybody else before b is before a, too.
				next[4*b + a] = before_q[4*b + a] && (before_q[4*b +: 4] & ~before_q[4*a +: 4]) == 4'd1 << a;
				if (next[4*b + a]) more[a] = 1'b1;
				if (next[4*b + a] && \dut.next_done_q [a]) parked[b] = 1'b1;
			end
		end
	end

	always @(*) begin
		assume(started_q || rst_i);
		assume(!insert_i || !here_q[insert_ctx_i]);
		assume((ends & ~(here_q & ~ended_q)) == 4'd0);
	end

	always @(*) if (started_q) begin
		if (leave) assert(here_q[leave_ctx] && first[leave_ctx]);
		assert((first & ~(in_queue | in_event | leaves)) == 4'd0);
		assert(wait_q <= Patience);
		// Each clock of waiting has moved one more packet behind its predecessor.
		assert(wait_q <= parked[0] + parked[1] + parked[2] + parked[3] + (leave ? 3'd2 : {2'd0, \dut.event_q }));
		// What the lists and bits inside mean.
		assert((ended_q & ~here_q) == 4'd0);
		assert(\dut.used_q == used);
		assert(\dut.g_tile[0].queue.count_q <= 2 && \dut.g_tile[1].queue.count_q <= 2);
		assert(\dut.g_tile[0].queue.valid_q == (\dut.g_tile[0].queue.count_q != 0));
		assert(\dut.g_tile[1].queue.valid_q == (\dut.g_tile[1].queue.count_q != 0));
		assert((\dut.g_tile[0].queue.wr_q ^ \dut.g_tile[0].queue.rd_q ) == \dut.g_tile[0].queue.count_q [0]);
		assert((\dut.g_tile[1].queue.wr_q ^ \dut.g_tile[1].queue.rd_q ) == \dut.g_tile[1].queue.count_q [0]);
		assert(\dut.g_tile[0].queue.count_q != 2 || mem0[0] != mem0[1]);
		assert(\dut.g_tile[1].queue.count_q != 2 || mem1[0] != mem1[1]);
		// An ended packet is in one place, no other one in any.
		assert((in_queue | in_event | leaves | parked) == ended_q);
		assert((in_queue & in_event) == 0 && ((in_queue | in_event) & (leaves | parked)) == 0 && (leaves & parked) == 0);
		for (b = 0; b < All; b = b + 1) if (here_q[b]) begin
			assert(lists[2*b +: 2] == {none_q[b], none_q[b] ? lists[2*b] : list_q[b]});
			assert(\dut.more_q [b] == more[b]);
			assert(\dut.head_q [b] == (before_q[4*b +: 4] == 0 && !(leaves[b] && !\dut.head_q [b])));
			if (!none_q[b] && !more[b]) assert(tails[2*list_q[b] +: 2] == b);
			if (\dut.next_done_q [b]) assert(more[b]);
			for (a = 0; a < All; a = a + 1) begin
				if (next[4*b + a]) assert(successors[2*a +: 2] == b && predecessors[2*b +: 2] == a);
				// Before is an order of those in one list.
				if (before_q[4*b + a]) assert(here_q[a] && !none_q[a] && !none_q[b] && list_q[a] == list_q[b] && !before_q[4*a + b]);
				if (before_q[4*b + a]) assert((before_q[4*a +: 4] & ~before_q[4*b +: 4]) == 0);
				if (a != b && here_q[a] && !none_q[a] && !none_q[b] && list_q[a] == list_q[b]) assert(before_q[4*b + a] || before_q[4*a + b]);
			end
		end else begin
			assert(before_q[4*b +: 4] == 0);
		end
	end
endmodule
