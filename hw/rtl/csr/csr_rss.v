// SPDX-License-Identifier: Apache-2.0
//
// Key of the hash and table of host queues.

`include "regs.vh"
`default_nettype none

module csr_rss #(
	parameter Queues = 4,
	parameter QW = Queues > 1 ? $clog2(Queues) : 1
) (
	input  wire         clk_i,
	input  wire         rst_i,
	// host: a word of the key, an entry of the table
	input  wire         key_we_i,
	input  wire [3:0]   key_word_i,
	input  wire         table_we_i,
	input  wire [6:0]   table_entry_i,
	input  wire [31:0]  wdata_i,
	output reg  [31:0]  key_o,          // of the word, combinational
	output wire [31:0]  table_o,        // of the entry, likewise
	// inspect
	output wire [319:0] hash_key_o,     // word 0 on top
	input  wire [6:0]   entry_i,
	output wire [7:0]   queue_o         // combinational
);
	localparam [319:0] Published =
		320'h6d5a56da_255b0ec2_4167253d_43a38fb0_d0ca2bcb_ae7b30b4_77cb2da3_8030f20c_6a42b73b_beac01fa;
	localparam Words = `REG_RSS_KEY_COUNT;
	localparam Entries = `REG_RSS_TABLE_COUNT;
	localparam [31:0] Mask = Queues - 1;

	reg [319:0]          key_q;
	reg [Entries*QW-1:0] table_q;
	wire [QW-1:0]        host, queue;
	integer w, e;

	assign hash_key_o = key_q;
	assign table_o    = {{32-QW{1'b0}}, host};
	assign queue_o    = {{8-QW{1'b0}}, queue};

	mux #(.Width(QW), .Count(Entries)) host_mux (.sel_i(table_entry_i), .in_i(table_q), .out_o(host));
	mux #(.Width(QW), .Count(Entries)) queue_mux (.sel_i(entry_i), .in_i(table_q), .out_o(queue));

	always @(*) begin
		key_o = 32'd0;
		for (w = 0; w < Words; w = w + 1) if (key_word_i == w[3:0]) key_o = key_q[32*(Words-1-w) +: 32];
	end

	always @(posedge clk_i) begin
		if (key_we_i) for (w = 0; w < Words; w = w + 1)
			if (key_word_i == w[3:0]) key_q[32*(Words-1-w) +: 32] <= wdata_i;
		if (rst_i) key_q <= Published;
	end

	always @(posedge clk_i) begin
		if (table_we_i) for (e = 0; e < Entries; e = e + 1)
			if (table_entry_i == e[6:0]) table_q[QW*e +: QW] <= wdata_i[QW-1:0] & Mask[QW-1:0];
		if (rst_i) table_q <= {Entries*QW{1'b0}};
	end
endmodule

`default_nettype wire
