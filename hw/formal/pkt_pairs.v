// SPDX-License-Identifier: Apache-2.0
//
// pkt_pairs: rows come out one by one, in the order in which they came, and only when their frame's last row has come, which is shown two
// clocks later at the latest; with it its mark and its bytes. As long as nothing is written into a full store, never are more rows in use
// than it has.
//@ sources: hw/rtl/pkt/pkt_pairs.v
//@ bound: 8
//@ induction: 2
//@ break: hw/rtl/pkt/pkt_pairs.v: s/take_i \&\& !more/take_i/
//@ break: hw/rtl/pkt/pkt_pairs.v: s/: rd_q != commit_q/: rd_q != wr_q/
//@ break: hw/rtl/pkt/pkt_pairs.v: s/second_q <= more/second_q <= two/
//@ break: hw/rtl/pkt/pkt_pairs.v: s/step ? next_q != commit_q : rd_q/rd_q/
//@ break: hw/rtl/pkt/pkt_pairs.v: s/last \&\& !more/last/
//@ break: hw/rtl/pkt/pkt_pairs.v: s/more ? FullRow : bytes/bytes/
//@ break: hw/rtl/pkt/pkt_pairs.v: s/commit_q <= wr_d/commit_q <= wr_q/
//@ break: hw/rtl/pkt/pkt_pairs.v: s/, write_i \&\& two_i} -/, 1'b0} -/

`default_nettype none

module pkt_pairs_proof (
	input wire       clk_i,
	input wire       rst_i,
	input wire       write_i, two_i, last_i, take_i, side_i,
	input wire [6:0] bytes_i,
	input wire [1:0] data_i
);
	localparam Rows = 4;

	wire       valid, row, last, side;
	wire [6:0] bytes;
	wire [2:0] used;

	pkt_pairs #(.Width(1), .Side(1), .Rows(Rows)) dut (
		.clk_i(clk_i), .rst_i(rst_i), .write_i(write_i), .two_i(two_i), .data_i(data_i), .last_i(last_i), .bytes_i(bytes_i), .side_i(side_i),
		.used_o(used), .valid_o(valid), .row_o(row), .last_o(last), .bytes_o(bytes), .side_o(side), .take_i(take_i)
	);

	// The model: rows in a shift register, the first one lowest, each with its side, bytes and mark; how many there are, how many of them
	// are of whole frames.
	localparam W = 10;
	reg [4*W-1:0] model_q, model_d;
	reg [2:0]  count_q, count_d, sure_q, sure_d;
	reg        shown_q;
	reg        started_q = 0;
	wire [2:0] at = count_q - {2'd0, take_i}, behind = at + 3'd1;

	always @(*) begin
		model_d = take_i ? model_q >> W : model_q;
		if (write_i) model_d[W*at[1:0] +: W] = {side_i, two_i ? 7'd64 : bytes_i, last_i && !two_i, data_i[0]};
		if (write_i && two_i) model_d[W*behind[1:0] +: W] = {side_i, bytes_i, last_i, data_i[1]};
		count_d = at + {2'd0, write_i} + {2'd0, write_i && two_i};
		sure_d  = write_i && last_i ? count_d : sure_q - {2'd0, take_i};
	end

	always @(posedge clk_i) begin
		started_q <= 1;
		model_q   <= model_d;
		count_q   <= rst_i ? 0 : count_d;
		sure_q    <= rst_i ? 0 : sure_d;
		shown_q   <= !rst_i && sure_q != {2'd0, take_i};
	end

	// Inside: words stand in memory from rd on, the first of them without the row that is gone. What they hold is unpacked row by row.
	(* hierconn *) wire [2:0]  \dut.rd_q , \dut.next_q , \dut.wr_q , \dut.commit_q ;
	(* hierconn *) wire        \dut.second_q ;
	(* hierconn *) wire [11:0] \dut.mem.mem_q[0] , \dut.mem.mem_q[1] , \dut.mem.mem_q[2] , \dut.mem.mem_q[3] ;
	(* hierconn *) wire [11:0] \dut.mem.rdata_o ;
	wire [95:0] ring = {2{\dut.mem.mem_q[3] , \dut.mem.mem_q[2] , \dut.mem.mem_q[1] , \dut.mem.mem_q[0] }};
	wire [2:0]  words = \dut.wr_q - \dut.rd_q , whole = \dut.commit_q - \dut.rd_q , next = \dut.rd_q + 3'd1;
	reg  [12*8-1:0]  shifted;
	reg  [11:0]      word;
	reg  [9*W-1:0]   rows;
	reg  [3:0]       n, sure;
	integer          i;

	always @(*) begin
		shifted = ring >> 12 * \dut.rd_q [1:0];
		rows    = 0;
		n       = 0;
		sure    = 0;
		for (i = 0; i < Rows; i = i + 1) begin
			if (i == whole) sure = n;
			word = shifted[12*i +: 12];
			if (i < words) begin
				if (!(i == 0 && \dut.second_q )) begin
					rows[W*n +: W] = {word[11], word[2] ? 7'd64 : word[10:4], word[3] && !word[2], word[0]};
					n = n + 1;
				end
				if (word[2]) begin
					rows[W*n +: W] = {word[11:4], word[3], word[1]};
					n = n + 1;
				end
			end
		end
		if (whole == Rows) sure = n;
	end

	always @(*) begin
		assume(started_q || rst_i);
		assume(!take_i || shown_q);
		assume(!write_i || count_q < Rows - two_i);
		if (started_q) begin
			assert(used == count_q);
			assert(used <= Rows);
			assert(valid == shown_q);
			if (valid) assert(sure_q != 0 && {side, bytes, last, row} == model_q[W-1:0]);
			assert(sure_q <= count_q && n == count_q && sure == sure_q && whole <= words && words <= Rows && \dut.next_q == next);
			if (\dut.second_q ) assert(words != 0 && shifted[2]);
			if (valid) assert(\dut.mem.rdata_o == shifted[11:0]);
			for (i = 0; i < Rows; i = i + 1)
				if (i < count_q) assert(rows[W*i +: W] == model_q[W*i +: W]);
		end
	end
endmodule
