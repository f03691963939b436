// SPDX-License-Identifier: Apache-2.0
//
// Host registers. A request is served in its cycle; the data of a read is on host_rdata_o two cycles later (map memory:
// Latency cycles, when that is more) and stays until the next read's.

`include "regs.vh"
`default_nettype none

module csr_regs #(
	parameter Lanes = 3,
	parameter Regs = 8,
	parameter Threads = 16,
	parameter ImemDepth = 4096,
	parameter MapWords = 65536,
	parameter Latency = 2,
	parameter Maps = 64,
	parameter Counters = `REG_COUNTER_COUNT,
	parameter TW = Threads > 1 ? $clog2(Threads) : 1
) (
	input  wire                clk_i,
	input  wire                rst_i,
	// host
	input  wire                host_valid_i,
	input  wire                host_we_i,
	input  wire [23:0]         host_addr_i,
	input  wire [31:0]         host_wdata_i,
	output wire [31:0]         host_rdata_o,
	// control and status
	input  wire                idle_i,
	output wire                run_o,
	output wire                report_o,
	output wire [7:0]          threads_o,
	output wire [12:0]         entry_o,
	output wire [31:0]         watchdog_o,
	output wire [31:0]         ifindex_o,
	output wire [31:0]         rxq_o,
	output wire [63:0]         time_o,
	output wire                rnd_we_o,
	output wire [31:0]         rnd_o,
	input  wire [31:0]         rnd_i,
	// faults: of a packet that ends, of a posted map command
	input  wire                done_fault_i,
	input  wire [7:0]          done_cause_i,
	input  wire [TW-1:0]       done_thread_i,
	input  wire [12:0]         done_pc_i,
	input  wire [63:0]         done_addr_i,
	input  wire                posted_fault_i,
	input  wire [TW-1:0]       posted_thread_i,
	input  wire [12:0]         posted_pc_i,
	input  wire [63:0]         posted_addr_i,
	// counters
	input  wire [Counters-1:0] event_i,
	input  wire [11:0]         rx_bytes_i,
	input  wire [11:0]         tx_bytes_i,
	// windows
	output wire                imem_we_o,
	output wire [1:0]          imem_lane_o,
	output wire [12:0]         imem_bundle_o,
	output wire [63:0]         imem_data_o,
	output wire                mem_o,
	output wire                mem_we_o,
	output wire [28:0]         mem_word_o,
	output wire [63:0]         mem_wdata_o,
	input  wire [63:0]         mem_rdata_i,
	output wire [7:0]          map_o,
	output wire [2:0]          map_word_o,
	output wire                desc_we_o,
	output wire                state_we_o,
	input  wire [31:0]         desc_i,
	input  wire [31:0]         state_i
);
	localparam [7:0]  AllThreads = Threads[7:0];
	localparam [23:0] CounterBase = `REG_COUNTER;
	localparam [5:0]  CounterCount = Counters;

	reg         run_q, report_q, error_q;
	reg [7:0]   threads_q;
	reg [12:0]  entry_q, fault_pc_q;
	reg [31:0]  watchdog_q, ifindex_q, rxq_q, inc_q, time_low_q, time_high_q, count_high_q;
	reg [7:0]   fault_cause_q, fault_thread_q;
	reg [63:0]  fault_addr_q;

	wire [23:0] addr  = {host_addr_i[23:2], 2'b00};
	wire        write = host_valid_i && host_we_i;
	wire        read  = host_valid_i && !host_we_i;
	wire        refused;
	wire [31:0] window_rdata;

	assign run_o      = run_q;
	assign report_o   = report_q;
	assign threads_o  = threads_q;
	assign entry_o    = entry_q;
	assign watchdog_o = watchdog_q;
	assign ifindex_o  = ifindex_q;
	assign rxq_o      = rxq_q;
	assign rnd_we_o   = write && addr == `REG_RND;
	assign rnd_o      = host_wdata_i == 32'd0 ? `REG_RND_RESET : host_wdata_i;

	csr_time clock (
		.clk_i(clk_i), .rst_i(rst_i), .inc_i(inc_q),
		.set_i(write && addr == `REG_TIME_HI), .set_time_i({host_wdata_i, time_low_q}), .time_o(time_o)
	);

	// Counters lie in 8-byte slots of one aligned page.
	wire        in_counters = addr[23:8] == CounterBase[23:8] && {1'b0, addr[7:3]} < CounterCount;
	wire [63:0] count;
	csr_counters #(.Count(Counters)) counters (
		.clk_i(clk_i), .rst_i(rst_i), .event_i(event_i), .rx_bytes_i(rx_bytes_i), .tx_bytes_i(tx_bytes_i),
		.index_i(addr[7:3]), .value_o(count)
	);

	reg  [Latency-1:0] mem_read_q;   // map memory reads under way
	wire               mem_done = mem_read_q[Latency-1];
	csr_window #(.Lanes(Lanes), .ImemDepth(ImemDepth), .MapWords(MapWords), .Maps(Maps)) window (
		.clk_i(clk_i), .valid_i(host_valid_i), .we_i(host_we_i), .addr_i(addr), .wdata_i(host_wdata_i), .idle_i(idle_i),
		.refused_o(refused), .rdata_o(window_rdata),
		.imem_we_o(imem_we_o), .imem_lane_o(imem_lane_o), .imem_bundle_o(imem_bundle_o), .imem_data_o(imem_data_o),
		.mem_o(mem_o), .mem_we_o(mem_we_o), .mem_word_o(mem_word_o), .mem_wdata_o(mem_wdata_o),
		.mem_done_i(mem_done), .mem_rdata_i(mem_rdata_i),
		.map_o(map_o), .word_o(map_word_o), .desc_we_o(desc_we_o), .state_we_o(state_we_o),
		.desc_i(desc_i), .state_i(state_i)
	);

	reg [31:0] value;
	always @(*) begin
		value = window_rdata;
		case (addr)
			`REG_ID:            value = `REG_ID_RESET;
			`REG_VERSION:       value = `REG_VERSION_RESET;
			`REG_CAP_CORE: begin
				value[`CAP_CORE_LANES]     = Lanes[3:0];
				value[`CAP_CORE_REGS]       = Regs[7:0];
				value[`CAP_CORE_THREADS] = AllThreads;
			end
			`REG_CAP_IMEM:      value = ImemDepth;
			`REG_CAP_MAP:       value = MapWords;
			`REG_CAP_MAPS:      value = Maps;
			`REG_CTRL: begin
				value[`CTRL_RUN]    = run_q;
				value[`CTRL_REPORT] = report_q;
			end
			`REG_STATUS: begin
				value[`STATUS_IDLE]     = idle_i;
				value[`STATUS_HOST_ERR] = error_q;
			end
			`REG_THREADS:       value = {24'd0, threads_q};
			`REG_ENTRY:         value = {19'd0, entry_q};
			`REG_WATCHDOG:      value = watchdog_q;
			`REG_TIME_LO:       value = time_o[31:0];
			`REG_TIME_HI:       value = time_high_q;
			`REG_TIME_INC:      value = inc_q;
			`REG_RND:           value = rnd_i;
			`REG_IFINDEX:       value = ifindex_q;
			`REG_RXQ:           value = rxq_q;
			`REG_FAULT_INFO: begin
				value[`FAULT_INFO_CAUSE]   = fault_cause_q;
				value[`FAULT_INFO_THREAD] = fault_thread_q;
			end
			`REG_FAULT_PC:      value = {19'd0, fault_pc_q};
			`REG_FAULT_ADDR_LO: value = fault_addr_q[31:0];
			`REG_FAULT_ADDR_HI: value = fault_addr_q[63:32];
			default: if (in_counters) value = addr[2] ? count_high_q : count[31:0];
		endcase
	end

	always @(posedge clk_i) begin
		if (rst_i) begin
			run_q      <= 1'b0;
			report_q   <= 1'b0;
			error_q    <= 1'b0;
			threads_q  <= AllThreads;
			entry_q    <= 13'd0;
			watchdog_q <= `REG_WATCHDOG_RESET;
			inc_q      <= `REG_TIME_INC_RESET;
			ifindex_q  <= `REG_IFINDEX_RESET;
			rxq_q      <= `REG_RXQ_RESET;
			time_low_q <= 32'd0;
			time_high_q <= 32'd0;
		end else begin
			if (read && addr == `REG_STATUS) error_q <= 1'b0;
			if (refused) error_q <= 1'b1;
			if (read && addr == `REG_TIME_LO) time_high_q <= time_o[63:32];
			if (write) case (addr)
				`REG_CTRL: begin
					run_q    <= host_wdata_i[`CTRL_RUN];
					report_q <= host_wdata_i[`CTRL_REPORT];
				end
				`REG_THREADS:  threads_q  <= host_wdata_i[7:0];
				`REG_ENTRY:    entry_q    <= host_wdata_i[12:0];
				`REG_WATCHDOG: watchdog_q <= host_wdata_i;
				`REG_TIME_LO:  time_low_q <= host_wdata_i;
				`REG_TIME_INC: inc_q      <= host_wdata_i;
				`REG_IFINDEX:  ifindex_q  <= host_wdata_i;
				`REG_RXQ:      rxq_q      <= host_wdata_i;
				default: begin
				end
			endcase
		end
	end

	always @(posedge clk_i) begin
		if (rst_i) begin
			fault_cause_q  <= 8'd0;
			fault_thread_q <= 8'd0;
			fault_pc_q     <= 13'd0;
			fault_addr_q   <= 64'd0;
			count_high_q   <= 32'd0;
		end else begin
			if (read && in_counters && !addr[2]) count_high_q <= count[63:32];
			if (done_fault_i) begin
				fault_cause_q  <= done_cause_i;
				fault_thread_q <= {{8-TW{1'b0}}, done_thread_i};
				fault_pc_q     <= done_pc_i;
				fault_addr_q   <= done_addr_i;
			end else if (posted_fault_i) begin
				fault_cause_q  <= `CAUSE_MAP;
				fault_thread_q <= {{8-TW{1'b0}}, posted_thread_i};
				fault_pc_q     <= posted_pc_i;
				fault_addr_q   <= posted_addr_i;
			end
		end
	end

	// Reads: value in the cycle of the request, then two registers; map memory comes in when it is there.
	reg        read_q;
	reg [31:0] value_q, rdata_q;
	assign host_rdata_o = mem_done ? mem_rdata_i[31:0] : rdata_q;
	always @(posedge clk_i) begin
		read_q  <= read && !rst_i;
		value_q <= value;
		rdata_q <= mem_done ? mem_rdata_i[31:0] : read_q ? value_q : rdata_q;
	end
	generate
		genvar i;
		for (i = 0; i < Latency; i = i + 1) begin : g_mem_read
			if (i == 0) begin : g_in
				always @(posedge clk_i) mem_read_q[0] <= mem_o && !mem_we_o && !rst_i;
			end else begin : g_next
				always @(posedge clk_i) mem_read_q[i] <= mem_read_q[i-1] && !rst_i;
			end
		end
	endgenerate

	wire unused = &{1'b0, host_addr_i[1:0]};
endmodule

`default_nettype wire
