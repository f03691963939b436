// SPDX-License-Identifier: Apache-2.0
//
// dma_queue: whatever the host writes, never is more of a ring in use than its size, a doorbell never takes back what was given, a
// ring stays where it is and as long as it is while it is on, and its indices are 0 when it comes on.
//@ sources: hw/rtl/dma/dma_queue.v
//@ bound: 10
//@ induction: 2
//@ break: hw/rtl/dma/dma_queue.v: s/ \&\& rx_value >= rx_tail_q - rx_head_q//
//@ break: hw/rtl/dma/dma_queue.v: s/tx_value <= One << tx_log_q \&\& //
//@ break: hw/rtl/dma/dma_queue.v: s/value - cq_head_q <= cq_tail_q - cq_head_q/value - cq_head_q <= cq_tail_q - cq_head_q + One/
//@ break: hw/rtl/dma/dma_queue.v: s/`NIC_Q_CQ_SIZE:    if (!rx_on_q)/`NIC_Q_CQ_SIZE:/
//@ break: hw/rtl/dma/dma_queue.v: s/if (rst_i || !tx_on_q) begin/if (rst_i) begin/
//@ break: hw/rtl/dma/dma_queue.v: s/one_of(bad, /one_of(1'b0, /

`include "regs.vh"
`default_nettype none

module dma_queue_proof (
	input wire        clk_i,
	input wire        rst_i,
	input wire        stop_i, we_i,
	input wire [4:0]  word_i,
	input wire [31:0] wdata_i,
	input wire        rx_take_i, cq_put_i, tx_done_i, wb_done_i, event_i, drop_i, rx_error_i, tx_error_i, tx_bad_i, irq_clear_i
);
	wire        rx_on, tx_on, cq_room, phase, bad;
	wire [57:0] rx_base, cq_base, tx_base;
	wire [3:0]  rx_log, cq_log, tx_log;
	wire [15:0] rx_tail, tx_tail, tx_head, cq_tail;

	dma_queue dut (
		.clk_i(clk_i), .rst_i(rst_i), .stop_i(stop_i), .we_i(we_i), .word_i(word_i), .wdata_i(wdata_i), .rdata_o(),
		.rx_on_o(rx_on), .tx_on_o(tx_on), .lossless_o(), .rx_base_o(rx_base), .cq_base_o(cq_base), .tx_base_o(tx_base),
		.rx_log_o(rx_log), .cq_log_o(cq_log), .tx_log_o(tx_log), .rx_tail_o(rx_tail), .tx_tail_o(tx_tail), .tx_head_o(tx_head),
		.cq_tail_o(cq_tail), .cq_room_o(cq_room), .phase_o(phase), .wb_o(), .wb_addr_o(), .rx_take_i(rx_take_i), .cq_put_i(cq_put_i),
		.tx_done_i(tx_done_i), .wb_done_i(wb_done_i), .event_i(event_i), .drop_i(drop_i), .rx_error_i(rx_error_i),
		.tx_error_i(tx_error_i), .tx_bad_i(tx_bad_i), .rx_busy_i(1'b0), .tx_busy_i(1'b0), .irq_clear_i(irq_clear_i), .irq_o(),
		.bad_doorbell_o(bad)
	);

	(* hierconn *) wire [15:0] \dut.rx_head_q , \dut.cq_head_q ;
	(* hierconn *) wire [31:0] \dut.error_q ;
	wire [15:0] rx_head = \dut.rx_head_q , cq_head = \dut.cq_head_q ;
	wire [15:0] rx_use = rx_tail - rx_head, tx_use = tx_tail - tx_head, cq_use = cq_tail - cq_head;
	wire [15:0] rx_size = 16'd1 << rx_log, tx_size = 16'd1 << tx_log, cq_size = 16'd1 << cq_log;

	// The clock before.
	reg         rx_on_q, tx_on_q, bad_q, started_q = 0, past_q = 0;
	reg [57:0]  rx_base_q, cq_base_q, tx_base_q;
	reg [3:0]   rx_log_q, cq_log_q, tx_log_q;
	reg [15:0]  rx_use_q, tx_use_q, rx_head_q, tx_head_q;
	wire [15:0] rx_given = rx_tail - rx_head_q, tx_given = tx_tail - tx_head_q;

	always @(posedge clk_i) begin
		started_q <= 1;
		past_q    <= started_q && !rst_i;
		rx_on_q   <= rx_on;
		tx_on_q   <= tx_on;
		bad_q     <= bad;
		{rx_base_q, cq_base_q, tx_base_q} <= {rx_base, cq_base, tx_base};
		{rx_log_q, cq_log_q, tx_log_q}    <= {rx_log, cq_log, tx_log};
		{rx_use_q, tx_use_q, rx_head_q, tx_head_q} <= {rx_use, tx_use, rx_head, tx_head};
	end

	always @(*) begin
		assume(started_q || rst_i);
		// Nobody takes what is not there: see dma_fetch. A completion is put where there is room.
		assume(!rx_take_i || (rx_on && rx_head != rx_tail));
		assume(!tx_done_i || tx_head != tx_tail);
		assume(!cq_put_i || cq_room);
	end

	always @(*) if (started_q) begin
		assert(!rx_on || (rx_use <= rx_size && cq_use <= cq_size));
		assert(!tx_on || tx_use <= tx_size);
		assert(cq_room == (cq_use != cq_size));
		assert(phase == (((cq_tail >> cq_log) & 16'd1) == 0));
		assert(rx_log >= 2 && cq_log >= 2 && tx_log >= 2);
		if (past_q) begin
			assert(!bad_q || (\dut.error_q & `NIC_Q_STATUS_DOORBELL) != 0);
			if (rx_on_q && rx_on) begin
				assert(rx_base == rx_base_q && cq_base == cq_base_q && rx_log == rx_log_q && cq_log == cq_log_q);
				assert(rx_given >= rx_use_q);
			end
			if (tx_on_q && tx_on) begin
				assert(tx_base == tx_base_q && tx_log == tx_log_q);
				assert(tx_given >= tx_use_q);
			end
			if (!rx_on_q) assert({rx_tail, rx_head, cq_tail, cq_head} == 64'd0);
			if (!tx_on_q) assert({tx_tail, tx_head} == 32'd0);
		end
	end
endmodule
