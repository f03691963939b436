// SPDX-License-Identifier: Apache-2.0
//
// Packs the bytes of a frame, read as rows from any address, into rows that begin with its first byte.

`default_nettype none

module dma_pack (
	input  wire         clk_i,
	input  wire         rst_i,
	// a row of a burst; or, without row, the word that the frame is to be forgotten
	input  wire         valid_i,
	output wire         ready_o,
	input  wire         abort_i,
	input  wire [511:0] row_i,
	input  wire         first_i,       // of its burst
	input  wire [5:0]   start_i,       // of the bytes in the first row
	input  wire [11:0]  bytes_i,       // of the burst from this row on
	input  wire         eop_i,         // the frame ends with the burst
	input  wire         error_i,       // bus error
	output wire         last_o,        // this row is the burst's last one
	output wire [11:0]  rest_o,        // bytes of the burst behind it
	// the frame: rows, or the word to forget it
	output reg          valid_o,
	output reg          forget_o,      // with end_o
	output reg  [511:0] row_o,
	output reg          end_o,
	output reg  [6:0]   count_o        // bytes of the row
);
	// Stage A: where the bytes go.
	reg         flush_q, flush_d;      // the rest of a frame that ended fills one more row
	reg  [5:0]  fill_q, fill_d;        // bytes kept from the rows before
	reg         bad_q, bad_d;

	wire        take  = valid_i && ready_o;
	wire [5:0]  start = first_i ? start_i : 6'd0;
	wire [6:0]  here  = 7'd64 - {1'b0, start};
	wire [6:0]  count = bytes_i < {5'd0, here} ? bytes_i[6:0] : here;
	wire [7:0]  sum   = {2'd0, fill_q} + {1'b0, count};
	wire        finish = eop_i && last_o;
	wire        bad   = bad_q || error_i;

	assign ready_o = !flush_q;
	assign last_o  = bytes_i <= {5'd0, here};
	assign rest_o  = bytes_i - {5'd0, count};

	reg          b_valid_q, b_forget_q, b_full_q, b_end_q, b_flush_q;
	reg  [5:0]   b_fill_q, b_turn_q;
	reg  [6:0]   b_count_q;
	reg  [511:0] b_row_q;

	always @(*) begin
		flush_d = 1'b0;
		fill_d  = fill_q;
		bad_d   = bad_q;
		if (take) begin
			fill_d  = sum[5:0];
			bad_d   = bad;
			flush_d = !abort_i && finish && sum > 8'd64 && !bad;
			if (abort_i || finish) begin
				bad_d = 1'b0;
				if (!flush_d) fill_d = 6'd0;
			end
		end
		if (flush_q) fill_d = 6'd0;
	end

	always @(posedge clk_i) begin
		if (take) b_row_q <= row_i;
		b_fill_q   <= fill_q;
		b_turn_q   <= fill_q - start;
		b_full_q   <= sum >= 8'd64;
		b_count_q  <= flush_q ? {1'b0, fill_q} : sum >= 8'd64 ? 7'd64 : sum[6:0];
		b_end_q    <= flush_q || abort_i || (finish && !flush_d);
		b_flush_q  <= flush_q;
		b_forget_q <= !flush_q && (abort_i || (finish && bad));
		if (rst_i) begin
			flush_q   <= 1'b0;
			fill_q    <= 6'd0;
			bad_q     <= 1'b0;
			b_valid_q <= 1'b0;
		end else begin
			flush_q   <= flush_d;
			fill_q    <= fill_d;
			bad_q     <= bad_d;
			b_valid_q <= take || flush_q;
		end
	end

	// Stage B: turn the row, put it behind the kept bytes. Byte p of the result is byte p - turn of the row.
	wire [63:0]  keep = ~({64{1'b1}} << b_fill_q);
	reg  [511:0] kept_q;
`ifdef VERILATOR
	// When there is a row, and not in every clock.
	reg  [511:0] turned, joined;
	integer      n;

	/* verilator lint_off BLKSEQ */
	always @(posedge clk_i) if (b_valid_q) begin
		turned = b_row_q << {b_turn_q, 3'd0} | b_row_q >> {-b_turn_q, 3'd0};
		if (b_turn_q == 6'd0) turned = b_row_q;
		joined = turned;
		for (n = 0; n < 64; n = n + 1)
			if (keep[n]) joined[8*n +: 8] = kept_q[8*n +: 8];
		kept_q <= b_full_q ? turned : joined;
		row_o  <= b_flush_q ? kept_q : joined;
	end
	/* verilator lint_on BLKSEQ */
`else
	wire [511:0] level0, level1, turned;
	wire [5:0]   right = -b_turn_q;
	turn #(.Width(512), .Step(128)) by16 (.by_i(right[5:4]), .in_i(b_row_q), .out_o(level0));
	turn #(.Width(512), .Step(32)) by4 (.by_i(right[3:2]), .in_i(level0), .out_o(level1));
	turn #(.Width(512), .Step(8)) by1 (.by_i(right[1:0]), .in_i(level1), .out_o(turned));
	generate
		genvar p;
		for (p = 0; p < 64; p = p + 1) begin : g_byte
			// A byte that is kept for longer stays where it is, and needs no choice.
			always @(posedge clk_i) begin
				if (b_valid_q && (b_full_q || !keep[p])) kept_q[8*p +: 8] <= turned[8*p +: 8];
				if (b_valid_q) row_o[8*p +: 8] <= b_flush_q || keep[p] ? kept_q[8*p +: 8] : turned[8*p +: 8];
			end
		end
	endgenerate
`endif

	always @(posedge clk_i) begin
		end_o    <= b_end_q;
		forget_o <= b_forget_q;
		count_o  <= b_count_q;
		valid_o  <= b_valid_q && (b_full_q || b_end_q || b_flush_q) && !rst_i;
	end
endmodule

`default_nettype wire
