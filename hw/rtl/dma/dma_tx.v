// SPDX-License-Identifier: Apache-2.0
//
// Walks the transmit rings: round robin over the queues, a whole frame each; asks for the reads of every descriptor. A frame is
// begun only when the store of its port has room for a longest one, so that a port that stands still stops no other's reads.

`include "regs.vh"
`default_nettype none

module dma_tx #(
	parameter Queues = 4,
	parameter Ports = 2,
	parameter QW = Queues > 1 ? $clog2(Queues) : 1,
	parameter PW = Ports > 1 ? $clog2(Ports) : 1
) (
	input  wire              clk_i,
	input  wire              rst_i,
	input  wire              stop_i,          // begin no frame
	output wire              idle_o,
	// rings
	input  wire [Queues-1:0] on_i,
	input  wire [Queues-1:0] have_i,
	output wire [QW-1:0]     queue_o,
	input  wire [127:0]      desc_i,          // of queue_o, combinational
	output wire              take_o,
	input  wire [8*Ports-1:0] room_i,         // rows that the port's store can still promise
	output wire              promise_o,       // rows of the store of req_port are promised to the frame that begins
	output wire [4:0]        promise_rows_o,
	output wire              bad_o,           // of queue_o: a descriptor that can't be
	// a burst of reads, or (rows 0) only a note in the order of the bursts
	output wire              req_valid_o,
	input  wire              req_ready_i,
	output wire [57:0]       req_line_o,
	output wire [4:0]        req_rows_o,
	output wire [QW-1:0]     req_queue_o,
	output wire [PW-1:0]     req_port_o,
	output wire [5:0]        req_start_o,     // first byte in the first row
	output wire [11:0]       req_bytes_o,
	output wire              req_eop_o,       // the frame ends with these bytes
	output wire              req_abort_o,     // the frame is to be forgotten
	output wire              req_done_o,      // the descriptor is done with them
	output wire [4:0]        req_promised_o,  // rows that were promised to the frame
	output wire [22:0]       req_csum_o       // {checksum wanted, its place, first byte of the sum}, by the frame's first descriptor
);
	localparam [1:0] Seek = 2'd0, Look = 2'd1, Second = 2'd2, Skip = 2'd3;
	localparam [11:0] FrameMax = `NIC_FRAME_MAX;
	localparam [4:0]  Segments = `NIC_TX_SEGMENTS;
	localparam [31:0] PortNumber = Ports;
	localparam [7:0]  PortCount = PortNumber[7:0];
	localparam [31:0] LastQueue = Queues - 1;

	reg  [1:0]    state_q, state_d;
	reg  [QW-1:0] queue_q, queue_d;
	reg           middle_q, middle_d;      // of a frame
	reg  [PW-1:0] port_q, port_d;
	reg  [11:0]   total_q, total_d;        // bytes of the frame so far
	reg  [4:0]    segments_q, segments_d;
	reg  [4:0]    promised_q, promised_d;
	reg  [22:0]   csum_q, csum_d;

	wire        have = on_i[queue_q] && have_i[queue_q];
	wire [63:0] addr = desc_i[63:0];
	wire [15:0] len = desc_i[79:64];
	wire        eop = desc_i[80];
	wire [7:0]  port = desc_i[95:88];
	wire [PW-1:0] to = middle_q ? port_q : port[PW-1:0];
	wire [12:0] sum = {1'b0, total_q} + len[12:0];
	wire        legal = len != 16'd0 && len <= {4'd0, FrameMax} && sum <= {1'b0, FrameMax} && segments_q != Segments
		&& (middle_q ? port == {{8-PW{1'b0}}, port_q} : port < PortCount);
	// A frame of one descriptor needs what it says, any other may become a longest one.
	localparam [31:0] FrameRows = `NIC_FRAME_MAX / `NIC_BEAT_BYTES;
	wire [4:0]  need = eop ? len[10:6] + {4'd0, len[5:0] != 6'd0} : FrameRows[4:0];
	wire        vacant = port < PortCount && room_i[8*to +: 8] >= {3'd0, need};

	// Rows that hold the bytes, and how many of them come before the next 4 KiB page.
	wire [12:0] span = {7'd0, addr[5:0]} + len[12:0];
	wire [4:0]  rows = span[10:6] + {4'd0, span[5:0] != 6'd0};
	wire [6:0]  to_page = 7'd64 - {1'b0, addr[11:6]};
	wire        crosses = {2'd0, rows} > to_page;
	wire [11:0] head_bytes = {to_page[5:0], 6'd0} - {6'd0, addr[5:0]};

	wire look_go = state_q == Look && have && legal && (middle_q || vacant);
	wire skip_go = (state_q == Skip && have) || (state_q == Look && have && !legal);
	wire lost    = !on_i[queue_q] && middle_q;   // the ring was turned off in the middle of a frame
	wire second  = state_q == Second && !lost;

	assign queue_o     = queue_q;
	assign req_valid_o = look_go || second || skip_go || lost;
	wire   go = req_valid_o && req_ready_i;
	assign req_line_o  = second ? {addr[63:12] + 52'd1, 6'd0} : addr[63:6];
	assign req_rows_o  = skip_go || lost ? 5'd0 : second ? rows - to_page[4:0] : crosses ? to_page[4:0] : rows;
	assign req_queue_o = queue_q;
	assign promise_o      = go && look_go && !middle_q;
	assign promise_rows_o = need;
	assign req_promised_o = middle_q ? promised_q : look_go ? need : 5'd0;
	assign req_csum_o  = middle_q ? csum_q : {desc_i[81], desc_i[122:112], desc_i[106:96]};
	assign req_port_o  = to;
	assign req_start_o = second ? 6'd0 : addr[5:0];
	assign req_bytes_o = second ? len[11:0] - head_bytes : crosses ? head_bytes : len[11:0];
	assign req_eop_o   = !skip_go && !lost && eop && (second || !crosses);
	assign req_abort_o = lost || (skip_go && state_q == Look);
	assign req_done_o  = !lost && (skip_go || second || !crosses);
	assign take_o      = go && req_done_o;
	assign bad_o       = go && skip_go && state_q == Look;

	wire [QW-1:0] next_queue = queue_q == LastQueue[QW-1:0] ? {QW{1'b0}} : queue_q + {{QW-1{1'b0}}, 1'b1};

	always @(*) begin
		state_d    = state_q;
		queue_d    = queue_q;
		middle_d   = middle_q;
		port_d     = port_q;
		total_d    = total_q;
		segments_d = segments_q;
		promised_d = promised_q;
		csum_d     = csum_q;
		case (state_q)
			Seek: begin
				if (have && !stop_i) state_d = Look;
				else queue_d = next_queue;
			end
			Look: begin
				if (go && look_go) begin
					state_d    = crosses ? Second : eop ? Seek : Look;
					middle_d   = crosses || !eop;
					port_d     = to;
					promised_d = req_promised_o;
					csum_d     = req_csum_o;
					total_d    = sum[11:0];
					segments_d = segments_q + 5'd1;
				end else if (go && skip_go) begin
					state_d  = eop ? Seek : Skip;
					middle_d = 1'b0;
				end else if (go) begin
					state_d = Seek;
				end else if (!middle_q && !look_go && !skip_go) begin
					state_d = Seek;      // no room: the next one's turn
				end
			end
			Second: if (go) state_d = eop || lost ? Seek : Look;
			Skip: begin
				if (go) state_d = eop ? Seek : Skip;
				else if (!on_i[queue_q]) state_d = Seek;
			end
		endcase
		if (state_q != Seek && state_d == Seek) begin
			queue_d    = next_queue;
			middle_d   = 1'b0;
			total_d    = 12'd0;
			segments_d = 5'd0;
		end
	end

	always @(posedge clk_i) begin
		queue_q    <= rst_i ? {QW{1'b0}} : queue_d;
		port_q     <= port_d;
		promised_q <= promised_d;
		csum_q     <= csum_d;
		total_q    <= rst_i ? 12'd0 : total_d;
		segments_q <= rst_i ? 5'd0 : segments_d;
		if (rst_i) begin
			state_q  <= Seek;
			middle_q <= 1'b0;
		end else begin
			state_q  <= state_d;
			middle_q <= middle_d;
		end
	end

	assign idle_o = state_q == Seek;

	wire unused = &{1'b0, desc_i, span[12:11]};
endmodule

`default_nettype wire
