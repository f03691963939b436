// SPDX-License-Identifier: Apache-2.0
//
// All reads of host memory: lines of descriptors, and rows of frames to be sent. All bursts have one ID, so answers come in
// order; a queue of tags says what they are. Notes about frames travel in the same queue without a burst.

`default_nettype none

module dma_read #(
	parameter Queues = 4,
	parameter Ports = 2,
	parameter QW = Queues > 1 ? $clog2(Queues) : 1,
	parameter PW = Ports > 1 ? $clog2(Ports) : 1,
	parameter Pending = 32           // bursts and notes under way, at most
) (
	input  wire              clk_i,
	input  wire              rst_i,
	output wire              idle_o,
	// lines of descriptors, receive rings and transmit rings
	input  wire              rx_req_valid_i,
	input  wire [57:0]       rx_req_line_i,
	input  wire [QW-1:0]     rx_req_queue_i,
	output wire              rx_req_ready_o,
	input  wire              tx_req_valid_i,
	input  wire [57:0]       tx_req_line_i,
	input  wire [QW-1:0]     tx_req_queue_i,
	output wire              tx_req_ready_o,
	output wire              rx_line_valid_o,
	output wire              tx_line_valid_o,
	output wire              line_error_o,
	output wire [511:0]      row_o,          // line, or row of a frame
	// frames
	input  wire              req_valid_i,
	output wire              req_ready_o,
	input  wire [57:0]       req_line_i,
	input  wire [4:0]        req_rows_i,     // 0: a note
	input  wire [QW-1:0]     req_queue_i,
	input  wire [PW-1:0]     req_port_i,
	input  wire [5:0]        req_start_i,
	input  wire [11:0]       req_bytes_i,
	input  wire              req_eop_i,
	input  wire              req_abort_i,
	input  wire              req_done_i,
	input  wire [4:0]        req_promised_i,
	input  wire [22:0]       req_csum_i,
	// answers in order: what they belong to
	output wire [QW-1:0]     queue_o,
	output wire [PW-1:0]     port_o,
	output wire [4:0]        promised_o,
	output wire [22:0]       csum_o,
	output wire              done_o,         // a transmit descriptor of queue_o is done
	output wire              tx_error_o,     // bus error on data of queue_o
	output wire [Queues-1:0] tx_busy_o,      // something of the queue's frames is under way
	// to dma_pack
	output wire              pack_valid_o,
	input  wire              pack_ready_i,
	output wire              pack_abort_o,
	output wire              pack_first_o,
	output wire [5:0]        pack_start_o,
	output wire [11:0]       pack_bytes_o,
	output wire              pack_eop_o,
	output wire              pack_error_o,
	input  wire              pack_last_i,
	input  wire [11:0]       pack_rest_i,
	// bus
	output reg               ar_valid_o,
	input  wire              ar_ready_i,
	output reg  [63:0]       ar_addr_o,
	output reg  [7:0]        ar_len_o,
	input  wire              r_valid_i,
	output wire              r_ready_o,
	input  wire [511:0]      r_data_i,
	input  wire [1:0]        r_resp_i
);
	localparam [1:0] RxLine = 2'd0, TxLine = 2'd1, Rows = 2'd2, Note = 2'd3;
	localparam CW = $clog2(Pending + 1);
	localparam [31:0] Most = Pending;

	wire [CW-1:0] pending;
	wire          free = (!ar_valid_o || ar_ready_i) && pending != Most[CW-1:0];
	wire          is_note = req_rows_i == 5'd0;

	assign rx_req_ready_o = free;
	assign tx_req_ready_o = free && !rx_req_valid_i;
	assign req_ready_o    = free && !rx_req_valid_i && !tx_req_valid_i;
	wire   push = free && (rx_req_valid_i || tx_req_valid_i || req_valid_i);
	wire   burst = push && (rx_req_valid_i || tx_req_valid_i || !is_note);
	wire [1:0]    kind  = rx_req_valid_i ? RxLine : tx_req_valid_i ? TxLine : is_note ? Note : Rows;
	wire [QW-1:0] queue = rx_req_valid_i ? rx_req_queue_i : tx_req_valid_i ? tx_req_queue_i : req_queue_i;
	wire [57:0]   line  = rx_req_valid_i ? rx_req_line_i : tx_req_valid_i ? tx_req_line_i : req_line_i;

	wire          tag_valid, tag_eop, tag_abort, tag_done, pop;
	wire [1:0]    tag_kind;
	wire [5:0]    tag_start;
	wire [11:0]   tag_bytes;
	fifo #(.Width(2 + QW + PW + 6 + 12 + 3 + 5 + 23), .Depth(Pending)) tags (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(push),
		.data_i({kind, queue, req_port_i, req_start_i, req_bytes_i, req_eop_i, req_abort_i, req_done_i, req_promised_i, req_csum_i}),
		.valid_o(tag_valid), .count_o(pending),
		.head_o({tag_kind, queue_o, port_o, tag_start, tag_bytes, tag_eop, tag_abort, tag_done, promised_o, csum_o}), .pop_i(pop)
	);

	wire is_line = tag_valid && (tag_kind == RxLine || tag_kind == TxLine);
	wire is_rows = tag_valid && tag_kind == Rows;
	wire note    = tag_valid && tag_kind == Note;
	reg         middle_q;                    // of a burst
	reg  [11:0] bytes_q;                     // of it that are to come

	assign row_o           = r_data_i;
	assign r_ready_o       = is_line || (is_rows && pack_ready_i);
	assign rx_line_valid_o = tag_valid && tag_kind == RxLine && r_valid_i;
	assign tx_line_valid_o = tag_valid && tag_kind == TxLine && r_valid_i;
	assign line_error_o    = r_resp_i != 2'd0;
	assign pack_valid_o    = (is_rows && r_valid_i) || (note && tag_abort);
	assign pack_abort_o    = note;
	assign pack_first_o    = !middle_q;
	assign pack_start_o    = tag_start;
	assign pack_bytes_o    = middle_q ? bytes_q : tag_bytes;
	assign pack_eop_o      = tag_eop;
	assign pack_error_o    = !note && r_resp_i != 2'd0;
	wire   row             = is_rows && r_valid_i && pack_ready_i;
	assign tx_error_o      = row && pack_error_o;
	assign pop             = (is_line && r_valid_i) || (row && pack_last_i) || (note && pack_ready_i);
	assign done_o          = pop && !is_line && tag_done;
	assign idle_o          = pending == {CW{1'b0}};

	always @(posedge clk_i) begin
		if (row) bytes_q <= pack_rest_i;
		if (push) begin
			ar_addr_o <= {line, 6'd0};
			ar_len_o  <= kind == Rows ? {3'd0, req_rows_i} - 8'd1 : 8'd0;
		end
		if (rst_i) begin
			ar_valid_o <= 1'b0;
			middle_q   <= 1'b0;
		end else begin
			if (burst) ar_valid_o <= 1'b1;
			else if (ar_ready_i) ar_valid_o <= 1'b0;
			if (row) middle_q <= !pack_last_i;
		end
	end

	genvar i;
	generate
		for (i = 0; i < Queues; i = i + 1) begin : g_queue
			localparam [QW-1:0] Number = i;
			reg  [CW-1:0] out_q;             // of its frames: bursts and notes under way
			wire more = push && kind >= Rows && queue == Number;
			wire less = pop && !is_line && queue_o == Number;
			assign tx_busy_o[i] = out_q != {CW{1'b0}};
			always @(posedge clk_i) out_q <= rst_i ? {CW{1'b0}} : out_q + {{CW-1{1'b0}}, more} - {{CW-1{1'b0}}, less};
		end
	endgenerate
endmodule

`default_nettype wire
