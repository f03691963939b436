// SPDX-License-Identifier: Apache-2.0
//
// Map descriptors. Two range ports give what a check of a map address needs (first and second operand of the engine); the full
// port gives the map of the engine's command, or the host's map. A map that does not exist, whose last word (seed) was not written
// since its first, or that is not the program's, has no type.

`include "regs.vh"
`include "ram_style.vh"
`default_nettype none

module map_desc #(
	parameter Maps = 64,
	parameter MW = $clog2(Maps)
) (
	input  wire        clk_i,
	input  wire        rst_i,
	// whose command it is
	input  wire [2:0]  prog_i,
	input  wire        host_i,       // may use every map
	// range ports, combinational
	input  wire [7:0]  ka_map_i,
	output wire        ka_ok_o,
	output wire [31:0] ka_values_o,
	output wire [31:0] ka_limit_o,
	input  wire [7:0]  kb_map_i,
	output wire        kb_ok_o,
	output wire [31:0] kb_values_o,
	output wire [31:0] kb_limit_o,
	// full port, combinational
	input  wire [7:0]  map_i,
	output wire [7:0]  type_o,       // as used by commands
	output wire        typed_o,      // it has one once its last word is written
	output wire [15:0] key_size_o,
	output wire [31:0] value_size_o,
	output wire [31:0] values_o,
	output wire [31:0] limit_o,
	output wire [31:0] buckets_o,
	output wire [31:0] mask_o,
	output wire [31:0] stride_o,
	output wire [31:0] seed_o,
	output wire [31:0] end_o,
	output wire [31:0] plane_o,
	output wire [31:0] word0_o,      // as the host wrote it
	// host write to a word of map_i
	input  wire        we_i,
	input  wire [3:0]  word_i,
	input  wire [31:0] wdata_i
);
	`RAM_LUT reg [31:0] word0_q   [0:Maps-1];
	`RAM_LUT reg [31:0] size_q    [0:Maps-1];
	`RAM_LUT reg [31:0] values_q  [0:Maps-1];
	`RAM_LUT reg [31:0] limit_q   [0:Maps-1];
	`RAM_LUT reg [31:0] buckets_q [0:Maps-1];
	`RAM_LUT reg [31:0] mask_q    [0:Maps-1];
	`RAM_LUT reg [31:0] stride_q  [0:Maps-1];
	`RAM_LUT reg [31:0] seed_q    [0:Maps-1];
	`RAM_LUT reg [31:0] end_q     [0:Maps-1];
	`RAM_LUT reg [31:0] plane_q   [0:Maps-1];
	// In use and of a type, one bit a map, so that the range ports need no type memory.
	reg [Maps-1:0] used_q, used_d, typed_q, typed_d;

	localparam [8:0] Count = Maps[8:0];
	wire [MW-1:0] m = map_i[MW-1:0];
	wire [MW-1:0] ka = ka_map_i[MW-1:0], kb = kb_map_i[MW-1:0];

	// Programs that may use a map; no bit set stands for all.
	`RAM_LUT reg [7:0] owner_q [0:Maps-1];
	wire [7:0] m_owner = owner_q[m], ka_owner = owner_q[ka], kb_owner = owner_q[kb];

	assign ka_ok_o     = {1'b0, ka_map_i} < Count && used_q[ka] && typed_q[ka] && (host_i || ka_owner[prog_i]);
	assign ka_values_o = values_q[ka];
	assign ka_limit_o  = limit_q[ka];
	assign kb_ok_o     = {1'b0, kb_map_i} < Count && used_q[kb] && typed_q[kb] && (host_i || kb_owner[prog_i]);
	assign kb_values_o = values_q[kb];
	assign kb_limit_o  = limit_q[kb];

	assign word0_o      = word0_q[m];
	assign type_o       = {1'b0, map_i} < Count && used_q[m] && typed_q[m] && (host_i || m_owner[prog_i]) ? word0_o[7:0] : 8'd0;
	assign typed_o      = typed_q[m];
	assign key_size_o   = word0_o[31:16];
	assign value_size_o = size_q[m];
	assign values_o     = values_q[m];
	assign limit_o      = limit_q[m];
	assign buckets_o    = buckets_q[m];
	assign mask_o       = mask_q[m];
	assign stride_o     = stride_q[m];
	assign seed_o       = seed_q[m];
	assign end_o        = end_q[m];
	assign plane_o      = plane_q[m];

	wire we_type = we_i && word_i == `NIC_DESC_TYPE;
	wire we_seed = we_i && word_i == `NIC_DESC_SEED;
	wire we_limit = we_i && word_i == `NIC_DESC_LIMIT;

	always @(*) begin
		used_d  = used_q;
		typed_d = typed_q;
		if (we_type) begin
			used_d[m]  = 1'b0;
			typed_d[m] = wdata_i[7:0] != 8'd0;
		end
		if (we_seed) used_d[m] = 1'b1;
	end

	always @(posedge clk_i) if (we_type) word0_q[m] <= wdata_i;
	always @(posedge clk_i) if (we_type) owner_q[m] <= wdata_i[15:8] | {8{wdata_i[15:8] == 8'd0}};
	always @(posedge clk_i) if (we_i && word_i == `NIC_DESC_VALUE_SIZE) size_q[m] <= wdata_i;
	always @(posedge clk_i) if (we_i && word_i == `NIC_DESC_VALUES) values_q[m] <= wdata_i;
	always @(posedge clk_i) if (we_limit) limit_q[m] <= wdata_i;
	always @(posedge clk_i) if (we_limit || (we_i && word_i == `NIC_DESC_END)) end_q[m] <= wdata_i;
	always @(posedge clk_i) if (we_i && word_i == `NIC_DESC_PLANE) plane_q[m] <= wdata_i;
	always @(posedge clk_i) if (we_i && word_i == `NIC_DESC_BUCKETS) buckets_q[m] <= wdata_i;
	always @(posedge clk_i) if (we_i && word_i == `NIC_DESC_MASK) mask_q[m] <= wdata_i;
	always @(posedge clk_i) if (we_i && word_i == `NIC_DESC_STRIDE) stride_q[m] <= wdata_i;
	always @(posedge clk_i) if (we_seed) seed_q[m] <= wdata_i;

	always @(posedge clk_i) begin
		if (rst_i) begin
			used_q  <= {Maps{1'b0}};
			typed_q <= {Maps{1'b0}};
		end else begin
			used_q  <= used_d;
			typed_q <= typed_d;
		end
	end
endmodule

`default_nettype wire
