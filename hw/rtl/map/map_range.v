// SPDX-License-Identifier: Apache-2.0
//
// Does an operand of size_i bytes (1 or more) at a pointer lie wholly inside the pointer's region? The region of a map
// pointer is VALUES .. LIMIT of the map it names, given by the caller.

`include "regs.vh"
`default_nettype none

module map_range (
	input  wire [63:0] ptr_i,
	input  wire [31:0] size_i,
	input  wire [11:0] front_i,      // where the thread's metadata and packet begin
	input  wire [11:0] end_i,        // and end
	input  wire        map_ok_i,     // the pointer's map exists and has a type
	input  wire [31:0] values_i,
	input  wire [31:0] limit_i,
	output wire        ok_o
);
	localparam [3:0]  TagPkt = `NIC_TAG_PKT, TagStack = `NIC_TAG_STACK, TagMap = `NIC_TAG_MAP;
	localparam [31:0] StackEnd = `NIC_STACK_BYTES;

	wire is_pkt   = ptr_i[63:60] == TagPkt;
	wire is_stack = ptr_i[63:60] == TagStack;
	wire is_map   = ptr_i[63:60] == TagMap;

	wire bits_ok = is_map ? ptr_i[59:56] == 4'd0 && ptr_i[47:32] == 16'd0 && map_ok_i
		: (is_pkt || is_stack) && ptr_i[59:16] == 44'd0;

	wire [31:0] start = is_map ? ptr_i[31:0] : {16'd0, ptr_i[15:0]};
	wire [31:0] low   = is_map ? values_i : is_pkt ? {20'd0, front_i} : 32'd0;
	wire [31:0] high  = is_map ? limit_i : is_pkt ? {20'd0, end_i} : StackEnd;
	wire [32:0] stop  = {1'b0, start} + {1'b0, size_i};

	assign ok_o = bits_ok && start >= low && stop <= {1'b0, high};
endmodule

`default_nettype wire
