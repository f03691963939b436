// SPDX-License-Identifier: Apache-2.0
//
// The register bus: a request takes effect in its cycle, the data of a read is there two cycles later; accesses to map
// registers are done when the map subsystem says so. Registers that are the NIC's as a whole are here.

`include "regs.vh"
`default_nettype none

module csr_regs #(
	parameter Cores = 2,
	parameter Lanes = 3,
	parameter Regs = 8,
	parameter Threads = 16,
	parameter ImemDepth = 4096,
	parameter MapWords = 65536,
	parameter Maps = 64,
	parameter Ports = 2,
	parameter Queues = 4
) (
	input  wire        clk_i,
	input  wire        rst_i,
	// host
	input  wire        reg_valid_i,
	input  wire        reg_we_i,
	input  wire [23:0] reg_addr_i,
	input  wire [31:0] reg_wdata_i,
	output wire        reg_done_o,
	output wire [31:0] reg_rdata_o,
	// other blocks: a write; read data, combinational
	output wire        write_o,
	output wire [23:0] addr_o,
	output wire        port_o,         // the address is in the window of ports
	output wire        key_o,          // of the hash's key
	output wire        table_o,        // of the table of queues
	input  wire [31:0] port_rdata_i,
	input  wire        port_known_i,
	input  wire [31:0] key_rdata_i,
	input  wire [31:0] table_rdata_i,
	input  wire [63:0] count_i,
	output wire        snapshot_o,
	input  wire        snapshot_busy_i,
	// map subsystem
	output wire        map_req_o,
	input  wire        map_done_i,
	input  wire [31:0] map_rdata_i,
	input  wire [11:0] ext_mib_i,      // outside the chip
	// microcode
	output reg         imem_we_o,
	output reg  [1:0]  imem_lane_o,
	output reg  [12:0] imem_bundle_o,
	output reg  [63:0] imem_data_o,
	// control and status
	output reg         data_rst_o,     // the data path is in reset
	input  wire        host_busy_i,    // the host side is not at rest yet
	input  wire        idle_i,
	input  wire        old_i,
	input  wire        empty_i,
	output reg         run_o,
	output reg         report_o,
	output reg         host_lossless_o,
	output reg  [1:0]  order_o,
	output reg  [31:0] rx_min_o,
	output reg  [7:0]  threads_o,
	output reg  [7:0]  cores_o,
	output reg  [31:0] watchdog_o,
	output wire [63:0] time_o,
	output wire        rnd_we_o,
	input  wire [31:0] rnd_i,
	// faults: of a packet, of a posted map command
	input  wire        fault_i,
	input  wire [7:0]  fault_cause_i,
	input  wire [7:0]  fault_ctx_i,
	input  wire [12:0] fault_pc_i,
	input  wire [63:0] fault_addr_i,
	input  wire        posted_fault_i,
	input  wire [7:0]  posted_ctx_i,
	input  wire [12:0] posted_pc_i,
	input  wire [63:0] posted_addr_i
);
	localparam [23:0] CountBase = `REG_COUNTER, PortBase = `REG_PORT, KeyBase = `REG_RSS_KEY, TableBase = `REG_RSS_TABLE;
	localparam [23:0] ImemBase = `REG_IMEM, MemBase = `REG_MAPMEM, DescBase = `REG_MAPDESC, StateBase = `REG_MAPSTATE;
	localparam [23:0] BufBase = `REG_MAPBUF, BufEnd = `REG_MAPBUF + `REG_MAPBUF_COUNT * `REG_MAPBUF_STRIDE;
	localparam [23:0] CmdBase = `REG_MAPCMD, WinBase = `REG_MAPWIN;
	localparam [5:0]  KeyEnd = `REG_RSS_KEY_COUNT * `REG_RSS_KEY_STRIDE;
	localparam [13:0] Depth = ImemDepth[13:0];
	localparam [2:0]  LaneCount = Lanes[2:0];
	localparam [4:0]  ResetLast = `NIC_RESET_CLOCKS - 1;
	localparam [31:0] CoresReset = `REG_CORES_RESET, RegCount = Regs, ThreadCount = Threads, CoreCount = Cores, PortCount = Ports, QueueCount = Queues;

	wire [23:0] addr  = {reg_addr_i[23:2], 2'b00};
	wire        write = reg_valid_i && reg_we_i;
	wire        read  = reg_valid_i && !reg_we_i;

	// Windows are aligned to their size, a power of two, or end in one that is.
	wire in_count = addr[23:12] == CountBase[23:12];
	wire in_port  = addr[23:7] == PortBase[23:7];
	wire in_key   = addr[23:6] == KeyBase[23:6] && addr[5:0] < KeyEnd;
	wire in_table = addr[23:9] == TableBase[23:9];
	wire in_imem  = addr[23:18] == ImemBase[23:18];
	wire in_map   = addr[23] == MemBase[23] || addr[23:12] == DescBase[23:12] || addr[23:10] == StateBase[23:10]
		|| (addr >= BufBase && addr < BufEnd) || addr[23:4] == CmdBase[23:4] || addr[23:3] == WinBase[23:3];

	assign write_o    = write;
	assign addr_o     = addr;
	assign port_o     = in_port;
	assign key_o      = in_key;
	assign table_o    = in_table;
	assign snapshot_o = write && addr == `REG_SNAPSHOT;
	assign rnd_we_o   = write && addr == `REG_RND;

	// The time.
	reg [31:0] inc_q, time_low_q, time_high_q;
	csr_time clock (
		.clk_i(clk_i), .rst_i(rst_i), .inc_i(inc_q),
		.set_i(write && addr == `REG_TIME_HI), .set_time_i({reg_wdata_i, time_low_q}), .time_o(time_o)
	);

	// Faults.
	reg [7:0]  cause_q, ctx_q;
	reg [12:0] pc_q;
	reg [63:0] fault_addr_q;
	always @(posedge clk_i)
		if (rst_i) begin
			{cause_q, ctx_q, pc_q, fault_addr_q} <= 93'd0;
		end else if (fault_i) begin
			{cause_q, ctx_q, pc_q, fault_addr_q} <= {fault_cause_i, fault_ctx_i, fault_pc_i, fault_addr_i};
		end else if (posted_fault_i) begin
			{cause_q, ctx_q, pc_q, fault_addr_q} <= {`CAUSE_MAP, posted_ctx_i, posted_pc_i, posted_addr_i};
		end

	// Reading.
	reg        error_q, known, cutting_q;   // the host side has not been at rest since a reset of the data path
	reg [31:0] value;
	always @(*) begin
		known = 1'b1;
		value = 32'd0;
`ifdef VERILATOR
		// Nobody looks at it else, and a simulator need not work it out.
		if (reg_valid_i)
`endif
		case (addr)
			`REG_ID:       value = `REG_ID_RESET;
			`REG_VERSION:  value = `REG_VERSION_RESET;
			`REG_CAP_CORE: begin
				value[`CAP_CORE_LANES]   = Lanes[3:0];
				value[`CAP_CORE_REGS]    = RegCount[7:0];
				value[`CAP_CORE_THREADS] = ThreadCount[7:0];
			end
			`REG_CAP_IMEM: value = ImemDepth;
			`REG_CAP_MAP:  value = MapWords;
			`REG_CAP_MAPS: value = Maps;
			`REG_CAP_EXT:  value = {20'd0, ext_mib_i};
			`REG_CAP_NIC: begin
				value[`CAP_NIC_CORES]  = CoreCount[7:0];
				value[`CAP_NIC_PORTS]  = PortCount[7:0];
				value[`CAP_NIC_QUEUES] = QueueCount[7:0];
			end
			`REG_CAP_HOST: value = 32'd0;
			`REG_CTRL: begin
				value[`CTRL_RUN]           = run_o;
				value[`CTRL_REPORT]        = report_o;
				value[`CTRL_HOST_LOSSLESS] = host_lossless_o;
			end
			`REG_STATUS: begin
				value[`STATUS_IDLE]     = idle_i;
				value[`STATUS_HOST_ERR] = error_q;
				value[`STATUS_OLD]      = old_i;
				value[`STATUS_EMPTY]    = empty_i;
				value[`STATUS_RESET]    = data_rst_o || (cutting_q && host_busy_i);
			end
			`REG_THREADS:  value = {24'd0, threads_o};
			`REG_CORES:    value = {24'd0, cores_o};
			`REG_WATCHDOG: value = watchdog_o;
			`REG_TIME_LO:  value = time_o[31:0];
			`REG_TIME_HI:  value = time_high_q;
			`REG_TIME_INC: value = inc_q;
			`REG_RND:      value = rnd_i;
			`REG_FAULT_INFO: begin
				value[`FAULT_INFO_CAUSE]   = cause_q;
				value[`FAULT_INFO_CONTEXT] = {8'd0, ctx_q};
			end
			`REG_FAULT_PC:      value = {19'd0, pc_q};
			`REG_FAULT_ADDR_LO: value = fault_addr_q[31:0];
			`REG_FAULT_ADDR_HI: value = fault_addr_q[63:32];
			`REG_ORDER:    value = {30'd0, order_o};
			`REG_RX_MIN:   value = rx_min_o;
			`REG_SNAPSHOT: value = {31'd0, snapshot_busy_i};
			default: begin
				known = in_count || in_key || in_table || in_imem || in_map || (in_port && port_known_i);
				if (in_count) value = addr[2] ? count_i[63:32] : count_i[31:0];
				if (in_port) value = port_rdata_i;
				if (in_key) value = key_rdata_i;
				if (in_table) value = table_rdata_i;
			end
		endcase
	end

	// Writing.
	reg [4:0]  reset_left_q;
	reg [31:0] imem_low_q;
	always @(posedge clk_i) begin
		imem_lane_o   <= addr[4:3];
		imem_bundle_o <= addr[17:5];
		imem_data_o   <= {reg_wdata_i, imem_low_q};
		imem_we_o     <= write && in_imem && addr[2] && {1'b0, addr[17:5]} < Depth && {1'b0, addr[4:3]} < LaneCount;
		if (write && in_imem && !addr[2]) imem_low_q <= reg_wdata_i;
		if (rst_i) begin
			run_o           <= 1'b0;
			report_o        <= 1'b0;
			host_lossless_o <= 1'b0;
			data_rst_o      <= 1'b0;
			reset_left_q    <= 5'd0;
			error_q         <= 1'b0;
			cutting_q       <= 1'b0;
			order_o         <= 2'd1;
			rx_min_o        <= `REG_RX_MIN_RESET;
			threads_o       <= ThreadCount[7:0];
			cores_o         <= CoresReset[7:0];
			watchdog_o      <= `REG_WATCHDOG_RESET;
			inc_q           <= `REG_TIME_INC_RESET;
			time_low_q      <= 32'd0;
			time_high_q     <= 32'd0;
		end else begin
			if (read && addr == `REG_STATUS) error_q <= 1'b0;
			if (reg_valid_i && !known) error_q <= 1'b1;
			if (read && addr == `REG_TIME_LO) time_high_q <= time_o[63:32];
			cutting_q <= data_rst_o || (cutting_q && host_busy_i);
			if (reset_left_q == 5'd0) data_rst_o <= 1'b0;
			else reset_left_q <= reset_left_q - 5'd1;
			if (write) case (addr)
				`REG_CTRL: begin
					run_o           <= reg_wdata_i[`CTRL_RUN];
					report_o        <= reg_wdata_i[`CTRL_REPORT];
					host_lossless_o <= reg_wdata_i[`CTRL_HOST_LOSSLESS];
					if (reg_wdata_i[`CTRL_RESET]) begin
						data_rst_o   <= 1'b1;
						reset_left_q <= ResetLast;
					end
				end
				`REG_THREADS:  threads_o  <= reg_wdata_i[7:0];
				`REG_CORES:    cores_o    <= reg_wdata_i[7:0];
				`REG_WATCHDOG: watchdog_o <= reg_wdata_i;
				`REG_TIME_LO:  time_low_q <= reg_wdata_i;
				`REG_TIME_INC: inc_q      <= reg_wdata_i;
				`REG_ORDER:    order_o    <= reg_wdata_i[1:0];
				`REG_RX_MIN:   rx_min_o   <= reg_wdata_i;
				default: begin
				end
			endcase
		end
	end

	// Answers. In a reset of the data path map registers are not there.
	reg [1:0]  pass_q;
	reg        map_wait_q;
	reg [31:0] value_q, rdata_q;
	wire       map_go = reg_valid_i && in_map && !data_rst_o;

	assign map_req_o   = map_go;
	assign reg_done_o  = pass_q[1] || (map_wait_q && map_done_i);
	assign reg_rdata_o = map_wait_q ? map_rdata_i : rdata_q;
	always @(posedge clk_i) begin
		value_q <= value;
		rdata_q <= value_q;
		if (rst_i) begin
			pass_q     <= 2'd0;
			map_wait_q <= 1'b0;
		end else begin
			pass_q     <= {pass_q[0], reg_valid_i && !map_go};
			map_wait_q <= map_go || (map_wait_q && !map_done_i);
		end
	end

	wire unused = &{1'b0, reg_addr_i[1:0], CoresReset, RegCount, ThreadCount, CoreCount, PortCount, QueueCount};
endmodule

`default_nettype wire
