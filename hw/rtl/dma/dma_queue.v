// SPDX-License-Identifier: Apache-2.0
//
// Registers of one host queue: its rings, their indices, its errors and its interrupt.

`include "regs.vh"
`default_nettype none

module dma_queue (
	input  wire        clk_i,
	input  wire        rst_i,
	input  wire        stop_i,          // data path reset: both rings off
	// host, a word of the block; read data combinational
	input  wire        we_i,
	input  wire [4:0]  word_i,
	input  wire [31:0] wdata_i,
	output reg  [31:0] rdata_o,
	// rings
	output wire        rx_on_o,
	output wire        tx_on_o,
	output wire        lossless_o,
	output wire [57:0] rx_base_o,       // addresses / 64
	output wire [57:0] cq_base_o,
	output wire [57:0] tx_base_o,
	output wire [3:0]  rx_log_o,
	output wire [3:0]  cq_log_o,
	output wire [3:0]  tx_log_o,
	output wire [15:0] rx_tail_o,
	output wire [15:0] tx_tail_o,
	output wire [15:0] tx_head_o,
	output wire [15:0] cq_tail_o,
	output wire        cq_room_o,
	output wire        phase_o,         // of the entry at cq_tail
	output wire        wb_o,            // TX_HEAD is to be written to wb_addr
	output wire [61:0] wb_addr_o,       // / 4
	// what the engines do
	input  wire        rx_take_i,       // a buffer is used
	input  wire        cq_put_i,        // a completion is written
	input  wire        tx_done_i,       // a transmit descriptor is done
	input  wire        wb_done_i,       // TX_HEAD is being written
	input  wire        event_i,         // a completion or TX_HEAD is in host memory
	input  wire        drop_i,          // a packet for this queue is dropped
	input  wire        rx_error_i,
	input  wire        tx_error_i,
	input  wire        tx_bad_i,
	input  wire        rx_busy_i,
	input  wire        tx_busy_i,
	// interrupt
	input  wire        irq_clear_i,
	output wire        irq_o,
	output wire        bad_doorbell_o   // event
);
	reg         rx_on_q, tx_on_q, lossless_q, wb_q;
	reg  [31:0] error_q;                // of STATUS
	reg  [57:0] rx_base_q, cq_base_q, tx_base_q;
	reg  [3:0]  rx_log_q, cq_log_q, tx_log_q;
	reg  [15:0] rx_tail_q, rx_head_q, cq_head_q, cq_tail_q, tx_tail_q, tx_head_q;
	reg  [61:0] wb_addr_q;
	reg  [15:0] irq_count_q, events_q;
	reg  [31:0] irq_time_q, age_q;
	reg  [31:0] drops_q;
	reg         irq_q;

	localparam [15:0] One = 16'd1;
	wire [15:0] value = wdata_i[15:0];

	// Is a doorbell's index one the ring allows? It can't take back what was given.
	wire [15:0] rx_value = value - rx_head_q;
	wire [15:0] tx_value = value - tx_head_q;
	wire rx_fits = rx_value <= One << rx_log_q && rx_value >= rx_tail_q - rx_head_q;
	wire tx_fits = tx_value <= One << tx_log_q && tx_value >= tx_tail_q - tx_head_q;
	wire cq_fits = value - cq_head_q <= cq_tail_q - cq_head_q;
	wire is_rx   = we_i && word_i == `NIC_Q_RX_TAIL;
	wire is_tx   = we_i && word_i == `NIC_Q_TX_TAIL;
	wire is_cq   = we_i && word_i == `NIC_Q_CQ_HEAD;
	wire bad     = (is_rx && !(rx_on_q && rx_fits)) || (is_tx && !(tx_on_q && tx_fits)) || (is_cq && !(rx_on_q && cq_fits));
	wire is_ctrl = we_i && word_i == `NIC_Q_CTRL;
	wire rx_stop = stop_i || rx_error_i;
	wire tx_stop = stop_i || tx_error_i;

	assign rx_on_o    = rx_on_q;
	assign tx_on_o    = tx_on_q;
	assign lossless_o = lossless_q;
	assign rx_base_o  = rx_base_q;
	assign cq_base_o  = cq_base_q;
	assign tx_base_o  = tx_base_q;
	assign rx_log_o   = rx_log_q;
	assign cq_log_o   = cq_log_q;
	assign tx_log_o   = tx_log_q;
	assign rx_tail_o  = rx_tail_q;
	assign tx_tail_o  = tx_tail_q;
	assign tx_head_o  = tx_head_q;
	assign cq_tail_o  = cq_tail_q;
	assign cq_room_o  = cq_tail_q - cq_head_q != One << cq_log_q;
	assign phase_o    = (cq_tail_q & One << cq_log_q) == 16'd0;
	assign wb_o       = wb_q;
	assign wb_addr_o  = wb_addr_q;
	assign irq_o      = irq_q;
	assign bad_doorbell_o = bad;

	function [3:0] ring_log;            // 2..15 of what the host writes
		input [31:0] size;
		ring_log = size > 32'd15 ? 4'd15 : size < 32'd2 ? 4'd2 : size[3:0];
	endfunction

	function [31:0] one_of;             // the bits of a mask, if
		input        set;
		input [31:0] bits;
		one_of = set ? bits : 32'd0;
	endfunction

	always @(posedge clk_i) begin
		if (rst_i) begin
			rx_on_q    <= 1'b0;
			tx_on_q    <= 1'b0;
			lossless_q <= 1'b0;
			error_q    <= 32'd0;
			rx_log_q   <= 4'd2;
			cq_log_q   <= 4'd2;
			tx_log_q   <= 4'd2;
			rx_base_q  <= 58'd0;
			cq_base_q  <= 58'd0;
			tx_base_q  <= 58'd0;
			wb_addr_q  <= 62'd0;
			irq_count_q <= 16'd0;
			irq_time_q <= 32'd0;
		end else begin
			if (is_ctrl) begin
				rx_on_q    <= (wdata_i & `NIC_Q_CTRL_RX) != 32'd0;
				tx_on_q    <= (wdata_i & `NIC_Q_CTRL_TX) != 32'd0;
				lossless_q <= (wdata_i & `NIC_Q_CTRL_LOSSLESS) != 32'd0;
			end
			if (rx_stop) rx_on_q <= 1'b0;
			if (tx_stop) tx_on_q <= 1'b0;
			error_q <= (is_ctrl ? 32'd0 : error_q) | one_of(bad, `NIC_Q_STATUS_DOORBELL) | one_of(rx_error_i, `NIC_Q_STATUS_RX_BUS)
				| one_of(tx_error_i, `NIC_Q_STATUS_TX_BUS) | one_of(tx_bad_i, `NIC_Q_STATUS_TX_BAD);
			// Where a ring is and how long can be set while it is off.
			if (we_i) case (word_i)
				`NIC_Q_RX_BASE_LO: if (!rx_on_q) rx_base_q[25:0]  <= wdata_i[31:6];
				`NIC_Q_RX_BASE_HI: if (!rx_on_q) rx_base_q[57:26] <= wdata_i;
				`NIC_Q_RX_SIZE:    if (!rx_on_q) rx_log_q         <= ring_log(wdata_i);
				`NIC_Q_CQ_BASE_LO: if (!rx_on_q) cq_base_q[25:0]  <= wdata_i[31:6];
				`NIC_Q_CQ_BASE_HI: if (!rx_on_q) cq_base_q[57:26] <= wdata_i;
				`NIC_Q_CQ_SIZE:    if (!rx_on_q) cq_log_q         <= ring_log(wdata_i);
				`NIC_Q_TX_BASE_LO: if (!tx_on_q) tx_base_q[25:0]  <= wdata_i[31:6];
				`NIC_Q_TX_BASE_HI: if (!tx_on_q) tx_base_q[57:26] <= wdata_i;
				`NIC_Q_TX_SIZE:    if (!tx_on_q) tx_log_q         <= ring_log(wdata_i);
				`NIC_Q_TX_WB_LO:   if (!tx_on_q) wb_addr_q[29:0]  <= wdata_i[31:2];
				`NIC_Q_TX_WB_HI:   if (!tx_on_q) wb_addr_q[61:30] <= wdata_i;
				`NIC_Q_IRQ_COUNT:  irq_count_q <= value;
				`NIC_Q_IRQ_TIME:   irq_time_q  <= wdata_i;
				default: begin
				end
			endcase
		end
	end

	// Indices; 0 while the ring is off.
	always @(posedge clk_i) begin
		if (rst_i || !rx_on_q) begin
			rx_tail_q <= 16'd0;
			rx_head_q <= 16'd0;
			cq_head_q <= 16'd0;
			cq_tail_q <= 16'd0;
		end else begin
			if (is_rx && rx_fits) rx_tail_q <= value;
			if (is_cq && cq_fits) cq_head_q <= value;
			if (rx_take_i) rx_head_q <= rx_head_q + One;
			if (cq_put_i) cq_tail_q <= cq_tail_q + One;
		end
		if (rst_i || !tx_on_q) begin
			tx_tail_q <= 16'd0;
			tx_head_q <= 16'd0;
			wb_q      <= 1'b0;
		end else begin
			if (is_tx && tx_fits) tx_tail_q <= value;
			if (tx_done_i) tx_head_q <= tx_head_q + One;
			if (tx_done_i) wb_q <= wb_addr_q != 62'd0;
			else if (wb_done_i) wb_q <= 1'b0;
		end
	end

	always @(posedge clk_i) drops_q <= rst_i ? 32'd0 : drops_q + {31'd0, drop_i};

	// Interrupt: enough events, or one that is old enough.
	wire [15:0] enough = irq_count_q == 16'd0 ? One : irq_count_q;
	wire        old    = irq_time_q != 32'd0 && events_q != 16'd0 && age_q >= irq_time_q;

	always @(posedge clk_i) begin
		if (rst_i || irq_clear_i) begin
			irq_q    <= 1'b0;
			events_q <= {15'd0, event_i && !rst_i};
			age_q    <= 32'd0;
		end else begin
			irq_q    <= irq_q || events_q >= enough || old;
			if (event_i && events_q != 16'hffff) events_q <= events_q + One;
			age_q    <= events_q == 16'd0 ? 32'd0 : age_q == 32'hffffffff ? age_q : age_q + 32'd1;
		end
	end

	always @(*) begin
		case (word_i)
			`NIC_Q_CTRL:       rdata_o = one_of(rx_on_q, `NIC_Q_CTRL_RX) | one_of(tx_on_q, `NIC_Q_CTRL_TX) | one_of(lossless_q, `NIC_Q_CTRL_LOSSLESS);
			`NIC_Q_STATUS:     rdata_o = error_q | one_of(tx_busy_i, `NIC_Q_STATUS_TX_BUSY) | one_of(rx_busy_i, `NIC_Q_STATUS_RX_BUSY);
			`NIC_Q_RX_BASE_LO: rdata_o = {rx_base_q[25:0], 6'd0};
			`NIC_Q_RX_BASE_HI: rdata_o = rx_base_q[57:26];
			`NIC_Q_RX_SIZE:    rdata_o = {28'd0, rx_log_q};
			`NIC_Q_RX_TAIL:    rdata_o = {16'd0, rx_tail_q};
			`NIC_Q_RX_HEAD:    rdata_o = {16'd0, rx_head_q};
			`NIC_Q_CQ_BASE_LO: rdata_o = {cq_base_q[25:0], 6'd0};
			`NIC_Q_CQ_BASE_HI: rdata_o = cq_base_q[57:26];
			`NIC_Q_CQ_SIZE:    rdata_o = {28'd0, cq_log_q};
			`NIC_Q_CQ_HEAD:    rdata_o = {16'd0, cq_head_q};
			`NIC_Q_CQ_TAIL:    rdata_o = {16'd0, cq_tail_q};
			`NIC_Q_TX_BASE_LO: rdata_o = {tx_base_q[25:0], 6'd0};
			`NIC_Q_TX_BASE_HI: rdata_o = tx_base_q[57:26];
			`NIC_Q_TX_SIZE:    rdata_o = {28'd0, tx_log_q};
			`NIC_Q_TX_TAIL:    rdata_o = {16'd0, tx_tail_q};
			`NIC_Q_TX_HEAD:    rdata_o = {16'd0, tx_head_q};
			`NIC_Q_TX_WB_LO:   rdata_o = {wb_addr_q[29:0], 2'd0};
			`NIC_Q_TX_WB_HI:   rdata_o = wb_addr_q[61:30];
			`NIC_Q_IRQ_COUNT:  rdata_o = {16'd0, irq_count_q};
			`NIC_Q_IRQ_TIME:   rdata_o = irq_time_q;
			`NIC_Q_DROPS:      rdata_o = drops_q;
			default:           rdata_o = 32'd0;
		endcase
	end
endmodule

`default_nettype wire
