// SPDX-License-Identifier: Apache-2.0
//
// Queue of ended packets and the sender: shows the completion record, reads the rows of packets that are to be sent into the
// output queue and gives the context back.

`include "regs.vh"
`default_nettype none

module pkt_tx #(
	parameter Threads = 16,
	parameter TW = Threads > 1 ? $clog2(Threads) : 1
) (
	input  wire          clk_i,
	input  wire          rst_i,
	input  wire          report_i,
	// ended packets; in the queue from the next cycle
	input  wire          done_valid_i,
	input  wire [TW-1:0] done_thread_i,
	input  wire [31:0]   done_ret_i,
	input  wire [7:0]    done_cause_i,
	input  wire [12:0]   done_pc_i,
	input  wire [63:0]   done_addr_i,
	input  wire [31:0]   done_bundles_i,
	input  wire [31:0]   done_cycles_i,
	input  wire [11:0]   done_len_i,
	// number of the packet
	output wire [TW-1:0] number_thread_o,
	input  wire [31:0]   number_i,
	// completion record, one cycle
	output wire          cpl_valid_o,
	output wire [31:0]   cpl_number_o,
	output wire [TW-1:0] cpl_thread_o,
	output wire [31:0]   cpl_ret_o,
	output wire [11:0]   cpl_len_o,
	output wire [7:0]    cpl_cause_o,
	output wire [12:0]   cpl_pc_o,
	output wire [63:0]   cpl_addr_o,
	output wire [31:0]   cpl_bundles_o,
	output wire [31:0]   cpl_cycles_o,
	// packet buffer, port B: data one cycle later
	input  wire          port_busy_i, // by the map engine in this cycle
	output wire          read_o,
	output wire [TW-1:0] read_thread_o,
	output wire [5:0]    read_row_o,
	input  wire [255:0]  rdata_i,
	// contexts
	output wire          free_o,
	output wire [TW-1:0] free_thread_o,
	// a packet's last row is read
	output wire          sent_o,
	output wire [11:0]   sent_len_o,
	// port
	output wire          tx_valid_o,
	input  wire          tx_ready_i,
	output wire [255:0]  tx_data_o,
	output wire          tx_last_o,
	output wire [5:0]    tx_bytes_o,  // in this beat
	output wire [31:0]   tx_number_o
);
	localparam RowBits = $clog2(`NIC_ROW_BYTES);
	localparam [31:0] HeadRows = `NIC_HEADROOM / `NIC_ROW_BYTES;
	localparam [5:0] FirstRow = HeadRows[5:0];
	localparam [5:0] RowBytes = `NIC_ROW_BYTES;
	localparam [31:0] Pass = 32'd2, Redirect = 32'd4;      // XDP verdicts between which a packet is sent
	// The output queue, and how full it may be for a row to be read.
	localparam Places = 8;
	localparam [3:0] FullEnough = 4'd4;
	localparam QW = TW + 32 + 8 + 13 + 64 + 32 + 32 + 12;

	wire queued, take;
	wire [$clog2((1 << TW) + 1)-1:0] unused_count;
	map_queue #(.Width(QW), .Depth(1 << TW)) done_queue (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(done_valid_i),
		.data_i({done_thread_i, done_ret_i, done_cause_i, done_pc_i, done_addr_i, done_bundles_i, done_cycles_i, done_len_i}),
		.valid_o(queued), .count_o(unused_count),
		.head_o({cpl_thread_o, cpl_ret_o, cpl_cause_o, cpl_pc_o, cpl_addr_o, cpl_bundles_o, cpl_cycles_o, cpl_len_o}),
		.pop_i(take)
	);

	reg          busy_q, busy_d;
	reg [TW-1:0] thread_q, thread_d;
	reg [31:0]   number_q, number_d;
	reg [11:0]   len_q, len_d, left_q, left_d;   // bytes of the packet, and to come
	reg [5:0]    row_q, row_d;
	wire [3:0]   count;

	wire last = left_q <= {6'd0, RowBytes};
	wire to_send = report_i || (cpl_ret_o >= Pass && cpl_ret_o <= Redirect);

	assign take            = queued && !busy_q;
	assign number_thread_o = cpl_thread_o;
	assign cpl_valid_o     = take;
	assign cpl_number_o    = number_i;
	assign read_o          = busy_q && !port_busy_i && count <= FullEnough;
	assign read_thread_o   = thread_q;
	assign read_row_o      = row_q;
	assign sent_o          = read_o && last;
	assign sent_len_o      = len_q;
	assign free_o          = sent_o || (take && !to_send);
	assign free_thread_o   = busy_q ? thread_q : cpl_thread_o;

	always @(*) begin
		busy_d   = busy_q;
		thread_d = thread_q;
		number_d = number_q;
		len_d    = len_q;
		left_d   = left_q;
		row_d    = row_q;
		if (take) begin
			busy_d   = to_send;
			thread_d = cpl_thread_o;
			number_d = number_i;
			len_d    = cpl_len_o;
			left_d   = cpl_len_o;
			row_d    = FirstRow;
		end else if (read_o) begin
			busy_d = !last;
			left_d = left_q - {6'd0, RowBytes};
			row_d  = row_q + 6'd1;
		end
	end

	// The row read in the cycle before is there now.
	reg        row_valid_q, row_last_q;
	reg [5:0]  row_bytes_q;
	reg [31:0] row_number_q;
	map_queue #(.Width(256 + 1 + 6 + 32), .Depth(Places)) out_queue (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(row_valid_q), .data_i({rdata_i, row_last_q, row_bytes_q, row_number_q}),
		.valid_o(tx_valid_o), .count_o(count), .head_o({tx_data_o, tx_last_o, tx_bytes_o, tx_number_o}),
		.pop_i(tx_valid_o && tx_ready_i)
	);

	always @(posedge clk_i) begin
		thread_q     <= thread_d;
		number_q     <= number_d;
		len_q        <= len_d;
		left_q       <= left_d;
		row_q        <= row_d;
		row_last_q   <= last;
		row_bytes_q  <= last ? left_q[RowBits:0] : RowBytes;
		row_number_q <= number_q;
		if (rst_i) begin
			busy_q      <= 1'b0;
			row_valid_q <= 1'b0;
		end else begin
			busy_q      <= busy_d;
			row_valid_q <= read_o;
		end
	end
endmodule

`default_nettype wire
