// SPDX-License-Identifier: Apache-2.0
//
// One bank of map memory: picks a requester a clock and does its load, store or atomic; loads of one word are done together. Requests
// take effect whole and in the order of their grants: what atomics under way will write is put into the words read behind them, and stores
// and atomics take their bytes away from the atomics before them. Stages: 0 is the memory's cycle, Latency the one in which the word is there, each later one holds what an
// atomic makes of it (written in the first of them).

`include "map_bus.vh"
`default_nettype none

module map_bank #(
	parameter Requesters = 4,
	parameter Engine = 3,            // number of the requester that is engine and host
	parameter Banks = 4,
	parameter Words = 16384,         // of this bank
	parameter Latency = 2,
	parameter Readers = 1,
	parameter AW = $clog2(Words)
) (
	input  wire          clk_i,
	input  wire          rst_i,               // atomics that were granted go on
	input  wire          hard_rst_i,
	input  wire [Requesters-1:0] want_i,      // its request is for this bank
	input  wire [`MAP_REQ_BITS*Requesters-1:0] req_i,
	input  wire [Requesters*Requesters-1:0] joins_i, // a requester's row: it loads the same word as those, or is the same
	input  wire          host_i,              // that requester's request is the host's
	output wire [Requesters-1:0] gnt_o,
	output wire [63:0]   word_o,              // Latency + 1 cycles after the grant
	input  wire [AW*Readers-1:0] b_addr_i,
	output wire [64*Readers-1:0] b_word_o,
	output wire          idle_o,
	// trace
	output wire          mw_valid_o,
	output wire [AW-1:0] mw_addr_o,
	output wire [7:0]    mw_mask_o,
	output wire          mw_engine_o,
	output wire [63:0]   mw_value_o   // bytes that mw_mask_o does not name are anything
);
	localparam IW = Requesters > 1 ? $clog2(Requesters) : 1;
	localparam BW = $clog2(Banks);
	localparam R  = `MAP_REQ_BITS;
	localparam L  = Latency;
	localparam S  = 2 * L + 1;                // stages

	// Per stage: is an atomic, its address, the bytes that those behind it take from it, those it has still to write (up to stage L + 1),
	// and those that any request changes. Stage 0 is the request register.
	reg  [S-1:1]    atomic_q;
	reg  [AW*S-1:AW] addr_q;
	reg  [8*S-1:8]  mask_q, mask_d;
	reg  [8*(L+2)-1:8] left_q, left_d;
	reg  [8*L-1:8]  changed_q;
	wire [S-1:0]    atomic;
	wire [AW*S-1:0] addr;
	wire [8*S-1:0]  mask;
	wire [8*(L+2)-1:0] left;
	wire [8*L-1:0]  changed;

	// Grant. Not when an atomic writes in the next cycle.
	wire            any;
	wire            block = atomic[L] && left_d[8*(L+1) +: 8] != 8'd0;
	wire [IW-1:0]   winner;
	rr_pick #(.Count(Requesters)) arbiter (
		.clk_i(clk_i), .rst_i(rst_i), .want_i(want_i), .take_i(any && !block), .any_o(any), .index_o(winner)
	);

	// A load's other bits are nobody's, so those of whoever was picked do for all that join.
	wire [R-1:0]    req;
	reg  [R-1:0]    req_q;
	reg             valid_q, engine_q, host_q;
	genvar          g;
	generate
		for (g = 0; g < Requesters; g = g + 1) begin : g_gnt
			wire joins;
			mux #(.Width(1), .Count(Requesters)) of_winner (
				.sel_i(winner), .in_i(joins_i[Requesters*g +: Requesters]), .out_o(joins)
			);
			assign gnt_o[g] = !block && want_i[g] && joins;
		end
	endgenerate
	mux #(.Width(R), .Count(Requesters)) req_mux (.sel_i(winner), .in_i(req_i), .out_o(req));

	wire [28:0]   word0    = req_q[`MAP_REQ_WORD];
	wire [7:0]    st_mask  = valid_q ? req_q[`MAP_REQ_MASK] : 8'd0;
	wire [63:0]   st_data  = req_q[`MAP_REQ_B];
	assign atomic = {atomic_q, valid_q && req_q[`MAP_REQ_ATOMIC]};
	assign addr   = {addr_q, word0[BW +: AW]};
	wire [7:0]    at_mask = !req_q[`MAP_REQ_W] ? 8'hff : req_q[`MAP_REQ_UPPER] ? 8'hf0 : 8'h0f;
	assign mask    = {mask_q, at_mask};
	assign left    = {left_q, at_mask};
	assign changed = {changed_q, st_mask | (at_mask & {8{atomic[0]}})};

	// The memory; the write of an atomic has the port for itself.
	reg  [64*L-1:0] made_q;                   // by atomics, newest first
	wire          writes = atomic[L+1] && left[8*(L+1) +: 8] != 8'd0;
	wire [AW-1:0] a_addr = writes ? addr[AW*(L+1) +: AW] : addr[AW-1:0];
	wire [7:0]    a_we   = writes ? left[8*(L+1) +: 8] : st_mask;
	wire [63:0]   a_data = writes ? made_q[63:0] : st_data;
	wire [63:0]   read;
	map_mem #(.Words(Words), .Latency(L), .Readers(Readers)) memory (
		.clk_i(clk_i), .a_addr_i(a_addr), .a_we_i(a_we), .a_wdata_i(a_data), .a_rdata_o(read),
		.b_addr_i(b_addr_i), .b_rdata_o(b_word_o)
	);

	// From which atomic each byte is taken, found a cycle ahead; the request k before this one is k stages on. Those behind this one take
	// the bytes that it changes from this one.
	reg  [8*L-1:0] from_q, from_d;
	reg  [63:0]    seen;
	integer        k, m, n;
	always @(*) begin
		mask_d = mask[8*(S-1)-1:0];
		for (k = 1; k <= L; k = k + 1) begin
			from_d[8*(k-1) +: 8] = 8'd0;
			if (addr[AW*(L-1+k) +: AW] == addr[AW*(L-1) +: AW]) begin
				from_d[8*(k-1) +: 8] = mask[8*(L-1+k) +: 8] & {8{atomic[L-1+k]}};
				mask_d[8*(L+k) +: 8] = mask[8*(L-1+k) +: 8] & ~changed[8*(L-1) +: 8];
			end
		end
	end
	always @(*) begin
		seen = read;
		for (m = L - 1; m >= 0; m = m - 1)
			for (n = 0; n < 8; n = n + 1)
				if (from_q[8*m+n]) seen[8*n +: 8] = made_q[64*m+8*n +: 8];
	end
	assign word_o = seen;

	wire [2:0]  op;
	wire        w, upper;
	wire [63:0] b, c, made, unused_old;
	wire [7:0]  unused_mask;
	delay #(.Width(3 + 1 + 1 + 64 + 64), .Stages(L)) operands (
		.clk_i(clk_i),
		.d_i({req_q[`MAP_REQ_OP], req_q[`MAP_REQ_W], req_q[`MAP_REQ_UPPER], st_data, req_q[`MAP_REQ_C]}),
		.q_o({op, w, upper, b, c})
	);
	map_atomic atomics (
		.op_i(op), .w_i(w), .upper_i(upper), .word_i(seen), .b_i(b), .c_i(c),
		.old_o(unused_old), .word_o(made), .mask_o(unused_mask)
	);

	// What a request changes need not be written by the atomics before it that have not come to write.
	integer s;
	always @(*) begin
		left_d = left[8*(L+1)-1:0];
		for (s = 1; s <= L; s = s + 1)
			if (addr[AW*s +: AW] == addr[AW-1:0]) left_d[8*(s+1) +: 8] = left[8*s +: 8] & ~changed[7:0];
	end

	assign idle_o      = rst_i || (!valid_q && atomic[L+1:0] == {L+2{1'b0}});
	assign mw_valid_o  = a_we != 8'd0 && !(host_q && !writes);
	assign mw_addr_o   = a_addr;
	assign mw_mask_o   = a_we;
	assign mw_engine_o = engine_q && !writes;
	assign mw_value_o  = a_data;

	always @(posedge clk_i) begin
		if (any && !block) req_q <= req;
		engine_q <= gnt_o[Engine] && !host_i;
		host_q   <= gnt_o[Engine] && host_i;
		addr_q   <= addr[AW*(S-1)-1:0];
		mask_q   <= mask_d;
		left_q   <= left_d;
		changed_q <= changed[8*(L-1)-1:0];
		from_q   <= from_d;
		made_q[63:0] <= made;
		valid_q  <= !rst_i && any && !block;
		atomic_q <= hard_rst_i ? {S-1{1'b0}} : atomic[S-2:0];
	end
	generate
		for (g = 1; g < L; g = g + 1) begin : g_made
			always @(posedge clk_i) made_q[64*g +: 64] <= made_q[64*(g-1) +: 64];
		end
	endgenerate

	wire unused = &{1'b0, word0, unused_old, unused_mask};

`ifndef SYNTHESIS
	always @(posedge clk_i) if (!rst_i && writes && valid_q) $display("map_bank: a request while an atomic writes");
`endif
endmodule

`default_nettype wire
