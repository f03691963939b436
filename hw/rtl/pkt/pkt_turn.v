// SPDX-License-Identifier: Apache-2.0
//
// Makes rows of a packet out of rows of its buffer, wherever in a row it starts: each row is turned by that, and the end of the one
// before is joined with the beginning of the next. The row before the packet's first one ends with the metadata.

`include "regs.vh"
`default_nettype none

module pkt_turn #(
	parameter Width = 8               // of what goes along
) (
	input  wire             clk_i,
	input  wire             rst_i,
	input  wire             move_i,
	// collect register
	input  wire             valid_i,
	input  wire             first_i,
	input  wire             last_i,
	input  wire             rows_i,       // it is a row at all
	input  wire [5:0]       turn_i,       // byte of a row at which the packet starts
	input  wire [5:0]       meta_len_i,   // bytes of metadata, META_HOST at most
	input  wire [511:0]     data_i,
	input  wire [Width-1:0] side_i,
	// turn register, with move_i a row for the route register
	output wire             empty_o,
	output wire             valid_o,
	output wire             first_o,
	output reg              last_o,
	output reg              rows_o,
	output wire [511:0]     data_o,
	output reg  [Width-1:0] side_o,
	// beside the route register
	output reg  [255:0]     meta_o,
	output reg  [5:0]       meta_len_o
);
	localparam MetaBytes = `NIC_META_HOST;

	// Turned in two steps of four and one of four again: by 16, 4 and 1 bytes.
	wire [511:0] by16, by4, turned;
	turn #(.Width(512), .Step(128)) turn16 (.by_i(turn_i[5:4]), .in_i(data_i), .out_o(by16));
	turn #(.Width(512), .Step(32)) turn4 (.by_i(turn_i[3:2]), .in_i(by16), .out_o(by4));
	turn #(.Width(512), .Step(8)) turn1 (.by_i(turn_i[1:0]), .in_i(by4), .out_o(turned));

	reg          valid_q;
	reg  [1:0]   index_q;             // of the row in its packet, at most 3
	reg  [1:0]   skips_q;             // rows in front of the packet's first
	reg  [5:0]   meta_len_q;
	reg  [63:0]  before_q;            // bytes that come from the row before
	reg  [511:0] data_q, last_data_q;
	wire [1:0]   skips = {1'b0, turn_i != 6'd0} + {1'b0, meta_len_i != 6'd0};

	assign empty_o = !valid_q;
	assign valid_o = valid_q && (!rows_o || index_q >= skips_q);
	assign first_o = !rows_o || index_q == skips_q;

	genvar b;
	generate
		for (b = 0; b < 64; b = b + 1) begin : g_byte
			assign data_o[8*b +: 8] = before_q[b] ? last_data_q[8*b +: 8] : data_q[8*b +: 8];
		end
	endgenerate

	wire [255:0] meta;
	generate
		for (b = 0; b < MetaBytes; b = b + 1) begin : g_meta
			localparam [5:0] Place = MetaBytes - b;
			assign meta[8*b +: 8] = data_o[8*(64-MetaBytes+b) +: 8] & {8{meta_len_q >= Place}};
		end
	endgenerate

	always @(posedge clk_i) begin
		if (move_i && valid_i) begin
			index_q    <= first_i ? 2'd0 : index_q + {1'b0, index_q != 2'd3};
			skips_q    <= skips;
			meta_len_q <= meta_len_i;
			before_q   <= turn_i == 6'd0 ? 64'd0 : ~64'd0 >> turn_i;
			data_q     <= turned;
			last_o     <= last_i;
			rows_o     <= rows_i;
			side_o     <= side_i;
		end
		if (move_i && valid_q) begin
			last_data_q <= data_q;
			if (index_q == 2'd0) begin
				meta_o     <= 256'd0;
				meta_len_o <= 6'd0;
			end
			if (meta_len_q != 6'd0 && index_q + 2'd1 == skips_q) begin
				meta_o     <= meta;
				meta_len_o <= meta_len_q;
			end
		end
		if (rst_i) valid_q <= 1'b0;
		else if (move_i) valid_q <= valid_i;
	end
endmodule

`default_nettype wire
