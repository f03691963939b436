// SPDX-License-Identifier: Apache-2.0
//
// Output of a port: frames of the NIC, out of a store, and frames of the host in turn. A frame that a reset of the data path
// cuts off ends with a row of its own.

`include "regs.vh"
`default_nettype none

module pkt_out (
	input  wire         clk_i,
	input  wire         rst_i,
	input  wire         clear_i,      // the data path is in reset; set with rst_i, too
	// rows of the NIC's frames, one or two
	input  wire         write_i,
	input  wire         two_i,
	input  wire [1023:0] data_i,
	input  wire         last_i,
	input  wire [6:0]   bytes_i,      // of the last one
	input  wire [31:0]  number_i,
	output wire         room_o,       // for a longest frame
	// frames of the host
	input  wire         host_valid_i,
	output wire         host_ready_o,
	input  wire         host_stream_i, // its rows come by the stream, not by DMA
	input  wire [511:0] host_data_i,
	input  wire [511:0] dma_data_i,
	input  wire         host_last_i,
	input  wire [6:0]   host_bytes_i,
	// port
	output wire         tx_valid_o,
	input  wire         tx_ready_i,
	output reg  [511:0] tx_data_o,
	output reg  [63:0]  tx_keep_o,
	output reg          tx_last_o,
	output reg  [31:0]  tx_number_o,
	output reg          tx_host_o,
	output reg          tx_aborted_o,
	output wire         empty_o,
	// a frame's last row goes into the output register
	output wire         sent_o,
	output wire         sent_host_o,
	output wire [11:0]  sent_len_o
);
	localparam AW = $clog2(`NIC_STORE_ROWS);
	localparam [31:0] PacketRows = `NIC_LEN_MAX / `NIC_BEAT_BYTES;
	localparam [31:0] UsedMax = `NIC_STORE_ROWS - PacketRows;

	wire         nic_valid, nic_last;
	wire [1023:0] nic_word;
	wire         nic_upper;
	wire [511:0] tx_data, unused_row;
	wire [6:0]   nic_bytes;
	wire [31:0]  nic_number;
	wire [AW:0]  used;
	wire         from_nic, from_host;

	pkt_pairs #(.Side(32)) store (
		.clk_i(clk_i), .rst_i(clear_i), .write_i(write_i), .two_i(two_i), .data_i(data_i), .last_i(last_i), .bytes_i(bytes_i),
		.side_i(number_i), .used_o(used),
		.valid_o(nic_valid), .row_o(unused_row), .word_o(nic_word), .upper_o(nic_upper), .last_o(nic_last), .bytes_o(nic_bytes), .side_o(nic_number), .take_i(from_nic)
	);
	assign room_o = used <= UsedMax[AW:0];
	mux4 #(.Width(512)) rows (
		.sel_i({from_host, from_host ? host_stream_i : nic_upper}), .in_i({host_data_i, dma_data_i, nic_word}), .out_o(tx_data)
	);

	reg          valid_q, mid_q, host_q, cut_q;    // host_q: source of the frame in progress, or of the last one
	reg  [11:0]  before_q;                         // bytes of the frame that went out before this row
	wire         free = !valid_q || tx_ready_i;
	wire         pick_host = mid_q ? host_q : host_valid_i && (!nic_valid || !host_q);
	wire         take = free && !clear_i && !cut_q;
	wire         row  = from_nic || from_host;
	wire         last = from_host ? host_last_i : nic_last;
	wire [6:0]   bytes = from_host ? host_bytes_i : nic_bytes;
	wire         abort = free && cut_q;

	assign from_nic     = take && !pick_host && nic_valid;
	assign from_host    = take && pick_host && host_valid_i;
	assign host_ready_o = take && pick_host;
	assign tx_valid_o   = valid_q;
	assign empty_o      = used == {AW+1{1'b0}} && !valid_q && !cut_q;
	assign sent_o       = row && last;
	assign sent_host_o  = from_host && last;
	assign sent_len_o   = before_q + {5'd0, bytes};

	always @(posedge clk_i) begin
		if (row || abort) begin
			tx_data_o    <= tx_data;
			tx_keep_o    <= cut_q ? 64'd1 : ~(64'hffffffffffffffff << bytes);
			tx_last_o    <= last || cut_q;
			tx_number_o  <= from_host ? 32'd0 : nic_number;
			tx_host_o    <= from_host;
			tx_aborted_o <= cut_q;
		end
		if (row) before_q <= last ? 12'd0 : before_q + {5'd0, bytes};
		if (rst_i) begin
			valid_q  <= 1'b0;
			mid_q    <= 1'b0;
			host_q   <= 1'b1;
			cut_q    <= 1'b0;
		end else begin
			if (free) valid_q <= row || abort;
			if (row) begin
				mid_q  <= !last;
				host_q <= from_host;
			end
			if (abort) cut_q <= 1'b0;
			if (clear_i) begin
				cut_q  <= mid_q || (cut_q && !abort);
				mid_q  <= 1'b0;
				host_q <= 1'b1;
			end
		end
		if (clear_i) before_q <= 12'd0;
	end

	wire unused = &{1'b0, unused_row};
endmodule

`default_nettype wire
