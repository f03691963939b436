// SPDX-License-Identifier: Apache-2.0
//
// Input of a port: whole frames into the store. Frames that are damaged, too long, too short or find no room are taken back.

`include "regs.vh"
`default_nettype none

module pkt_in (
	input  wire         clk_i,
	input  wire         rst_i,
	input  wire         clear_i,       // the data path is in reset; set with rst_i, too
	// host registers
	input  wire         lossless_i,
	input  wire [31:0]  rx_min_i,
	input  wire [63:0]  now_i,
	// port
	input  wire         rx_valid_i,
	output wire         rx_ready_o,
	input  wire [511:0] rx_data_i,
	input  wire [63:0]  rx_keep_i,
	input  wire         rx_last_i,
	input  wire         rx_user_i,     // the frame is damaged
	// stored frames, row by row
	output wire         row_valid_o,
	output wire [511:0] row_data_o,
	output wire         row_last_o,
	output wire [11:0]  row_len_o,     // of the frame; with the last row
	output wire [63:0]  row_time_o,    // likewise
	input  wire         row_take_i,
	// a frame's last beat: what became of it
	output wire         in_valid_o,
	output wire [2:0]   in_drop_o,     // 0: received
	output wire [11:0]  in_len_o,
	output wire         empty_o
);
	localparam [2:0] None = 3'd0, Long = 3'd1, Short = 3'd2, Bad = 3'd3, Full = 3'd4;
	localparam AW = $clog2(`NIC_STORE_ROWS);
	localparam [AW:0] Rows = `NIC_STORE_ROWS;
	localparam [31:0] FrameRows = `NIC_FRAME_MAX / `NIC_BEAT_BYTES;

	// The beat register.
	reg         beat_q, last_q, flawed_q;
	reg [511:0] data_q;
	reg [6:0]   bytes_q, bytes;
	wire        hole   = |(rx_keep_i[63:1] & ~rx_keep_i[62:0]);
	wire        flawed = rx_user_i || hole || !rx_keep_i[0] || (!rx_last_i && !rx_keep_i[63]);

	// Where keep ends; a flawed beat's length is not looked at.
`ifdef VERILATOR
	always @(*) begin
		bytes = 7'd0;
		if (rx_valid_i) bytes = $countones(rx_keep_i);
	end
`else
	integer i;
	always @(*) begin
		bytes = {rx_keep_i[63], 6'd0};
		for (i = 1; i < 64; i = i + 1)
			if (rx_keep_i[i-1] && !rx_keep_i[i]) bytes = bytes | i[6:0];
	end
`endif

	// The frame that is coming in.
	reg  [4:0]  count_q, count_d;      // rows stored
	reg  [2:0]  cause_q, cause_d;
	reg         mid_q;                 // also through a reset of the data path
	wire        mid = beat_q ? !last_q : mid_q;
	wire [AW:0] used;
	wire [11:0] len  = {1'b0, count_q, 6'd0} + {5'd0, bytes_q};
	wire        ends = beat_q && last_q && !clear_i;
	reg  [2:0]  cause;

	always @(*) begin
		cause = cause_q;
		if (cause_q == None) begin
			if (count_q == FrameRows[4:0]) cause = Long;
			else if (used == Rows) cause = Full;
			else if (flawed_q) cause = Bad;
			else if (last_q && {20'd0, len} < rx_min_i) cause = Short;
		end
		count_d = count_q;
		cause_d = cause_q;
		if (beat_q) begin
			cause_d = last_q ? None : cause;
			count_d = last_q ? 5'd0 : count_q + {4'd0, cause == None};
		end
		if (clear_i) begin
			cause_d = mid ? Bad : None;
			count_d = 5'd0;
		end
	end

	assign rx_ready_o = !lossless_i || used < Rows - {{AW{1'b0}}, 1'b1};
	assign in_valid_o = ends;
	assign in_drop_o  = cause;
	assign in_len_o   = len;
	assign empty_o    = used == {AW+1{1'b0}};

	pkt_store #(.Width(512 + 1 + 12 + 64)) store (
		.clk_i(clk_i), .rst_i(clear_i),
		.write_i(beat_q && cause == None), .row_i({now_i, len, last_q, data_q}),
		.commit_i(ends && cause == None), .rollback_i(ends && cause != None), .used_o(used),
		.valid_o(row_valid_o), .row_o({row_time_o, row_len_o, row_last_o, row_data_o}), .take_i(row_take_i)
	);

	always @(posedge clk_i) begin
		if (rx_valid_i) begin
			data_q   <= rx_data_i;
			last_q   <= rx_last_i;
			bytes_q  <= bytes;
			flawed_q <= flawed;
		end
		count_q  <= count_d;
		cause_q  <= cause_d;
		if (rst_i) begin
			beat_q <= 1'b0;
			mid_q  <= 1'b0;
		end else begin
			beat_q <= rx_valid_i && rx_ready_o;
			mid_q  <= mid;
		end
	end
endmodule

`default_nettype wire
