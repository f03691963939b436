// SPDX-License-Identifier: Apache-2.0
//
// May the engine do this call? Looks at the map's descriptor and at the ranges of both operands.

`include "isa.vh"
`include "regs.vh"
`default_nettype none

module map_check (
	input  wire [7:0]  op_i,
	input  wire [7:0]  map_i,
	input  wire [63:0] a_i,          // key, or element of MCPY
	input  wire [63:0] b_i,          // value
	input  wire [11:0] front_i,      // where the thread's metadata and packet begin
	input  wire [11:0] end_i,        // and end
	// descriptor of the map
	input  wire        hash_i,       // is a hash table
	input  wire [15:0] key_size_i,
	input  wire [31:0] value_size_i,
	// of the maps in the operands, when they are map pointers
	input  wire        a_ok_i,
	input  wire [31:0] a_values_i,
	input  wire [31:0] a_limit_i,
	input  wire        b_ok_i,
	input  wire [31:0] b_values_i,
	input  wire [31:0] b_limit_i,
	input  wire        host_i,       // the call is the host's
	output wire        legal_o
);
	localparam [15:0] KeyBytes = `NIC_KEY_BYTES;
	localparam [3:0]  TagMap = `NIC_TAG_MAP;

	wire copy = op_i == `OP_MCPY;
	wire a_range, b_range;
	map_range range_a (
		.ptr_i(a_i), .size_i(copy ? value_size_i : {16'd0, key_size_i}), .front_i(front_i), .end_i(end_i),
		.map_ok_i(a_ok_i), .values_i(a_values_i), .limit_i(a_limit_i), .ok_o(a_range)
	);
	map_range range_b (
		.ptr_i(b_i), .size_i(value_size_i), .front_i(front_i), .end_i(end_i),
		.map_ok_i(b_ok_i), .values_i(b_values_i), .limit_i(b_limit_i), .ok_o(b_range)
	);

	wire element_ok = a_i[63:60] == TagMap && a_i[55:48] == map_i && a_i[2:0] == 3'd0;
	wire value_ok   = b_range && value_size_i != 32'd0;
	wire key_ok     = hash_i && key_size_i != 16'd0 && key_size_i <= KeyBytes;

	assign legal_o = op_i == `OP_MLOOKR ? host_i : a_range && (copy ? element_ok && value_ok
		: key_ok && (op_i != `OP_MUPD || value_ok));
endmodule

`default_nettype wire
