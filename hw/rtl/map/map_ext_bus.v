// SPDX-License-Identifier: Apache-2.0
//
// Map memory outside the chip, behind an AXI4 master: picks a requester a clock, keeps many reads under way in order, does atomics when
// their word comes, and holds every request whose line is being changed until the memory has said that it is. hw/spec/ext.md.

`include "regs.vh"
`include "map_bus.vh"
`default_nettype none

module map_ext_bus #(
	parameter Requesters = 4,
	parameter Engine = 3,            // number of the requester that is engine and host
	parameter SW = $clog2(Requesters)
) (
	input  wire          clk_i,
	input  wire          rst_i,               // of everything, the bus too
	input  wire          stop_i,              // data path reset: what is on the bus comes to its end there
	input  wire [11:0]   mib_i,               // size of the memory
	// requests
	input  wire [Requesters-1:0] want_i,
	input  wire [`MAP_REQ_BITS*Requesters-1:0] req_i,
	input  wire [`MAP_WAY_BITS*Requesters-1:0] way_i,
	input  wire          line_i,              // the engine's is 0 for a whole line
	output wire [Requesters-1:0] gnt_o,
	// a read is done
	input  wire          ready_i,
	output wire          done_o,
	output wire [SW-1:0] source_o,
	output wire          atomic_o,
	output wire [`MAP_WAY_BITS-1:0] way_o,
	output wire [255:0]  half_o,              // of its line
	output wire [1:0]    place_o,             // of its word in it
	output wire          error_o,
	output wire          idle_o,
	output wire          read_error_o,
	output wire          write_error_o,
	// memory: AXI4, 512 bits, bursts of one row, one ID
	output wire          ar_valid_o,
	input  wire          ar_ready_i,
	output wire [24:0]   ar_line_o,
	input  wire          r_valid_i,
	output wire          r_ready_o,
	input  wire [511:0]  r_data_i,
	input  wire [1:0]    r_resp_i,
	output wire          aw_valid_o,
	input  wire          aw_ready_i,
	output wire [24:0]   aw_line_o,
	output wire          w_valid_o,
	input  wire          w_ready_i,
	output wire [511:0]  w_data_o,
	output wire [63:0]   w_strb_o,
	input  wire          b_valid_i,
	input  wire [1:0]    b_resp_i
);
	localparam R  = `MAP_REQ_BITS;
	localparam M  = `MAP_WAY_BITS;
	localparam Reads = `NIC_EXT_READS;
	localparam RW = $clog2(Reads);
	localparam Fifo = `NIC_EXT_FIFO;
	localparam FW = $clog2(Fifo);
	localparam [RW:0] ReadsLess2 = Reads - 2;
	localparam [FW:0] FifoLess2 = Fifo - 2;

	// Grant: not while the line, or one that shares its place, is being changed, and never more than there is room for.
	reg           valid_q;
	wire [127:0]  changing;                   // places of lines
	wire [Requesters-1:0] want, store, change;
	wire [7*Requesters-1:0] place;
	wire          any, r1_atomic;
	wire [SW-1:0] winner;
	wire [RW:0]   ring_count;
	wire [FW:0]   ar_count;
	wire          read_room = ring_count <= ReadsLess2 && ar_count <= FifoLess2;
	wire          store_room;
	genvar        g;
	generate
		for (g = 0; g < Requesters; g = g + 1) begin : g_want
			wire [13:0] line = req_i[R*g + 3 +: 14];
			wire        atomic = req_i[R*g + 37];
			wire        whole = g == Engine && line_i;
			assign place[7*g +: 7] = line[6:0] ^ line[13:7];
			assign change[g] = atomic || whole || req_i[R*g + 29 +: 8] != 8'd0;
			assign store[g]  = change[g] && !atomic;
			assign want[g]   = want_i[g] && !stop_i && !changing[place[7*g +: 7]] && (store[g] ? store_room : read_room);
		end
	endgenerate
	rr_pick #(.Count(Requesters)) arbiter (
		.clk_i(clk_i), .rst_i(rst_i || stop_i), .want_i(want), .take_i(any), .any_o(any), .index_o(winner)
	);
	generate
		for (g = 0; g < Requesters; g = g + 1) begin : g_gnt
			localparam [SW-1:0] Here = g;
			assign gnt_o[g] = any && winner == Here;
		end
	endgenerate

	wire [R-1:0]  req;
	wire [M-1:0]  way;
	wire [6:0]    take_place;
	wire          take_change = (gnt_o & change) != {Requesters{1'b0}};
	reg  [R-1:0]  req_q;
	reg  [M-1:0]  way_q;
	reg  [6:0]    place_q;
	reg  [SW-1:0] source_q;
	reg           store_q, whole_q;
	mux #(.Width(R), .Count(Requesters)) req_mux (.sel_i(winner), .in_i(req_i), .out_o(req));
	mux #(.Width(M), .Count(Requesters)) way_mux (.sel_i(winner), .in_i(way_i), .out_o(way));
	mux #(.Width(7), .Count(Requesters)) place_mux (.sel_i(winner), .in_i(place), .out_o(take_place));

	// A cycle later it goes to the bus: a read's way back is in the ring.
	localparam G = 1 + SW + M + 7 + R;
	wire [28:0]   word   = req_q[`MAP_REQ_WORD];
	wire          none   = {1'b0, word[27:17]} >= mib_i;        // no such line
	wire          s_read = valid_q && !store_q, s_store = valid_q && store_q;
	wire          ring_valid, head_none;
	wire [G-1:0]  ring_head;
	wire          head_take;
	fifo #(.Width(G), .Depth(Reads)) ring (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(s_read), .data_i({none, source_q, way_q, place_q, req_q}),
		.valid_o(ring_valid), .head_o(ring_head), .count_o(ring_count), .pop_i(head_take)
	);
	fifo #(.Width(25), .Depth(Fifo)) reads (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(s_read && !none), .data_i(word[27:3]),
		.valid_o(ar_valid_o), .head_o(ar_line_o), .count_o(ar_count), .pop_i(ar_valid_o && ar_ready_i)
	);

	// Its line comes back. A data path reset drops those that were on their way.
	reg           r1_valid_q, r1_error_q, r1_drop_q;
	reg  [255:0]  r1_half_q;
	reg  [G-1:0]  r1_q;
	reg  [RW:0]   drop_q;
	wire          drop = r1_drop_q || stop_i;
	wire [R-1:0]  r1_req = r1_q[R-1:0];
	wire [6:0]    r1_place = r1_q[R +: 7];
	wire          change_room;
	wire          r1_writes = r1_atomic && !r1_error_q && !drop;
	wire          r1_leave = r1_valid_q && ready_i && (!r1_atomic || change_room);
	wire          r1_free  = !r1_valid_q || r1_leave;
	wire [RW:0]   ring_next = ring_count + {{RW{1'b0}}, s_read} - {{RW{1'b0}}, head_take};
	assign head_none = ring_head[G-1];
	assign r_ready_o = ring_valid && !head_none && r1_free;
	assign head_take = ring_valid && r1_free && (head_none || r_valid_i);
	assign r1_atomic = r1_valid_q && r1_req[`MAP_REQ_ATOMIC];
	assign done_o    = r1_leave && !drop;
	assign source_o  = r1_q[R + 7 + M +: SW];
	assign way_o     = r1_q[R + 7 +: M];
	assign atomic_o  = r1_atomic;
	assign half_o    = r1_half_q;
	assign place_o   = r1_req[1:0];
	assign error_o   = r1_error_q;

	// Atomics: the word, and what becomes of it.
	wire [63:0]   old, made, unused_old;
	wire [7:0]    made_mask;
	mux4 #(.Width(64)) old_word (.sel_i(r1_req[1:0]), .in_i(r1_half_q), .out_o(old));
	map_atomic atomics (
		.op_i(r1_req[`MAP_REQ_OP]), .w_i(r1_req[`MAP_REQ_W]), .upper_i(r1_req[`MAP_REQ_UPPER]), .word_i(old),
		.b_i(r1_req[`MAP_REQ_B]), .c_i(r1_req[`MAP_REQ_C]), .old_o(unused_old), .word_o(made), .mask_o(made_mask)
	);

	wire          write_idle;
	map_ext_write writes (
		.clk_i(clk_i), .rst_i(rst_i), .grant_i(any && take_change), .grant_place_i(take_place), .changing_o(changing),
		.hold_i(r1_atomic), .store_room_o(store_room), .change_room_o(change_room),
		.store_i(s_store), .none_i(none), .whole_i(whole_q), .word_i(word[27:0]), .place_i(place_q),
		.mask_i(req_q[`MAP_REQ_MASK]), .data_i(req_q[`MAP_REQ_B]),
		.end_i(r1_leave && r1_atomic), .writes_i(r1_writes), .end_word_i(r1_req[27:0]), .end_place_i(r1_place),
		.end_mask_i(made_mask), .end_data_i(made), .idle_o(write_idle), .error_o(write_error_o),
		.aw_valid_o(aw_valid_o), .aw_ready_i(aw_ready_i), .aw_line_o(aw_line_o), .w_valid_o(w_valid_o), .w_ready_i(w_ready_i),
		.w_data_o(w_data_o), .w_strb_o(w_strb_o), .b_valid_i(b_valid_i), .b_resp_i(b_resp_i)
	);

	assign read_error_o = done_o && r1_error_q;
	assign idle_o = !valid_q && !ring_valid && !r1_valid_q && write_idle;

	always @(posedge clk_i) begin
		if (any) begin
			req_q    <= req;
			way_q    <= way;
			place_q  <= take_place;
			source_q <= winner;
		end
		store_q  <= (gnt_o & store) != {Requesters{1'b0}};
		whole_q  <= gnt_o[Engine] && line_i;
		if (head_take) begin
			r1_q       <= ring_head;
			r1_half_q  <= ring_head[2] ? r_data_i[511:256] : r_data_i[255:0];
			r1_error_q <= head_none || r_resp_i != 2'd0;
			r1_drop_q  <= stop_i || drop_q != {RW+1{1'b0}};
		end
		if (rst_i) begin
			valid_q    <= 1'b0;
			r1_valid_q <= 1'b0;
			drop_q     <= {RW+1{1'b0}};
		end else begin
			valid_q    <= any;
			r1_valid_q <= head_take || (r1_valid_q && !r1_leave);
			if (stop_i) drop_q <= ring_next;
			else if (head_take && drop_q != {RW+1{1'b0}}) drop_q <= drop_q - {{RW{1'b0}}, 1'b1};
		end
	end

	wire unused = &{1'b0, unused_old, word, r1_q[G-1], r1_req};
endmodule

`default_nettype wire
