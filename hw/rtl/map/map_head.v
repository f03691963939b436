// SPDX-License-Identifier: Apache-2.0
//
// What the command at the head of a tile's queue is, whether it is legal, and the request for the word it is about. Combinational.

`include "isa.vh"
`include "regs.vh"
`include "map_bus.vh"
`default_nettype none

module map_head (
	input  wire [7:0]   op_i,
	input  wire         w_i,
	input  wire         fetch_i,
	input  wire [1:0]   width_i,
	input  wire         swap_i,
	input  wire [63:0]  addr_i,
	input  wire [63:0]  b_i,
	input  wire [63:0]  c_i,
	input  wire [11:0]  front_i,      // where the thread's metadata and packet begin
	input  wire [11:0]  end_i,        // and end
	input  wire         second_i,     // the upper word of an access across two
	// of the map it names: in the address, or of the call
	output wire         in_address_o,
	input  wire         map_ok_i,
	input  wire [31:0]  values_i,
	input  wire [31:0]  limit_i,
	input  wire [4:0]   key_size_i,   // 0: none that the lookup unit takes
	// kind; a call when none of these
	output wire         value_o,
	output wire         look_o,       // lookup with its key in packet or stack
	output wire         look_key_o,   // lookup with its key in a and b
	// of a value command
	output wire         legal_o,
	output wire         waits_o,
	output wire         split_o,
	output wire [1:0]   width_o,
	output wire         sign_o,
	output wire [`MAP_REQ_BITS-1:0] req_o
);
	localparam [3:0] TagMap = `NIC_TAG_MAP;
	localparam [4:0] KeyBytes = 5'd16;      // that fit into a and b

	wire is_load   = op_i == `OP_MLD || op_i == `OP_MLDS;
	wire is_store  = op_i == `OP_MST;
	wire is_atomic = op_i == `OP_MADD || op_i == `OP_MAND || op_i == `OP_MOR || op_i == `OP_MXOR || op_i == `OP_MXCHG
		|| op_i == `OP_MCAS;
	wire [3:0] bytes = 4'd1 << width_o;
	wire [2:0] off   = addr_i[2:0];
	wire       aligned = (off & {!w_i, 2'b11}) == 3'd0;
	wire       range_ok;

	map_range range (
		.ptr_i(addr_i), .size_i({27'd0, value_o ? {1'b0, bytes} : key_size_i}), .front_i(front_i), .end_i(end_i),
		.map_ok_i(map_ok_i), .values_i(values_i), .limit_i(limit_i), .ok_o(range_ok)
	);

	wire is_map   = addr_i[63:60] == TagMap;
	wire has_size = map_ok_i && key_size_i != 5'd0;

	assign in_address_o = value_o;
	assign value_o      = is_load || is_store || is_atomic;
	assign look_o       = op_i == `OP_MLOOK && has_size && !is_map && range_ok;
	assign look_key_o   = op_i == `OP_MLOOKR && has_size && key_size_i <= KeyBytes;
	assign legal_o      = range_ok && is_map && !(is_atomic && !aligned);
	assign waits_o      = is_load || (is_atomic && fetch_i);
	assign width_o      = !is_atomic ? width_i : w_i ? 2'd2 : 2'd3;
	assign split_o      = {1'b0, off} + bytes > 4'd8;
	assign sign_o       = op_i == `OP_MLDS;

	// The store value in memory order, turned to its place; the masks pick what of it goes to each of the two words.
	wire        mirror = is_store && swap_i;
	wire [2:0]  turn = ((off ^ {3{!mirror}}) + (mirror ? bytes[2:0] : 3'd1)) & {3{is_store}};   // off + bytes, or -off
	wire [15:0] st_mask = {8'd0, ~(8'hff << bytes)} << off;
	wire [63:0] data;
	align store (.turn_i(turn), .reverse_i(mirror), .in_i(b_i), .out_o(data));

	assign req_o[`MAP_REQ_WORD]   = addr_i[31:3] + {28'd0, second_i};
	assign req_o[`MAP_REQ_MASK]   = !is_store ? 8'd0 : second_i ? st_mask[15:8] : st_mask[7:0];
	assign req_o[`MAP_REQ_ATOMIC] = is_atomic;
	assign req_o[`MAP_REQ_OP]     = op_i[2:0];
	assign req_o[`MAP_REQ_W]      = w_i;
	assign req_o[`MAP_REQ_UPPER]  = off[2];
	assign req_o[`MAP_REQ_B]      = data;
	assign req_o[`MAP_REQ_C]      = c_i;
endmodule

`default_nettype wire
