// SPDX-License-Identifier: Apache-2.0
//
// Frames for the host: a store whose every row has the packet's meta beside it.

`include "regs.vh"
`default_nettype none

module pkt_host #(
	parameter Meta = 8
) (
	input  wire            clk_i,
	input  wire            rst_i,
	// rows, one or two
	input  wire            write_i,
	input  wire            two_i,
	input  wire [1023:0]   data_i,
	input  wire            last_i,
	input  wire [6:0]      bytes_i,      // of the last one
	input  wire [Meta-1:0] meta_i,
	output wire            room_o,       // for a longest frame
	// host
	output wire            valid_o,
	input  wire            ready_i,
	output wire [511:0]    data_o,
	output wire            last_o,
	output wire [6:0]      bytes_o,
	output wire [Meta-1:0] meta_o,
	output wire            empty_o
);
	localparam AW = $clog2(`NIC_STORE_ROWS);
	localparam [31:0] PacketRows = `NIC_LEN_MAX / `NIC_BEAT_BYTES;
	localparam [31:0] UsedMax = `NIC_STORE_ROWS - PacketRows;

	wire [AW:0] used;
	wire [1023:0] unused_word;
	wire        unused_upper;

	pkt_pairs #(.Side(Meta)) store (
		.clk_i(clk_i), .rst_i(rst_i), .write_i(write_i), .two_i(two_i), .data_i(data_i), .last_i(last_i), .bytes_i(bytes_i),
		.side_i(meta_i), .used_o(used),
		.valid_o(valid_o), .row_o(data_o), .word_o(unused_word), .upper_o(unused_upper), .last_o(last_o), .bytes_o(bytes_o), .side_o(meta_o), .take_i(valid_o && ready_i)
	);
	assign room_o  = used <= UsedMax[AW:0];
	assign empty_o = used == {AW+1{1'b0}};

	wire unused = &{1'b0, unused_word, unused_upper};
endmodule

`default_nettype wire
