// SPDX-License-Identifier: Apache-2.0
//
// Host windows: microcode memory, map memory, map descriptors and allocator state. Done only while the NIC is idle.

`include "regs.vh"
`default_nettype none

module csr_window #(
	parameter Lanes = 3,
	parameter ImemDepth = 4096,
	parameter MapWords = 65536,
	parameter Maps = 64
) (
	input  wire        clk_i,
	input  wire        valid_i,
	input  wire        we_i,
	input  wire [23:0] addr_i,
	input  wire [31:0] wdata_i,
	input  wire        idle_i,
	output wire        refused_o,       // an access that needed idle_i
	output reg  [31:0] rdata_o,         // of descriptors, state and the latched high half; combinational
	// microcode memory
	output wire        imem_we_o,
	output wire [1:0]  imem_lane_o,
	output wire [12:0] imem_bundle_o,
	output wire [63:0] imem_data_o,
	// map memory; the data of a read comes with mem_done_i
	output wire        mem_o,
	output wire        mem_we_o,
	output wire [28:0] mem_word_o,
	output wire [63:0] mem_wdata_o,
	input  wire        mem_done_i,
	input  wire [63:0] mem_rdata_i,
	// descriptors and allocator state
	output wire [7:0]  map_o,
	output wire [2:0]  word_o,
	output wire        desc_we_o,
	output wire        state_we_o,
	input  wire [31:0] desc_i,
	input  wire [31:0] state_i
);
	// The windows are aligned to their size, a power of two: the bits above it are the base.
	localparam [23:0] ImemBase = `REG_IMEM, MemBase = `REG_MAPMEM, DescBase = `REG_MAPDESC, StateBase = `REG_MAPSTATE;
	localparam [13:0] Depth = ImemDepth[13:0];
	localparam [20:0] Words = MapWords[20:0];
	localparam [6:0]  MapCount = Maps[6:0];
	localparam [2:0]  LaneCount = Lanes[2:0];

	wire in_imem  = addr_i[23:18] == ImemBase[23:18];
	wire in_mem   = addr_i[23] == MemBase[23];
	wire in_desc  = addr_i[23:11] == DescBase[23:11];
	wire in_state = addr_i[23:10] == StateBase[23:10];
	wire high     = addr_i[2];
	wire go       = valid_i && idle_i;
	wire imem_ok  = {1'b0, addr_i[17:5]} < Depth && {1'b0, addr_i[4:3]} < LaneCount;
	wire mem_ok   = {1'b0, addr_i[22:3]} < Words;
	wire map_ok   = in_desc ? {1'b0, addr_i[10:5]} < MapCount : {1'b0, addr_i[9:4]} < MapCount;

	reg [31:0] imem_low_q, imem_low_d, mem_low_q, mem_low_d, mem_high_q, mem_high_d;

	assign refused_o     = valid_i && !idle_i && (in_imem || in_mem || in_desc || in_state);
	assign imem_we_o     = go && we_i && in_imem && high && imem_ok;
	assign imem_lane_o   = addr_i[4:3];
	assign imem_bundle_o = addr_i[17:5];
	assign imem_data_o   = {wdata_i, imem_low_q};
	assign mem_we_o      = we_i;
	assign mem_o         = go && in_mem && mem_ok && high == we_i;
	assign mem_word_o    = {9'd0, addr_i[22:3]};
	assign mem_wdata_o   = {wdata_i, mem_low_q};
	assign map_o         = in_desc ? {2'd0, addr_i[10:5]} : {2'd0, addr_i[9:4]};
	assign word_o        = in_desc ? addr_i[4:2] : {1'b0, addr_i[3:2]};
	assign desc_we_o     = go && we_i && in_desc && map_ok;
	assign state_we_o    = go && we_i && in_state && map_ok;

	always @(*) begin
		imem_low_d = imem_low_q;
		mem_low_d  = mem_low_q;
		mem_high_d = mem_high_q;
		if (go && we_i && !high) begin
			if (in_imem) imem_low_d = wdata_i;
			if (in_mem) mem_low_d = wdata_i;
		end
		if (mem_done_i) mem_high_d = mem_rdata_i[63:32];
		rdata_o = 32'd0;
		if (go && in_mem && mem_ok && high) rdata_o = mem_high_q;
		if (go && in_desc && map_ok) rdata_o = desc_i;
		if (go && in_state && map_ok) rdata_o = state_i;
	end

	always @(posedge clk_i) begin
		imem_low_q <= imem_low_d;
		mem_low_q  <= mem_low_d;
		mem_high_q <= mem_high_d;
	end

	wire unused = &{1'b0, addr_i[1:0], mem_rdata_i[31:0]};
endmodule

`default_nettype wire
