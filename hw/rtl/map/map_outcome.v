// SPDX-License-Identifier: Apache-2.0
//
// What follows when a walk is over: by command, flags, and whether the key was found.

`include "isa.vh"
`include "regs.vh"
`default_nettype none

module map_outcome (
	input  wire [7:0]  op_i,
	input  wire [7:0]  map_i,
	input  wire [63:0] flags_i,
	input  wire        found_i,
	input  wire [31:0] value_addr_i, // of the entry found
	input  wire [31:0] free_i,
	input  wire [31:0] next_i,
	input  wire [31:0] last_i,       // last entry of the map
	input  wire        free_ok_i,    // it is an entry of the map
	input  wire        next_ok_i,
	input  wire        spare_ok_i,
	input  wire        planes_i,     // values are replaced in their place
	input  wire        lru_i,        // the table makes room
	input  wire        plane_ok_i,   // the CPU's plane is in the map
	output reg         unlink_o,     // take the entry found out of its bucket
	output reg         replace_o,    // put the spare entry in its place
	output reg         rewrite_o,    // write the value of the entry found
	output reg         take_o,       // fill the first entry of the free list
	output reg         extend_o,     // fill the next unused entry
	output reg         evict_o,      // no room: make it
	output reg         bad_o,        // what should be filled is no entry
	output reg  [63:0] x_o           // result; nothing but this when none of the above
);
	localparam [3:0]  TagMap = `NIC_TAG_MAP;
	localparam [63:0] Enoent = -64'd2, Eexist = -64'd17, E2big = -64'd7;
	localparam [63:0] NoExist = 64'd1, Exist = 64'd2;      // BPF_NOEXIST, BPF_EXIST

	wire own_ok = !planes_i || plane_ok_i;

	always @(*) begin
		unlink_o  = 1'b0;
		replace_o = 1'b0;
		rewrite_o = 1'b0;
		take_o    = 1'b0;
		extend_o  = 1'b0;
		evict_o   = 1'b0;
		bad_o     = 1'b0;
		x_o       = 64'd0;
		case (op_i)
			`OP_MLOOK: if (found_i) x_o = {TagMap, 4'd0, map_i, 16'd0, value_addr_i};
			`OP_MDEL: begin
				unlink_o = found_i;
				if (!found_i) x_o = Enoent;
			end
			default: begin
				if (found_i && flags_i == NoExist) x_o = Eexist;
				else if (found_i) begin
					replace_o = spare_ok_i && !planes_i;
					rewrite_o = spare_ok_i && planes_i && plane_ok_i;
					bad_o     = !replace_o && !rewrite_o;
				end else if (flags_i == Exist) x_o = Enoent;
				else if (free_i != 32'd0) begin
					take_o = free_ok_i && own_ok;
					bad_o  = !take_o;
				end else if (next_i < last_i) begin
					extend_o = next_ok_i && own_ok;
					bad_o    = !extend_o;
				end else if (lru_i) evict_o = 1'b1;
				else x_o = E2big;
			end
		endcase
	end
endmodule

`default_nettype wire
