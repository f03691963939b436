// SPDX-License-Identifier: Apache-2.0
//
// All writes to host memory: packets with their completions, and the TX_HEAD words. One frame at a time; its rows, then its
// completion. All bursts have one ID, so the bus keeps their order, and the answers are counted off a queue of tags.

`include "regs.vh"
`default_nettype none

module dma_write #(
	parameter Queues = 4,
	parameter QW = Queues > 1 ? $clog2(Queues) : 1,
	parameter Pending = 32            // bursts without answer, at most
) (
	input  wire                 clk_i,
	input  wire                 rst_i,
	input  wire                 stop_i,         // begin nothing new
	input  wire                 cut_i,          // the frame under way will not go on
	output wire                 idle_o,         // nothing under way, no answer missing
	// frames for the host; what describes a frame stays with all its rows
	input  wire                 h_valid_i,
	output wire                 h_ready_o,
	input  wire [511:0]         h_row_i,
	input  wire                 h_last_i,
	input  wire [11:0]          h_len_i,
	input  wire [7:0]           h_queue_i,
	input  wire [7:0]           h_port_i,
	input  wire [7:0]           h_csum_i,
	input  wire [31:0]          h_hash_i,
	input  wire [63:0]          h_time_i,
	input  wire [31:0]          h_number_i,
	input  wire [5:0]           h_meta_len_i,
	input  wire [255:0]         h_meta_i,
	// queues
	input  wire [Queues-1:0]    on_i,
	input  wire [Queues-1:0]    lossless_i,
	input  wire [Queues-1:0]    have_i,         // a descriptor is here
	input  wire [Queues-1:0]    empty_i,        // the host has given none
	input  wire [Queues-1:0]    cq_room_i,
	output wire [QW-1:0]        queue_o,        // whose state follows, combinational
	input  wire [127:0]         desc_i,
	input  wire [15:0]          desc_index_i,
	input  wire [57:0]          cq_base_i,
	input  wire [15:0]          cq_place_i,     // tail within the ring
	input  wire                 phase_i,
	output wire                 take_o,         // its descriptor is used
	output wire                 cq_put_o,       // an entry of cq_queue_o is written
	output wire [QW-1:0]        cq_queue_o,
	// TX_HEAD words
	input  wire [Queues-1:0]    wb_i,
	output wire [QW-1:0]        wb_queue_o,
	input  wire [61:0]          wb_addr_i,
	input  wire [15:0]          wb_head_i,
	output wire                 wb_done_o,
	// answers
	output wire [Queues-1:0]    event_o,        // a completion or a TX_HEAD is in memory
	output wire [Queues-1:0]    rx_error_o,
	output wire [Queues-1:0]    tx_error_o,
	output wire [Queues-1:0]    busy_o,         // a frame or an answer of the queue is under way
	// a frame is dropped: the queue is off, has no buffer, has no room for a completion; one has too small or misaligned a buffer
	output wire                 drop_off_o,
	output wire                 drop_empty_o,
	output wire                 drop_cq_o,
	output wire                 drop_small_o,
	output wire [QW-1:0]        drop_queue_o,
	// bus
	output reg                  aw_valid_o,
	input  wire                 aw_ready_i,
	output reg  [63:0]          aw_addr_o,
	output reg  [7:0]           aw_len_o,
	output reg                  w_valid_o,
	input  wire                 w_ready_i,
	output reg  [511:0]         w_data_o,
	output reg  [63:0]          w_strb_o,
	output reg                  w_last_o,
	input  wire                 b_valid_i,
	input  wire [1:0]           b_resp_i
);
	localparam [2:0] Idle = 3'd0, Rows = 3'd1, Split = 3'd2, Swallow = 3'd3, Entry = 3'd4, Cut = 3'd5;
	localparam [1:0] Data = 2'd0, Completion = 2'd1, Head = 2'd2;
	localparam CW = $clog2(Pending + 1);
	localparam [31:0] Reserve = Pending - 4;
	localparam [31:0] QueueCount = Queues;

	reg  [2:0]    state_q, state_d;
	reg  [QW-1:0] queue_q;
	reg  [57:0]   line_q, line_d;           // of the next row, address / 64
	reg  [5:0]    left_q, left_d;           // rows to come
	reg  [6:0]    burst_q, burst_d;         // of this burst
	reg           error_q, error_d, wb_turn_q, wb_turn_d;
	reg  [57:0]   entry_q;                  // where the completion goes
	reg           entry_phase_q;
	reg  [31:0]   cookie_q;
	reg  [15:0]   index_q;
	reg  [11:0]   len_q;
	reg  [7:0]    port_q, csum_q;
	reg  [31:0]   hash_q, number_q;
	reg  [63:0]   time_q;
	reg  [5:0]    meta_len_q;
	reg  [255:0]  meta_q;

	wire          aw_free = !aw_valid_o || aw_ready_i;
	wire          w_free  = !w_valid_o || w_ready_i;
	wire [CW-1:0] pending;
	wire          room = pending <= Reserve[CW-1:0];

	// The frame at hand.
	wire          known = h_queue_i < QueueCount[7:0];
	wire [QW-1:0] q = known ? h_queue_i[QW-1:0] : {QW{1'b0}};
	wire          on = known && on_i[q];
	wire          able = on && have_i[q] && cq_room_i[q];
	// Without the means: wait for a descriptor that is on its way, and for everything when the queue is lossless.
	wire          give_up = !on || (!able && !lossless_i[q] && (empty_i[q] || !cq_room_i[q]));
	wire          fits = desc_i[5:0] == 6'd0 && desc_i[95:64] >= {20'd0, h_len_i};
	wire [6:0]    h_rows = {1'b0, h_len_i[11:6]} + {6'd0, h_len_i[5:0] != 6'd0};
	wire          at_hand = state_q == Idle && h_valid_i && !stop_i;

	wire          wb_any;
	wire          free  = aw_free && w_free && room;
	wire          begin_frame = at_hand && able && free && !(wb_any && wb_turn_q);
	wire          begin_drop  = at_hand && give_up;
	wire          write_head  = state_q == Idle && wb_any && free && !begin_frame && !begin_drop;
	wire          write_row   = state_q == Rows && h_valid_i && w_free;
	wire          write_entry = state_q == Entry && aw_free && w_free;
	wire          write_split = state_q == Split && aw_free;
	wire          first_aw    = begin_frame && fits;
	wire          push        = first_aw || write_split || write_entry || write_head;
	wire          writes      = write_row || write_entry || write_head || (state_q == Cut && w_free);

	// Rows to the end of a 4 KiB page.
	wire [57:0]   at = state_q == Idle ? desc_i[63:6] : line_q;
	wire [6:0]    to_page = 7'd64 - {1'b0, at[5:0]};
	wire [6:0]    rows = state_q == Idle ? h_rows : {1'b0, left_q};
	wire [6:0]    burst = rows < to_page ? rows : to_page;

	assign queue_o    = q;
	assign take_o     = begin_frame;
	assign cq_put_o   = write_entry;
	assign cq_queue_o = queue_q;
	assign h_ready_o  = write_row || state_q == Swallow;
	assign wb_done_o  = write_head;
	assign drop_off_o   = begin_drop && !on;
	assign drop_empty_o = begin_drop && on && empty_i[q];
	assign drop_cq_o    = begin_drop && on && !empty_i[q];
	assign drop_small_o = begin_frame && !fits;
	assign drop_queue_o = q;

	rr_pick #(.Count(Queues)) pick (
		.clk_i(clk_i), .rst_i(rst_i), .want_i(wb_i), .take_i(write_head), .any_o(wb_any), .index_o(wb_queue_o)
	);

	always @(*) begin
		state_d   = state_q;
		line_d    = line_q;
		left_d    = left_q;
		burst_d   = burst_q;
		error_d   = error_q;
		wb_turn_d = wb_turn_q;
		case (state_q)
			Rows: if (write_row) begin
				line_d  = line_q + 58'd1;
				left_d  = left_q - 6'd1;
				burst_d = burst_q - 7'd1;
				state_d = h_last_i ? Entry : burst_q == 7'd1 ? Split : Rows;
			end
			Split: if (write_split) begin
				burst_d = burst;
				state_d = Rows;
			end
			Swallow: if (h_valid_i && h_last_i) state_d = error_q ? Entry : Idle;
			Entry: if (write_entry) begin
				wb_turn_d = 1'b1;
				state_d   = Idle;
			end
			// The rest of the burst is written without a byte.
			Cut: if (w_free) begin
				burst_d = burst_q - 7'd1;
				if (burst_q == 7'd1) state_d = Idle;
			end
			default: begin
				line_d  = at;
				left_d  = h_rows[5:0];
				burst_d = burst;
				error_d = begin_frame && !fits;
				if (begin_frame) state_d = fits ? Rows : Swallow;
				if (begin_drop) state_d = Swallow;
				if (write_head) wb_turn_d = 1'b0;
			end
		endcase
		if (cut_i) case (state_q)
			Rows:    state_d = write_row && burst_q == 7'd1 ? Idle : Cut;
			Split:   if (!write_split) state_d = Idle; else state_d = Cut;
			Swallow: state_d = Idle;
			default: begin
			end
		endcase
	end

	wire [31:0] head_word = {16'd0, wb_head_i};
	wire [63:0] entry_head = {hash_q, csum_q, port_q, error_q ? 16'd0 : {4'd0, len_q}};
	wire [63:0] entry_tail = {6'd0, error_q, entry_phase_q, 2'd0, meta_len_q, index_q, cookie_q};
	wire [63:0] ones = {64{1'b1}};

	always @(posedge clk_i) begin
		line_q  <= line_d;
		left_q  <= left_d;
		burst_q <= burst_d;
		error_q <= error_d;
		if (begin_frame) begin
			queue_q       <= q;
			entry_q       <= cq_base_i + {42'd0, cq_place_i};
			entry_phase_q <= phase_i;
			cookie_q      <= desc_i[127:96];
			index_q       <= desc_index_i;
			len_q         <= h_len_i;
			port_q        <= h_port_i;
			csum_q        <= h_csum_i;
			hash_q        <= h_hash_i;
			number_q      <= h_number_i;
			time_q        <= h_time_i;
			meta_len_q    <= h_meta_len_i;
			meta_q        <= h_meta_i;
		end

		if (push) begin
			aw_addr_o <= write_head ? {wb_addr_i[61:4], 6'd0} : write_entry ? {entry_q, 6'd0} : {at, 6'd0};
			aw_len_o  <= write_head || write_entry ? 8'd0 : {1'b0, burst} - 8'd1;
		end
		if (writes) begin
			if (write_head) begin
				w_data_o <= {16{head_word}};
				w_strb_o <= 64'd15 << {wb_addr_i[3:0], 2'd0};
			end else if (state_q == Entry) begin
				w_data_o <= {meta_q, 32'd0, number_q, entry_tail, time_q, entry_head};
				w_strb_o <= ones;
			end else begin
				w_data_o <= h_row_i;
				w_strb_o <= state_q == Cut ? 64'd0 : h_last_i && len_q[5:0] != 6'd0 ? ~(ones << len_q[5:0]) : ones;
			end
			w_last_o <= (state_q != Rows && state_q != Cut) || burst_q == 7'd1;
		end

		if (rst_i) begin
			state_q    <= Idle;
			wb_turn_q  <= 1'b0;
			aw_valid_o <= 1'b0;
			w_valid_o  <= 1'b0;
		end else begin
			state_q   <= state_d;
			wb_turn_q <= wb_turn_d;
			if (aw_free) aw_valid_o <= push;
			if (w_free) w_valid_o <= writes;
		end
	end

	// Answers come in the order of the bursts.
	wire [1:0]    kind = write_head ? Head : write_entry ? Completion : Data;
	wire [QW-1:0] push_queue = write_head ? wb_queue_o : state_q == Idle ? q : queue_q;
	wire          tag_valid;
	wire [1:0]    tag_kind;
	wire [QW-1:0] tag_queue;
	fifo #(.Width(2 + QW), .Depth(Pending)) tags (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(push), .data_i({kind, push_queue}),
		.valid_o(tag_valid), .head_o({tag_kind, tag_queue}), .count_o(pending), .pop_i(b_valid_i && tag_valid)
	);
	wire answer = b_valid_i && tag_valid;

	genvar i;
	generate
		for (i = 0; i < Queues; i = i + 1) begin : g_queue
			localparam [QW-1:0] Number = i;
			reg  [CW-1:0] out_q;            // bursts without answer
			wire mine = answer && tag_queue == Number;
			assign event_o[i]    = mine && tag_kind != Data && b_resp_i == 2'd0;
			assign rx_error_o[i] = mine && tag_kind != Head && b_resp_i != 2'd0;
			assign tx_error_o[i] = mine && tag_kind == Head && b_resp_i != 2'd0;
			assign busy_o[i]     = out_q != {CW{1'b0}} || (state_q != Idle && queue_q == Number);
			always @(posedge clk_i) out_q <= rst_i ? {CW{1'b0}}
				: out_q + {{CW-1{1'b0}}, push && push_queue == Number} - {{CW-1{1'b0}}, mine};
		end
	endgenerate

	assign idle_o = state_q == Idle && pending == {CW{1'b0}};

endmodule

`default_nettype wire
