// SPDX-License-Identifier: Apache-2.0
//
// Which packet leaves next: lists of contexts in the order their packets came; the head of a list leaves when its packet
// has ended, one packet a clock.

`include "regs.vh"
`default_nettype none

module pkt_order #(
	parameter Cores = 2,
	parameter Threads = 16,
	parameter Lists = `NIC_ORDER_LISTS,
	parameter KW = Cores > 1 ? $clog2(Cores) : 1,
	parameter TW = Threads > 1 ? $clog2(Threads) : 1
) (
	input  wire                clk_i,
	input  wire                rst_i,
	input  wire [1:0]          mode_i,
	// a packet comes in
	input  wire                insert_i,
	input  wire [KW+TW-1:0]    insert_ctx_i,
	input  wire [31:0]         insert_hash_i,
	// packets end, one per tile
	input  wire [Cores-1:0]    done_i,
	input  wire [TW*Cores-1:0] done_thread_i,
	// leave register
	output wire                leave_o,
	output wire [KW+TW-1:0]    leave_ctx_o
);
	localparam GW = KW + TW;
	localparam All = 1 << GW;
	localparam LW = $clog2(Lists);
	localparam [1:0] Off = 2'd0, Flow = 2'd1;
	reg  [All-1:0]   head_q, next_done_q, more_q;   // next_done_q: the successor has ended
	reg  [Lists-1:0] used_q;
	reg              leave_q, event_q;
	reg  [GW-1:0]    leave_ctx_q, event_ctx_q;

	assign leave_o     = leave_q;
	assign leave_ctx_o = leave_ctx_q;

	// Insert
	wire          none = mode_i == Off;
	wire [LW-1:0] list = mode_i == Flow ? insert_hash_i[LW-1:0] : {LW{1'b0}};
	wire [GW-1:0] tail, successor;
	wire          leave_none;
	wire [LW-1:0] leave_list;
	wire          leave_more = more_q[leave_ctx_q];
	wire          closes = leave_q && !leave_none && !leave_more;   // the last one of its list leaves
	wire          alone  = none || !used_q[list] || (closes && leave_list == list);

	ram_lut #(.Width(GW), .Depth(Lists)) tails (
		.clk_i(clk_i), .we_i(insert_i && !none), .waddr_i(list), .wdata_i(insert_ctx_i), .raddr_i(list), .rdata_o(tail)
	);
	ram_lut #(.Width(GW), .Depth(All)) successors (
		.clk_i(clk_i), .we_i(insert_i && !alone), .waddr_i(tail), .wdata_i(insert_ctx_i),
		.raddr_i(leave_ctx_q), .rdata_o(successor)
	);
	wire [GW-1:0] ahead;                                           // the one in front of the event's
	ram_lut #(.Width(GW), .Depth(All)) predecessors (
		.clk_i(clk_i), .we_i(insert_i), .waddr_i(insert_ctx_i), .wdata_i(tail), .raddr_i(event_ctx_q), .rdata_o(ahead)
	);
	ram_lut #(.Width(LW + 1), .Depth(All)) lists (
		.clk_i(clk_i), .we_i(insert_i), .waddr_i(insert_ctx_i), .wdata_i({none, list}),
		.raddr_i(leave_ctx_q), .rdata_o({leave_none, leave_list})
	);

	// Events: a queue per tile.
	wire [Cores-1:0]    ended;
	wire [TW*Cores-1:0] ended_thread;
	wire                some;
	wire [KW-1:0]       tile;
	wire [TW-1:0]       thread;
	wire                at_head = head_q[event_ctx_q];
	wire                behind  = event_q && !at_head;              // it has to wait
	wire                chain   = leave_q && (next_done_q[leave_ctx_q] || (behind && ahead == leave_ctx_q));
	wire                take    = !event_q || !at_head || !chain;
	genvar k;
	generate
		for (k = 0; k < Cores; k = k + 1) begin : g_tile
			localparam [KW-1:0] Number = k;
			wire [TW:0] unused_count;
			fifo #(.Width(TW), .Depth(1 << TW)) queue (
				.clk_i(clk_i), .rst_i(rst_i), .push_i(done_i[k]), .data_i(done_thread_i[TW*k +: TW]), .valid_o(ended[k]),
				.head_o(ended_thread[TW*k +: TW]), .count_o(unused_count), .pop_i(take && some && tile == Number)
			);
			wire unused = &{1'b0, unused_count};
		end
	endgenerate
	rr_pick #(.Count(Cores)) picker (
		.clk_i(clk_i), .rst_i(rst_i), .want_i(ended), .take_i(take && some), .any_o(some), .index_o(tile)
	);
	mux #(.Width(TW), .Count(Cores)) thread_mux (.sel_i(tile), .in_i(ended_thread), .out_o(thread));

	// A bit per context, a bit per list; an insert goes before all else.
	integer c;
	always @(posedge clk_i) begin
		if (leave_q && leave_more) for (c = 0; c < All; c = c + 1) if (successor == c[GW-1:0]) head_q[c] <= 1'b1;
		if (behind) for (c = 0; c < All; c = c + 1) if (ahead == c[GW-1:0]) next_done_q[c] <= 1'b1;
		if (insert_i && !alone) for (c = 0; c < All; c = c + 1) if (tail == c[GW-1:0]) more_q[c] <= 1'b1;
		if (insert_i) for (c = 0; c < All; c = c + 1) if (insert_ctx_i == c[GW-1:0]) begin
			head_q[c]      <= alone;
			more_q[c]      <= 1'b0;
			next_done_q[c] <= 1'b0;
		end
		if (closes) for (c = 0; c < Lists; c = c + 1) if (leave_list == c[LW-1:0]) used_q[c] <= 1'b0;
		if (insert_i && !none) for (c = 0; c < Lists; c = c + 1) if (list == c[LW-1:0]) used_q[c] <= 1'b1;
		if (rst_i) used_q <= {Lists{1'b0}};
	end

	always @(posedge clk_i) begin
		leave_ctx_q <= chain ? successor : event_ctx_q;
		if (take) event_ctx_q <= {tile, thread};
		if (rst_i) begin
			leave_q <= 1'b0;
			event_q <= 1'b0;
		end else begin
			leave_q <= chain || (event_q && at_head);
			if (take) event_q <= some;
		end
	end

	wire unused = &{1'b0, insert_hash_i};
endmodule

`default_nettype wire
