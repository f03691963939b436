// SPDX-License-Identifier: Apache-2.0
//
// The request register that engine and host share on their way to the banks, and the words that come back. The engine goes first.

`include "map_bus.vh"
`default_nettype none

module map_port #(
	parameter Banks = 4,
	parameter Latency = 2
) (
	input  wire          clk_i,
	input  wire          rst_i,
	input  wire          eng_req_i,
	input  wire          eng_we_i,
	input  wire [28:0]   eng_word_i,
	input  wire [63:0]   eng_wdata_i,
	output wire          eng_done_o,    // the word of its read is there
	output wire          eng_error_o,
	output wire [63:0]   eng_rdata_o,
	input  wire          host_req_i,
	input  wire          host_we_i,
	input  wire          host_line_i,   // 0 for a line outside the chip
	input  wire [28:0]   host_word_i,
	input  wire [63:0]   host_wdata_i,
	output wire          host_taken_o,
	output wire          host_done_o,
	output wire [63:0]   host_rdata_o,
	output wire          ready_o,       // free: the engine's request is taken in this cycle
	// banks
	output wire          valid_o,
	output wire          host_o,        // the request is the host's
	output wire          line_o,
	output wire [`MAP_REQ_BITS-1:0] req_o,
	input  wire          gnt_i,
	input  wire [64*Banks-1:0] words_i, // Latency + 1 cycles after the grant
	// outside the chip: a word has come
	input  wire          ext_done_i,
	input  wire          ext_host_i,
	input  wire          ext_error_i,
	input  wire [63:0]   ext_word_i,
	output wire          idle_o
);
	localparam BW = $clog2(Banks);

	reg          valid_q, host_q, we_q, line_q, ext_eng_q, ext_host_q, ext_error_q;
	reg [63:0]   rdata_q, ext_word_q;
	reg [28:0]   word_q;
	reg [63:0]   wdata_q;
	reg [Latency+1:0] eng_read_q, host_read_q;
	wire [BW-1:0] bank;
	wire [63:0]  word;

	assign ready_o      = !valid_q;
	assign host_taken_o = host_req_i && !valid_q && !eng_req_i;
	assign valid_o      = valid_q;
	assign host_o       = host_q;
	assign req_o        = {64'd0, wdata_q, 6'd0, {8{we_q}}, word_q};
	assign line_o       = line_q;
	assign eng_done_o   = eng_read_q[Latency+1] || ext_eng_q;
	assign eng_error_o  = ext_eng_q && ext_error_q;
	assign eng_rdata_o  = ext_eng_q ? ext_word_q : rdata_q;
	assign host_done_o  = host_read_q[Latency+1] || ext_host_q;
	assign host_rdata_o = ext_host_q ? ext_word_q : rdata_q;
	assign idle_o       = !valid_q && eng_read_q == {Latency+2{1'b0}} && host_read_q == {Latency+2{1'b0}};

	delay #(.Width(BW), .Stages(Latency + 1)) to_word (.clk_i(clk_i), .d_i(word_q[BW-1:0]), .q_o(bank));
	mux #(.Width(64), .Count(Banks)) words (.sel_i(bank), .in_i(words_i), .out_o(word));

	always @(posedge clk_i) begin
		rdata_q     <= word;
		ext_word_q  <= ext_word_i;
		ext_error_q <= ext_error_i;
		if (!valid_q) begin
			host_q  <= !eng_req_i;
			line_q  <= !eng_req_i && host_line_i;
			we_q    <= eng_req_i ? eng_we_i : host_we_i;
			word_q  <= eng_req_i ? eng_word_i : host_word_i;
			wdata_q <= eng_req_i ? eng_wdata_i : host_wdata_i;
		end
		if (rst_i) begin
			valid_q     <= 1'b0;
			ext_eng_q   <= 1'b0;
			ext_host_q  <= 1'b0;
			eng_read_q  <= {Latency+2{1'b0}};
			host_read_q <= {Latency+2{1'b0}};
		end else begin
			valid_q     <= valid_q ? !gnt_i : eng_req_i || host_req_i;
			ext_eng_q   <= ext_done_i && !ext_host_i;
			ext_host_q  <= ext_done_i && ext_host_i;
			eng_read_q  <= {eng_read_q[Latency:0], gnt_i && !we_q && !host_q && !word_q[28]};
			host_read_q <= {host_read_q[Latency:0], gnt_i && !we_q && host_q && !word_q[28]};
		end
	end
endmodule

`default_nettype wire
