// SPDX-License-Identifier: Apache-2.0
//
// Host registers of the map subsystem: map memory by words, descriptors, allocator state, and calls of the host with the memory
// their operands lie in. One access at a time.

`include "isa.vh"
`include "regs.vh"
`include "map_bus.vh"
`default_nettype none

module map_host #(
	parameter Maps = 64,
	parameter Words = 65536
) (
	input  wire        clk_i,
	input  wire        rst_i,
	input  wire        req_i,
	input  wire        we_i,
	input  wire [23:0] addr_i,
	input  wire [31:0] wdata_i,
	output reg         done_o,
	output reg  [31:0] rdata_o,
	// map memory
	output wire        mem_o,
	output wire        mem_we_o,
	output wire [28:0] mem_word_o,
	output wire [63:0] mem_wdata_o,
	input  wire        mem_taken_i,
	input  wire        mem_done_i,
	input  wire [63:0] mem_rdata_i,
	// words to be set to 0
	output wire        fill_o,
	output wire [28:0] fill_word_o,
	output wire [28:0] fill_count_o,
	input  wire [28:0] fill_left_i,
	// descriptors and allocator state, done in a cycle in which ready_i
	input  wire        ready_i,
	output wire        table_o,
	output wire [7:0]  map_o,
	output wire [3:0]  word_o,
	output wire [31:0] wdata_o,
	output wire        desc_we_o,
	output wire        state_we_o,
	input  wire [31:0] desc_i,
	input  wire [31:0] state_i,
	// a call
	output wire        call_valid_o,
	input  wire [1:0]  call_sel_i,
	output wire [63:0] call_word_o,
	input  wire        call_pop_i,
	input  wire [7:0]  buf_word_i,      // word of the operands, two cycles later
	output reg  [63:0] buf_data_o,
	input  wire        rsp_valid_i,
	input  wire        rsp_fault_i,
	input  wire [63:0] rsp_value_i,
	output wire        idle_o
);
	// The windows are aligned to their size, a power of two: the bits above it are the base.
	localparam [23:0] MemBase = `REG_MAPMEM, DescBase = `REG_MAPDESC, StateBase = `REG_MAPSTATE, BufBase = `REG_MAPBUF;
	localparam [23:0] CmdReg = `REG_MAPCMD, CmdAddrReg = `REG_MAPCMD_ADDR, CmdLoReg = `REG_MAPCMD_LO, CmdHiReg = `REG_MAPCMD_HI;
	localparam [23:0] WindowReg = `REG_MAPWIN, FillReg = `REG_MAPFILL;
	localparam [28:0] WordCount = Words[28:0];
	localparam [6:0]  MapCount = Maps[6:0];
	localparam [3:0]  TagPkt = `NIC_TAG_PKT, TagMap = `NIC_TAG_MAP;
	localparam [59:0] KeyAt = `NIC_HEADROOM, ValueAt = `NIC_HEADROOM + `NIC_KEY_BYTES;
	localparam [11:0] BufStart = `NIC_HEADROOM, BufEnd = `NIC_HEADROOM + `REG_MAPBUF_COUNT * `REG_MAPBUF_STRIDE;
	localparam [8:0]  BufFirst = `NIC_HEADROOM / 4;

	// The access.
	reg         valid_q, taken_q, we_q;
	reg  [23:0] addr_q;
	reg  [31:0] wdata_q;
	reg  [31:0] cmd_addr_q;
	wire        in_mem   = addr_q[23] == MemBase[23];
	wire        in_desc  = addr_q[23:12] == DescBase[23:12];
	wire        in_state = addr_q[23:10] == StateBase[23:10];
	wire        in_buf   = addr_q[23:11] == BufBase[23:11];
	wire        high     = addr_q[2];
	reg  [8:0]  window_q;
	wire [28:0] mem_word = {window_q, addr_q[22:3]};
	wire        mem_ok   = mem_word[28] || mem_word < WordCount;
	wire        map_ok   = in_desc ? {1'b0, addr_q[11:6]} < MapCount : {1'b0, addr_q[9:4]} < MapCount;
	wire        to_mem   = in_mem && mem_ok && high == we_q;
	wire        to_table = (in_desc || in_state) && map_ok;
	wire        finish   = valid_q && (to_mem ? (we_q ? mem_taken_i : mem_done_i) : to_table ? ready_i : 1'b1);

	// Halves of a memory word that wait for the other half.
	reg  [31:0] low_q, high_q;
	reg  [31:0] rdata;

	assign mem_o       = valid_q && to_mem && !taken_q;
	assign mem_we_o    = we_q;
	assign mem_word_o  = mem_word;
	assign fill_o       = valid_q && we_q && addr_q == FillReg && fill_left_i == 29'd0;
	assign fill_word_o  = cmd_addr_q[31:3];
	assign fill_count_o = wdata_q[28:0];
	assign mem_wdata_o = {wdata_q, low_q};
	assign table_o     = valid_q && to_table;
	assign map_o       = in_desc ? {2'd0, addr_q[11:6]} : {2'd0, addr_q[9:4]};
	assign word_o      = in_desc ? addr_q[5:2] : {2'd0, addr_q[3:2]};
	assign wdata_o     = wdata_q;
	assign desc_we_o   = table_o && ready_i && in_desc && we_q;
	assign state_we_o  = table_o && ready_i && in_state && we_q;

	// Calls of the host.
	reg         busy_q, waits_q, fault_q;
	reg  [17:0] cmd_q;
	reg  [63:0] result_q;
	wire        start = valid_q && we_q && addr_q == CmdReg && !busy_q;
	wire        copy  = cmd_q[`MAPCMD_OP] == `OP_MCPY;
	wire [63:0] call_what = {8'd0, BufEnd, BufStart, 16'd0, cmd_q[15:0]};
	wire [63:0] call_key  = {TagMap, 4'd0, cmd_q[`MAPCMD_MAP], 16'd0, cmd_addr_q};
	assign call_valid_o = waits_q;
	mux4 #(.Width(64)) call_word (
		.sel_i(call_sel_i),
		.in_i({62'd0, cmd_q[`MAPCMD_FLAGS], TagPkt, ValueAt, copy ? call_key : {TagPkt, KeyAt}, call_what}),
		.out_o(call_word_o)
	);

	wire [8:0]  buf_at = addr_q[10:2] + BufFirst;
	wire        buf_ok = buf_at >= BufFirst;
	wire [63:0] buf_data;
	ram_sdp #(.Bytes(8), .Depth(256)) operands (
		.clk_i(clk_i), .we_i({8{valid_q && we_q && in_buf && buf_ok}} & {{4{buf_at[0]}}, {4{!buf_at[0]}}}),
		.waddr_i(buf_at[8:1]), .wdata_i({wdata_q, wdata_q}), .raddr_i(buf_word_i), .rdata_o(buf_data)
	);

	always @(*) begin
		rdata = 32'd0;
		if (in_mem && mem_ok) rdata = high ? high_q : mem_rdata_i[31:0];
		if (in_desc && map_ok) rdata = desc_i;
		if (in_state && map_ok) rdata = state_i;
		case (addr_q)
			CmdReg:     rdata = {busy_q, fault_q, 12'd0, cmd_q};
			CmdAddrReg: rdata = cmd_addr_q;
			CmdLoReg:   rdata = result_q[31:0];
			CmdHiReg:   rdata = result_q[63:32];
			WindowReg:  rdata = {23'd0, window_q};
			FillReg:    rdata = {3'd0, fill_left_i};
			default: begin
			end
		endcase
	end

	assign idle_o = !valid_q && !busy_q;

	always @(posedge clk_i) begin
		rdata_o    <= rdata;
		buf_data_o <= buf_data;
		if (req_i) begin
			we_q    <= we_i;
			addr_q  <= addr_i;
			wdata_q <= wdata_i;
		end
		if (valid_q && in_mem && we_q && !high) low_q <= wdata_q;
		if (mem_done_i) high_q <= mem_rdata_i[63:32];
		if (start) cmd_q <= wdata_q[17:0];
		if (valid_q && we_q && addr_q == CmdAddrReg && !busy_q) cmd_addr_q <= wdata_q;
		if (rsp_valid_i) begin
			fault_q  <= rsp_fault_i;
			result_q <= rsp_value_i;
		end
		if (rst_i) begin
			valid_q    <= 1'b0;
			taken_q    <= 1'b0;
			done_o     <= req_i || valid_q;
			rdata_o    <= 32'd0;
			busy_q     <= 1'b0;
			waits_q    <= 1'b0;
			fault_q    <= 1'b0;
			cmd_q      <= 18'd0;
			cmd_addr_q <= 32'd0;
			result_q   <= 64'd0;
			window_q   <= 9'd0;
		end else begin
			valid_q    <= req_i || (valid_q && !finish);
			taken_q    <= (taken_q || mem_taken_i) && !finish;
			done_o     <= finish;
			busy_q     <= start || (busy_q && !rsp_valid_i);
			if (valid_q && we_q && addr_q == WindowReg) window_q <= wdata_q[8:0];
			waits_q    <= start || (waits_q && !call_pop_i);
		end
	end
endmodule

`default_nettype wire
