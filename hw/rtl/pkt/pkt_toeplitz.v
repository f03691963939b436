// SPDX-License-Identifier: Apache-2.0
//
// Toeplitz hash of a string: for every bit that is set the 32 bits of the key that begin there. Each byte looks up in a table of its own
// what it adds. When the key changes all tables are made anew, an entry a clock, beside those in use. First bits are top ones.

`default_nettype none

module pkt_toeplitz #(
	parameter Bytes = 36
) (
	input  wire                clk_i,
	input  wire                rst_i,
	input  wire [8*Bytes+31:0] key_i,
	input  wire                key_we_i,     // it is another one from the next clock on
	output wire                ready_o,      // there are tables
	input  wire [8*Bytes-1:0]  string_i,
	output wire [32*Bytes-1:0] words_o       // what each byte adds, a clock later
);
	localparam Bits = 8 * Bytes + 32;
	localparam [7:0] Taps = 8'h1d;    // of a register that goes through all numbers but 0

	// Entries are made in the order of a shift register, whose next number is half of this one and a new top bit, which also goes through 0.
	reg              make_q, ready_q, bank_q;
	reg  [7:0]       byte_q;          // whose entries are written
	reg  [Bits-1:0]  sum_q;           // its product with the key; a table's entry is the 32 bits of it that begin at its place
	wire             top  = ^(byte_q & Taps) ^ (byte_q[7:1] == 7'd0);
	wire [7:0]       next = {top, byte_q[7:1]};
	wire             last = make_q && next == 8'd0;

	assign ready_o = ready_q;

	genvar b;
	generate
		for (b = 0; b < Bytes; b = b + 1) begin : g_byte
			ram_word #(.Width(32), .Depth(512)) entries (
				.clk_i(clk_i), .we_i(make_q), .waddr_i({!bank_q, byte_q}), .wdata_i(sum_q[Bits-1-8*b -: 32]),
				.raddr_i({bank_q, string_i[8*(Bytes-1-b) +: 8]}), .rdata_o(words_o[32*(Bytes-1-b) +: 32])
			);
		end
	endgenerate

	always @(posedge clk_i) begin
		if (rst_i || key_we_i) begin
			make_q <= 1'b1;
			byte_q <= 8'd0;
			sum_q  <= {Bits{1'b0}};
		end else if (make_q) begin
			make_q <= !last;
			byte_q <= next;
			sum_q  <= sum_q << 1 ^ (key_i & {Bits{top}}) ^ (key_i << 8 & {Bits{byte_q[0]}});
		end
		if (rst_i) begin
			ready_q <= 1'b0;
			bank_q  <= 1'b0;
		end else if (last) begin
			ready_q <= 1'b1;
			bank_q  <= !bank_q;
		end
	end
endmodule

`default_nettype wire
