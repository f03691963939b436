// SPDX-License-Identifier: Apache-2.0
//
// Makes rows of a packet out of rows of its buffer, up to two a clock and wherever in a row it starts: each row is turned by that, and the
// end of the one before is joined with the beginning of the next. The row before the packet's first one ends with the metadata.

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
	input  wire             rows_i,       // there are rows at all
	input  wire             two_i,        // two of them
	input  wire             long_i,       // the packet has more than a row of its own
	input  wire [5:0]       turn_i,       // byte of a row at which the packet starts
	input  wire [5:0]       meta_len_i,   // bytes of metadata, META_HOST at most
	input  wire [1023:0]    data_i,
	input  wire [Width-1:0] side_i,
	// turn register, with move_i a row or two for the route register
	output wire             empty_o,
	output wire             valid_o,
	output wire             first_o,
	output reg              last_o,
	output reg              rows_o,
	output wire             two_o,
	output wire [1023:0]    data_o,
	output reg  [Width-1:0] side_o,
	// beside the route register
	output reg  [255:0]     meta_o,
	output reg  [5:0]       meta_len_o
);
	localparam MetaBytes = `NIC_META_HOST;

	genvar b;
`ifndef VERILATOR
	// Turned in two steps of four and one of four again: by 16, 4 and 1 bytes.
	wire [1023:0] by16, by4, turned;
	generate
		for (b = 0; b < 2; b = b + 1) begin : g_row
			turn #(.Width(512), .Step(128)) turn16 (.by_i(turn_i[5:4]), .in_i(data_i[512*b +: 512]), .out_o(by16[512*b +: 512]));
			turn #(.Width(512), .Step(32)) turn4 (.by_i(turn_i[3:2]), .in_i(by16[512*b +: 512]), .out_o(by4[512*b +: 512]));
			turn #(.Width(512), .Step(8)) turn1 (.by_i(turn_i[1:0]), .in_i(by4[512*b +: 512]), .out_o(turned[512*b +: 512]));
		end
	endgenerate
`endif

	reg          valid_q;
	reg          first_q, two_q;
	reg          second_q;            // the packet's second entry
	reg          behind_q;            // the first row that this one makes is not the packet's
	reg          tail_q;              // and another is made of what the second has behind it
	reg  [1:0]   skips_q;             // rows in front of the packet's first
	reg  [5:0]   meta_len_q;
	reg  [63:0]  before_q;            // bytes that come from the row before
	reg  [511:0] low_q, high_q, last_data_q;
	wire [1:0]   skips = {1'b0, turn_i != 6'd0} + {1'b0, meta_len_i != 6'd0};

	assign empty_o = !valid_q;
	assign valid_o = valid_q && !(rows_o && first_q && skips_q == 2'd2);
	assign first_o = !rows_o || (skips_q == 2'd2 ? second_q : first_q);
	assign two_o   = behind_q ? tail_q : two_q;

	// What the rows make with those before them: the first, the second, and the second's end alone.
`ifdef VERILATOR
	// Mostly a packet starts with a row, and a simulator has nothing to join.
	reg [511:0] low, high;
	integer     n;
	always @(*) begin
		low  = low_q;
		high = high_q;
		if (before_q != 64'd0)
			for (n = 0; n < 64; n = n + 1)
				if (before_q[n]) begin
					low[8*n +: 8]  = last_data_q[8*n +: 8];
					high[8*n +: 8] = low_q[8*n +: 8];
				end
	end
`else
	wire [511:0] low, high;
	generate
		for (b = 0; b < 64; b = b + 1) begin : g_byte
			assign low[8*b +: 8]  = before_q[b] ? last_data_q[8*b +: 8] : low_q[8*b +: 8];
			assign high[8*b +: 8] = before_q[b] ? low_q[8*b +: 8] : high_q[8*b +: 8];
		end
	endgenerate
`endif
	assign data_o[511:0]    = behind_q ? high : low;
	assign data_o[1023:512] = behind_q ? high_q : high;

	wire [255:0] meta;
	generate
		for (b = 0; b < MetaBytes; b = b + 1) begin : g_meta
			localparam [5:0] Place = MetaBytes - b;
			assign meta[8*b +: 8] = (skips_q == 2'd2 ? high[8*(64-MetaBytes+b) +: 8] : low[8*(64-MetaBytes+b) +: 8])
				& {8{meta_len_q >= Place}};
		end
	endgenerate

	always @(posedge clk_i) begin
		if (move_i && valid_i) begin
			first_q    <= first_i;
			second_q   <= first_q && !first_i;
			two_q      <= two_i;
			behind_q   <= rows_i && first_i && skips == 2'd1;
			tail_q     <= last_i && long_i;
			skips_q    <= skips;
			meta_len_q <= meta_len_i;
			before_q   <= turn_i == 6'd0 ? 64'd0 : ~64'd0 >> turn_i;
`ifdef VERILATOR
			low_q      <= data_i[511:0];
			high_q     <= data_i[1023:512];
			if (turn_i != 6'd0) begin
				low_q  <= data_i[511:0] >> {turn_i, 3'd0} | data_i[511:0] << {-turn_i, 3'd0};
				high_q <= data_i[1023:512] >> {turn_i, 3'd0} | data_i[1023:512] << {-turn_i, 3'd0};
			end
`else
			low_q      <= turned[511:0];
			high_q     <= turned[1023:512];
`endif
			last_o     <= last_i;
			rows_o     <= rows_i;
			side_o     <= side_i;
		end
		if (move_i && valid_q) begin
			last_data_q <= high_q;
			if (first_q) begin
				meta_o     <= meta;
				meta_len_o <= meta_len_q;
			end
		end
		if (rst_i) valid_q <= 1'b0;
		else if (move_i) valid_q <= valid_i;
	end
endmodule

`default_nettype wire
