// SPDX-License-Identifier: Apache-2.0
//
// The host side: queues, descriptor prefetch, writes and reads of host memory, stores of frames to be sent. See hw/spec/host.md.

`include "regs.vh"
`default_nettype none

module dma_host #(
	parameter Queues = 4,
	parameter Ports = 2,
	parameter QW = Queues > 1 ? $clog2(Queues) : 1,
	parameter PW = Ports > 1 ? $clog2(Ports) : 1
) (
	input  wire                 clk_i,
	input  wire                 rst_i,
	input  wire                 stop_i,         // data path in reset: rings off, frames under way end where they are
	output wire                 idle_o,         // nothing under way on the bus
	// registers: a word of a queue, read data combinational; interrupts
	input  wire                 reg_we_i,
	input  wire [3:0]           reg_queue_i,
	input  wire [4:0]           reg_word_i,
	input  wire [31:0]          reg_wdata_i,
	output wire [31:0]          reg_rdata_o,
	input  wire [Queues-1:0]    irq_clear_i,
	input  wire [Queues-1:0]    irq_enable_i,
	output wire [Queues-1:0]    irq_status_o,
	output wire [Queues-1:0]    irq_o,
	// frames for the host
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
	// frames of the host for the ports
	output wire [Ports-1:0]     t_valid_o,
	input  wire [Ports-1:0]     t_ready_i,
	output wire [512*Ports-1:0] t_row_o,
	output wire [Ports-1:0]     t_last_o,
	output wire [7*Ports-1:0]   t_bytes_o,
	// events
	output wire                 drop_off_o,
	output wire                 drop_empty_o,
	output wire                 drop_cq_o,
	output wire                 drop_small_o,
	output wire [QW-1:0]        drop_queue_o,
	output wire                 put_o,          // a packet is handed to the host
	output wire [QW-1:0]        put_queue_o,
	output wire                 tx_bad_o,       // a transmit descriptor that can't be
	output wire                 bus_error_o,
	output wire                 bad_doorbell_o,
	// AXI4 master, 512 bits; size and burst type never change
	output wire                 ar_valid_o,
	input  wire                 ar_ready_i,
	output wire [63:0]          ar_addr_o,
	output wire [7:0]           ar_len_o,
	input  wire                 r_valid_i,
	output wire                 r_ready_o,
	input  wire [511:0]         r_data_i,
	input  wire [1:0]           r_resp_i,
	output wire                 aw_valid_o,
	input  wire                 aw_ready_i,
	output wire [63:0]          aw_addr_o,
	output wire [7:0]           aw_len_o,
	output wire                 w_valid_o,
	input  wire                 w_ready_i,
	output wire [511:0]         w_data_o,
	output wire [63:0]          w_strb_o,
	output wire                 w_last_o,
	input  wire                 b_valid_i,
	output wire                 b_ready_o,
	input  wire [1:0]           b_resp_i
);
	wire [Queues-1:0]    rx_on, tx_on, lossless, cq_room, phase, wb, event_write, rx_error_write, tx_error_write;
	wire [Queues-1:0]    rx_busy_line, tx_busy_line, rx_busy_write, tx_busy_read, bad_doorbell;
	wire [58*Queues-1:0] rx_base, cq_base, tx_base;
	wire [62*Queues-1:0] wb_addr;
	wire [4*Queues-1:0]  rx_log, cq_log, tx_log;
	wire [16*Queues-1:0] rx_tail, cq_tail, tx_tail, tx_head;
	wire [32*16-1:0]     rdata;

	wire [Queues-1:0]    rx_have, rx_empty, tx_have, tx_empty;
	wire [QW-1:0]        write_queue, cq_queue, wb_queue, tx_queue;
	wire [127:0]         rx_desc, tx_desc;
	wire [15:0]          rx_index, tx_index;
	wire                 rx_take, cq_put, wb_done, tx_take, tx_bad;
	wire                 rx_line_error, tx_line_error;

	wire                 rx_req_valid, rx_req_ready, tx_req_valid, tx_req_ready, rx_line_valid, tx_line_valid, line_error;
	wire [57:0]          rx_req_line, tx_req_line;
	wire [QW-1:0]        rx_req_queue, tx_req_queue;
	wire [511:0]         row;

	wire                 req_valid, req_ready, req_eop, req_abort, req_done, promise;
	wire [57:0]          req_line;
	wire [4:0]           req_rows, req_promised, promise_rows;
	wire [QW-1:0]        req_queue, read_queue;
	wire [PW-1:0]        req_port, read_port;
	wire [5:0]           req_start;
	wire [11:0]          req_bytes;
	wire                 read_done, read_error;
	wire [4:0]           read_promised;
	wire [22:0]          req_csum, read_csum;
	wire [8*Ports-1:0]   room;
	wire                 idle_write, idle_read, idle_tx;

	genvar i;
	generate
		for (i = 0; i < Queues; i = i + 1) begin : g_queue
			localparam [QW-1:0] Number = i;
			localparam [3:0]    Block = i;
			wire        irq;

			dma_queue queue (
				.clk_i(clk_i), .rst_i(rst_i), .stop_i(stop_i),
				.we_i(reg_we_i && reg_queue_i == Block), .word_i(reg_word_i), .wdata_i(reg_wdata_i),
				.rdata_o(rdata[32*i +: 32]),
				.rx_on_o(rx_on[i]), .tx_on_o(tx_on[i]), .lossless_o(lossless[i]),
				.rx_base_o(rx_base[58*i +: 58]), .cq_base_o(cq_base[58*i +: 58]), .tx_base_o(tx_base[58*i +: 58]),
				.rx_log_o(rx_log[4*i +: 4]), .cq_log_o(cq_log[4*i +: 4]), .tx_log_o(tx_log[4*i +: 4]),
				.rx_tail_o(rx_tail[16*i +: 16]), .tx_tail_o(tx_tail[16*i +: 16]), .tx_head_o(tx_head[16*i +: 16]),
				.cq_tail_o(cq_tail[16*i +: 16]), .cq_room_o(cq_room[i]), .phase_o(phase[i]),
				.wb_o(wb[i]), .wb_addr_o(wb_addr[62*i +: 62]),
				.rx_take_i(rx_take && write_queue == Number), .cq_put_i(cq_put && cq_queue == Number),
				.tx_done_i(read_done && read_queue == Number), .wb_done_i(wb_done && wb_queue == Number),
				.event_i(event_write[i]), .drop_i((drop_off_o || drop_empty_o || drop_cq_o || drop_small_o) && drop_queue_o == Number),
				.rx_error_i(rx_error_write[i] || (rx_line_error && read_queue == Number)),
				.tx_error_i(tx_error_write[i] || ((tx_line_error || read_error) && read_queue == Number)),
				.tx_bad_i(tx_bad && tx_queue == Number),
				.rx_busy_i(rx_busy_line[i] || rx_busy_write[i]), .tx_busy_i(tx_busy_line[i] || tx_busy_read[i]),
				.irq_clear_i(irq_clear_i[i]), .irq_o(irq), .bad_doorbell_o(bad_doorbell[i])
			);
			assign irq_status_o[i] = irq;
			assign irq_o[i]        = irq && irq_enable_i[i];
		end
		for (i = Queues; i < 16; i = i + 1) begin : g_none
			assign rdata[32*i +: 32] = 32'd0;
		end
	endgenerate
	mux #(.Width(32), .Count(16)) rdata_mux (.sel_i(reg_queue_i), .in_i(rdata), .out_o(reg_rdata_o));

	// What dma_write wants to know of its queues.
	wire [57:0] write_base;
	wire [15:0] write_tail, wb_head;
	wire [3:0]  write_log;
	wire        write_phase;
	wire [61:0] wb_at;

	mux #(.Width(58), .Count(Queues)) base_mux (.sel_i(write_queue), .in_i(cq_base), .out_o(write_base));
	mux #(.Width(16), .Count(Queues)) tail_mux (.sel_i(write_queue), .in_i(cq_tail), .out_o(write_tail));
	mux #(.Width(4), .Count(Queues)) log_mux (.sel_i(write_queue), .in_i(cq_log), .out_o(write_log));
	mux #(.Width(1), .Count(Queues)) phase_mux (.sel_i(write_queue), .in_i(phase), .out_o(write_phase));
	mux #(.Width(62), .Count(Queues)) wb_mux (.sel_i(wb_queue), .in_i(wb_addr), .out_o(wb_at));
	mux #(.Width(16), .Count(Queues)) head_mux (.sel_i(wb_queue), .in_i(tx_head), .out_o(wb_head));

	dma_fetch #(.Queues(Queues)) rx_fetch (
		.clk_i(clk_i), .rst_i(rst_i), .on_i(rx_on), .base_i(rx_base), .log_i(rx_log), .tail_i(rx_tail), .busy_o(rx_busy_line),
		.req_valid_o(rx_req_valid), .req_line_o(rx_req_line), .req_ring_o(rx_req_queue), .req_ready_i(rx_req_ready),
		.line_valid_i(rx_line_valid), .line_error_i(line_error), .line_ring_i(read_queue), .line_i(row), .error_o(rx_line_error),
		.have_o(rx_have), .empty_o(rx_empty), .ring_i(write_queue), .desc_o(rx_desc), .index_o(rx_index), .take_i(rx_take)
	);
	dma_fetch #(.Queues(Queues)) tx_fetch (
		.clk_i(clk_i), .rst_i(rst_i), .on_i(tx_on), .base_i(tx_base), .log_i(tx_log), .tail_i(tx_tail), .busy_o(tx_busy_line),
		.req_valid_o(tx_req_valid), .req_line_o(tx_req_line), .req_ring_o(tx_req_queue), .req_ready_i(tx_req_ready),
		.line_valid_i(tx_line_valid), .line_error_i(line_error), .line_ring_i(read_queue), .line_i(row), .error_o(tx_line_error),
		.have_o(tx_have), .empty_o(tx_empty), .ring_i(tx_queue), .desc_o(tx_desc), .index_o(tx_index), .take_i(tx_take)
	);

	dma_write #(.Queues(Queues)) write (
		.clk_i(clk_i), .rst_i(rst_i), .stop_i(stop_i), .cut_i(stop_i), .idle_o(idle_write),
		.h_valid_i(h_valid_i), .h_ready_o(h_ready_o), .h_row_i(h_row_i), .h_last_i(h_last_i), .h_len_i(h_len_i),
		.h_queue_i(h_queue_i), .h_port_i(h_port_i), .h_csum_i(h_csum_i), .h_hash_i(h_hash_i), .h_time_i(h_time_i),
		.h_number_i(h_number_i), .h_meta_len_i(h_meta_len_i), .h_meta_i(h_meta_i),
		.on_i(rx_on), .lossless_i(lossless), .have_i(rx_have), .empty_i(rx_empty), .cq_room_i(cq_room),
		.queue_o(write_queue), .desc_i(rx_desc), .desc_index_i(rx_index),
		.cq_base_i(write_base), .cq_place_i(write_tail & ~(16'hffff << write_log)), .phase_i(write_phase),
		.take_o(rx_take), .cq_put_o(cq_put), .cq_queue_o(cq_queue),
		.wb_i(wb), .wb_queue_o(wb_queue), .wb_addr_i(wb_at), .wb_head_i(wb_head),
		.wb_done_o(wb_done),
		.event_o(event_write), .rx_error_o(rx_error_write), .tx_error_o(tx_error_write), .busy_o(rx_busy_write),
		.drop_off_o(drop_off_o), .drop_empty_o(drop_empty_o), .drop_cq_o(drop_cq_o), .drop_small_o(drop_small_o),
		.drop_queue_o(drop_queue_o),
		.aw_valid_o(aw_valid_o), .aw_ready_i(aw_ready_i), .aw_addr_o(aw_addr_o), .aw_len_o(aw_len_o),
		.w_valid_o(w_valid_o), .w_ready_i(w_ready_i), .w_data_o(w_data_o), .w_strb_o(w_strb_o), .w_last_o(w_last_o),
		.b_valid_i(b_valid_i), .b_resp_i(b_resp_i)
	);
	assign b_ready_o   = 1'b1;
	assign put_o       = cq_put;
	assign put_queue_o = cq_queue;

	dma_tx #(.Queues(Queues), .Ports(Ports)) tx (
		.clk_i(clk_i), .rst_i(rst_i), .stop_i(stop_i), .idle_o(idle_tx),
		.on_i(tx_on), .have_i(tx_have), .queue_o(tx_queue), .desc_i(tx_desc), .take_o(tx_take),
		.room_i(room), .promise_o(promise), .promise_rows_o(promise_rows), .bad_o(tx_bad),
		.req_valid_o(req_valid), .req_ready_i(req_ready), .req_line_o(req_line), .req_rows_o(req_rows),
		.req_queue_o(req_queue), .req_port_o(req_port), .req_start_o(req_start), .req_bytes_o(req_bytes),
		.req_eop_o(req_eop), .req_abort_o(req_abort), .req_done_o(req_done), .req_promised_o(req_promised), .req_csum_o(req_csum)
	);

	wire        pack_valid, pack_ready, pack_abort, pack_first, pack_eop, pack_error, pack_last;
	wire [5:0]  pack_start;
	wire [11:0] pack_bytes, pack_rest;
	dma_read #(.Queues(Queues), .Ports(Ports)) read (
		.clk_i(clk_i), .rst_i(rst_i), .idle_o(idle_read),
		.rx_req_valid_i(rx_req_valid), .rx_req_line_i(rx_req_line), .rx_req_queue_i(rx_req_queue), .rx_req_ready_o(rx_req_ready),
		.tx_req_valid_i(tx_req_valid), .tx_req_line_i(tx_req_line), .tx_req_queue_i(tx_req_queue), .tx_req_ready_o(tx_req_ready),
		.rx_line_valid_o(rx_line_valid), .tx_line_valid_o(tx_line_valid), .line_error_o(line_error), .row_o(row),
		.req_valid_i(req_valid), .req_ready_o(req_ready), .req_line_i(req_line), .req_rows_i(req_rows), .req_queue_i(req_queue),
		.req_port_i(req_port), .req_start_i(req_start), .req_bytes_i(req_bytes), .req_eop_i(req_eop), .req_abort_i(req_abort),
		.req_done_i(req_done), .req_promised_i(req_promised), .req_csum_i(req_csum),
		.queue_o(read_queue), .port_o(read_port), .promised_o(read_promised), .csum_o(read_csum), .done_o(read_done), .tx_error_o(read_error),
		.tx_busy_o(tx_busy_read),
		.pack_valid_o(pack_valid), .pack_ready_i(pack_ready), .pack_abort_o(pack_abort), .pack_first_o(pack_first),
		.pack_start_o(pack_start), .pack_bytes_o(pack_bytes), .pack_eop_o(pack_eop), .pack_error_o(pack_error),
		.pack_last_i(pack_last), .pack_rest_i(pack_rest),
		.ar_valid_o(ar_valid_o), .ar_ready_i(ar_ready_i), .ar_addr_o(ar_addr_o), .ar_len_o(ar_len_o),
		.r_valid_i(r_valid_i), .r_ready_o(r_ready_o), .r_data_i(r_data_i), .r_resp_i(r_resp_i)
	);

	wire         put_valid, put_forget, put_end;
	wire [511:0] put_row;
	wire [6:0]   put_count;
	dma_pack pack (
		.clk_i(clk_i), .rst_i(rst_i), .valid_i(pack_valid), .ready_o(pack_ready), .abort_i(pack_abort), .row_i(row),
		.first_i(pack_first), .start_i(pack_start), .bytes_i(pack_bytes), .eop_i(pack_eop), .error_i(pack_error),
		.last_o(pack_last), .rest_o(pack_rest),
		.valid_o(put_valid), .forget_o(put_forget), .row_o(put_row), .end_o(put_end), .count_o(put_count)
	);

	// Port, promise and checksum of the rows in dma_pack: two clocks behind the row read, and kept for the row that a frame's rest fills.
	reg [PW-1:0] port1_q, port2_q;
	reg [4:0]    promised1_q, promised2_q;
	reg [22:0]   csum1_q;
	always @(posedge clk_i) begin
		if (pack_valid && pack_ready) begin
			port1_q     <= read_port;
			promised1_q <= read_promised;
			csum1_q     <= read_csum;
		end
		port2_q     <= port1_q;
		promised2_q <= promised1_q;
	end
	wire          word_valid;
	wire [PW-1:0] word_port;
	wire [27:0]   word;
	dma_sum #(.Ports(Ports)) sum (
		.clk_i(clk_i), .rst_i(rst_i), .csum_i(csum1_q), .put_i(put_valid), .forget_i(put_forget), .end_i(put_end), .port_i(port2_q),
		.row_i(put_row), .count_i(put_count), .word_valid_o(word_valid), .word_port_o(word_port), .word_o(word)
	);
	generate
		for (i = 0; i < Ports; i = i + 1) begin : g_port
			localparam [PW-1:0] Number = i;
			dma_store store (
				.clk_i(clk_i), .rst_i(rst_i), .room_o(room[8*i +: 8]),
				.promise_i(promise && req_port == Number), .promise_rows_i(promise_rows),
				.put_i(put_valid && port2_q == Number), .forget_i(put_forget), .end_i(put_end), .promised_i(promised2_q),
				.row_i(put_row), .count_i(put_count), .word_valid_i(word_valid && word_port == Number), .word_i(word),
				.cut_i(stop_i), .valid_o(t_valid_o[i]), .ready_i(t_ready_i[i]), .row_o(t_row_o[512*i +: 512]), .last_o(t_last_o[i]),
				.count_o(t_bytes_o[7*i +: 7])
			);
		end
	endgenerate

	assign tx_bad_o       = tx_bad;
	assign bad_doorbell_o = bad_doorbell != {Queues{1'b0}};
	assign bus_error_o    = rx_line_error || tx_line_error || read_error
		|| rx_error_write != {Queues{1'b0}} || tx_error_write != {Queues{1'b0}};
	assign idle_o         = idle_write && idle_read && idle_tx;

	wire unused = &{1'b0, tx_empty, tx_index};
endmodule

`default_nettype wire
