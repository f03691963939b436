// SPDX-License-Identifier: Apache-2.0
//
// The NIC for a bus: nic_core with AXI4-Lite registers in front, and rings, DMA and interrupts between its host streams and the
// memory of the host. hw/spec/host.md.

`include "regs.vh"
`default_nettype none

module nic_top #(
	parameter Cores = 2,
	parameter Lanes = 3,
	parameter Regs = 8,
	parameter Threads = 16,
	parameter ImemDepth = `NIC_IMEM_DEPTH,
	parameter MapWords = Cores > 4 ? 131072 : 65536,
	parameter MapLatency = `NIC_MAP_LATENCY,
	parameter Maps = 64,
	parameter Banks = Cores > 8 ? 16 : Cores > 4 ? 8 : 4,
	parameter Lookups = Cores > 4 ? 2 : 1,
	parameter Ports = 2,
	parameter Queues = 4,
	parameter Trace = 1,             // 0: no retire record
	parameter TW = Threads > 1 ? $clog2(Threads) : 1,
	parameter KW = Cores > 1 ? $clog2(Cores) : 1,
	parameter GW = KW + TW
) (
	input  wire                  clk_i,
	input  wire                  rst_i,
	// registers: AXI4-Lite
	input  wire                  s_aw_valid_i,
	output wire                  s_aw_ready_o,
	input  wire [23:0]           s_aw_addr_i,
	input  wire                  s_w_valid_i,
	output wire                  s_w_ready_o,
	input  wire [31:0]           s_w_data_i,
	input  wire [3:0]            s_w_strb_i,
	output wire                  s_b_valid_o,
	input  wire                  s_b_ready_i,
	output wire [1:0]            s_b_resp_o,
	input  wire                  s_ar_valid_i,
	output wire                  s_ar_ready_o,
	input  wire [23:0]           s_ar_addr_i,
	output wire                  s_r_valid_o,
	input  wire                  s_r_ready_i,
	output wire [31:0]           s_r_data_o,
	output wire [1:0]            s_r_resp_o,
	// host memory: AXI4, 512 bits, INCR bursts of whole rows, one ID
	output wire                  m_ar_valid_o,
	input  wire                  m_ar_ready_i,
	output wire [63:0]           m_ar_addr_o,
	output wire [7:0]            m_ar_len_o,
	input  wire                  m_r_valid_i,
	output wire                  m_r_ready_o,
	input  wire [511:0]          m_r_data_i,
	input  wire [1:0]            m_r_resp_i,
	output wire                  m_aw_valid_o,
	input  wire                  m_aw_ready_i,
	output wire [63:0]           m_aw_addr_o,
	output wire [7:0]            m_aw_len_o,
	output wire                  m_w_valid_o,
	input  wire                  m_w_ready_i,
	output wire [511:0]          m_w_data_o,
	output wire [63:0]           m_w_strb_o,
	output wire                  m_w_last_o,
	input  wire                  m_b_valid_i,
	output wire                  m_b_ready_o,
	input  wire [1:0]            m_b_resp_i,
	output wire [Queues-1:0]     irq_o,
	// map memory outside the chip: its size in MiB (0: none), and AXI4, 512 bits, INCR bursts of one row, one ID
	input  wire [11:0]           mx_mib_i,
	output wire                  mx_ar_valid_o,
	input  wire                  mx_ar_ready_i,
	output wire [31:0]           mx_ar_addr_o,
	output wire [7:0]            mx_ar_len_o,
	input  wire                  mx_r_valid_i,
	output wire                  mx_r_ready_o,
	input  wire [511:0]          mx_r_data_i,
	input  wire [1:0]            mx_r_resp_i,
	output wire                  mx_aw_valid_o,
	input  wire                  mx_aw_ready_i,
	output wire [31:0]           mx_aw_addr_o,
	output wire [7:0]            mx_aw_len_o,
	output wire                  mx_w_valid_o,
	input  wire                  mx_w_ready_i,
	output wire [511:0]          mx_w_data_o,
	output wire [63:0]           mx_w_strb_o,
	output wire                  mx_w_last_o,
	input  wire                  mx_b_valid_i,
	output wire                  mx_b_ready_o,
	input  wire [1:0]            mx_b_resp_i,
	// ports
	input  wire [Ports-1:0]      rx_valid_i,
	output wire [Ports-1:0]      rx_ready_o,
	input  wire [512*Ports-1:0]  rx_data_i,
	input  wire [64*Ports-1:0]   rx_keep_i,
	input  wire [Ports-1:0]      rx_last_i,
	input  wire [Ports-1:0]      rx_user_i,     // damaged
	output wire [Ports-1:0]      tx_valid_o,
	input  wire [Ports-1:0]      tx_ready_i,
	output wire [512*Ports-1:0]  tx_data_o,
	output wire [64*Ports-1:0]   tx_keep_o,
	output wire [Ports-1:0]      tx_last_o,
	output wire [32*Ports-1:0]   tx_number_o,
	output wire [Ports-1:0]      tx_host_o,
	output wire [Ports-1:0]      tx_aborted_o,
	// 1: frames for and from the host go over the streams below, not by DMA (a board with a DMA of its own; the simulator)
	input  wire                  host_stream_i,
	// frames to the host
	output wire                  hrx_valid_o,
	input  wire                  hrx_ready_i,
	output wire [511:0]          hrx_data_o,
	output wire                  hrx_last_o,
	output wire [6:0]            hrx_bytes_o,
	output wire [3:0]            hrx_port_o,
	output wire [7:0]            hrx_queue_o,
	output wire [31:0]           hrx_number_o,
	output wire [11:0]           hrx_len_o,
	output wire [31:0]           hrx_hash_o,
	output wire [7:0]            hrx_flags_o,
	output wire [63:0]           hrx_time_o,
	output wire                  hrx_redirect_o,
	output wire [255:0]          hrx_meta_o,
	output wire [5:0]            hrx_meta_len_o,
	// frames from the host
	input  wire [Ports-1:0]      htx_valid_i,
	output wire [Ports-1:0]      htx_ready_o,
	input  wire [512*Ports-1:0]  htx_data_i,
	input  wire [Ports-1:0]      htx_last_i,
	input  wire [7*Ports-1:0]    htx_bytes_i,
	// trace: last beats at the inputs, packets taken, completion records, packets lost on their way out
	output wire [Ports-1:0]      in_valid_o,
	output wire [3*Ports-1:0]    in_drop_o,
	output wire                  take_valid_o,
	output wire [31:0]           take_number_o,
	output wire [3:0]            take_port_o,
	output wire [GW-1:0]         take_ctx_o,
	output wire                  cpl_valid_o,
	output wire [GW-1:0]         cpl_ctx_o,
	output wire [31:0]           cpl_number_o,
	output wire [3:0]            cpl_port_o,
	output wire [7:0]            cpl_queue_o,
	output wire [31:0]           cpl_hash_o,
	output wire [31:0]           cpl_ret_o,
	output wire [31:0]           cpl_target_o,
	output wire [11:0]           cpl_len_o,
	output wire [7:0]            cpl_cause_o,
	output wire [12:0]           cpl_pc_o,
	output wire [63:0]           cpl_addr_o,
	output wire [31:0]           cpl_bundles_o,
	output wire [31:0]           cpl_cycles_o,
	output wire                  lost_valid_o,
	output wire [2:0]            lost_drop_o,
	output wire [31:0]           lost_number_o,
	// trace, tile 0 lowest: retired bundles; x written by value answers, the response bus, division
	output wire [Cores-1:0]      rt_valid_o,
	output wire [TW*Cores-1:0]   rt_thread_o,
	output wire [13*Cores-1:0]   rt_pc_o,
	output wire [13*Cores-1:0]   rt_next_pc_o,
	output wire [Cores-1:0]      rt_exit_o,
	output wire [8*Cores-1:0]    rt_cause_o,
	output wire [32*Cores-1:0]   rt_ret_o,
	output wire [Lanes*Cores-1:0] rt_reg_we_o,
	output wire [4*Lanes*Cores-1:0] rt_reg_o,
	output wire [64*Lanes*Cores-1:0] rt_value_o,
	output wire [Cores-1:0]      rt_store_o,
	output wire [4*Cores-1:0]    rt_store_width_o,
	output wire [16*Cores-1:0]   rt_store_tag_offset_o,
	output wire [64*Cores-1:0]   rt_store_value_o,
	output wire [8*Cores-1:0]    rt_cmd_o,
	output wire [64*Cores-1:0]   rt_cmd_addr_o,
	output wire [64*Cores-1:0]   rt_cmd_b_o,
	output wire [64*Cores-1:0]   rt_cmd_c_o,
	output wire [Cores-1:0]      vx_valid_o,
	output wire [TW*Cores-1:0]   vx_thread_o,
	output wire [64*Cores-1:0]   vx_value_o,
	output wire [Cores-1:0]      ex_valid_o,
	output wire [TW*Cores-1:0]   ex_thread_o,
	output wire [64*Cores-1:0]   ex_value_o,
	output wire [Cores-1:0]      dx_valid_o,
	output wire [TW*Cores-1:0]   dx_thread_o,
	output wire [64*Cores-1:0]   dx_value_o,
	// trace: map memory written
	output wire [Banks-1:0]      mw_valid_o,
	output wire [32*Banks-1:0]   mw_addr_o,
	output wire [8*Banks-1:0]    mw_mask_o,
	output wire [Banks-1:0]      mw_engine_o,
	output wire [64*Banks-1:0]   mw_value_o
);
	wire               reg_valid, reg_we, reg_done, core_valid, core_done;
	wire [23:0]        reg_addr;
	wire [31:0]        reg_wdata, reg_rdata, core_rdata, queue_rdata;
	wire               queue_we;
	wire [3:0]         queue;
	wire [4:0]         word;
	wire [Queues-1:0]  irq_clear, irq_enable, irq_status;
	wire               data_rst, host_idle, hrx_valid, dma_ready;
	wire               host_busy = !host_idle;
	wire [7:0]         host_event;
	wire [63:0]        unused_time;
	wire [Ports-1:0]   dma_valid, dma_last;
	wire [512*Ports-1:0] dma_row;
	wire [7*Ports-1:0] dma_bytes;

	axil_regs front (
		.clk_i(clk_i), .rst_i(rst_i),
		.aw_valid_i(s_aw_valid_i), .aw_ready_o(s_aw_ready_o), .aw_addr_i(s_aw_addr_i),
		.w_valid_i(s_w_valid_i), .w_ready_o(s_w_ready_o), .w_data_i(s_w_data_i), .w_strb_i(s_w_strb_i),
		.b_valid_o(s_b_valid_o), .b_ready_i(s_b_ready_i), .b_resp_o(s_b_resp_o),
		.ar_valid_i(s_ar_valid_i), .ar_ready_o(s_ar_ready_o), .ar_addr_i(s_ar_addr_i),
		.r_valid_o(s_r_valid_o), .r_ready_i(s_r_ready_i), .r_data_o(s_r_data_o), .r_resp_o(s_r_resp_o),
		.reg_valid_o(reg_valid), .reg_we_o(reg_we), .reg_addr_o(reg_addr), .reg_wdata_o(reg_wdata),
		.reg_done_i(reg_done), .reg_rdata_i(reg_rdata)
	);

	csr_host #(.Queues(Queues)) registers (
		.clk_i(clk_i), .rst_i(rst_i),
		.reg_valid_i(reg_valid), .reg_we_i(reg_we), .reg_addr_i(reg_addr), .reg_wdata_i(reg_wdata), .reg_done_o(reg_done),
		.reg_rdata_o(reg_rdata), .core_valid_o(core_valid), .core_done_i(core_done), .core_rdata_i(core_rdata),
		.queue_we_o(queue_we), .queue_o(queue), .word_o(word), .queue_rdata_i(queue_rdata),
		.irq_clear_o(irq_clear), .irq_enable_o(irq_enable), .irq_status_i(irq_status)
	);

	assign hrx_valid_o = hrx_valid && host_stream_i;
	localparam QW = Queues > 1 ? $clog2(Queues) : 1;
	wire [QW-1:0]      drop_queue, put_queue;
	wire [8*Queues-1:0] queue_event;
	generate
		genvar q;
		for (q = 0; q < Queues; q = q + 1) begin : g_queue
			localparam [QW-1:0] Number = q;
			assign queue_event[8*q+`NIC_CNT_H_PUT]      = host_event[`NIC_CNT_H_PUT] && put_queue == Number;
			assign queue_event[8*q+`NIC_CNT_H_OFF +: 4] = host_event[`NIC_CNT_H_OFF +: 4] & {4{drop_queue == Number}};
			assign queue_event[8*q+5 +: 3]              = 3'd0;
		end
	endgenerate
	dma_host #(.Queues(Queues), .Ports(Ports)) host (
		.clk_i(clk_i), .rst_i(rst_i), .stop_i(data_rst), .idle_o(host_idle),
		.reg_we_i(queue_we), .reg_queue_i(queue), .reg_word_i(word), .reg_wdata_i(reg_wdata), .reg_rdata_o(queue_rdata),
		.irq_clear_i(irq_clear), .irq_enable_i(irq_enable), .irq_status_o(irq_status), .irq_o(irq_o),
		.h_valid_i(hrx_valid && !host_stream_i), .h_ready_o(dma_ready), .h_row_i(hrx_data_o), .h_last_i(hrx_last_o),
		.h_len_i(hrx_len_o), .h_queue_i(hrx_queue_o), .h_port_i({hrx_redirect_o, 3'd0, hrx_port_o}), .h_csum_i(hrx_flags_o),
		.h_hash_i(hrx_hash_o), .h_time_i(hrx_time_o), .h_number_i(hrx_number_o), .h_meta_len_i(hrx_meta_len_o), .h_meta_i(hrx_meta_o),
		.t_valid_o(dma_valid), .t_ready_i(htx_ready_o), .t_row_o(dma_row), .t_last_o(dma_last), .t_bytes_o(dma_bytes),
		.drop_off_o(host_event[`NIC_CNT_H_OFF]), .drop_empty_o(host_event[`NIC_CNT_H_EMPTY]),
		.drop_cq_o(host_event[`NIC_CNT_H_CQ]), .drop_small_o(host_event[`NIC_CNT_H_SMALL]), .drop_queue_o(drop_queue),
		.put_o(host_event[`NIC_CNT_H_PUT]), .put_queue_o(put_queue), .tx_bad_o(host_event[`NIC_CNT_H_TX_BAD]),
		.bus_error_o(host_event[`NIC_CNT_H_BUS]), .bad_doorbell_o(host_event[`NIC_CNT_H_DOORBELL]),
		.ar_valid_o(m_ar_valid_o), .ar_ready_i(m_ar_ready_i), .ar_addr_o(m_ar_addr_o), .ar_len_o(m_ar_len_o),
		.r_valid_i(m_r_valid_i), .r_ready_o(m_r_ready_o), .r_data_i(m_r_data_i), .r_resp_i(m_r_resp_i),
		.aw_valid_o(m_aw_valid_o), .aw_ready_i(m_aw_ready_i), .aw_addr_o(m_aw_addr_o), .aw_len_o(m_aw_len_o),
		.w_valid_o(m_w_valid_o), .w_ready_i(m_w_ready_i), .w_data_o(m_w_data_o), .w_strb_o(m_w_strb_o), .w_last_o(m_w_last_o),
		.b_valid_i(m_b_valid_i), .b_ready_o(m_b_ready_o), .b_resp_i(m_b_resp_i)
	);

	assign {mx_ar_addr_o[31], mx_ar_addr_o[5:0], mx_ar_len_o} = 15'd0;
	assign {mx_aw_addr_o[31], mx_aw_addr_o[5:0], mx_aw_len_o} = 15'd0;
	assign mx_w_last_o  = 1'b1;
	assign mx_b_ready_o = 1'b1;
	nic_core #(
		.Cores(Cores), .Lanes(Lanes), .Regs(Regs), .Threads(Threads), .ImemDepth(ImemDepth), .MapWords(MapWords),
		.MapLatency(MapLatency), .Maps(Maps), .Banks(Banks), .Lookups(Lookups), .Ports(Ports), .Queues(Queues), .Trace(Trace)
	) core (
		.clk_i(clk_i), .rst_i(rst_i), .reg_valid_i(core_valid), .reg_we_i(reg_we), .reg_addr_i(reg_addr), .reg_wdata_i(reg_wdata),
		.reg_done_o(core_done), .reg_rdata_o(core_rdata), .rx_valid_i(rx_valid_i), .rx_ready_o(rx_ready_o), .rx_data_i(rx_data_i),
		.rx_keep_i(rx_keep_i), .rx_last_i(rx_last_i), .rx_user_i(rx_user_i), .tx_valid_o(tx_valid_o), .tx_ready_i(tx_ready_i),
		.tx_data_o(tx_data_o), .tx_keep_o(tx_keep_o), .tx_last_o(tx_last_o), .tx_number_o(tx_number_o), .tx_host_o(tx_host_o),
		.tx_aborted_o(tx_aborted_o), .hrx_valid_o(hrx_valid), .hrx_ready_i(host_stream_i ? hrx_ready_i : dma_ready),
		.hrx_data_o(hrx_data_o), .hrx_last_o(hrx_last_o), .hrx_bytes_o(hrx_bytes_o), .hrx_port_o(hrx_port_o),
		.hrx_queue_o(hrx_queue_o), .hrx_number_o(hrx_number_o), .hrx_len_o(hrx_len_o), .hrx_hash_o(hrx_hash_o),
		.hrx_flags_o(hrx_flags_o), .hrx_time_o(hrx_time_o), .hrx_redirect_o(hrx_redirect_o), .hrx_meta_o(hrx_meta_o),
		.hrx_meta_len_o(hrx_meta_len_o),
		.htx_valid_i(host_stream_i ? htx_valid_i : dma_valid), .htx_ready_o(htx_ready_o),
		.host_stream_i(host_stream_i), .htx_data_i(htx_data_i), .dma_data_i(dma_row), .htx_last_i(host_stream_i ? htx_last_i : dma_last),
		.htx_bytes_i(host_stream_i ? htx_bytes_i : dma_bytes), .data_rst_o(data_rst), .host_busy_i(host_busy),
		.x_mib_i(mx_mib_i), .x_ar_valid_o(mx_ar_valid_o), .x_ar_ready_i(mx_ar_ready_i), .x_ar_line_o(mx_ar_addr_o[30:6]),
		.x_r_valid_i(mx_r_valid_i), .x_r_ready_o(mx_r_ready_o), .x_r_data_i(mx_r_data_i), .x_r_resp_i(mx_r_resp_i),
		.x_aw_valid_o(mx_aw_valid_o), .x_aw_ready_i(mx_aw_ready_i), .x_aw_line_o(mx_aw_addr_o[30:6]),
		.x_w_valid_o(mx_w_valid_o), .x_w_ready_i(mx_w_ready_i), .x_w_data_o(mx_w_data_o), .x_w_strb_o(mx_w_strb_o),
		.x_b_valid_i(mx_b_valid_i), .x_b_resp_i(mx_b_resp_i),
		.host_event_i(host_event), .queue_event_i(queue_event), .time_o(unused_time), .in_valid_o(in_valid_o), .in_drop_o(in_drop_o), .take_valid_o(take_valid_o),
		.take_number_o(take_number_o), .take_port_o(take_port_o), .take_ctx_o(take_ctx_o), .cpl_valid_o(cpl_valid_o),
		.cpl_ctx_o(cpl_ctx_o), .cpl_number_o(cpl_number_o), .cpl_port_o(cpl_port_o), .cpl_queue_o(cpl_queue_o),
		.cpl_hash_o(cpl_hash_o), .cpl_ret_o(cpl_ret_o), .cpl_target_o(cpl_target_o), .cpl_len_o(cpl_len_o), .cpl_cause_o(cpl_cause_o),
		.cpl_pc_o(cpl_pc_o), .cpl_addr_o(cpl_addr_o), .cpl_bundles_o(cpl_bundles_o), .cpl_cycles_o(cpl_cycles_o),
		.lost_valid_o(lost_valid_o), .lost_drop_o(lost_drop_o), .lost_number_o(lost_number_o), .rt_valid_o(rt_valid_o),
		.rt_thread_o(rt_thread_o), .rt_pc_o(rt_pc_o), .rt_next_pc_o(rt_next_pc_o), .rt_exit_o(rt_exit_o), .rt_cause_o(rt_cause_o),
		.rt_ret_o(rt_ret_o), .rt_reg_we_o(rt_reg_we_o), .rt_reg_o(rt_reg_o), .rt_value_o(rt_value_o), .rt_store_o(rt_store_o),
		.rt_store_width_o(rt_store_width_o), .rt_store_tag_offset_o(rt_store_tag_offset_o), .rt_store_value_o(rt_store_value_o),
		.rt_cmd_o(rt_cmd_o), .rt_cmd_addr_o(rt_cmd_addr_o), .rt_cmd_b_o(rt_cmd_b_o), .rt_cmd_c_o(rt_cmd_c_o), .vx_valid_o(vx_valid_o),
		.vx_thread_o(vx_thread_o), .vx_value_o(vx_value_o), .ex_valid_o(ex_valid_o), .ex_thread_o(ex_thread_o),
		.ex_value_o(ex_value_o), .dx_valid_o(dx_valid_o), .dx_thread_o(dx_thread_o), .dx_value_o(dx_value_o), .mw_valid_o(mw_valid_o),
		.mw_addr_o(mw_addr_o), .mw_mask_o(mw_mask_o), .mw_engine_o(mw_engine_o), .mw_value_o(mw_value_o)
	);

	wire unused = &{1'b0, unused_time};
endmodule

`default_nettype wire
