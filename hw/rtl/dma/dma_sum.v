// SPDX-License-Identifier: Apache-2.0
//
// The checksum of a frame from the host, of its bytes from one that the host names to its end. Four clocks behind the frame's last row
// there is a word of what goes where; a frame without a checksum has one too, so that words come in the order of the frames.

`default_nettype none

module dma_sum #(
	parameter Ports = 2,
	parameter PW = Ports > 1 ? $clog2(Ports) : 1
) (
	input  wire          clk_i,
	input  wire          rst_i,
	// in the clock before a row: what the frame's descriptor says, {wanted, place of the checksum, first byte of the sum}
	input  wire [22:0]   csum_i,
	// the row, on its way to the store of a port
	input  wire          put_i,
	input  wire          forget_i,
	input  wire          end_i,
	input  wire [PW-1:0] port_i,
	input  wire [511:0]  row_i,
	input  wire [6:0]    count_i,
	// {wanted, place, checksum} of a frame that leaves by the port
	output reg           word_valid_o,
	output reg  [PW-1:0] word_port_o,
	output reg  [27:0]   word_o
);
	localparam [6:0] None = 7'd64;

	reg  [4:0]  place_q, place_d;          // of the row in its frame
	reg  [6:0]  from_q;                    // its first byte that counts
	reg  [12:0] say_q;                     // {first byte is odd, wanted, place of the checksum}
	wire [4:0]  first_row = csum_i[10:6];

	always @(*) begin
		place_d = place_q;
		if (put_i) place_d = end_i ? 5'd0 : place_q + 5'd1;
	end

	always @(posedge clk_i) begin
		place_q <= rst_i ? 5'd0 : place_d;
		from_q  <= place_d > first_row ? 7'd0 : place_d == first_row ? {1'b0, csum_i[5:0]} : None;
		say_q   <= {csum_i[0], csum_i[22:11]};
	end

	wire [511:0] words;
	wire [20:0]  row_sum;
	genvar w;
	generate
		for (w = 0; w < 32; w = w + 1) begin : g_word
			localparam [6:0] Even = 2 * w, Odd = 2 * w + 1;
			wire even = Even >= from_q && Even < count_i;
			wire odd  = Odd >= from_q && Odd < count_i;
			assign words[16*w +: 16] = {row_i[16*w +: 8] & {8{even}}, row_i[16*w+8 +: 8] & {8{odd}}};
		end
	endgenerate
	word_sum sums (.clk_i(clk_i), .words_i(words), .sum_o(row_sum));

	// What belongs to the row while it is summed; its frame's sum so far; a frame of which it is all.
	reg           put1_q, first1_q, whole1_q, put2_q, first2_q, whole2_q, whole3_q;
	reg  [PW-1:0] port1_q, port2_q, port3_q;
	reg  [12:0]   say1_q, say2_q, say3_q;
	reg  [25:0]   sum_q;

	always @(posedge clk_i) begin
		first1_q <= place_q == 5'd0;
		first2_q <= first1_q;
		port1_q  <= port_i;
		port2_q  <= port1_q;
		port3_q  <= port2_q;
		say1_q   <= say_q;
		say2_q   <= say1_q;
		say3_q   <= say2_q;
		if (put2_q) sum_q <= (first2_q ? 26'd0 : sum_q) + {5'd0, row_sum};
		if (rst_i) begin
			put1_q   <= 1'b0;
			put2_q   <= 1'b0;
			whole1_q <= 1'b0;
			whole2_q <= 1'b0;
			whole3_q <= 1'b0;
		end else begin
			put1_q   <= put_i;
			put2_q   <= put1_q;
			whole1_q <= put_i && end_i && !forget_i;
			whole2_q <= whole1_q;
			whole3_q <= whole2_q;
		end
	end

	// Folded, and turned where words begin at odd bytes. A checksum is never 0, which would say that there is none.
	wire [16:0] folded = {1'b0, sum_q[15:0]} + {7'd0, sum_q[25:16]};
	wire [15:0] total  = folded[15:0] + {15'd0, folded[16]};
	wire [15:0] turned = say3_q[12] ? {total[7:0], total[15:8]} : total;

	always @(posedge clk_i) begin
		word_o      <= {say3_q[11:0], turned == 16'hffff ? 16'hffff : ~turned};
		word_port_o <= port3_q;
		word_valid_o <= whole3_q && !rst_i;
	end
endmodule

`default_nettype wire
