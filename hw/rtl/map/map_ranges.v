// SPDX-License-Identifier: Apache-2.0
//
// A tile's copy of what it needs of the descriptors: range, programs, and the key size of hash maps whose lookups it may send.

`include "regs.vh"
`include "ram_style.vh"
`default_nettype none

module map_ranges #(
	parameter Maps = 64
) (
	input  wire        clk_i,
	// a word written by the host; TYPE clears, SEED brings {key size 5, programs 8}
	input  wire        clear_i,      // no map has a type yet
	input  wire        we_i,
	input  wire [7:0]  we_map_i,
	input  wire [3:0]  we_word_i,
	input  wire [31:0] we_data_i,
	// look-up, combinational
	input  wire [7:0]  map_i,
	input  wire [2:0]  prog_i,
	output wire        ok_o,
	output wire [4:0]  key_size_o,
	output wire [31:0] values_o,
	output wire [31:0] limit_o
);
	localparam MW = $clog2(Maps);
	localparam [8:0] Count = Maps[8:0];

	`RAM_LUT reg [12:0] use_q    [0:Maps-1];
	`RAM_LUT reg [31:0] values_q [0:Maps-1];
	`RAM_LUT reg [31:0] limit_q  [0:Maps-1];

	wire [MW-1:0] m = map_i[MW-1:0], wm = we_map_i[MW-1:0];
	wire [12:0]   in_use = use_q[m];
	wire [7:0]    programs = in_use[7:0];
	wire          we_use = we_i && (we_word_i == `NIC_DESC_TYPE || we_word_i == `NIC_DESC_SEED);

	assign ok_o       = !clear_i && {1'b0, map_i} < Count && programs[prog_i];
	assign key_size_o = in_use[12:8];
	assign values_o   = values_q[m];
	assign limit_o    = limit_q[m];

	always @(posedge clk_i) if (we_use) use_q[wm] <= we_data_i[12:0];
	always @(posedge clk_i) if (we_i && we_word_i == `NIC_DESC_VALUES) values_q[wm] <= we_data_i;
	always @(posedge clk_i) if (we_i && we_word_i == `NIC_DESC_LIMIT) limit_q[wm] <= we_data_i;

	wire unused = &{1'b0, we_map_i};
endmodule

`default_nettype wire
