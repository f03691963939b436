// SPDX-License-Identifier: Apache-2.0
//
// Registers of the host side: the queues' blocks, interrupts, CAP_HOST. All other accesses go on to the core of the NIC.

`include "regs.vh"
`default_nettype none

module csr_host #(
	parameter Queues = 4
) (
	input  wire              clk_i,
	input  wire              rst_i,
	// from the host
	input  wire              reg_valid_i,
	input  wire              reg_we_i,
	input  wire [23:0]       reg_addr_i,
	input  wire [31:0]       reg_wdata_i,
	output wire              reg_done_o,
	output wire [31:0]       reg_rdata_o,
	// on to nic_core
	output wire              core_valid_o,
	input  wire              core_done_i,
	input  wire [31:0]       core_rdata_i,
	// to dma_host
	output wire              queue_we_o,
	output wire [3:0]        queue_o,
	output wire [4:0]        word_o,
	input  wire [31:0]       queue_rdata_i,
	output wire [Queues-1:0] irq_clear_o,
	output wire [Queues-1:0] irq_enable_o,
	input  wire [Queues-1:0] irq_status_i
);
	localparam [23:0] QueueBase = `REG_QUEUE;
	localparam [31:0] QueueCount = Queues, LogMax = `NIC_RING_LOG_MAX;

	reg  [Queues-1:0] enable_q;
	reg  [1:0]        done_q;
	reg  [31:0]       value, value_q, rdata_q;

	wire in_queue = reg_addr_i[23:11] == QueueBase[23:11];
	wire mine     = in_queue || reg_addr_i == `REG_IRQ_STATUS || reg_addr_i == `REG_IRQ_ENABLE || reg_addr_i == `REG_CAP_HOST;
	wire here     = reg_valid_i && mine;
	wire write    = here && reg_we_i;

	assign core_valid_o = reg_valid_i && !mine;
	assign queue_we_o   = write && in_queue;
	assign queue_o      = reg_addr_i[10:7];
	assign word_o       = reg_addr_i[6:2];
	assign irq_clear_o  = write && reg_addr_i == `REG_IRQ_STATUS ? reg_wdata_i[Queues-1:0] : {Queues{1'b0}};
	assign irq_enable_o = enable_q;
	assign reg_done_o   = done_q[1] || core_done_i;
	assign reg_rdata_o  = done_q[1] ? rdata_q : core_rdata_i;

	always @(*) begin
		value = 32'd0;
		case (reg_addr_i)
			`REG_IRQ_STATUS: value[Queues-1:0] = irq_status_i;
			`REG_IRQ_ENABLE: value[Queues-1:0] = enable_q;
			`REG_CAP_HOST: begin
				value[`CAP_HOST_QUEUES]   = QueueCount[4:0];
				value[`CAP_HOST_RING_LOG] = LogMax[3:0];
				value[`CAP_HOST_TX_CSUM]  = 1'b1;
			end
			default: value = queue_rdata_i;
		endcase
	end

	always @(posedge clk_i) begin
		value_q <= value;
		rdata_q <= value_q;
		if (rst_i) begin
			enable_q <= {Queues{1'b0}};
			done_q   <= 2'd0;
		end else begin
			if (write && reg_addr_i == `REG_IRQ_ENABLE) enable_q <= reg_wdata_i[Queues-1:0];
			done_q <= {done_q[0], here};
		end
	end

	wire unused = &{1'b0, reg_wdata_i};
endmodule

`default_nettype wire
